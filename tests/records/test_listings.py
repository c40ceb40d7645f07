"""Listings: vanished agents, poor yields, one slug an agent for ever, look-ups."""

from decimal import Decimal

import pytest

from extractors.listing import Listing
from records.store import Store
from scoring.errors import NotFound, Refused
from tests.records.made import Clock, listed_slugs, listing, vanished_slugs
from tests.records.store_dump import dump


def some(*slugs: str) -> list[Listing]:
    return [listing(slug) for slug in slugs]


@pytest.fixture
def source(store: Store) -> Store:
    store.sources.add("directory", "html", "https://directory.example/")
    return store


def test_a_listing_is_kept_as_it_was_given(source: Store) -> None:
    given = listing(homepage="https://otter.example/", aliases=("Old Otter",), entry="Mends nets.")
    taken = source.listings.take("directory", [given])
    assert taken.new == ("otter",)
    assert source.listings.get("otter") == given


def test_the_same_yield_again_changes_nothing_but_when_it_was_seen(source: Store, clock: Clock) -> None:
    source.listings.take("directory", some("otter", "heron"))
    events, first = len(source.events.all()), source.queue.get("otter")
    clock.go(days=1)
    taken = source.listings.take("directory", some("heron", "otter"))
    assert (taken.new, taken.changed, taken.missing) == ((), (), ())
    again = source.queue.get("otter")
    assert again == first._replace(last_seen=clock.now)
    assert len(source.events.all()) == events


def test_a_vanished_agent_is_missing_and_comes_back(source: Store, clock: Clock) -> None:
    source.listings.take("directory", some("otter", "heron", "newt"))
    clock.go(days=1)
    assert source.listings.take("directory", some("otter", "newt")).missing == ("heron",)
    assert source.queue.get("heron").missing_since == clock.now
    assert source.listings.get("heron").name == "Heron"
    assert listed_slugs(source) == ("newt", "otter")
    clock.go(days=1)
    source.listings.take("directory", some("otter", "heron", "newt"))
    assert [event.slug for event in source.events.all(kind="agent.returned")] == ["heron"]
    assert source.queue.get("heron").missing_since is None


def test_a_poor_yield_is_refused_and_touches_nothing(source: Store, clock: Clock) -> None:
    source.listings.take("directory", some("a", "b", "c", "d", "e"))
    before = dump(source)
    clock.go(days=1)
    with pytest.raises(Refused, match="yields 2 agents, last time 5"):
        source.listings.take("directory", some("a", "b"))
    assert dump(source) == before
    source.listings.take("directory", some("a", "b"), minimum_share=Decimal("0.1"))
    assert vanished_slugs(source) == ("c", "d", "e")


def test_an_empty_yield_is_refused(source: Store) -> None:
    source.listings.take("directory", some("a"))
    with pytest.raises(Refused):
        source.listings.take("directory", [])


def test_two_agents_of_one_name_get_two_slugs_that_stay(source: Store) -> None:
    one = listing("otter", repository="https://code.example/ada/otter")
    two = listing("otter", repository="https://code.example/bo/otter")
    assert [kept.slug for kept in source.listings.take("directory", [one, two]).listings] == ["otter", "otter-2"]
    assert [kept.slug for kept in source.listings.take("directory", [two, one]).listings] == ["otter-2", "otter"]
    assert source.listings.get("otter").repository == one.repository


def test_two_sources_that_list_one_agent_make_one_agent(source: Store) -> None:
    source.sources.add("registry", "json", "https://registry.example/")
    source.listings.take("directory", some("otter"))
    other = listing("otter", source="registry", listing_url="https://registry.example/otter", kind="skill")
    assert source.listings.take("registry", [other]).changed == ()
    assert source.listings.count() == 1
    source.listings.take("directory", [listing("newt")], minimum_share=Decimal(0))
    assert source.queue.get("otter").missing_since is None, "the other source lists it still"
    source.listings.take("registry", [other])
    assert source.listings.get("otter").source == "registry", "the one that lists it tells it now"


def test_a_renamed_agent_keeps_its_slug_and_the_new_name_finds_it(source: Store) -> None:
    source.listings.take("directory", some("otter"))
    source.listings.take("directory", [listing("beaver", repository="https://code.example/otter/otter")])
    assert source.listings.slugs() == ("otter",)
    assert source.listings.get("otter").name == "Beaver"
    assert source.listings.find("beaver") == "otter"


def test_an_agent_that_changed_its_link_under_the_same_owner_keeps_its_slug(source: Store) -> None:
    source.listings.take("directory", [listing("otter", repository="https://github.com/otter/otter")])
    moved = listing("otter", repository="https://github.com/otter/otter-next")
    assert source.listings.take("directory", [moved]).missing == ()
    assert source.listings.slugs() == ("otter",)
    assert source.queue.get("otter").missing_since is None


def test_another_owner_never_takes_over_a_slug(source: Store) -> None:
    source.listings.take("directory", some("otter"))
    impostor = listing("otter", repository="https://code.example/evil/otter")
    taken = source.listings.take("directory", [impostor])
    assert taken.missing == ("otter",) and taken.new == ("otter-2",)
    assert source.listings.get("otter").repository == "https://code.example/otter/otter"


def test_one_repository_under_two_names_in_two_lists_is_one_agent(source: Store) -> None:
    source.sources.add("registry", "json", "https://registry.example/")
    source.listings.take("directory", some("otter"))
    twin = listing("otter-mcp", name="Otter MCP", source="registry", repository="https://code.example/otter/otter.git")
    source.listings.take("registry", [twin])
    assert source.listings.slugs() == ("otter",)
    assert source.listings.find("otter-mcp") == "otter"


@pytest.mark.parametrize(
    "words", ["otter", "Otter", "Old Otter", "old-otter", "https://code.example/otter/otter.git", "OTTER "]
)
def test_an_agent_is_found_by_what_a_person_would_type(source: Store, words: str) -> None:
    source.listings.take("directory", [listing(aliases=("Old Otter",))])
    assert source.listings.find(words.strip()) == "otter"


def test_an_unknown_slug_suggests_near_ones(source: Store) -> None:
    source.listings.take("directory", some("otter", "heron"))
    with pytest.raises(NotFound, match="did you mean otter"):
        source.listings.get("oter")
    with pytest.raises(NotFound, match="assay status"):
        source.listings.get("zzzzzz")


def test_who_opted_out_is_not_due(source: Store) -> None:
    source.listings.take("directory", some("otter", "heron"))
    source.listings.opt_out("otter", "asked by mail")
    assert [known.slug for known in source.listings.coverage()] == ["heron"]
    assert source.queue.status("otter") == "opted_out"
    source.listings.opt_in("otter", "changed their mind")
    assert [known.slug for known in source.listings.coverage()] == ["heron", "otter"]


def test_a_source_added_twice_is_one(store: Store) -> None:
    store.sources.add("directory", "html", "https://directory.example/")
    events = store.events.all()
    store.sources.add("directory", "html", "https://directory.example/")
    assert store.events.all() == events
    store.sources.add("directory", "html", "https://directory.example/all", {"pages": 3})
    assert [row.options for row in store.sources.all()] == [{"pages": 3}]
    store.sources.remove("directory")
    with pytest.raises(NotFound, match="sources list"):
        store.sources.get("directory")
