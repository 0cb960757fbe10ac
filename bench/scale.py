"""What the suites of live at scale share: their server, one run of the generator, and what makes a figure count."""

import json
import shutil
import socket
import subprocess
from statistics import median

from servers import BIN, READY_TIMEOUT_S, ROOT, Dunlin, Server, run_load
from tables import number, verdict

GENERATOR = "bench_scale_load"
SLACK_S = 240  # for joins and for what takes long on a busy machine


class ScaleDunlin(Dunlin):
    """The generator writes with the service key; who listens says who he is by a token of his own."""

    project = ROOT / "bench/scale_project"

    def words(self):
        words = super().words()
        keys = [BIN / "dunlin", "keys", self.project, "--data", self.folder / "data", "--dev", "--format", "json"]
        found = subprocess.run(list(map(str, keys)), capture_output=True, text=True, check=True, timeout=READY_TIMEOUT_S)
        self.key = json.loads(found.stdout)["service_role_key"]
        return words


class Redis(Server):
    """Publish and subscribe in memory; nothing is kept, nobody's rights are asked."""

    name = "Redis pub/sub"

    @staticmethod
    def is_there():
        return shutil.which("redis-server") is not None

    def words(self):
        # It prints no port that a reader could wait for, so another process asks until it answers.
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = f"redis-server --port {port} --save '' --appendonly no --maxclients 15000 --bind 127.0.0.1 --protected-mode no"
        limits = "--client-output-buffer-limit 'pubsub 0 0 0'"
        ready = f"until redis-cli -p {port} ping >/dev/null 2>&1; do :; done; echo redis ready at {port}"
        return ["sh", "-c", f"({ready}) & exec {server} {limits} --logfile {self.folder}/redis.log"]


def run_scale(server, **options):
    """One run; its line. The generator is told apart by what `server` speaks."""
    target = {key: value for key, value in server.target.items() if key != "protocol"}
    words = {**target, **{name.replace("_", "-"): value for name, value in options.items()}}
    [line] = run_load(GENERATOR, words, timeout_s=options.get("seconds", 10) * 3 + SLACK_S)
    return line


def is_flawless(lines):
    return all(line[what] == 0 for line in lines for what in ("missing", "repeated", "foreign"))


def counters(lines):
    """Delivered, missing, twice or late, not meant for the receiver: of all rounds."""
    def total(what):
        return sum(line[what] for line in lines)
    return f"{total('delivered'):,} / {total('missing'):,} / {total('repeated'):,} / {total('foreign'):,}"


COUNTERS_HEADER = "delivered / missing / twice or late / foreign"


def middle(lines, *names):
    """Median over the rounds of a figure, `names` leading to it."""
    def find(line):
        for name in names:
            line = line[name]
        return line
    return median(find(line) for line in lines)


def goal(lines, reached, text):
    """A figure with a message lost, doubled or leaked does not count."""
    return verdict(reached, text) if is_flawless(lines) else f"**does not count**: messages lost, twice or foreign ({text})"


def mib(value_bytes):
    return number(value_bytes / 1024 / 1024)
