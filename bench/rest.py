"""The data API beside SQLite alone: point select, lists, embedding, creates under a rule, upserts."""

import base64
import hashlib
import hmac
import http.client
import json
import random
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from statistics import median

from servers import BIN, READY_TIMEOUT_S, ROOT, SERVER_CORE, WORK, Dunlin, Server, on_core, run_load
from tables import markdown, number, ratio, spread, verdict

ITEMS = 10_000
LIST_ROWS = 1000
ALBUMS, PHOTOS, COMMENTS = 50, 10, 5  # of each album, of each photo
NOTE = "n" * 120
POINT_GOAL = 0.35
LIST_GOAL_MB_S = 200
CREATES_GOAL = 5000
CREATES_WORST_MS = 1000
SECRET = b"super-secret-jwt-token-with-at-least-32-characters-long"  # of `dunlin serve --dev`

POINT, BARE, RAW_POINT = "point select by key: dunlin", "bare HTTP and sqlite3_step", "sqlite3_step"
LIST, RAW_LIST = f"list of {LIST_ROWS:,} rows: dunlin", f"{LIST_ROWS:,} rows, sqlite3_step"
EMBED = "two embedded levels: dunlin"
CREATE = "create with an owner rule: dunlin, 500 connections"
CREATE_FREE = "create with an owner rule: dunlin, 500 connections, on all cores"
UPSERT, RAW_UPSERT = f"upsert of {LIST_ROWS:,} rows: dunlin", f"upsert of {LIST_ROWS:,} rows, raw SQLite"


def item(number_):
    return {"id": number_, "name": f"item number {number_}", "note": NOTE, "amount": number_ * 7,
            "price": number_ * 0.25, "is_open": number_ % 2 == 1}


