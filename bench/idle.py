"""What a connection costs that hears nothing: memory, processor time, the kernel's part (P1, P2)."""

from collections import defaultdict

from scale import ScaleDunlin, counters, goal, middle, run_scale
from tables import markdown, number

CONNECTIONS = 18_000
SECONDS = 26  # the interval of pings is 25 s
KIB_GOAL = 6
CPU_GOAL_US = 2
WAYS = {"changes": "WebSocket", "feed": "server-sent events"}


class Idle:
    rounds = 1

    def __init__(self):
        self.lines = defaultdict(list)  # way: a line a round

    def run(self, rounds, seconds):
        for _ in range(rounds):
            for way in WAYS:
                with ScaleDunlin() as server:
                    self.lines[way].append(run_scale(server, mode="idle", way=way, audience="teams", lanes=500,
                                                     receivers=CONNECTIONS, seconds=max(SECONDS, seconds)))

    def report(self):
        rows = []
        for way, name in WAYS.items():
            lines = self.lines[way]
            kib = (middle(lines, "rss") - middle(lines, "rss_before")) / 1024 / CONNECTIONS
            slab = (middle(lines, "slab_joined") - middle(lines, "slab_before")) / 1024 / CONNECTIONS / 2
            cpu_us = middle(lines, "cpu_ns") / 1000 / (middle(lines, "wall_ns") / 1e9) / CONNECTIONS
            reached = kib <= KIB_GOAL and (cpu_us <= CPU_GOAL_US)
            rows.append([name, f"{CONNECTIONS:,}", number(middle(lines, "join_ms") / 1000), number(kib), number(slab),
                         number(cpu_us), counters(lines),
                         goal(lines, reached, f"≤ {KIB_GOAL} KiB, ≤ {CPU_GOAL_US} µs")])
        header = ["way", "connections", "s to join all", "KiB resident each", "KiB kernel slab each",
                  "CPU µs a second each", "pings answered / missing / / foreign", "goal"]
        return ("### Idle connections\n\nEach is a person of its own, with a token, and follows a table whose policy asks for "
                f"owner or membership. WebSockets ping every 25 s, measured for {SECONDS} s; a stream's server "
                "says every 15 s that it lives. The slab is the kernel's, growth of the whole machine, one end of each "
                "connection. Published, not measured here: Centrifugo 27 KB and 4.7 µs a second, its tuned edition 10.9 KB and "
                "2.2 µs, and about 4 KB of slab.\n\n" + markdown(header, rows))
