"""The store: assessments kept a second, the desk's questions at 100,000 agents on SQLite, its pages at 300,000 on
PostgreSQL."""

from __future__ import annotations

import itertools
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import sqlalchemy as sa

from benches.figure import Figure
from extractors.canonical_json import canonical_bytes
from records.agents.review_queue import IN_QUEUE, AgentStatus, Filter, Sort
from records.assessments.assessments import derived_columns
from records.database.tables import agents, assessments, extractions, history
from records.store import Store
from scoring.vocabulary import FindingKind, RiskFactor
from tests.postgres_server import FAST, PostgresServer, binaries
from tests.records.made import assessed, completion, extraction, fetched, listing, page_text, review
from tests.records.many import add_agents

AGENTS = 100_000
_SEVERITIES = ("Low", "Medium", "High", "Critical")


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder) / "rate.db") as store:
            figures = [_assessments(store), _agents(store)]
        with Store.open(Path(folder) / "desk.db") as store:
            _make_many(store)
            figures += _desk(store)
        figures.append(_opening(Path(folder) / "desk.db"))
    return [*figures, *_server()]


def _server(agents_there: int = 300_000) -> list[Figure]:
    """Every order of the queue, plain and by each filter, on a PostgreSQL of its own; none where there is no server."""
    programs = binaries()
    if programs is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder), programs, FAST)
        try:
            with Store.open(f"{server.url}/postgres", blobs="memory://bench") as store:
                add_agents(store, agents_there)
                with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("VACUUM ANALYZE agents")  # as the server does by itself, in time
                return _server_pages(store, f"{agents_there:,} agents, PostgreSQL 15 on this machine")
        finally:
            server.stop()


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
        asked = list(itertools.product(filters, get_args(Sort)))

        def page(number: int, asked: list[tuple[Filter, Sort]] = asked) -> object:
            chosen, sort = asked[number % len(asked)]
            return store.queue.page(chosen, sort=sort)

        took = _p95(page, 200)
        more = f"{how}; {len(filters)} filters in {len(get_args(Sort))} orders, 200 pages"
        figures.append(Figure("records", f"{name}, PostgreSQL", f"{took:.1f} ms p95", "≤ 10 ms", took <= 10, more))
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
    return Figure("records", "assessments stored", f"{rate:,.0f} /s", "≥ 100 /s", rate >= 100, how)


def _agents(store: Store, count: int = 100) -> Figure:
    """Everything of one agent: listing, page with its blob, text, completion, assessment."""
    begun = time.perf_counter()
    for number in range(count):
        slug = f"b{number}"
        page, text, found = fetched(slug), page_text(slug), extraction(slug)
        store.listings.put(listing(slug))
        store.pages.keep(page)
        with store.writing():
            store.pages.assign(slug, [page.url])
            store.texts.keep(text)
        store.completions.keep(completion(slug), slug=slug)
        store.assessments.put(found, assessed(found))
    rate = count / (time.perf_counter() - begun)
    how = f"{count} agents, listing to assessment with scoring, five durable transactions and one blob each"
    return Figure("records", "agents kept in full", f"{rate * 3600:,.0f} /h", "≥ 7,000 /h", rate * 3600 >= 7000, how)


def _make_many(store: Store) -> None:
    """100,000 agents: documents of four kinds, columns spread; four in ten reviewed and published, three of them since
    assessed anew."""
    kinds = []
    for value, known in itertools.product(("0.2", "0.7"), (1, 6)):
        found = extraction("a", value, known=tuple(RiskFactor)[:known])
        result = assessed(found)
        kinds.append((derived_columns(found, result), canonical_bytes(found), canonical_bytes(result)))
    tables = (agents, extractions, assessments, history)
    with store.database.writing() as connection:
        for start in range(0, AGENTS, 2000):
            made = [_rows(number, store.now(), *kinds[number % 4]) for number in range(start, start + 2000)]
            for place, table in enumerate(tables):
                connection.execute(sa.insert(table), [rows[place] for rows in made])


