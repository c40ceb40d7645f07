"""The same agent in several lists is one agent; two agents are never one."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.listing import Listing
from extractors.sources.entry import listing
from extractors.sources.identity import merged, place_key
from extractors.sources.markdown_list import MarkdownList
from extractors.sources.mcp_registry import McpRegistry


def agent(name: str, url: str = "", source: str = "a", **more: str) -> Listing:
    return listing(name, source, heading_url=url, **more)  # type: ignore[arg-type]


def test_one_place_in_several_spellings() -> None:
    (one,) = merged(
        [
            agent("Otter", "https://github.com/O/Otter"),
            agent("otter-mcp", "http://www.github.com/o/otter.git/", "b", entry="Sorts."),
            agent("Otter again", "https://github.com/o/otter/blob/main/README.md", "c"),
        ]
    )
    assert (one.name, one.slug) == ("Otter", "otter")
    assert one.aliases == ("otter-mcp", "Otter again")


def test_folders_of_a_monorepo_are_different_agents() -> None:
    root = "https://github.com/o/servers/tree/main/src"
    assert len(merged([agent("Mail", f"{root}/mail"), agent("Chat", f"{root}/chat")])) == 2


def test_the_same_name_by_other_people_is_another_agent() -> None:
    found = merged([agent("Notion", f"https://github.com/{who}/notion-mcp") for who in ("ann", "bob", "cy")])
    assert [one.slug for one in found] == ["notion", "notion-bob", "notion-cy"]


def test_an_old_owner_is_followed_when_the_forge_says_so() -> None:
    moved = {"https://github.com/old/otter": "https://github.com/new/heron"}
    (one,) = merged(
        [agent("Heron", "https://github.com/new/heron"), agent("Otter", "https://github.com/old/otter", "b")], (), moved
    )
    assert one.aliases == ("Otter", "https://github.com/old/otter")
    (folder,) = merged([agent("Otter", "https://github.com/old/otter/tree/main/x")], (), moved)
    assert folder.repository == "https://github.com/new/heron/tree/main/x"
    circle = {"https://github.com/a/b": "https://github.com/c/d", "https://github.com/c/d": "https://github.com/a/b"}
    assert place_key("https://github.com/e/f", circle) == "github.com/e/f"


def test_an_owner_with_a_suffix_is_the_same_owner() -> None:
    one = agent("Neon", "https://github.com/reedbase/otter-db")
    assert len(merged([one, agent("io.reedbase/otter-db", "https://github.com/reedbase-labs/otter-db", "b")])) == 1
    assert len(merged([one, agent("Other", "https://github.com/reedbase-labs/server", "b")])) == 2


def test_a_shared_homepage_or_a_link_in_the_text_merges_nothing() -> None:
    text = "Like [Otter](https://github.com/o/otter), but faster."
    mentions = agent("Heron", "https://github.com/h/heron", entry=text)
    assert len(merged([agent("Otter", "https://github.com/o/otter"), mentions])) == 2
    first = agent("One", "https://github.com/v/one").model_copy(update={"homepage": "https://vendor.example"})
    second = agent("Two", "https://github.com/v/two").model_copy(update={"homepage": "https://vendor.example"})
    assert len(merged([first, second])) == 2


def test_known_agents_keep_slug_and_name_and_entries_stand_side_by_side() -> None:
    known = agent("Otter", "https://github.com/o/otter", "a", entry="First words.")
    (one,) = merged([agent("New name", "https://github.com/o/otter", "b", entry="Other words.")], [known])
    assert (one.slug, one.name, one.aliases) == ("otter", "Otter", ("New name",))
    assert "First words." in one.entry and "Other words." in one.entry
    assert "=== listing entry: b ===" in one.entry


_AGENTS = st.lists(
    st.builds(
        agent,
        st.sampled_from(["Otter", "Heron", "Crane"]),
        st.sampled_from(["", "https://github.com/o/otter", "https://github.com/p/otter", "https://heron.example"]),
        st.sampled_from(["a", "b"]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(_AGENTS)
def test_slugs_are_unique_and_merging_again_changes_nothing(listings: list[Listing]) -> None:
    once = merged(listings)
    assert len({one.slug for one in once}) == len(once)
    assert len(merged(once)) == len(once)
    assert len(merged([*listings, *listings])) == len([x for x in once if x.repository or x.homepage]) + 2 * sum(
        1 for x in once if not (x.repository or x.homepage)
    )


def test_three_real_lists(shared: Path) -> None:
    """The server lists of 2024 and 2026 and the registry's seed name one world: most entries meet."""
    folder = shared / "corpus/listings"
    sections = ["official integrations", "community servers"]
    lists = [
        MarkdownList(year, "https://github.com/o/r/blob/main/README.md", sections=sections).parse(
            (folder / f"mcp-servers-readme/README.{year}.md").read_bytes()
        )
        for year in ("2026-02-24", "2024-12-04")
    ]
    registry = McpRegistry("registry", "").parse((folder / "mcp-registry/seed_2025_05_16.json").read_bytes())
    found = merged([*lists[0], *registry, *lists[1]])
    assert 1_392 <= len(found) < 1_500
    assert len({one.slug for one in found}) == len(found)
