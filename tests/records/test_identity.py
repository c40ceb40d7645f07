"""The same agent in several lists is one agent; two agents are never one."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from extractors.listing import Listing
from extractors.sources.listing_entry import listing
from extractors.sources.lists.markdown_list import MarkdownList
from extractors.sources.registries.mcp_registry import McpRegistry
from records.store import Store
from tests.examples import examples
from tests.extractors.sources.answering import walked
from tests.records.made import listed_slugs, vanished_slugs

pytestmark = pytest.mark.slow


def agent(name: str, url: str = "", source: str = "a", **more: str) -> Listing:
    return listing(name, source, heading_url=url, **more)  # type: ignore[arg-type]


def with_page(name: str, page: str, repository: str = "", source: str = "a") -> Listing:
    """As a directory lists it, which gives each agent a page."""
    return agent(name, repository, source, listing_url=f"https://dir.example/{page}")


def with_home(who: str, source: str = "a") -> Listing:
    """Anybody's Otter, which says that its homepage is otter.example."""
    one = agent("Otter", f"https://github.com/{who}/otter", source)
    return one.model_copy(update={"homepage": "https://otter.example"})


OTHER = agent("Crane", "https://crane.example/")
"""So that a list is not empty when an agent has left it."""


def test_other_names_become_aliases_and_stay(store: Store) -> None:
    mine = agent("Otter", "https://github.com/O/Otter")
    store.listings.take("a", [mine])
    store.listings.take("b", [agent("otter-mcp", "http://www.github.com/o/otter.git/", "b")])
    store.listings.take("c", [agent("Otter again", "https://github.com/o/otter/blob/main/README.md", "c")])
    one = store.listings.get("otter")
    assert (one.name, one.source, one.aliases) == ("Otter", "a", ("otter-mcp", "otter-again", "Otter again"))
    assert store.listings.take("a", [mine]).changed == (), "what other lists call it is no change of this one"
    assert store.listings.get("otter") == one
    assert {store.listings.find(name) for name in ("otter-mcp", "Otter again", "otter")} == {"otter"}


def test_an_old_name_stays_an_alias(store: Store) -> None:
    store.listings.take("a", [agent("Otter", "https://github.com/o/otter")])
    store.listings.take("a", [agent("Beaver", "https://github.com/o/otter")])
    one = store.listings.get("otter")
    assert (one.name, one.aliases) == ("Beaver", ("beaver", "Otter"))


def test_one_list_that_spells_a_repository_in_two_ways_lists_one_agent(store: Store) -> None:
    twice = [agent("Otter", "https://github.com/o/otter"), agent("Otter MCP", "https://github.com/o/otter/tree/main")]
    assert store.listings.take("a", twice).new == ("otter",)
    assert store.listings.get("otter").aliases == ("Otter MCP",)
    folders = [agent(name, f"https://github.com/o/servers/tree/main/src/{name}") for name in ("mail", "chat")]
    assert len(store.listings.take("b", folders).new) == 2


def test_a_directory_with_two_pages_for_one_repository_lists_two_agents(store: Store) -> None:
    two = [
        agent(name, "https://github.com/o/otter").model_copy(update={"listing_url": f"https://dir.example/{name}"})
        for name in ("cli", "mcp")
    ]
    assert len(store.listings.take("a", two).new) == 2


def test_a_repository_that_moved_is_the_same_agent_in_later_lists(store: Store) -> None:
    store.listings.take("a", [agent("Otter", "https://github.com/old/otter")])
    assert store.listings.moved("otter", "https://github.com/new/heron") == "otter"
    taken = store.listings.take("b", [agent("Heron", "https://github.com/new/heron", "b")])
    assert taken.new == () and store.listings.find("heron") == "otter"


def test_an_agent_that_turns_out_to_be_another_is_joined_and_never_deleted(store: Store) -> None:
    both = [agent("Otter", "https://github.com/old/otter"), agent("Heron", "https://github.com/new/heron")]
    store.listings.take("a", both)
    assert store.listings.moved("otter", "https://github.com/new/heron") == "heron"
    for _ in range(2):
        assert store.listings.take("a", both).changed == ()
        assert listed_slugs(store) == ("heron",) and vanished_slugs(store) == ("otter",)
        one = store.listings.get("heron")
        assert (one.name, one.repository) == ("Heron", "https://github.com/new/heron")
        assert "Otter" in one.aliases
    assert store.listings.take("a", both[:1]).missing == (), "one of its entries is listed still"


def test_folders_of_a_repository_that_moved_stay_as_many_agents(store: Store) -> None:
    names = ("chat", "mail")
    folders = [agent(name, f"https://github.com/o/mono/tree/main/src/{name}") for name in names]
    store.listings.take("a", folders)
    for name in names:
        assert store.listings.moved(name, f"https://github.com/n/mono/tree/main/src/{name}") == name
    assert store.listings.take("a", folders).changed == () and listed_slugs(store) == names
    there = [agent(f"The {name}", f"https://github.com/n/mono/tree/next/src/{name}", "b") for name in names]
    assert [one.slug for one in store.listings.take("b", there).listings] == list(names)
    assert store.listings.take("c", [agent("Mono", "https://github.com/n/mono", "c")]).new == ("mono",)


