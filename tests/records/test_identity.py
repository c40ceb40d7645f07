"""The same agent in several lists is one agent; two agents are never one."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.listing import Listing
from extractors.sources.entry import listing
from extractors.sources.markdown_list import MarkdownList
from extractors.sources.mcp_registry import McpRegistry
from records.store import Store


def agent(name: str, url: str = "", source: str = "a", **more: str) -> Listing:
    return listing(name, source, heading_url=url, **more)  # type: ignore[arg-type]


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
        assert store.listings.slugs(missing=False) == ("heron",) and store.listings.slugs(missing=True) == ("otter",)
        one = store.listings.get("heron")
        assert (one.name, one.repository) == ("Heron", "https://github.com/new/heron")
        assert "Otter" in one.aliases
    assert store.listings.take("a", both[:1]).missing == (), "one of its entries is listed still"


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


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        store.listings.take(year, source.parse((folder / f"mcp-servers-readme/README.{year}.md").read_bytes()))
    seed = (folder / "mcp-registry/seed_2025_05_16.json").read_bytes()
    store.listings.take("registry", McpRegistry("registry", "").parse(seed))
    assert 1_392 <= store.listings.count() < 1_500
