"""What somebody may not see beside what is not there: the same answer, and as fast."""

import os
import random
import socket
import time
from collections import defaultdict
from statistics import median

from rest import RestDunlin, signed_token
from servers import LOAD_CORE, READY_TIMEOUT_S, ROOT, SERVER_CORE
from tables import markdown, number, percentile, verdict

ROWS = 2000
PERSON = "11111111-1111-4111-8111-111111111111"  # of signed_token()
OTHER = "22222222-2222-4222-8222-222222222222"
RATIO_MOST = 1.1

HIDDEN, MISSING = ROWS // 2, 10 * ROWS  # keys: rows of the other person have even ones
OWN_HIDDEN, OWN_MISSING = 1, 3  # own notes: of an album that is hidden, of none

# Each: what is asked, the method, the target with what is hidden and with what is missing, a body.
PAIRS = [
    ("a row by its key", "GET", f"notes?select=id,body&id=eq.{HIDDEN}", f"notes?select=id,body&id=eq.{MISSING}", ""),
    ("an update of a row", "PATCH", f"notes?id=eq.{HIDDEN}", f"notes?id=eq.{MISSING}", '{"body":"x"}'),
    ("a delete of a row", "DELETE", f"notes?id=eq.{HIDDEN}", f"notes?id=eq.{MISSING}", ""),
    ("a row that belongs to another", "GET", f"notes?select=id,albums(title)&id=eq.{OWN_HIDDEN}",
     f"notes?select=id,albums(title)&id=eq.{OWN_MISSING}", ""),
    ("a column of the select", "GET", "notes?select=id,secret", "notes?select=id,sacret", ""),
    ("a column of a filter", "GET", "notes?select=id&secret=eq.x", "notes?select=id&sacret=eq.x", ""),
    ("a column of the order", "GET", "notes?select=id&order=secret", "notes?select=id&order=sacret", ""),
    ("a column in a tree", "GET", "notes?select=id&or=(id.eq.1,secret.like.a*)",
     "notes?select=id&or=(id.eq.1,sacret.like.a*)", ""),
]


class TimingDunlin(RestDunlin):
    project = ROOT / "bench/timing_project"

    def fill(self):
        self.anon_key, self.key = self.key, signed_token("service_role")
        self.post("albums", [{"id": 1, "owner_id": PERSON, "title": "own"},
                             {"id": 2, "owner_id": OTHER, "title": "hidden"}])
        albums = {OWN_HIDDEN: 2, OWN_MISSING: None}
        self.post("notes", [{"id": i, "owner_id": OTHER if i % 2 == 0 else PERSON, "album_id": albums.get(i, 1),
                             "body": f"note {i}", "secret": "s"} for i in range(1, ROWS + 1)])


class Asker:
    """One connection of the person; times of whole exchanges, in microseconds."""

    def __init__(self, server):
        self.token = signed_token()
        self.key = server.anon_key
        self.socket = socket.create_connection(("127.0.0.1", server.port), READY_TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self, method, target, body):
        return (f"{method} /rest/v1/{target} HTTP/1.1\r\nHost: x\r\napikey: {self.key}\r\n"
                f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}").encode()

    def exchange(self, request):
        start = time.perf_counter_ns()
        self.socket.sendall(request)
        answer = self.socket.recv(65536)  # a short one comes whole
        return (time.perf_counter_ns() - start) / 1000, answer


class Timing:
    def __init__(self):
        self.results = defaultdict(lambda: {"hidden": [], "missing": []})

    def run(self, rounds, seconds):
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {int(LOAD_CORE)})
        try:
            for _ in range(rounds):
                with TimingDunlin(SERVER_CORE) as server:
                    server.fill()
                    self.ask(Asker(server), seconds)
        finally:
            os.sched_setaffinity(0, cores)

    def ask(self, asker, seconds):
        for name, method, hidden, missing, body in random.sample(PAIRS, len(PAIRS)):
            requests = {"hidden": asker.request(method, hidden, body),
                        "missing": asker.request(method, missing, body)}
            self.same_answer(name, asker, requests)
            until = time.monotonic() + seconds / 2
            while time.monotonic() < until:
                for kind in random.sample(list(requests), 2):
                    self.results[name][kind].append(asker.exchange(requests[kind])[0])

    @staticmethod
    def same_answer(name, asker, requests):
        """Status and body; names and keys that the question itself has may differ."""
        def told(kind):
            _, answer = asker.exchange(requests[kind])
            head, _, body = answer.partition(b"\r\n\r\n")
            same = body.replace(b"secret", b"sacret").replace(str(OWN_MISSING).encode(), str(OWN_HIDDEN).encode())
            return head.partition(b"\r\n")[0], same
        if told("hidden") != told("missing"):
            raise RuntimeError(f"{name}: {told('hidden')} is not {told('missing')}")

    def report(self):
        rows = []
        for name, *_ in PAIRS:
            times = self.results[name]
            hidden, missing = median(times["hidden"]), median(times["missing"])
            ratio = hidden / missing
            p90 = percentile(times["hidden"], 0.9) / percentile(times["missing"], 0.9)
            rows.append([name, number(hidden), number(missing), f"{ratio:.3f}", f"{p90:.3f}",
                         f"{len(times['hidden']):,}",
                         verdict(1 / RATIO_MOST <= ratio <= RATIO_MOST, "within 10 %")])
        header = ["asked for", "hidden, µs", "missing, µs", "ratio of medians", "of p90", "exchanges", "goal"]
        return ("### What may not be seen\n\nOne person asks for rows of another under a policy, and for a column "
                "that was not granted, in turn with rows and columns that do not exist, over one connection. The "
                "answers are compared: they are the same.\n\n" + markdown(header, rows))