def test_two_pages_of_a_directory_over_a_repository_that_moved_stay_two_agents(store: Store) -> None:
    both = [with_page(name, name, "https://github.com/o/otter") for name in ("cli", "mcp")]
    store.listings.take("a", both)
    store.listings.take("b", [with_page("Heron", "heron", "https://github.com/n/otter", "b")])
    for slug in ("cli", "mcp"):
        assert store.listings.moved(slug, "https://github.com/n/otter") == slug
    assert store.listings.take("a", both).missing == ()
    assert listed_slugs(store) == ("cli", "heron", "mcp")


def test_two_old_addresses_of_one_repository_are_one_agent(store: Store) -> None:
    now = "https://github.com/new/otter"
    for who, source in (("old", "a"), ("older", "b")):
        one = store.listings.put(agent("Otter", f"https://github.com/{who}/otter", source))
        if store.listings.moved(one.slug, now) == one.slug:  # as a crawl keeps it
            store.listings.put(one.model_copy(update={"aliases": (*one.aliases, now)}))
    assert listed_slugs(store) == ("otter",) and vanished_slugs(store) == ("otter-2",)


def test_who_was_once_at_a_place_is_not_who_is_there_now(store: Store) -> None:
    store.listings.take("a", [agent("Otter", "https://github.com/o/first")])
    store.listings.take("a", [agent("Otter", "https://github.com/o/second")])
    store.listings.put(agent("Heron", "https://github.com/h/heron", "b"))
    assert store.listings.moved("heron", "https://github.com/o/first") == "heron"
    assert store.listings.take("c", [agent("Found", "https://github.com/o/first", "c")]).listings[0].slug == "heron"
    assert listed_slugs(store) == ("heron", "otter")


def test_the_same_name_by_other_people_is_another_agent(store: Store) -> None:
    many = [agent("Notion", f"https://github.com/{who}/notion-mcp") for who in ("ann", "bob", "cy")]
    assert store.listings.take("a", many).new == ("notion", "notion-2", "notion-3")
    assert [one.slug for one in store.listings.take("b", many[::-1]).listings] == ["notion-3", "notion-2", "notion"]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("https://github.com/good/otter", "https://github.com/evil/otter"),
        ("https://www.npmjs.com/package/otter", "https://www.npmjs.com/package/otter-evil"),
        ("https://huggingface.co/spaces/good/otter", "https://huggingface.co/spaces/evil/otter"),
        ("https://shop.example/agents/17", "https://shop.example/agents/99"),
    ],
)
def test_a_name_that_was_left_is_not_taken_over_by_another_address(store: Store, mine: str, theirs: str) -> None:
    """Neither on the night when it leaves nor long after."""
    store.listings.take("a", [agent("Otter", mine), OTHER])
    before = store.listings.get("otter")
    assert store.listings.take("a", [agent("Otter", theirs), OTHER]).new == ("otter-2",)
    store.listings.take("a", [OTHER])
    taken = store.listings.take("a", [agent("Otter", theirs + "-2"), OTHER])
    assert taken.new == ("otter-3",)
    assert store.listings.get("otter") == before and "otter" in vanished_slugs(store)
    store.listings.take("a", [agent("Otter", mine), OTHER])
    assert [event.slug for event in store.events.all(kind="agent.returned")] == ["otter"]


def test_another_page_of_a_directory_does_not_take_over_a_name(store: Store) -> None:
    store.listings.take("a", [with_page("Otter", "agents/17", "https://github.com/good/otter"), OTHER])
    taken = store.listings.take("a", [with_page("Otter", "agents/99", "https://github.com/evil/otter"), OTHER])
    assert (taken.new, taken.missing) == (("otter-2",), ("otter",))
    assert store.listings.get("otter").repository == "https://github.com/good/otter"


def test_an_owner_may_give_an_agent_another_repository_but_not_an_agent_that_left(store: Store) -> None:
    first, second, third = (agent("Otter", f"https://github.com/o/otter-{n}") for n in range(3))
    store.listings.take("a", [first, OTHER])
    assert store.listings.take("a", [second, OTHER]).changed == ("otter",)
    store.listings.take("a", [OTHER])
    assert store.listings.take("a", [third, OTHER]).new == ("otter-2",)


def test_a_shared_homepage_merges_nothing(store: Store) -> None:
    """Anybody can claim one, and a vendor has one for all its agents."""
    names = ("one", "two")
    vendor = [agent(name, f"https://github.com/v/{name}") for name in names]
    vendor = [one.model_copy(update={"homepage": "https://vendor.example"}) for one in vendor]
    assert store.listings.take("v", vendor).new == names
    store.listings.take("a", [with_home("good"), OTHER])
    assert store.listings.take("b", [with_home("evil", "b")]).new == ("otter-2",)
    store.listings.take("a", [OTHER])
    assert store.listings.take("b", [with_home("evil", "b")]).changed == ()
    assert store.listings.get("otter") == with_home("good") and "otter" in vanished_slugs(store)


