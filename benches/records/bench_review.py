"""The review desk over HTTP with 100,000 records on SQLite: queue, agent page, next claim, saved decision."""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from benches.figure import Figure, p95
from records.store import Store
from review.access import COOKIE
from review.services import draft
from tests.records.many import add_agents
from tests.review.world import HASH, fill, page_of

AGENTS = 100_000
FULL = 40
"""Agents with pages, texts and claims, among the 100,000."""
TIMES = 200
CLAIMS = ("summary", "factors.autonomy_of_action", "factors.dynamic_tool_use", "layers.L3", "exposure.executes")


SERVER = """
import socket, sys
import uvicorn
from records.store import Store
from review.desk import create_desk
with Store.open(sys.argv[1]) as store:
    app, _ = create_desk(store)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
"""
"""The desk in a process of its own, as it runs; asked from another."""


class Desk:
    """The desk, served on loopback, and one connection to it that stays open."""

    def __init__(self, store: Store, path: Path) -> None:
        store.people.put("vera", "reviewer", secret=HASH)
        command = [sys.executable, "-c", SERVER, str(path)]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.server.stdout is not None
        port = int(self.server.stdout.readline())
        self.cookie = f"{COOKIE}={store.people.issue('session', 'vera', 3600)}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.ask("/alive")

    def ask(self, url: str, form: dict[str, str] | None = None) -> None:
        headers = {"cookie": self.cookie, "accept": "application/json" if form else "text/html"}
        body = urlencode(form) if form else None
        if form:
            headers["content-type"] = "application/x-www-form-urlencoded"
        self.connection.request("POST" if form else "GET", url, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{url}: {answer.status} {text[:200]!r}")

    def close(self) -> None:
        self.connection.close()
        self.server.terminate()
        self.server.wait(20)


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "desk.db") as store:
        add_agents(store, AGENTS)
        for number in range(FULL):
            fill(store, f"full-{number}", page=page_of(f"full-{number}", lines=300))
        desk = Desk(store, Path(folder) / "desk.db")
        try:
            return measured(store, desk)
        finally:
            desk.close()


def measured(store: Store, desk: Desk) -> list[Figure]:
    queries = (
        "",
        "start=50",
        "start=500",
        "sort=name",
        "sort=age",
        "kind=agent",
        "band=Critical",
        "q=agent+77",
        "first=yes",
    )
    read = {f"full-{n}": draft.read(store, f"full-{n}").digest for n in range(FULL)}

    def queue(number: int) -> None:
        desk.ask(f"/?{queries[number % len(queries)]}")

    def agent(number: int) -> None:
        desk.ask(f"/agents/full-{number % FULL}?claim={CLAIMS[number % len(CLAIMS)]}")

    def claim(number: int) -> None:
        desk.ask(f"/agents/full-{number % FULL}/claims/{CLAIMS[number % len(CLAIMS)]}")

    def save(number: int) -> None:
        slug, path = f"full-{number % FULL}", CLAIMS[number // FULL]
        form = {"digest": read[slug], "verdict": "accepted", "seconds": "5"}
        desk.ask(f"/agents/{slug}/claims/{path}", form)

    how = f"{AGENTS:,} agents on SQLite, {TIMES} requests over HTTP on loopback, one connection, page rendered"
    questions = (
        ("the queue: filters, search, orders, pages", queue, how),
        ("an agent's page of 40,000 characters", agent, f"{how}; {FULL} agents in turn, none warmed up"),
        ("the next claim", claim, how),
        ("a decision saved, next claim in the answer", save, f"{how}; each durable on disk"),
    )
    figures = []
    for name, question, way in questions:
        took = p95(question, TIMES)
        figures.append(Figure(f"p95 of {name}", f"{took:.0f} ms", "≤ 50 ms", took <= 50, way))
    return figures
