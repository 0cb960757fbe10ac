"""Coming back: the past for a thousand, a storm of ten thousand, a million rows at once (P10, P11, P12)."""

from collections import defaultdict

from scale import COUNTERS_HEADER, ScaleDunlin, counters, goal, mib, middle, run_scale
from tables import markdown, number

REPLAYING, EVENTS, EVENT_BYTES = 1_000, 2_000, 1_000
REPLAY_GOAL_MB_S, GROWTH_GOAL_MIB = 300, 64
CLIENTS, SPREAD_S, WRITES_PER_S = 10_000, 20, 100
RECOVERY_GOAL_S, RESUMES_GOAL, WRITE_GOAL = 30, 1_000, 3
ROWS, ROWS_GOAL = 1_000_000, 150_000
MANY, MANY_ROWS = 100, 10_000

REPLAYS = {"changes": "join with `config.resume`", "feed": "feed with `since`, streamed"}
STORMS = {SPREAD_S: f"back within {SPREAD_S} s", 0: "all at once"}
SNAPSHOTS = {(1, ROWS): "", (MANY, MANY_ROWS): ""}


class Replay:
    rounds = 1

    def __init__(self):
        self.replays = defaultdict(list)
        self.storms = defaultdict(list)
        self.snapshots = defaultdict(list)

    def run(self, rounds, seconds):
        for _ in range(rounds):
            for way in REPLAYS:
                with ScaleDunlin() as server:
                    self.replays[way].append(run_scale(server, mode="replay", way=way, receivers=REPLAYING, events=EVENTS,
                                                       payload_bytes=EVENT_BYTES))
            for spread in STORMS:
                with ScaleDunlin() as server:
                    self.storms[spread].append(run_scale(
                        server, mode="storm", audience="own", receivers=CLIENTS, lanes=1_000, rate=WRITES_PER_S, writers=10,
                        spread=spread, seconds=max(seconds * 2, 4)))
            for receivers, rows in SNAPSHOTS:
                with ScaleDunlin() as server:
                    self.snapshots[receivers, rows].append(run_scale(
                        server, mode="snapshot", way="feed", table="numbers", receivers=receivers, events=rows,
                        payload_bytes=100))

    def report(self):
        return "\n\n".join([self.replay_table(), self.storm_table(), self.snapshot_table()])

    def replay_table(self):
        rows = []
        for way, name in REPLAYS.items():
            lines = self.replays[way]
            rate = middle(lines, "bytes") / 1e6 / (middle(lines, "wall_ns") / 1e9)
            grown = middle(lines, "rss_most") - middle(lines, "rss_before")
            reached = rate >= REPLAY_GOAL_MB_S and grown <= GROWTH_GOAL_MIB * 1024 * 1024
            rows.append([name, number(middle(lines, "wall_ns") / 1e9), number(rate),
                         number(middle(lines, "delivered") / (middle(lines, "wall_ns") / 1e9)),
                         number(middle(lines, "cpu_ns") / middle(lines, "delivered") / 1000), mib(grown), counters(lines),
                         goal(lines, reached, f"≥ {REPLAY_GOAL_MB_S} MB/s, ≤ {GROWTH_GOAL_MIB} MiB")])
        header = ["way", "s for all", "MB a second", "events a second", "CPU µs an event", "resident MiB more", COUNTERS_HEADER,
                  "goal"]
        return (f"### Replay\n\n{REPLAYING:,} clients ask at once for the same {EVENTS:,} events of {EVENT_BYTES:,} bytes. "
                "Published, not measured here: Durable Streams 2.0 GB/s on four cores, of bytes that it only forwards.\n\n" +
                markdown(header, rows))

    def storm_table(self):
        rows = []
        for spread, name in STORMS.items():
            lines = self.storms[spread]
            joined_s, caught_up_s = middle(lines, "joined_ms") / 1000, middle(lines, "caught_up_ms") / 1000
            normal, storm = middle(lines, "normal", "p99_ms"), middle(lines, "storm", "p99_ms")
            rate = CLIENTS / joined_s
            reached = caught_up_s <= RECOVERY_GOAL_S if spread else rate >= RESUMES_GOAL
            text = (f"all within {RECOVERY_GOAL_S} s, write p99 ≤ {WRITE_GOAL}× normal" if spread
                    else f"≥ {RESUMES_GOAL:,} resumes/s")
            if spread:
                reached = reached and storm <= WRITE_GOAL * normal
            rows.append([name, number(joined_s), number(rate), number(caught_up_s), f"{middle(lines, 'refused'):,.0f}",
                         number(normal), number(storm), mib(middle(lines, "rss") - middle(lines, "rss_before")),
                         counters(lines), goal(lines, reached, text)])
        header = ["storm", "s until all are back", "resumes a second", "s until all caught up", "put off", "write p99 ms before",
                  "write p99 ms in it", "resident MiB more", COUNTERS_HEADER, "goal"]
        return (f"### Storm with positions\n\n{CLIENTS:,} clients are reset at once, each comes back at a random time and goes on "
                f"from its own position, while {WRITES_PER_S} rows a second are written, each for {CLIENTS // 1_000} of them. What "
                "was missed must come, once and in order. Published, not measured here: Supabase 500 connects and 1,000 joins a "
                "second.\n\n" + markdown(header, rows))

    def snapshot_table(self):
        rows = []
        for (receivers, count), lines in self.snapshots.items():
            rate = middle(lines, "delivered") / (middle(lines, "wall_ns") / 1e9)
            grown = middle(lines, "rss_most") - middle(lines, "rss_before")
            mark = goal(lines, rate >= ROWS_GOAL, f"≥ {ROWS_GOAL:,} rows/s") if receivers == 1 else ""
            rows.append([f"{receivers:,} × {count:,}", number(middle(lines, "wall_ns") / 1e9), number(rate),
                         number(middle(lines, "bytes") / 1e6 / (middle(lines, "wall_ns") / 1e9)), mib(grown), counters(lines),
                         mark])
        header = ["clients × rows", "s", "rows a second", "MB a second", "resident MiB more", COUNTERS_HEADER, "goal"]
        return ("### Snapshot\n\n`snapshot=true` as a stream, rows of about 100 bytes in the order of their key. Published, not "
                "measured here: Zero 280,000 rows/s from PostgreSQL to its replica.\n\n" + markdown(header, rows))
