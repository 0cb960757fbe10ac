"""Sign-in: 250 people at once while events flow. What the events wait, and what becomes of the people."""

import json
import subprocess
from statistics import median

from servers import BIN, LOAD_CORE, NODE, ROOT, Dunlin, on_core
from tables import markdown, number, verdict

PEOPLE = 250
P99_GROWTH_GOAL = 2.0
TIMEOUT_S = 180


class SignIn:
    def __init__(self):
        self.results = []

    def run(self, rounds, seconds):
        for _ in range(rounds):
            # On all cores: passwords are hashed on a thread of their own.
            with Dunlin(core=None) as server:
                keys = [BIN / "dunlin", "keys", server.project, "--data", server.folder / "data", "--dev",
                        "--format", "json"]
                printed = subprocess.run(list(map(str, keys)), capture_output=True, text=True, check=True).stdout
                found = json.loads(printed)
                words = [NODE, ROOT / "bench/sign_in_load.mjs", f"http://127.0.0.1:{server.port}", found["anon_key"],
                         found["service_role_key"], max(seconds, 4)]
                done = subprocess.run(on_core(LOAD_CORE, words), capture_output=True, text=True,
                                      timeout=TIMEOUT_S)
                if done.returncode != 0:
                    raise RuntimeError(f"sign_in_load failed: {done.stderr.strip()}")
                self.results.append(json.loads(done.stdout))

    def report(self):
        def middle(part, name):
            return median(result[part][name] for result in self.results)

        growth = median(r["busy"]["p99_ms"] / r["quiet"]["p99_ms"] for r in self.results)
        reached = verdict(growth <= P99_GROWTH_GOAL, f"goal at most {P99_GROWTH_GOAL}")
        rows = [[phase, number(middle(part, "rate")), number(middle(part, "p50_ms")), number(middle(part, "p99_ms"))]
                for phase, part in (("events alone", "quiet"), (f"and {PEOPLE} sign-ins", "busy"))]
        of_people = {name: number(middle("people", name)) for name in self.results[0]["people"]}
        people = (f"Of {PEOPLE}: {of_people['accepted']} signed in (p50 {of_people['p50_ms']} ms, all answered after "
                  f"{of_people['last_ms']} ms), {of_people['shed']} were told to come back (429 or 503), "
                  f"{of_people['shed_without_retry_after']} of them without Retry-After, {of_people['other']} got "
                  f"something else.")
        return "\n\n".join([
            "### Sign-in",
            "From a write's request to its rows at 20 subscribers, in ms; the load generator (Node) shares one core.",
            markdown(["phase", "rows/s", "p50", "p99"], rows),
            f"p99 grows {growth:.2f} times: {reached}.",
            people,
        ])