def _rows(number: int, now: datetime, columns: dict[str, Any], found: bytes, result: bytes) -> list[dict[str, Any]]:
    """Agent, extraction, assessment, history."""
    slug = f"agent-{number * 7919 % AGENTS:06d}"
    one, other = f"sha256:{number:064x}", f"sha256:{number + AGENTS:064x}"
    state = number % 10
    reviewed = {"review_id": number, "decision": "approve", "reviewed_digest": one if state else other}
    reviewed |= {"publication_id": number, "published_review": number}
    agent = {
        "slug": slug,
        "name": f"Agent {number}",
        "name_folded": f"agent {number}",
        "source": f"source-{number % 5}",
    }
    agent |= {"listing": b"{}" * 150, "first_seen": now, "last_seen": now, "assessed_at": now}
    agent |= {"extraction_digest": one, "assessment_digest": other} | columns
    agent |= {"score": Decimal(number % 100) / 10, "severity": _SEVERITIES[number % 4], "bands_open": number % 3}
    agent |= {"findings_addressing": int(number % 50 == 0), "evidence_lost": int(number % 100 == 0)}
    agent |= reviewed if state < 4 else dict.fromkeys(reviewed)
    told = {"slug": slug, "at": now}
    scores = {"score": agent["score"], "low": Decimal(0), "high": Decimal(10), "severity": agent["severity"]}
    return [
        agent,
        {"digest": one, "body": found} | told,
        {"digest": other, "extraction_digest": one, "body": result} | told | scores,
        {"assessment_digest": other} | told,
    ]


def _p95(question: Callable[[int], object], times: int = 60) -> float:
    """Milliseconds that 95 of 100 questions stay under."""
    took = []
    for number in range(times):
        begun = time.perf_counter()
        question(number)
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)[math.ceil(0.95 * len(took)) - 1]


def _desk(store: Store) -> list[Figure]:
    waiting = Filter(statuses=IN_QUEUE)
    hostile = Filter(statuses=(AgentStatus.DRAFT,), finding=FindingKind.ADDRESSES_THE_ASSESSOR)
    queue, slugs = store.queue, [f"agent-{number:06d}" for number in range(0, AGENTS, 997)]
    questions: dict[str, Callable[[int], object]] = {
        "queue, first page": lambda _: queue.page(waiting),
        "queue, 100th page": lambda _: queue.page(waiting, offset=5000),
        "queue, by source and band": lambda n: queue.page(
            waiting._replace(source=f"source-{n % 5}", severity=_SEVERITIES[n % 4])
        ),
        "queue, with a finding": lambda _: queue.page(hostile),
        "queue, by score": lambda _: queue.page(waiting, sort="score"),
        "all agents, by name": lambda _: queue.page(sort="name"),
        "all agents, by age": lambda _: queue.page(sort="age"),
        "search by part of a name": lambda n: queue.page(Filter(search=f"ent {n}7")),
        "search that finds nothing": lambda _: queue.page(Filter(search="zebra")),
        "counts by state": lambda _: queue.statuses(),
        "count of a filter": lambda n: queue.count(waiting._replace(source=f"source-{n % 5}")),
        "groups by source": lambda _: queue.groups("source", waiting),
        "one agent with its documents": lambda n: (queue.get(slugs[n]), store.assessments.current(slugs[n])),
        "next in the queue": lambda n: queue.neighbours(slugs[n], waiting),
    }
    figures = []
    for name, question in questions.items():
        took = _p95(question)
        how = f"{AGENTS:,} agents, 60 times, SQLite"
        figures.append(Figure("records", name, f"{took:.1f} ms p95", "≤ 50 ms", took <= 50, how))
    real = itertools.count()
    drafts = [row.slug for row in queue.page(Filter(statuses=(AgentStatus.DRAFT,)), limit=100).rows]

    def save(_: int) -> None:
        slug = drafts[next(real)]
        current = store.assessments.current(slug)
        assert current is not None
        decided = review(current.assessment).model_copy(
            update={"slug": slug, "assessment_digest": current.assessment_digest}
        )
        store.reviews.append(decided)

    took = _p95(save)
    how = f"{AGENTS:,} agents, 60 reviews read and appended with their event, fsync on"
    return [*figures, Figure("records", "a review saved", f"{took:.1f} ms p95", "≤ 50 ms", took <= 50, how)]


def _opening(path: Path) -> Figure:
    """Opening an existing store in a new process, imports of the store's own rooms left in."""
    code = (
        "import time; b = time.perf_counter(); from records.store import Store; m = time.perf_counter();"
        f"Store.open({str(path)!r}).queue.get('agent-000001'); e = time.perf_counter(); print(m - b, e - m)"
    )
    pairs = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        pairs.append([float(part) for part in done.stdout.split()])
    imports, opened = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    how = f"median of 5 processes; importing takes {imports:.0f} ms of it, opening and one question {opened:.0f} ms"
    total = imports + opened
    return Figure("records", "store opened", f"{total:.0f} ms", "≤ 150 ms", total <= 150, how)


if __name__ == "__main__":
    for figure in run():
        print(figure)
