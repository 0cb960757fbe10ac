#!/usr/bin/env python3
"""The benchmarks, each beside its ceiling and a peer in one run. Called by tools/bench.sh.

  run.py [live|creates|matching|presence|rest|sign-in|timing|idle|live-scale|replay|
          growth|slow-readers|storm]... [--rounds N] [--seconds S] [--write]

Prints Markdown. --write puts it into RESULTS.md; what stands there from "## Notes" on is kept.
"""

import argparse
import datetime
import os
import platform
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from creates import Creates
from growth import Growth
from idle import Idle
from live import Live
from live_scale import LiveScale
from matching import Matching
from presence import Presence
from replay import Replay
from rest import Rest
from servers import CORES, LOAD_CORE, ROOT, SERVER_CORE, WORK
from sign_in import SignIn
from slow_readers import SlowReaders
from storm import Storm
from tables import number, percentile
from timing import Timing

SUITES = {"live": Live, "creates": Creates, "matching": Matching, "presence": Presence, "rest": Rest, "sign-in": SignIn,
          "slow-readers": SlowReaders, "storm": Storm, "timing": Timing, "idle": Idle, "live-scale": LiveScale,
          "replay": Replay, "growth": Growth}
RESULTS = ROOT / "bench/RESULTS.md"
PICTURES = ROOT / "docs/images"
NOTES = "## Notes"
MARK = "<!-- suite {} -->"
ROUNDS = 3

METHOD = """\
Everything runs on one machine over loopback, no TLS. The measured server runs on core {server}, the load
generator on core {load}. Systems take turns in random order, {rounds} rounds; figures are the median of the
rounds [smallest–largest]. CPU time is the process's own clock, all threads, system calls and the receiving
TCP stack included. The live generator (`live_load.cpp`) is one thread with epoll; every subscriber must get
every change once and in order, or the run fails. Bursts are a closed loop: the next change is made when all
have the last one. `raw_sender.cpp` is the ceiling: epoll, one writev a socket and turn, no policies and no
database; for the server, a change includes the REST insert, the commit to disk, the change log and the
policies. Noise between runs is about 15 %. The suites at scale (idle, live-scale, replay, growth) take one round of another
generator (`scale_load.cpp`), one thread as well. Its schedule is fixed, and a time counts from when a message was due, so that
neither side's delays are forgiven. Every message says its lane and its number in it; each listener knows what it must hear.
What is missing, comes twice, late or to somebody it is not for is counted, and a figure with one of these does not count.
"""


def first_match(pattern, text):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1) if found else "unknown"


def sync_times_ms():
    """A 4 KiB write and fdatasync where the databases lie."""
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / "sync-probe"
    times = []
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    for _ in range(200):
        start = time.monotonic()
        os.write(file, b"x" * 4096)
        os.fdatasync(file)
        times.append((time.monotonic() - start) * 1000)
    os.close(file)
    path.unlink()
    return times


def commit():
    describe = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(describe, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def stamp():
    return f"Measured alone on {datetime.date.today()}, commit {commit()}, load average after it {os.getloadavg()[0]:.1f}."


def machine():
    cpu = first_match(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text())
    model = first_match(r"^model\s*: (.*)$", Path("/proc/cpuinfo").read_text())
    memory_kib = int(first_match(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()))
    syncs = sync_times_ms()
    return "\n".join([
        f"* Date {datetime.date.today()}, commit {commit()}",
        f"* {cpu}, model {model}, {len(CORES)} cores, {memory_kib / 1024 / 1024:.0f} GiB",
        f"* Linux {platform.release()}, open files at most {resource.getrlimit(resource.RLIMIT_NOFILE)[1]:,}",
        f"* Disk: 4 KiB written and synced in {number(percentile(syncs, 0.5))} ms (p50), "
        f"{number(percentile(syncs, 0.99))} ms (p99)",
        f"* Load average at the start {os.getloadavg()[0]:.1f}",
    ])


def arguments():
    parser = argparse.ArgumentParser(description="The benchmarks, each beside its ceiling and a peer")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SUITES)} (default: all)")
    parser.add_argument("--rounds", type=int, help="(default: 3; the suites at scale take one)")
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement")
    parser.add_argument("--write", action="store_true", help="put the tables into bench/RESULTS.md; with names, only theirs")
    options = parser.parse_args()
    for name in options.names:
        if name not in SUITES:
            parser.error(f"no benchmark {name}; there are {', '.join(SUITES)}")
    return options


def write_all(text):
    old = RESULTS.read_text() if RESULTS.exists() else ""
    notes = old[old.index(NOTES):] if NOTES in old else ""
    RESULTS.write_text(text + ("\n" + notes if notes else ""))


def write_suite(name, section):
    """Puts the section of one suite where its last one stood, or before the notes."""
    text = RESULTS.read_text()
    mark = MARK.format(name)
    start = text.find(mark)
    if start < 0:
        start = end = text.index(NOTES)
    else:
        end = text.index(NOTES)
        following = text.find(MARK.partition("{")[0], start + 1)
        end = min(end, following) if following > 0 else end
    RESULTS.write_text(text[:start] + section + "\n\n" + text[end:])


def main():
    options = arguments()
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
    method = METHOD.format(server=SERVER_CORE, load=LOAD_CORE, rounds=options.rounds or ROUNDS)
    parts = ["# Benchmark results", "Written by `./dev bench --write`.", "## Machine", machine(),
             "## Method", method.rstrip(), "## Results"]
    start = time.monotonic()
    names = options.names or list(SUITES)
    for name in names:
        suite = SUITES[name]()
        print(f"bench: {name} ...", file=sys.stderr, flush=True)
        suite.run(options.rounds or getattr(suite, "rounds", ROUNDS), options.seconds)
        section = f"{MARK.format(name)}\n\n{suite.report()}"
        parts.append(section)
        for picture, text in suite.pictures().items() if options.write and hasattr(suite, "pictures") else ():
            (PICTURES / picture).write_text(text)
        if options.write and options.names:
            write_suite(name, f"{section}\n\n{stamp()}")
    parts.append(f"All of it took {time.monotonic() - start:.0f} s.")
    text = "\n\n".join(parts) + "\n"
    print(text)
    if options.write and not options.names:
        write_all(text)


main()
