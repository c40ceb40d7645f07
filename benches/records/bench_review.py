"""The review desk over HTTP with 100,000 records on SQLite: queue, agent page, next claim, saved decision."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

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


@contextmanager
def served_desk(store: Store, path: Path) -> Iterator[httpx.Client]:
    """The desk on loopback, and one connection to it that stays open; an answer that is an error ends the bench."""
    store.people.put("vera", "reviewer", secret=HASH)
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(path)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = f"http://127.0.0.1:{int(server.stdout.readline())}"
    cookies = {COOKIE: store.people.issue("session", "vera", 3600)}
    try:
        with httpx.Client(base_url=address, cookies=cookies, event_hooks={"response": [_checked]}) as desk:
            desk.get("/alive")
            yield desk
    finally:
        server.terminate()
        server.wait(20)


def _checked(answer: httpx.Response) -> None:
    if answer.is_error:
        raise RuntimeError(f"{answer.url}: {answer.status_code} {answer.read()[:200]!r}")


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "desk.db") as store:
        add_agents(store, AGENTS)
        for number in range(FULL):
            fill(store, f"full-{number}", page=page_of(f"full-{number}", lines=300))
        with served_desk(store, Path(folder) / "desk.db") as desk:
            return measured(store, desk)


def measured(store: Store, desk: httpx.Client) -> list[Figure]:
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
        desk.get(f"/?{queries[number % len(queries)]}")

    def agent(number: int) -> None:
        desk.get(f"/agents/full-{number % FULL}?claim={CLAIMS[number % len(CLAIMS)]}")

    def claim(number: int) -> None:
        desk.get(f"/agents/full-{number % FULL}/claims/{CLAIMS[number % len(CLAIMS)]}")

    def save(number: int) -> None:
        slug, path = f"full-{number % FULL}", CLAIMS[number // FULL]
        form = {"digest": read[slug], "verdict": "accepted", "seconds": "5"}
        desk.post(f"/agents/{slug}/claims/{path}", data=form, headers={"accept": "application/json"})

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
