"""The queue as a person sees it, and approving a whole filter."""

import re
from html import unescape

import pytest

from records.agents.review_queue import AgentStatus
from records.store import Store
from review.routes import overview
from tests.review.world import fill, found, put, visitor


def slugs(page: str) -> list[str]:
    return re.findall(r'<a href="/agents/([\w-]+)\?[^"]*" data-item', page)


@pytest.fixture
def many(store: Store) -> Store:
    """Ten agents reviewed before, then assessed anew; one with a finding, one never reviewed."""
    vera = visitor(store, "vera")
    for n in range(10):
        fill(store, f"boat-{n}", finding=False)
        vera.conclude("approve", slug=f"boat-{n}")
        put(store, found(f"boat-{n}", finding=False, value="0.6"))
    fill(store, "hostile")
    vera.conclude("approve", slug="hostile")
    put(store, found("hostile", value="0.6"))
    fill(store, "fresh", finding=False)
    return store


@pytest.mark.slow
def test_the_queue_says_why_and_what_matters_first(many: Store) -> None:
    page = visitor(many, "rey").get("/").text
    assert slugs(page) == [row.slug for row in many.queue.page().rows if row.status in (AgentStatus.DRAFT,)]
    assert slugs(page)[0] == "hostile" and "a page addresses the assessor" in page and "seen for the first time" in page
    assert "<b>12</b> wait" in page


@pytest.mark.slow
def test_filters_search_and_counts(many: Store) -> None:
    client = visitor(many, "rey")
    for query, expected in (
        ("q=HOST", {"hostile"}),
        ("first=yes", {"fresh"}),
        ("finding=addresses_the_assessor", {"hostile"}),
        ("kind=skill", set()),
        ("state=published", set()),
        ("source=harbour&q=boat-3", {"boat-3"}),
    ):
        page = client.get(f"/?{query}").text
        assert set(slugs(page)) == expected and f"<b>{len(expected)}</b> match" in page, query
    assert client.get("/?kind=submarine").status_code == 422


@pytest.mark.slow
def test_the_next_agent_of_the_filter_follows(many: Store) -> None:
    client = visitor(many, "vera")
    found_slugs = slugs(client.get("/?q=boat&sort=name").text)
    hidden = client.form(f"/agents/{found_slugs[3]}?q=boat&sort=name", f"/agents/{found_slugs[3]}/decision")
    answer = client.post(f"/agents/{found_slugs[3]}/decision?q=boat&sort=name", data=hidden | {"decision": "approve"})
    assert answer.headers["location"].startswith(f"/agents/{found_slugs[4]}?q=boat&sort=name")


@pytest.mark.slow
def test_a_filter_is_approved_by_name_with_count_and_samples(many: Store) -> None:
    client = visitor(many, "paul")
    page = client.get("/bulk?first=no").text
    assert "<b>10</b> would be approved" in page and len(re.findall(r'<li><a href="/agents/boat-\d">', page)) == 3
    mark = client.form("/bulk?first=no", "/bulk")
    assert client.post("/bulk?first=no", data=mark).status_code == 422, "without a name"
    assert client.post("/bulk", data=mark | {"name": "everything"}).status_code == 422, "without a filter"
    assert client.post("/bulk?first=no", data=mark | {"name": "calm boats"}).status_code == 303
    statuses = {slug: many.queue.status(slug) for slug in many.listings.slugs()}
    assert statuses.pop("hostile") is AgentStatus.DRAFT and statuses.pop("fresh") is AgentStatus.DRAFT
    assert set(statuses.values()) == {AgentStatus.APPROVED}
    kept = many.reviews.standing("boat-1")
    assert kept is not None and kept.review.reviewer == "paul" and "calm boats" in kept.review.note


def test_a_filter_that_moved_since_is_not_approved(many: Store) -> None:
    client = visitor(many, "paul")
    mark = client.form("/bulk?first=no", "/bulk")
    put(many, found("boat-5", finding=False, value="0.1"))
    assert client.post("/bulk?first=no", data=mark | {"name": "calm boats"}).status_code == 409
    assert many.queue.statuses()[AgentStatus.APPROVED] == 0


@pytest.mark.slow
def test_findings_and_first_timers_are_never_in_a_bulk(many: Store) -> None:
    client = visitor(many, "paul")
    for query in ("q=hostile", "q=fresh", "first=yes"):
        assert "Nothing in it can be approved at once" in client.get(f"/bulk?{query}").text


def test_the_audit_trail_by_agent_person_and_day_page_by_page(otter: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "LOGGED", 3)
    otter.note("record.noted", "otter", {"why": "<b>hostile</b>"}, "vera")
    rey, seen, address = visitor(otter, "rey"), [], "/log"
    assert 'href="/log"' in rey.get("/settings").text
    while address:
        page = rey.get(address).text
        seen += [int(number) for number in re.findall(r'<th scope="row">(\d+)</th>', page)]
        more = re.search(r'href="(/log\?before[^"]*)"', page)
        address = unescape(more[1]) if more else ""
    assert seen == [event.sequence for event in reversed(otter.events.all())] and len(seen) > 3
    mine = rey.get("/log?agent=otter&by=vera&since=2000-01-01").text
    assert "record.noted" in mine and "&lt;b&gt;hostile" in mine and "person.put" not in mine
    assert "Nothing." in rey.get("/log?since=2999-01-01").text
    assert rey.get("/log?agent=nobody").status_code == 404
