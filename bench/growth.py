"""How the cost of a change grows with the subscriptions: none, one and all of them are concerned."""

import json
import subprocess
from collections import defaultdict
from statistics import median

from picture import curves
from scale import ScaleDunlin, counters, goal, middle, run_scale
from servers import BIN, LOAD_CORE, on_core
from tables import markdown, number, ratio, verdict

AUDIENCES = ["none", "one", "all"]
SOCKETS = [1_000, 3_000, 10_000]
SOCKET_OPTIONS = {  # audience: options of the generator for N sockets
    "none": lambda count: dict(audience="nobody", rate=100),
    "one": lambda count: dict(audience="own", lanes=count, rate=100),
    "all": lambda count: dict(audience="everybody", rate=10),
}
RATIO_GOAL = 2
PICTURE = "growth.svg"


class Growth:
    rounds = 1

    def __init__(self):
        self.found = defaultdict(list)  # (audience, subscriptions): ns a change
        self.lines = defaultdict(list)  # (audience, sockets): a line a round

    def run(self, rounds, seconds):
        for _ in range(rounds):
            words = on_core(LOAD_CORE, [BIN / "bench_growth"])
            done = subprocess.run(words, capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                raise RuntimeError(f"bench_growth failed: {done.stderr.strip()}")
            for line in map(json.loads, done.stdout.splitlines()):
                self.found[line["audience"], line["subscriptions"]].append(line["ns"])
            for count in SOCKETS:
                for audience, options in SOCKET_OPTIONS.items():
                    with ScaleDunlin() as server:
                        self.lines[audience, count].append(run_scale(
                            server, mode="paced", receivers=count, seconds=max(seconds, 3), **options(count)))

    @property
    def sizes(self):
        return sorted({size for _, size in self.found})

    def cpu_us(self, audience, count):
        lines = self.lines[audience, count]
        return middle(lines, "cpu_ns") / middle(lines, "messages") / 1000

    def report(self):
        found = []
        for size in self.sizes:
            found.append([f"{size:,}", *(number(median(self.found[audience, size])) for audience in AUDIENCES),
                          number(median(self.found["all", size]) / size)])
        smallest, largest = self.sizes[0], self.sizes[-1]
        marks = []
        for audience in ("none", "one"):
            small, large = self.found[audience, smallest], self.found[audience, largest]
            marks.append(f"{audience} {ratio(large, small)}: "
                         f"{verdict(median(large) <= RATIO_GOAL * median(small), f'≤ {RATIO_GOAL}')}")
        sockets = []
        for count in SOCKETS:
            lines = [line for audience in AUDIENCES for line in self.lines[audience, count]]
            sockets.append([f"{count:,}", *(number(self.cpu_us(audience, count)) for audience in AUDIENCES),
                            number(self.cpu_us("all", count) / count), counters(lines),
                            goal(lines, True, "none lost, twice or foreign")])
        return "\n\n".join([
            "### Growth",
            "Three curves: a change that concerns none, one and all of the subscriptions. None and one should stay flat, all "
            "should be a line.",
            f"![Cost of a change by the number of subscriptions](../docs/images/{PICTURE})",
            "In memory, finding alone, ns a change; for \"all\" no two subscriptions share a channel, so that each is found "
            "for itself:",
            markdown(["subscriptions", *AUDIENCES, "all, each"], found),
            f"From {smallest:,} to {largest:,} subscriptions, times: {'; '.join(marks)}.",
            "With sockets, CPU µs of the server a write, the insert and its commit included:",
            markdown(["sockets", *AUDIENCES, "all, each", "delivered / missing / twice or late / foreign", "counters"],
                     sockets)])

    def pictures(self):
        in_memory = {audience: [(size, median(self.found[audience, size]) / 1000) for size in self.sizes]
                     for audience in AUDIENCES}
        sockets = {audience: [(count, self.cpu_us(audience, count)) for count in SOCKETS] for audience in AUDIENCES}
        return {PICTURE: curves("Cost of a change by the number of subscriptions", [
            ("Finding them, in memory", "subscriptions", "µs a change", in_memory),
            ("Insert to sockets", "sockets", "CPU µs a write", sockets)])}
