"""Presence: 5,000 members of 500 rooms, of whom 200 leave and 200 come every second."""

import json
import subprocess
from statistics import median

from servers import BIN, LOAD_CORE, NODE, ROOT, Dunlin, on_core
from tables import markdown, number, verdict

P99_GOAL_MS = 200
TIMEOUT_S = 180


class Presence:
    def __init__(self):
        self.results = []

    def run(self, rounds, seconds):
        for _ in range(rounds):
            with Dunlin() as server:
                keys = [BIN / "dunlin", "keys", server.project, "--data", server.folder / "data", "--dev",
                        "--format", "json"]
                printed = subprocess.run(list(map(str, keys)), capture_output=True, text=True, check=True).stdout
                words = [NODE, ROOT / "bench/presence_load.mjs", f"http://127.0.0.1:{server.port}",
                         json.loads(printed)["anon_key"], max(seconds, 4)]
                done = subprocess.run(on_core(LOAD_CORE, words), capture_output=True, text=True,
                                      timeout=TIMEOUT_S)
                if done.returncode != 0:
                    raise RuntimeError(f"presence_load failed: {done.stderr.strip()}")
                self.results.append(json.loads(done.stdout))

    def report(self):
        def middle(name):
            return median(result[name] for result in self.results)

        figures = ("changes_per_s", "heard", "diffs", "p50_ms", "p99_ms", "most_ms")
        rows = [[number(middle(name)) for name in figures]]
        return "\n\n".join([
            "### Presence",
            "From a member's message to the others' diff; the load generator (Node) shares one core with its 5,000 sockets.",
            markdown(["leaves and joins/s", "heard", "diffs", "p50 ms", "p99 ms", "most ms"], rows),
            f"p99: {verdict(middle('p99_ms') <= P99_GOAL_MS, f'goal at most {P99_GOAL_MS} ms')}.",
        ])
