"""What PostgreSQL does to answer: a page of the queue is read off an index in its order, whatever the list."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
import sqlalchemy as sa

from extractors.pages.snapshot import FetchOutcome
from records.agents.agent_lists import Filter, Sort
from records.agents.review_queue import IN_QUEUE, AgentStatus
from records.database.runs import _ENDED
from records.database.tables import agents
from records.store import Store
from scoring.vocabulary import FindingKind
from tests.records.conftest import _administrator
from tests.records.many import add_agents

pytestmark = pytest.mark.slow
MANY = 30_000
OFFERED = (AgentStatus.DRAFT, AgentStatus.CHANGED, AgentStatus.APPROVED, AgentStatus.PUBLISHED, AgentStatus.REJECTED)
STATES = {"waiting": IN_QUEUE, "all": (), **{status.value: (status,) for status in OFFERED}}
"""Those that the desk offers."""
FILTERS = {
    "none": Filter(),
    "source": Filter(source="source-1"),
    "rare source": Filter(source="rare"),
    "kind": Filter(kind="mcp_server"),
    "rare kind": Filter(kind="platform"),
    "kind of none": Filter(kind="skill"),
    "band": Filter(severity="High"),
    "finding": Filter(finding=FindingKind.HIDDEN_TEXT),
    "lost": Filter(evidence_lost=True),
    "first": Filter(first_time=True),
    "reviewed": Filter(first_time=False),
    "search": Filter(search="ent 7"),
    "search of none": Filter(search="zebra"),
    "search of a few": Filter(search="7777"),
    "several": Filter(source="source-2", severity="Low", kind="mcp_server"),
}


@pytest.fixture(scope="module")
def many(postgres: str, template: str) -> Iterator[Store]:
    """A store on PostgreSQL with agents enough that a plan matters."""
    engine = _administrator(postgres)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE assay_many TEMPLATE {template}")
        with Store.open(f"{postgres}/assay_many", blobs="memory://many") as store:
            add_agents(store, MANY)
            yield store
        connection.exec_driver_sql("DROP DATABASE assay_many WITH (FORCE)")
    engine.dispose()


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from steps(below)


def plans(store: Store, question: Any) -> list[list[dict[str, Any]]]:
    """The steps of each statement that a question asks the database."""
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        if not statement.startswith("SET "):
            asked.append((statement, parameters))

    sa.event.listen(store.database.engine, "before_cursor_execute", note)
    try:
        question()
    finally:
        sa.event.remove(store.database.engine, "before_cursor_execute", note)
    found = []
    explain = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)"
    with store.database.reading() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"{explain} {statement}", parameters).scalar_one()
            found.append(list(steps(plan[0]["Plan"])))
    return found


def sorted_rows(plan: list[dict[str, Any]]) -> float:
    """The most rows that one step sorts."""
    sorts = [step["Plans"][0]["Actual Rows"] for step in plan if step["Node Type"].endswith("Sort")]
    return max(sorts, default=0)


def scans(plan: list[dict[str, Any]]) -> bool:
    return any(step["Node Type"].endswith("Seq Scan") for step in plan)


@pytest.mark.parametrize("sort", get_args(Sort))
@pytest.mark.parametrize("state", STATES)
def test_a_page_of_the_queue_is_read_in_order(many: Store, state: str, sort: Sort) -> None:
    """Nothing is read to its end; sorted are at most the few that a state or a rare filter leaves."""
    for name, chosen in FILTERS.items():
        for start in (0, 500) if name == "none" else (0,):
            listed = chosen._replace(statuses=STATES[state])

            def page(listed: Filter = listed, start: int = start) -> None:
                many.queue.page(listed, sort=sort, offset=start)

            for plan in plans(many, page):
                assert not scans(plan), (name, start)
                assert sorted_rows(plan) <= MANY / 20, (name, start, sorted_rows(plan))


@pytest.mark.parametrize("sort", get_args(Sort))
@pytest.mark.parametrize("state", ["waiting", "draft", "published", "all"])
def test_the_first_page_sorts_nothing(many: Store, state: str, sort: Sort) -> None:
    order, _ = plans(many, lambda: many.queue.page(Filter(statuses=STATES[state]), sort=sort))
    assert not sorted_rows(order)
    read = [step["Actual Rows"] for step in order if "Scan" in step["Node Type"]]
    assert sum(read) <= 51 * len(AgentStatus), "as many rows as are shown, not as there are"


def test_the_next_of_a_list_are_read_in_order(many: Store) -> None:
    """From its place on, also deep in the list: no row before it is read."""
    for offset in (20, 5000):
        row = many.queue.page(Filter(statuses=IN_QUEUE), offset=offset, limit=1).rows[0]
        own, plan = plans(many, lambda slug=row.slug: many.queue.neighbours(slug, Filter(statuses=IN_QUEUE)))  # type: ignore[misc]
        assert not scans(own) and not scans(plan) and sorted_rows(plan) <= 12, "the first two of each walk"


def test_a_nights_pages_are_counted_without_asking_for_each(many: Store) -> None:
    """A sub-select that is run again for each row takes hours where a join takes seconds."""
    unreached = [f"agent-{number}" for number in range(0, MANY, 7)]
    with many.database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO agent_pages SELECT slug, 'https://x.example/' || slug, 0 FROM agents")
        connection.exec_driver_sql(
            "INSERT INTO fetches (run, slug, url, outcome, reason, at, sent, bytes_received) SELECT 'r', slug, url, "
            "'fetched', '', '2026-10-21T00:00:00.000000Z', true, 1 FROM agent_pages WHERE right(slug, 1) <> '7'"
        )
        connection.exec_driver_sql("ANALYZE")
    for plan in plans(many, lambda: many.pages.ledger(["r", "s"], unreached)):
        assert all(step.get("Parent Relationship") != "SubPlan" for step in plan)
        assert max(step["Actual Loops"] * step["Actual Rows"] for step in plan) <= 3 * MANY, "read once, not once a row"
    assert many.pages.ledger(["r"], unreached).outcomes[FetchOutcome.NOT_REACHED] == 429


def test_a_look_changes_nothing_that_an_index_of_the_agents_holds() -> None:
    """PostgreSQL then writes the row beside the old one and no index entry (HOT)."""
    held = {column.name for index in agents.indexes for column in index.columns}
    written = {str(getattr(column, "name", column)) for column in _ENDED._values or ()}
    assert "outcome_at" in written and held.isdisjoint(written | {"last_seen"})
