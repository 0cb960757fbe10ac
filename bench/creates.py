"""Durable creates: rows inserted one a request, each on disk before its answer."""

import json
import random
import shutil
import subprocess
import tempfile
from collections import defaultdict
from statistics import median

from servers import BIN, SERVER_CORE, WORK, Dunlin, NodeSqlite, Postgres, on_core, run_load
from tables import markdown, number, ratio, spread, verdict

CONNECTIONS = 500
FEW_CONNECTIONS = 50
PAYLOAD_BYTES = 200
RAW_GOAL = 0.5

DUNLIN = f"dunlin, {CONNECTIONS} connections"
DUNLIN_FEW = f"dunlin, {FEW_CONNECTIONS} connections"
DUNLIN_FREE = f"dunlin, {CONNECTIONS} connections, on all cores"
RAW = "raw_sqlite, 100 rows a commit"
RAW_LOG = "raw_sqlite, 500 rows and a log record a commit"
NODE = f"node:sqlite, {CONNECTIONS} connections"
POSTGRES = "PostgreSQL, 50 connections"


class Creates:
    def __init__(self):
        self.results = defaultdict(list)

    def run(self, rounds, seconds):
        measures = {
            DUNLIN: lambda: self.dunlin(CONNECTIONS, seconds),
            DUNLIN_FREE: lambda: self.dunlin(CONNECTIONS, seconds, core=None),
            DUNLIN_FEW: lambda: self.dunlin(FEW_CONNECTIONS, seconds),
            RAW: lambda: self.raw(100, "no", seconds),
            RAW_LOG: lambda: self.raw(500, "yes", seconds),
            NODE: lambda: self.node(seconds),
        }
        if Postgres.programs() is None:
            self.rounds(measures, rounds)
            return
        with Postgres() as postgres:
            measures[POSTGRES] = lambda: postgres.insert(FEW_CONNECTIONS, seconds, PAYLOAD_BYTES)
            self.rounds(measures, rounds)

    def rounds(self, measures, rounds):
        for _ in range(rounds):
            for name in random.sample(list(measures), len(measures)):
                self.results[name].append(measures[name]())

    @staticmethod
    def load(server, connections, seconds):
        [line] = run_load("bench_http_load", {
            "port": server.port, "pid": server.process.pid, "key": server.key, "connections": connections,
            "seconds": seconds, "payload-bytes": PAYLOAD_BYTES})
        return line

    def dunlin(self, connections, seconds, core=SERVER_CORE):
        with Dunlin(core) as server:
            line = self.load(server, connections, seconds)
            kept = server.count_rows()
        if kept != line["rows"]:
            raise RuntimeError(f"{line['rows']} rows were acknowledged, {kept} are there")
        return line

    def node(self, seconds):
        with NodeSqlite() as server:
            return self.load(server, CONNECTIONS, seconds)

    @staticmethod
    def raw(group, log, seconds):
        folder = tempfile.mkdtemp(prefix="raw-", dir=WORK)
        words = [BIN / "bench_raw_sqlite", "--file", f"{folder}/rows.db", "--group", group, "--log", log,
                 "--seconds", seconds, "--payload-bytes", PAYLOAD_BYTES]
        try:
            done = subprocess.run(on_core(SERVER_CORE, words), check=True, capture_output=True, text=True,
                                  timeout=60)
        finally:
            shutil.rmtree(folder)
        return json.loads(done.stdout)

    def rows_per_s(self, name):
        return [line["rows"] / line["wall_ns"] * 1e9 for line in self.results[name]]

    def report(self):
        raw = self.rows_per_s(RAW)
        rows = []
        for name, lines in self.results.items():
            own = self.rows_per_s(name)
            goal = ""
            if name == DUNLIN:
                goal = verdict(median(own) / median(raw) >= RAW_GOAL, f"≥ {RAW_GOAL} of raw")
            cpu_us = [line["cpu_ns"] / line["rows"] / 1000 for line in lines]
            p50, p99 = (number(median(line[key] for line in lines)) for key in ("p50_ms", "p99_ms"))
            rows.append([name, spread(own), ratio(own, raw), p50, p99, spread(cpu_us), goal])
        order = [DUNLIN, DUNLIN_FREE, DUNLIN_FEW, RAW, RAW_LOG, NODE, POSTGRES]
        rows.sort(key=lambda row: order.index(row[0]))
        header = ["system", "rows per second", "of raw_sqlite", "p50 ms", "p99 ms", "CPU µs per row", "goal"]
        return (f"### Durable creates\n\nOne row of {PAYLOAD_BYTES} bytes a request (return=minimal), synced "
                "to disk before the answer; the rows found afterwards are those acknowledged. Times of "
                "raw_sqlite are of a commit.\n\n" + markdown(header, rows))
