"""Everybody is cut off at once and comes back at once (reliability test R16)."""

from collections import defaultdict

from servers import Dunlin, run_load
from tables import markdown, number, spread, verdict

CLIENTS = 10_000
CUTS_PER_ROUND = 20
SECONDS_EACH_MAX = 120

RECOVERY_GOAL_S = 30


class Storm:
    def __init__(self):
        self.lines = defaultdict(list)  # figure: of every cut, all rounds
        self.first = []

    def run(self, rounds, _seconds):
        for _ in range(rounds):
            with Dunlin() as server:
                first, *cuts = run_load("bench_storm", {
                    **server.target, "subscribers": CLIENTS, "rounds": CUTS_PER_ROUND,
                }, timeout_s=CUTS_PER_ROUND * SECONDS_EACH_MAX)
            self.first.append(first)
            for cut in cuts:
                for figure, value in cut.items():
                    self.lines[figure].append(value)

    def report(self):
        seconds = [value / 1000 for value in self.lines["join_ms"]]
        header = ["clients", "cuts", "s until all are joined", "ms until a change has reached all",
                  "put off with 503", "reset", "resident MiB"]
        row = [f"{CLIENTS:,}", len(seconds), spread(seconds), spread(self.lines["delivered_ms"]),
               spread(self.lines["refused"]), spread(self.lines["reset"]),
               spread([value / 1024 / 1024 for value in self.lines["rss"]])]
        goal = verdict(max(seconds) <= RECOVERY_GOAL_S, f"every time within {RECOVERY_GOAL_S} s")
        return ("### Storm\n\nAll sockets are reset at once and connect, shake hands and join again without any "
                "pause of their own; who gets 503 waits as told. One change must then reach all.\n\n" +
                markdown(header, [row]) + f"\n\nThe first connect took "
                f"{number(max(line['join_ms'] for line in self.first) / 1000)} s. Goal: {goal}.")
