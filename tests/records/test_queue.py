"""Lists of agents: order, filters, counts, pages."""

import pytest

from records.agents.agent_lists import Filter, Sort
from records.agents.review_queue import IN_QUEUE, AgentStatus
from records.store import Store
from scoring.errors import NotFound
from scoring.vocabulary import FindingKind, RiskFactor
from tests.records.made import extraction, fill, put
from tests.records.many import add_agents


def slugs(store: Store, chosen: Filter | None = None, **more: object) -> list[str]:
    return [row.slug for row in store.queue.page(chosen, **more).rows]  # type: ignore[arg-type]


def test_what_matters_comes_first(zoo: Store) -> None:
    rows = zoo.queue.page(Filter(statuses=IN_QUEUE)).rows
    assert [row.priority for row in rows] == sorted((row.priority for row in rows), reverse=True)
    order = [row.slug for row in rows]
    assert order.index("toad") < order.index("heron") < order.index("otter"), "lost evidence, then findings, then age"


def test_each_row_says_why_it_is_there(zoo: Store) -> None:
    assert "a page addresses the assessor" in zoo.queue.get("heron").why
    toad = zoo.queue.get("toad").why
    assert "1 published quotes are no longer on their pages" in toad
    assert "assessed anew since publication" in toad
    assert "seen for the first time" not in toad


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Filter(statuses=(AgentStatus.CHANGED,)), ["toad"]),
        (Filter(source="registry"), ["crane"]),
        (Filter(finding=FindingKind.ADDRESSES_THE_ASSESSOR), ["heron"]),
        (Filter(evidence_lost=True), ["toad"]),
        (Filter(search="NEW"), ["newt"]),
        (Filter(search="50%_"), []),
        (Filter(kind="agent", first_time=True), ["heron", "newt", "otter"]),
        (Filter(statuses=IN_QUEUE, search="o"), ["heron", "otter", "toad"]),
    ],
)
def test_filters_hold_together_and_count_the_same(zoo: Store, chosen: Filter, expected: list[str]) -> None:
    assert slugs(zoo, chosen, sort="slug") == expected
    assert zoo.queue.count(chosen) == len(expected)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FindingKind)
def test_each_kind_of_finding_is_counted_and_can_be_looked_for(store: Store, kind: FindingKind) -> None:
    fill(store, "otter")
    found = extraction("heron", finding=True)
    marked = found.model_copy(update={"findings": (found.findings[0].model_copy(update={"kind": kind}),)})
    fill(store, "heron", finding=True)
    put(store, marked)
    assert slugs(store, Filter(finding=kind)) == ["heron"]
    assert store.queue.count(Filter(finding=kind)) == 1


def test_a_tool_that_contradicts_its_name_is_a_reason_in_the_queue(store: Store) -> None:
    fill(store, "heron", finding=True)
    found = extraction("heron", finding=True)
    of_a_tool = {"kind": FindingKind.TOOL_CONTRADICTS_ITSELF}
    put(store, found.model_copy(update={"findings": (found.findings[0].model_copy(update=of_a_tool),)}))
    assert "a tool contradicts its own name" in store.queue.get("heron").why


@pytest.mark.parametrize("sort", ["priority", "score", "name", "age", "slug"])
def test_pages_cover_every_agent_once_in_each_order(zoo: Store, sort: str) -> None:
    found: list[str] = []
    for offset in range(0, 10, 2):
        page = zoo.queue.page(sort=sort, limit=2, offset=offset)  # type: ignore[arg-type]
        found += [row.slug for row in page.rows]
        if not page.more:
            break
    assert sorted(found) == ["crane", "heron", "newt", "otter", "toad"]
    assert found == slugs(zoo, sort=sort)


def test_counts_by_state_and_by_group(zoo: Store) -> None:
    counts = {status.value: count for status, count in zoo.queue.statuses().items() if count}
    assert counts == {"listed": 1, "draft": 3, "changed": 1}
    assert zoo.queue.groups("source") == {"directory": 4, "registry": 1}


def test_the_next_in_the_queue(zoo: Store) -> None:
    order = slugs(zoo, Filter(statuses=IN_QUEUE))
    assert list(zoo.queue.neighbours(order[0], Filter(statuses=IN_QUEUE))) == order[1:3]
    assert zoo.queue.neighbours(order[-1], Filter(statuses=IN_QUEUE)) == ()


@pytest.mark.parametrize("sort", ["priority", "score", "name", "age", "slug"])
def test_each_agent_leads_to_the_one_behind_it_in_every_order(zoo: Store, sort: Sort) -> None:
    order = slugs(zoo, sort=sort)
    for place, slug in enumerate(order):
        assert list(zoo.queue.neighbours(slug, sort=sort)) == order[place + 1 : place + 3], (sort, slug)


def test_the_next_is_found_beyond_any_number_of_rows_and_from_outside_the_list(store: Store) -> None:
    add_agents(store, 1500)
    waiting = Filter(statuses=IN_QUEUE)
    for sort in ("priority", "score", "name", "age", "slug"):
        order = [row.slug for row in store.queue.page(waiting, sort=sort, limit=1500).rows]  # type: ignore[arg-type]
        for place in (0, 199, 200, 700, len(order) - 2, len(order) - 1):
            found = store.queue.neighbours(order[place], waiting, sort=sort)  # type: ignore[arg-type]
            assert list(found) == order[place + 1 : place + 3], (sort, place)
    store.listings.opt_out(order[700], "asked for")
    assert store.queue.neighbours(order[700], waiting, sort="slug")[0] == order[701]


def test_the_emptiest_come_last_and_each_says_its_own(store: Store) -> None:
    fill(store, "bare", known=())
    fill(store, "rich", known=tuple(RiskFactor))
    fill(store, "some")
    rows = store.queue.page(Filter(statuses=IN_QUEUE)).rows
    assert [row.slug for row in rows] == ["rich", "some", "bare"]
    assert rows[-1].priority < rows[0].priority and len({row.why for row in rows}) == 3
    assert "could make it" in " ".join(rows[1].why)


def test_the_status_cannot_be_set(zoo: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)generated|cannot update"), zoo.database.writing() as connection:
        connection.exec_driver_sql("UPDATE agents SET status = 'published' WHERE slug = 'otter'")


def test_a_crawl_that_fails_takes_no_standing_record_away(zoo: Store) -> None:
    from records.database.runs import AgentOutcome

    zoo.runs.end_agent(None, "toad", AgentOutcome.UNREACHABLE)
    assert zoo.queue.status("toad") is AgentStatus.CHANGED


def test_an_unknown_agent_is_told(zoo: Store) -> None:
    with pytest.raises(NotFound):
        zoo.queue.get("nobody")


def test_a_walk_meets_every_agent_once_while_agents_leave_the_list(store: Store) -> None:
    """More than fit a page, and each is out of the list when it has been met."""
    add_agents(store, 2500)
    waiting = Filter(statuses=IN_QUEUE)
    expected, met = store.queue.count(waiting), list[str]()
    assert expected > 1000
    for row in store.queue.walk(waiting):
        met.append(row.slug)
        if len(met) % 50 == 0:
            store.listings.opt_out(row.slug, "asked")
    assert len(met) == expected and met == sorted(set(met))
