"""The store: assessments kept a second, and the desk's pages at 300,000 agents on a PostgreSQL of its own."""

import itertools
import tempfile
import time
from pathlib import Path
from typing import get_args

from benches.figure import Figure, p95
from benches.nights.local_servers import postgres
from records.agents.agent_lists import Filter, Sort
from records.agents.review_queue import IN_QUEUE
from records.store import Store
from scoring.vocabulary import FindingKind
from tests.postgres_server import FAST
from tests.records.made import assessed, extraction, listing
from tests.records.many import add_agents

AGENTS = 300_000


def run() -> list[Figure]:
    """Every order of the queue, plain and by each filter; without a server's programs only what SQLite keeps."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "rate.db") as store:
        figures = [_assessments(store)]
    with postgres(FAST) as address:
        if address is None:
            return figures
        with Store.open(address, blobs="memory://bench") as store:
            add_agents(store, AGENTS)
            with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE agents")  # as the server does by itself, in time
            return [*figures, *_server_pages(store, f"{AGENTS:,} agents, PostgreSQL on this machine")]


def _server_pages(store: Store, how: str) -> list[Figure]:
    waiting = Filter(statuses=IN_QUEUE)
    usual = (
        waiting,
        waiting._replace(source="source-1"),
        waiting._replace(kind="mcp_server"),
        waiting._replace(severity="High"),
        waiting._replace(finding=FindingKind.ADDRESSES_THE_ASSESSOR),
        waiting._replace(first_time=True),
    )
    rare = (
        waiting._replace(source="rare"),
        waiting._replace(kind="skill"),
        waiting._replace(evidence_lost=True),
        waiting._replace(search="ent 7"),
        waiting._replace(search="zebra"),
    )
    figures = []
    for name, filters in (("queue page", usual), ("queue page by a rare filter or a search", rare)):
        pages = list(itertools.product(filters, get_args(Sort)))

        def page(number: int, pages: list[tuple[Filter, Sort]] = pages) -> object:
            chosen, sort = pages[number % len(pages)]
            return store.queue.page(chosen, sort=sort)

        took = p95(page, 200)
        more = f"{how}; {len(filters)} filters in {len(get_args(Sort))} orders, 200 pages"
        figures.append(Figure(f"{name}, PostgreSQL", f"{took:.1f} ms p95", "≤ 10 ms", took <= 10, more))
    return figures


def _assessments(store: Store, count: int = 300) -> Figure:
    """Extraction and assessment of one agent, each in a durable transaction of its own."""
    made = [(found, assessed(found)) for found in (extraction(f"a{number}") for number in range(count))]
    with store.writing():
        for number in range(count):
            store.listings.put(listing(f"a{number}"))
    begun = time.perf_counter()
    for found, result in made:
        store.assessments.put(found, result)
    rate = count / (time.perf_counter() - begun)
    begun = time.perf_counter()
    for found, result in made:
        store.assessments.put(found, result)
    again = count / (time.perf_counter() - begun)
    how = f"{count} agents, one durable transaction each; the same again, which writes nothing: {again:,.0f} /s"
    return Figure("assessments stored", f"{rate:,.0f} /s", "≥ 100 /s", rate >= 100, how)
