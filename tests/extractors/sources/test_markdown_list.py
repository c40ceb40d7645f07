"""Lists in Markdown, in the shapes that real ones have."""

import re
from collections import Counter
from pathlib import Path

import pytest

from extractors.listing import Listing
from extractors.sources.listing_entry import entry_page
from extractors.sources.lists.markdown_list import MarkdownList
from scoring.vocabulary import AgentKind

BASE = "https://github.com/example/list/blob/main/README.md"
SECTIONS = ("official integrations", "community servers")


def parse(text: str, **options: object) -> tuple[Listing, ...]:
    return MarkdownList("list", BASE, **options).read(text.encode(), BASE).listings  # type: ignore[arg-type]


def where(listing: Listing) -> str | None:
    return listing.repository or listing.homepage


def read_by_eye(text: str) -> Counter[tuple[str, str]]:
    """Another way to read the same list: the first bold link of each line that begins with a dash.

    One entry of the real file has a link within its link; the inner target is the right one.
    """
    found: Counter[tuple[str, str]] = Counter()
    for line in text.split("\n"):
        if line.startswith("- ") and (match := re.search(r"\*\*\[([^\]]+)\]\(\[?(https?://[^)\s\]]+)", line)):
            name, url = " ".join(match.group(1).split()), match.group(2).split("#")[0]
            if inner := re.match(r"\*\*\[[^\]]+\]\(\[[^\]]+\]\((https?://[^)]+)\)\)", line[match.start() :]):
                url = inner.group(1)
            found[name, url] += 1
    return found


@pytest.mark.slow
def test_the_real_server_list_of_2026(shared: Path) -> None:
    """Bar: at least 1,390 of 1,395 right, none invented. Found when written: 1,395."""
    body = (shared / "corpus/listings/mcp-servers-readme/README.2026-02-24.md").read_bytes()
    lines = body.decode().split("\n")
    start = next(n for n, line in enumerate(lines) if line.startswith("### ") and "Official Integrations" in line)
    end = next(n for n, line in enumerate(lines) if line.startswith("## ") and "Frameworks" in line)
    wanted = read_by_eye("\n".join(lines[start:end]))
    got = Counter(
        (listing.name, where(listing) or "")
        for listing in MarkdownList("list", BASE, sections=SECTIONS).read(body, BASE).listings
    )
    assert sum(wanted.values()) == 1_395
    assert sum((wanted & got).values()) >= 1_390
    assert got - wanted == Counter()


@pytest.mark.slow
def test_sections_count_as_the_issue_counts_them(shared: Path) -> None:
    body = (shared / "corpus/listings/mcp-servers-readme/README.2026-02-24.md").read_bytes()
    for section, count in zip(SECTIONS, (505, 890), strict=True):
        assert len(MarkdownList("list", BASE, sections=[section]).read(body, BASE).listings) == count


@pytest.mark.slow
def test_real_entries_become_pages_without_logos(shared: Path) -> None:
    body = (shared / "corpus/listings/mcp-servers-readme/README.2026-02-24.md").read_bytes()
    for listing in MarkdownList("list", BASE, sections=SECTIONS).read(body, BASE).listings[::40]:
        page = entry_page(listing)
        assert page is not None
        assert listing.name in " ".join(page.text.split())
        assert "](" not in page.text and "<img" not in page.text


def test_bullets_with_logos_by_lines_and_dashes_of_all_kinds() -> None:
    found = parse(
        """
- <img src="a.svg" alt="Otter Logo" /> **[Otter](https://github.com/otter-labs/otter)** - Sorts mail.
- **[Heron](https://github.com/heron/heron/tree/main/servers/mail)** (by [Ann](https://ann.example)) – Reads mail.
- 📅 **[Crane](https://crane.example/mcp)** Books rooms.
* [Stork](https://github.com/stork/stork): carries parcels, see [its API](https://stork.example/api)
- [![logo](https://x.example/l.png)](https://x.example) [Ibis](https://github.com/ibis/ibis) — wades
- **[Swan]([https://github.com/old/swan](https://github.com/new/swan))** - A link within a link.
"""
    )
    assert [(one.name, where(one)) for one in found] == [
        ("Otter", "https://github.com/otter-labs/otter"),
        ("Heron", "https://github.com/heron/heron/tree/main/servers/mail"),
        ("Crane", "https://crane.example/mcp"),
        ("Stork", "https://github.com/stork/stork"),
        ("Ibis", "https://github.com/ibis/ibis"),
        ("Swan", "https://github.com/new/swan"),
    ]
    assert found[2].homepage and not found[2].repository
    assert found[3].entry.endswith("(https://stork.example/api)")


def test_what_only_contains_links_is_no_entry() -> None:
    assert (
        parse(
            """
- [Contents](#contents)
- See the [guide](https://guide.example) first.
- [Our docs](https://docs.example) explain how to add a server.
- plain words
- [mail](mailto:someone@example.org) - write to us
- [script](javascript:alert(1)) - no

```
- **[In code](https://github.com/in/code)** - an example
```
"""
        )
        == []
    )


def test_a_heading_per_entry_with_details_and_labelled_links() -> None:
    first, second = parse(
        """
# A list of agents

## [Heron](https://heron.example)
Plans trips.

<details>

### Links
- [GitHub](https://github.com/heron-dev/heron)
- [Docs](https://heron.example/docs)
- [A friend's agent](https://github.com/friend/agent) - not this one

</details>

## [Otter](https://github.com/otter-labs/otter)
Sorts mail.

## Contributing
- [Guide](https://guide.example) - how to add an entry
"""
    )[:2]
    assert (first.name, first.homepage, first.repository) == (
        "Heron",
        "https://heron.example",
        "https://github.com/heron-dev/heron",
    )
    assert first.documents == ("https://heron.example/docs",)
    assert "Plans trips." in first.entry and "Otter" not in first.entry
    assert (second.name, second.repository) == ("Otter", "https://github.com/otter-labs/otter")


def test_table_rows_and_relative_links_and_kind() -> None:
    (one,) = parse("| Name | What |\n|---|---|\n| [Otter](../otter) | Sorts mail |\n", kind=AgentKind.MCP_SERVER)
    assert (one.name, one.kind) == ("Otter", AgentKind.MCP_SERVER)
    assert where(one) == "https://github.com/example/list/blob/otter"


def test_nested_items_belong_to_their_entry() -> None:
    (one,) = parse(
        "- [Otter](https://github.com/o/otter) - sorts\n  - [plugin](https://github.com/o/plugin) - nested\n"
    )
    assert one.name == "Otter" and "nested" in one.entry
    assert [x.name for x in parse("- Mail\n  - [Otter](https://github.com/o/otter) - sorts\n")] == ["Otter"]
