#!/usr/bin/env python3
"""Checks what a reviewer should not have to: levels, sizes, banned words. Run by ./dev tidy.

A module may include only itself and the modules in the USES of its CMakeLists.txt. A C++ file has at
most 600 lines and a function at most 70. Prints every breach as FILE:LINE: what, and exits with 1.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70

# Level of each module; a module may name only modules of lower levels in USES.
LEVELS = {
    "core": 0,
    "io": 1, "sql": 1, "query": 1, "wire": 1,
    "policy": 2, "engine": 2, "http": 2, "outbound": 2, "cluster": 2,
    "changes": 3, "routines": 3,
    "data": 4,
    "auth": 5, "objects": 5, "realtime": 5, "sync": 5,
    "api": 6,
    "server": 7,
    "cli": 8,
}

# Headers that only one place may include.
FENCED_HEADERS = {
    "sqlite3.h": ("src/engine/sqlite/", "src/sql/", "src/query/", "src/policy/", "bench/"),
    "pg_query": ("src/sql/",),
    "curl/": ("src/outbound/",),
    "libpq-fe.h": ("src/engine/postgres/",),
}

BANNED = [
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(\d+\))"), "write TODO(issue-number) or do it now"),
    (re.compile(r"^\s*throw\b"), "we do not throw: return Result"),
    (re.compile(r"\bstd::(cout|cerr)\b"), "log through io/log.h"),
    (re.compile(r"\bsleep_for\b|\busleep\("), "no sleeps: wait for the event"),
    (re.compile(r"\bGTEST_SKIP|\bDISABLED_"), "no skipped tests"),
    (re.compile(r"\bNOLINT"), "mend it instead of silencing it"),
]

breaches = []


def complain(path, line, what):
    breaches.append(f"{path.relative_to(ROOT)}:{line}: {what}")


def uses_of(module):
    text = (ROOT / "src" / module / "CMakeLists.txt").read_text()
    found = re.search(r"dunlin_module\(\s*\w+\s+(?:.*?\n)*?\s*USES\s+([^\n]*)", text)
    return set(found.group(1).split()) if found else set()


def check_levels():
    for module, level in LEVELS.items():
        folder = ROOT / "src" / module
        if not (folder / "CMakeLists.txt").exists():
            continue
        uses = uses_of(module)
        for used in uses:
            if LEVELS.get(used, 99) >= level:
                complain(folder / "CMakeLists.txt", 1, f"{module} must not use {used}: not a lower level")
        for path in sorted(folder.rglob("*.[ch]*")):
            check_includes(path, module, uses)


def check_includes(path, module, uses):
    is_test = path.name.endswith("_test.cpp") or "fixture" in path.name
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'#include "([a-z_]+)/', line)
        if found and not is_test and found.group(1) not in uses | {module}:
            complain(path, number, f"{module} includes {found.group(1)}, which is not in its USES")


def check_fences(path, text):
    name = str(path.relative_to(ROOT))
    for number, line in enumerate(text.splitlines(), 1):
        for header, places in FENCED_HEADERS.items():
            if re.match(rf'#include [<"]{re.escape(header)}', line) and not name.startswith(places):
                complain(path, number, f"{header} belongs in {', '.join(places)} only")


def check_function_sizes(path, text):
    """Functions of our format start at column 0 and end with a brace at column 0."""
    start = None
    for number, line in enumerate(text.splitlines(), 1):
        opens = re.match(r"[A-Za-z].*[({].*$|[A-Za-z].*\($", line)
        if opens and not re.match(r"(namespace|class|struct|enum|using|extern|constexpr|const|static const|template|TEST)", line):
            start = number
        if line.startswith("}") and start is not None:
            if number - start + 1 > FUNCTION_LINES_MAX and path.suffix == ".cpp" and "_test" not in path.name:
                complain(path, start, f"function of {number - start + 1} lines, at most {FUNCTION_LINES_MAX}")
            start = None


def check_text(path, text):
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        complain(path, 1, f"{len(lines)} lines, at most {FILE_LINES_MAX}")
    if path.suffix in (".cpp", ".h"):
        check_fences(path, text)
        check_function_sizes(path, text)
        for number, line in enumerate(lines, 1):
            for pattern, what in BANNED:
                if pattern.search(line):
                    complain(path, number, what)
    if path.suffix == ".h" and "#pragma once" not in text:
        complain(path, 1, "#pragma once is missing")


def main():
    check_levels()
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split()
    for name in listed:
        path = ROOT / name
        if path.suffix in (".cpp", ".h", ".ts", ".tsx", ".mjs", ".py") and path.exists():
            check_text(path, path.read_text())
    print("\n".join(breaches) or "tidy: nothing to complain about")
    return 1 if breaches else 0


sys.exit(main())