def signed_token(role="authenticated"):
    """A person's token: header, claims, HMAC (RFC 7519)."""
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")
    claims = {"role": role, "sub": "11111111-1111-4111-8111-111111111111",
              "exp": int(time.time()) + 3600}
    text = b".".join(part(json.dumps(value).encode()) for value in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (text + b"." + part(hmac.new(SECRET, text, hashlib.sha256).digest())).decode()


class RestDunlin(Dunlin):
    project = ROOT / "bench/rest_project"

    def post(self, table, rows):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=READY_TIMEOUT_S)
        headers = {"apikey": self.key, "Content-Type": "application/json", "Prefer": "return=minimal"}
        for start in range(0, len(rows), LIST_ROWS):
            connection.request("POST", f"/rest/v1/{table}", json.dumps(rows[start:start + LIST_ROWS]), headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 201:
                raise RuntimeError(f"{table}: {answer.status} {text!r}")
        connection.close()

    def fill(self):
        photos = ALBUMS * PHOTOS
        self.post("items", [item(i) for i in range(1, ITEMS + 1)])
        self.post("albums", [{"id": i, "title": f"album {i}"} for i in range(1, ALBUMS + 1)])
        self.post("photos", [{"id": i, "album_id": 1 + i % ALBUMS, "file": f"{i}.jpg"}
                             for i in range(1, photos + 1)])
        self.post("comments", [{"id": i, "photo_id": 1 + i % photos, "body": f"comment number {i}"}
                               for i in range(1, photos * COMMENTS + 1)])


class BareServer(Server):
    name = "bare server"

    def words(self):
        return [BIN / "bench_bare_server", "--file", self.folder / "bare.db", "--rows", ITEMS]


class Rest:
    def __init__(self):
        self.results = defaultdict(list)

    def run(self, rounds, seconds):
        measures = {
            POINT: lambda: self.point(RestDunlin, seconds),
            BARE: lambda: self.point(BareServer, seconds),
            RAW_POINT: lambda: self.raw("point", seconds),
            LIST: lambda: self.read("items?order=id&limit=%d" % LIST_ROWS, seconds),
            RAW_LIST: lambda: self.raw("list", seconds),
            EMBED: lambda: self.read("albums?select=*,photos(*,comments(*))&order=id", seconds),
            CREATE: lambda: self.create(SERVER_CORE, seconds),
            CREATE_FREE: lambda: self.create(None, seconds),
            UPSERT: lambda: self.upsert(seconds),
            RAW_UPSERT: lambda: self.raw("upsert", seconds),
        }
        for _ in range(rounds):
            for name in random.sample(list(measures), len(measures)):
                self.results[name].append(measures[name]())

    @staticmethod
    def load(server, connections, seconds, **options):
        [line] = run_load("bench_http_load", {
            "port": server.port, "pid": server.process.pid, "key": server.key, "connections": connections,
            "seconds": seconds, **{name.replace("_", "-"): value for name, value in options.items()}})
        return line

    def point(self, kind, seconds):
        with kind() as server:
            if kind is RestDunlin:
                server.fill()
            return self.load(server, 50, seconds, path="/rest/v1/items?id=eq.{n}", range=ITEMS)

    def read(self, target, seconds):
        with RestDunlin() as server:
            server.fill()
            return self.load(server, 4, seconds, path=f"/rest/v1/{target}")

    def create(self, core, seconds):
        with RestDunlin(core) as server:
            return self.load(server, 500, seconds, path="/rest/v1/notes", method="POST",
                             prefer="return=minimal", token=signed_token(),
                             body_file=self.body(server, {"body": NOTE}))

    def upsert(self, seconds):
        with RestDunlin() as server:
            rows = [item(i) for i in range(1, LIST_ROWS + 1)]
            server.fill()
            return self.load(server, 1, seconds, path="/rest/v1/items", method="POST",
                             prefer="return=minimal,resolution=merge-duplicates",
                             body_file=self.body(server, rows))

    @staticmethod
    def body(server, value):
        path = server.folder / "body.json"
        path.write_text(json.dumps(value))
        return path

    @staticmethod
    def raw(work, seconds):
        folder = tempfile.mkdtemp(prefix="raw-", dir=WORK)
        words = [BIN / "bench_raw_reads", "--file", f"{folder}/rows.db", "--work", work, "--rows", ITEMS,
                 "--seconds", seconds]
        try:
            done = subprocess.run(on_core(SERVER_CORE, words), check=True, capture_output=True, text=True,
                                  timeout=60)
        finally:
            shutil.rmtree(folder)
        return json.loads(done.stdout)

    def per_s(self, name):
        return [line["rows"] / line["wall_ns"] * 1e9 for line in self.results[name]]

    def mb_per_cpu_s(self, name):
        return [line["bytes"] / line["cpu_ns"] * 1e3 for line in self.results[name]]

    def ceiling(self, name):
        return {POINT: BARE, LIST: RAW_LIST, UPSERT: RAW_UPSERT}.get(name)

    def goal(self, name):
        if name == POINT:
            return verdict(median(self.per_s(POINT)) / median(self.per_s(BARE)) >= POINT_GOAL,
                           f"≥ {POINT_GOAL} of bare HTTP")
        if name == LIST:
            return verdict(median(self.mb_per_cpu_s(LIST)) >= LIST_GOAL_MB_S, f"≥ {LIST_GOAL_MB_S} MB/s a core")
        if name == CREATE_FREE:
            worst = max(line["max_ms"] for line in self.results[name])
            reached = median(self.per_s(name)) >= CREATES_GOAL and worst < CREATES_WORST_MS
            return verdict(reached, f"≥ {CREATES_GOAL:,}/s, worst < {CREATES_WORST_MS:,} ms")
        return ""

    def row(self, name):
        lines = self.results[name]
        ceiling = self.ceiling(name)
        cpu_us = [line["cpu_ns"] / line["rows"] / 1000 for line in lines]
        megabytes = spread(self.mb_per_cpu_s(name)) if any(line["bytes"] for line in lines) else ""
        times = [number(median(line[key] for line in lines)) if key in lines[0] else ""
                 for key in ("p50_ms", "p99_ms")]
        worst = ""
        if "max_ms" in lines[0]:
            line = max(lines, key=lambda line: line["max_ms"])
            worst = f"{number(line['max_ms'])} (sent at {number(line['worst_sent_ms'])})"
        of_ceiling = ratio(self.per_s(name), self.per_s(ceiling)) if ceiling else ""
        return [name, spread(self.per_s(name)), of_ceiling, spread(cpu_us), megabytes, *times, worst,
                self.goal(name)]

    def report(self):
        order = [POINT, BARE, RAW_POINT, LIST, RAW_LIST, EMBED, CREATE, CREATE_FREE, UPSERT, RAW_UPSERT]
        header = ["work", "per second", "of its ceiling", "CPU µs each", "MB per CPU-second", "p50 ms", "p99 ms",
                  "worst ms", "goal"]
        return (f"### Data API\n\nThe ceiling of the point select is one prepared statement behind the server's "
                f"own HTTP code; that of lists and upserts is SQLite on one thread. {ALBUMS} albums have {PHOTOS} "
                f"photos with {COMMENTS} comments each. Creates and upserts are on disk before their answer.\n\n"
                + markdown(header, [self.row(name) for name in order]))
