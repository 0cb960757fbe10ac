"""What readers that do not read cost those who do, and the server's memory (reliability test R13)."""

import http.client
import re
from collections import defaultdict
from statistics import median

from servers import Dunlin, run_load
from tables import markdown, number, percentile, spread, verdict

SUBSCRIBERS = 4_500
SLOW_READERS = 500
CHANGES_PER_SECOND = 10
PAYLOAD_BYTES = 1_000
QUEUE_BYTES_MAX = 256 * 1024  # a bound that a short run reaches as well
RUN_FACTOR = 10  # of `--seconds`: queues need time to fill

P99_GOAL = 1.10
SILENT_SLACK_S = 120  # for joins, beyond the measured time


class SlowReaders:
    def __init__(self):
        self.times_ms = defaultdict(list)  # slow readers: ms from the request to the last reader, all rounds
        self.growth_mib = defaultdict(list)  # slow readers: MiB while it ran, a round each
        self.closed = []
        self.evicted = []
        self.queued_mib = []

    def run(self, rounds, seconds):
        for _ in range(rounds):
            for slow in (0, SLOW_READERS):
                self.measure(slow, seconds * RUN_FACTOR)

    def measure(self, slow, seconds):
        environment = {"DUNLIN_LIVE_QUEUE_BYTES_MAX": str(QUEUE_BYTES_MAX)}
        with Dunlin(environment=environment) as server:
            joined, paced = run_load("bench_live_load", {
                **server.target, "subscribers": SUBSCRIBERS, "slow-readers": slow,
                "payload-bytes": PAYLOAD_BYTES, "phases": f"paced:{CHANGES_PER_SECOND}:{seconds}",
            }, timeout_s=seconds + SILENT_SLACK_S)
            metrics = read_metrics(server.port)
        self.times_ms[slow] += [time / 1000 for time in paced["from_send_us"]]
        self.growth_mib[slow].append((paced["rss"] - joined["rss_used"]) / 1024 / 1024)
        if slow:
            self.closed.append(metrics["dunlin_http_slow_websockets_total"])
            self.evicted.append(metrics["dunlin_http_evictions_total"])
            self.queued_mib.append(metrics["dunlin_http_queue_bytes"] / 1024 / 1024)

    def report(self):
        rows = []
        for slow, times in self.times_ms.items():
            rows.append([f"{slow:,}", number(percentile(times, 0.5)), number(percentile(times, 0.99)),
                         number(max(times)), spread(self.growth_mib[slow])])
        header = ["slow readers", "p50 ms", "p99 ms", "largest ms", "resident MiB more"]
        share = percentile(self.times_ms[SLOW_READERS], 0.99) / percentile(self.times_ms[0], 0.99)
        goal = verdict(share <= P99_GOAL, f"p99 at most {P99_GOAL} of that without them: {share:.2f}")
        return (f"### Slow readers\n\n{SUBSCRIBERS:,} sockets that read beside some that read nothing, 100 bytes "
                f"a second, or nothing with a tiny window, each anew every 30 s. {CHANGES_PER_SECOND} changes a "
                f"second of {PAYLOAD_BYTES:,} bytes for all; `live.queue_bytes_max` is {QUEUE_BYTES_MAX:,}. Times "
                "are from when a change was due to the last of those who read.\n\n" + markdown(header, rows) +
                f"\n\nClosed as too slow {median(self.closed):,.0f}, evicted {median(self.evicted):,.0f}, waiting "
                f"at the end {number(median(self.queued_mib))} MiB. Goal: {goal}.")


def read_metrics(port):
    """Name to number."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return {name: float(value) for name, value in re.findall(r"^(\w+) ([\d.]+)$", text, re.MULTILINE)}
