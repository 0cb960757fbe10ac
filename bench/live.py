"""Fan-out, memory of idle sockets, and time from commit to screen: one channel, everybody on it."""

import random
from collections import defaultdict
from statistics import median

from servers import Dunlin, NodeWs, RawSender, run_load
from tables import markdown, number, percentile, ratio, spread, verdict

SYSTEMS = [Dunlin, RawSender, NodeWs]
SUBSCRIBERS = [1_000, 10_000]
PACED_SUBSCRIBERS = 1_000
BURSTS = [1, 16]
ROW_PAYLOAD_BYTES = 200
FRAME_HEAD_BYTES = 4  # of a server's frame from 126 to 65,535 bytes

RAW_GOAL = 0.85
WS_GOAL = 1.5
MEMORY_GOAL_KIB = 6


class Live:
    def __init__(self):
        self.frames = defaultdict(list)  # (system, subscribers, burst): frames per CPU-second, a round each
        self.memory = defaultdict(list)  # (system, subscribers): KiB per socket
        self.used_memory = defaultdict(list)  # the same after one change was delivered
        self.from_send = defaultdict(list)  # system: ms, all rounds
        self.from_answer = defaultdict(list)
        self.frame_bytes = 0

    def run(self, rounds, seconds):
        with Dunlin() as server:
            [joined] = run_load("bench_live_load", {**server.target, "subscribers": 1})
            self.frame_bytes = joined["frame_bytes"]
        for _ in range(rounds):
            for subscribers in SUBSCRIBERS:
                for system in random.sample(SYSTEMS, len(SYSTEMS)):
                    self.measure(system, subscribers, seconds)

    def measure(self, system, subscribers, seconds):
        phases = [f"burst:{burst}:{seconds}" for burst in BURSTS]
        if subscribers == PACED_SUBSCRIBERS:
            phases.append(f"paced:10:{seconds * 2}")
        is_dunlin = system is Dunlin
        payload_bytes = ROW_PAYLOAD_BYTES if is_dunlin else self.frame_bytes - FRAME_HEAD_BYTES
        with system() as server:
            lines = run_load("bench_live_load", {
                **server.target, "subscribers": subscribers, "payload-bytes": payload_bytes,
                "phases": ",".join(phases)})
        joined, *measured = lines
        self.take_memory(system.name, joined)
        for line in measured:
            self.take_phase(system.name, subscribers, line)

    def take_memory(self, name, line):
        for figure, into in (("rss_joined", self.memory), ("rss_used", self.used_memory)):
            kib = (line[figure] - line["rss_before"]) / 1024 / line["subscribers"]
            into[name, line["subscribers"]].append(kib)

    def take_phase(self, name, subscribers, line):
        if line["phase"] == "burst":
            self.frames[name, subscribers, line["amount"]].append(line["frames"] / line["cpu_ns"] * 1e9)
            return
        self.from_send[name] += [time / 1000 for time in line["from_send_us"]]
        self.from_answer[name] += [time / 1000 for time in line["from_answer_us"]]

    def report(self):
        return "\n\n".join([self.fan_out_table(), self.memory_table(), self.latency_table()])

    def fan_out_table(self):
        rows = []
        for subscribers in SUBSCRIBERS:
            for burst in BURSTS:
                rows += self.fan_out_rows(subscribers, burst)
        header = ["sockets", "changes at once", "system", "frames per CPU-second", "ns per frame",
                  "of raw_sender", "of node ws", "goal"]
        return (f"### Fan-out\n\nFrames delivered per CPU-second of the server's process, frames of "
                f"{self.frame_bytes} bytes.\n\n" + markdown(header, rows))

    def fan_out_rows(self, subscribers, burst):
        raw = self.frames[RawSender.name, subscribers, burst]
        peer = self.frames[NodeWs.name, subscribers, burst]
        rows = []
        for system in SYSTEMS:
            own = self.frames[system.name, subscribers, burst]
            goal = ""
            if system is Dunlin:
                of_raw = median(own) / median(raw)
                of_ws = median(own) / median(peer)
                goal = (verdict(of_raw >= RAW_GOAL, f"≥ {RAW_GOAL} of raw") + ", " +
                        verdict(of_ws >= WS_GOAL, f"≥ {WS_GOAL} of ws"))
            rows.append([f"{subscribers:,}", burst, system.name, spread(own), number(1e9 / median(own)),
                         ratio(own, raw), ratio(own, peer), goal])
        return rows

    def memory_table(self):
        rows = []
        for subscribers in SUBSCRIBERS:
            for system in SYSTEMS:
                own = self.memory[system.name, subscribers]
                goal = ""
                if system is Dunlin and subscribers == max(SUBSCRIBERS):
                    goal = verdict(median(own) <= MEMORY_GOAL_KIB, f"≤ {MEMORY_GOAL_KIB} KiB")
                rows.append([f"{subscribers:,}", system.name, spread(own),
                             spread(self.used_memory[system.name, subscribers]), goal])
        header = ["sockets", "system", "KiB per idle socket", "after one change to all", "goal"]
        return ("### Memory\n\nGrowth of the server's resident memory per socket joined to one channel "
                "(the kernel's part is not in it).\n\n" + markdown(header, rows))

    def latency_table(self):
        rows = []
        for system in SYSTEMS:
            for since, times in (("request sent", self.from_send[system.name]),
                                 ("insert answered", self.from_answer[system.name])):
                if times:
                    rows.append([system.name, since, number(percentile(times, 0.5)),
                                 number(percentile(times, 0.99)), number(max(times)), len(times)])
        header = ["system", "since", "p50 ms", "p99 ms", "largest ms", "changes"]
        return (f"### Commit to the last of {PACED_SUBSCRIBERS:,} subscribers\n\nTen changes a second at "
                "fixed times. A sender has nothing to commit, so that its \"request sent\" stands beside "
                "the server's \"insert answered\".\n\n" + markdown(header, rows))
