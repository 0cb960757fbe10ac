"""Many listeners at a fixed pace: broadcast, changes, live queries, row rules (P3, P4, P5, P7, P9)."""

from collections import defaultdict

from scale import COUNTERS_HEADER, Redis, ScaleDunlin, counters, goal, is_flawless, middle, run_scale
from servers import NodeWs, RawSender
from tables import markdown, number

TIMES = ("p50_ms", "p95_ms", "p99_ms", "most_ms")
SECONDS_FACTOR = 2  # of --seconds: times need more than memory does
DUNLIN = ScaleDunlin.name

TOPIC = "one topic, rows by REST"
BROADCAST = "broadcast"
ECHO = "groups of 6 with echo, 1 KB"
QUERIES = "distinct live queries"
SINGLE = "one match a write"
RULES = "row rules, owner or member"

ECHO_USERS = 4_000
ECHO_RATES = [4_000, 8_000, 16_000, 28_000]  # messages sent a second; each is heard by six
ECHO_P99_GOAL_MS = 85

# Test: (options of the generator, the mark as text, whether a set of lines reaches it)
TESTS = {
    TOPIC: (dict(receivers=1_000, rate=50), "p50 ≤ 4 ms, p99 ≤ 15 ms",
            lambda lines: middle(lines, "p50_ms") <= 4 and middle(lines, "p99_ms") <= 15),
    BROADCAST: (dict(way="broadcast", receivers=10_000, rate=10), "p99 ≤ 200 ms, 100,000 frames/s",
                lambda lines: middle(lines, "p99_ms") <= 200 and deliveries_per_s(lines) >= 95_000),
    QUERIES: (dict(audience="mixed", receivers=10_000, lanes=1_000, rate=100, writers=10), "p99 ≤ 100 ms, CPU ≤ 60 %",
              lambda lines: middle(lines, "p99_ms") <= 100 and cpu_share(lines) <= 0.6),
    SINGLE: (dict(audience="own", receivers=10_000, lanes=10_000, rate=1_000, writers=50),
             "p50 ≤ write's + 2 ms, p99 ≤ write's + 10 ms",
             lambda lines: middle(lines, "p50_ms") <= middle(lines, "write", "p50_ms") + 2
             and middle(lines, "p99_ms") <= middle(lines, "write", "p99_ms") + 10),
    RULES: (dict(audience="teams", receivers=5_000, lanes=50, rate=333, writers=10), "30,000 deliveries/s, p95 ≤ 100 ms",
            lambda lines: middle(lines, "p95_ms") <= 100 and deliveries_per_s(lines) >= 28_500),
}
PEERS = {TOPIC: [RawSender, NodeWs, Redis], BROADCAST: [RawSender, NodeWs, Redis]}


def deliveries_per_s(lines):
    """Over the schedule and what the last delivery took beyond it; marks leave 5 % for that."""
    return middle(lines, "delivered_measured") / (middle(lines, "wall_ns") / 1e9)


def cpu_share(lines):
    return middle(lines, "cpu_ns") / middle(lines, "wall_ns")


class LiveScale:
    rounds = 1

    def __init__(self):
        self.lines = defaultdict(list)  # (test, system): a line a round
        self.echo = defaultdict(list)  # messages sent a second: lines
        self.absent = []

    def run(self, rounds, seconds):
        seconds *= SECONDS_FACTOR
        for _ in range(rounds):
            for test, (options, _, _) in TESTS.items():
                self.measure(test, ScaleDunlin, seconds, options)
                for peer in PEERS.get(test, []):
                    self.measure_peer(test, peer, seconds, options)
            self.measure_echo(seconds)

    def measure(self, test, system, seconds, options):
        with system() as server:
            self.lines[test, system.name].append(run_scale(server, mode="paced", seconds=seconds, **options))

    def measure_peer(self, test, peer, seconds, options):
        if peer is Redis and not Redis.is_there():
            self.absent = [Redis.name]
            return
        way = "redis" if peer is Redis else "relay"
        payload = {"payload_bytes": 600 if test == TOPIC else 200}  # about a change's frame
        self.measure(test, peer, seconds, {**options, **payload, "way": way})

    def measure_echo(self, seconds):
        """Faster until the 99th percentile is over the mark."""
        with ScaleDunlin() as server:
            for rate in ECHO_RATES:
                self.echo[rate].append(run_scale(server, mode="paced", way="broadcast", audience="groups",
                                                 receivers=ECHO_USERS, group=6, payload_bytes=1_000, rate=rate,
                                                 seconds=seconds))
                if self.echo[rate][-1]["p99_ms"] > ECHO_P99_GOAL_MS:
                    return

    def report(self):
        rows = []
        for (test, system), lines in self.lines.items():
            options, text, reaches = TESTS[test]
            mark = goal(lines, reaches(lines), text) if system == DUNLIN else ""
            rows.append(self.row(test, system, options["receivers"], lines) + [mark])
        for rate, lines in self.echo.items():
            rows.append(self.row(f"{ECHO}: {rate:,}/s sent", DUNLIN, ECHO_USERS, lines) + [self.echo_mark(rate, lines)])
        header = ["test", "system", "listeners", "deliveries a second", "p50 ms", "p95 ms", "p99 ms", "most ms", "CPU",
                  "CPU µs a delivery", "write p50, p99 ms", COUNTERS_HEADER, "goal"]
        absent = f" Not here, so not measured: {', '.join(self.absent)}." if self.absent else ""
        return ("### Live at scale\n\nMessages at fixed times, whether or not the last has arrived; times are from when one was "
                "due to when a listener has it, all listeners, so they hold the insert and its commit where rows are written. "
                "Peers have nothing to write and ask nobody's rights." + absent + "\n\n" +
                markdown(header, rows) + "\n\n" + self.echo_text() +
                " Published, not measured here: Supabase's payload test of 28,000 msg/s (4,000 users, 1 KB) p50 13, p99 85 ms, "
                "and 224,000 msg/s to 32,000 users p50 6, p95 28, p99 213 ms, both on two to six servers; Centrifugo 500,000 "
                "msg/s p99 200 ms on 40 cores; Hasura 10,000 live queries on two cores at 73 %, mean below 1 s.")

    @staticmethod
    def row(test, system, listeners, lines):
        writes = "p50_ms" in lines[0]["write"]
        written = f"{number(middle(lines, 'write', 'p50_ms'))}, {number(middle(lines, 'write', 'p99_ms'))}" if writes else ""
        each_us = middle(lines, "cpu_ns") / 1000 / max(middle(lines, "delivered_measured"), 1)
        return [test, system, f"{listeners:,}", number(deliveries_per_s(lines)),
                *(number(middle(lines, name)) for name in TIMES), f"{cpu_share(lines):.0%}", number(each_us), written,
                counters(lines)]

    @staticmethod
    def echo_mark(rate, lines):
        text = f"p99 ≤ {ECHO_P99_GOAL_MS} ms"
        return goal(lines, middle(lines, "p99_ms") <= ECHO_P99_GOAL_MS, text)

    def echo_text(self):
        good = [rate for rate, lines in self.echo.items()
                if is_flawless(lines) and middle(lines, "p99_ms") <= ECHO_P99_GOAL_MS]
        if not good:
            return f"Groups of six: no rate had a p99 of at most {ECHO_P99_GOAL_MS} ms."
        return (f"Groups of six: up to {max(good):,} messages a second sent and {6 * max(good):,} delivered the p99 was at most "
                f"{ECHO_P99_GOAL_MS} ms. Counted as Supabase counts, sent and delivered, that is {7 * max(good):,} msg/s.")
