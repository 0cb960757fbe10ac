#!/usr/bin/env bash
# The benchmarks; ./dev bench builds the release preset and calls this. Names and options: bench/run.py.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x build/release/bin/dunlin ] || { echo "bench: build/release/bin/dunlin is missing: ./dev build" >&2; exit 1; }
exec python3 bench/run.py "$@"
