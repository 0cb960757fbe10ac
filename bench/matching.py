"""Cost of finding the subscriptions of a change; the program compares with asking each of them."""

import re
import subprocess
from collections import defaultdict
from statistics import median

from servers import BIN, LOAD_CORE, on_core
from tables import markdown, number

SIZES = [1_000, 10_000, 100_000, 1_000_000]
LINE = re.compile(
    r"(?P<scenario>\w+)\s+(?P<size>\d+) subscriptions\s+(?P<mean>\d+) ns/change mean\s+(?P<p99>\d+) p99\s+"
    r"(?P<matches>[\d.]+) matches\s+(?P<candidates>[\d.]+) candidates\s+(?P<bytes>\d+) bytes/sub\s+"
    r"(?P<add>\d+) ns/add\s+scan\s+(?P<scan>\d+) ns/change\s+(?P<verdict>\w+)")


class Matching:
    def __init__(self):
        self.lines = defaultdict(list)  # (scenario, size): dicts, a round each

    def run(self, rounds, _seconds):
        words = [BIN / "bench_matching", *SIZES]
        for _ in range(rounds):
            done = subprocess.run(on_core(LOAD_CORE, words), capture_output=True, text=True, timeout=180)
            if done.returncode != 0:
                raise RuntimeError(f"bench_matching failed: {done.stdout}{done.stderr}")
            for found in LINE.finditer(done.stdout):
                line = found.groupdict()
                self.lines[line["scenario"], int(line["size"])].append(line)

    def report(self):
        rows = []
        for (scenario, size), lines in sorted(self.lines.items()):
            def middle(key, lines=lines):
                return median(float(line[key]) for line in lines)
            rows.append([scenario, f"{size:,}", number(middle("mean")), number(middle("p99")),
                         number(middle("matches")), number(middle("scan")),
                         number(middle("scan") / middle("mean")), number(middle("bytes")),
                         number(middle("add"))])
        header = ["rows are for", "subscriptions", "ns per change", "p99 ns", "matches", "asking each: ns",
                  "times faster", "bytes each", "ns to add"]
        return ("### Matching\n\nFinding the subscriptions that a change concerns, against asking every one; "
                "both find the same.\n\n" + markdown(header, rows))