def test_a_homepage_is_not_enough_to_bring_a_repository_to_an_agent(store: Store) -> None:
    store.listings.take("a", [agent("Otter", "https://otter.example"), OTHER])
    assert store.listings.take("b", [with_home("evil", "b")]).new == ("otter-2",)
    assert store.listings.get("otter").repository is None


def test_an_agent_with_nothing_but_a_homepage_is_one_agent_in_two_lists(store: Store) -> None:
    store.listings.take("a", [agent("Otter", "https://otter.example"), agent("Otter", "http://www.otter.example/")])
    taken = store.listings.take("b", [agent("OTTER", "http://otter.example/", "b")])
    assert (taken.new, store.listings.slugs()) == ((), ("otter",))


def test_an_entry_without_a_link_neither_joins_nor_changes_an_agent_with_one(store: Store) -> None:
    store.listings.take("a", [with_home("good"), OTHER])
    bare = agent("Otter", source="b")
    assert store.listings.take("b", [bare]).new == ("otter-2",)
    store.listings.take("a", [OTHER])
    assert store.listings.take("b", [bare]).changed == () and vanished_slugs(store) == ("otter",)
    evil = agent("Otter", "https://evil.example", "b")
    assert store.listings.take("b", [evil]).new == ("otter-3",), "nor does a link join an entry that had none"
    assert store.listings.get("otter") == with_home("good")
    assert store.listings.take("b", [agent("Otter", "http://otter", "b")]).new == ("otter-4",)
    assert store.listings.take("c", [agent("OTTER", source="c")]).listings[0].slug == "otter-2", "a name is all it has"


def test_a_name_that_is_spelled_like_a_place_is_none(store: Store) -> None:
    twice = [agent("Evil", "https://github.com/e/evil"), agent("At github.com/o/otter", "https://github.com/e/evil/")]
    store.listings.take("a", twice)
    assert store.listings.take("b", [agent("Otter", "https://github.com/o/otter", "b")]).new == ("otter",)
    assert store.listings.find("at-github-com-o-otter") == "evil", "it stays a name"


def test_very_long_places_are_not_taken_for_one(store: Store) -> None:
    folder = "https://github.com/o/r/tree/main/" + "deep/" * 40
    assert len(store.listings.take("a", [agent("One", folder + "one"), agent("Two", folder + "two")]).new) == 2


def test_an_unfinished_walk_adds_and_changes_and_makes_nothing_missing(store: Store) -> None:
    store.sources.add("a", "markdown_list", "https://a.example/")
    many = [agent(f"Otter {n}", f"https://github.com/o/otter-{n}") for n in range(9)]
    store.listings.take("a", many)
    renamed = agent("Otter 0", "https://github.com/o/elsewhere")
    taken = store.listings.take("a", [agent("Heron", "https://github.com/o/heron"), renamed], whole=False)
    assert taken.new == ("heron", "otter-0-2") and taken.missing == ()
    assert store.sources.get("a").last_count == 9


_AGENTS = st.lists(
    st.builds(
        agent,
        st.sampled_from(["Otter", "Heron", "Crane"]),
        st.sampled_from(["", "https://github.com/o/otter", "https://github.com/p/otter", "https://heron.example"]),
    ),
    max_size=12,
)


@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_AGENTS, _AGENTS)
def test_taking_the_same_lists_again_changes_nothing(store: Store, one: list[Listing], other: list[Listing]) -> None:
    theirs = [entry.model_copy(update={"source": "b"}) for entry in other]
    for _ in range(3):  # names met on the way become aliases
        store.listings.take("a", one, whole=False)
        store.listings.take("b", theirs, whole=False)
    before = [store.listings.get(slug) for slug in store.listings.slugs()]
    for source, found in (("a", one), ("b", theirs)):
        taken = store.listings.take(source, found, whole=False)
        assert (taken.new, taken.changed) == ((), ())
    assert [store.listings.get(slug) for slug in store.listings.slugs()] == before


def test_three_real_lists(shared: Path, store: Store) -> None:
    """The server lists of 2024 and 2026 and the registry's seed name one world: most entries meet."""
    folder = shared / "corpus/listings"
    sections = ["official integrations", "community servers"]
    for year in ("2026-02-24", "2024-12-04"):
        source = MarkdownList(year, "https://github.com/o/r/blob/main/README.md", sections=sections)
        store.listings.take(
            year, walked(source, (folder / f"mcp-servers-readme/README.{year}.md").read_bytes()).listings
        )
    seed = (folder / "mcp-registry/seed_2025_05_16.json").read_bytes()
    store.listings.take("registry", walked(McpRegistry("registry", "https://registry.example/"), seed).listings)
    assert 1_392 <= store.listings.count() < 1_500
