"""Lists as people write them: each layout with siblings of its own, and what is none beside it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.sources.git_forge import Forge, linked
from extractors.sources.lists.entry_names import clean_name
from extractors.sources.lists.markdown_list import MarkdownList
from scoring.errors import BadInput

BASE = "https://raw.githubusercontent.com/list/awesome/main/README.md"
BIRDS = [
    ("Otter", "https://github.com/o/otter"),
    ("Heron", "https://heron.example"),
    ("Tern", "https://github.com/t/tern"),
]


def read(text: str, base: str = BASE, **options: object) -> list[tuple[str, str | None]]:
    found = MarkdownList("list", base, **options).read(text.encode(), base).listings  # type: ignore[arg-type]
    return [(one.name, one.repository or one.homepage) for one in found]


LAYOUTS = {
    "by-lines": """
- [Otter](https://github.com/o/otter) by [Ann](https://github.com/ann), with thanks to [Bo](https://bo.example)
- [Heron](https://heron.example) from the makers of [Crane](https://crane.example): answers
- [Tern](https://github.com/t/tern) which runs on your machine
""",
    "badges around the name": """
- ![new](https://i.example/new.svg) [Otter](https://github.com/o/otter) ![Stars](https://i.example/s.svg) - Sorts.
- [![logo](https://x.example/l.png)](https://x.example) **[Heron](https://heron.example)** [![CI](b.svg)](https://c.example)
- <img src="t.svg" alt="Tern Logo"> [Tern](https://github.com/t/tern) ⭐ 1.2k
""",
    "marks of a state before the name": """
- [x] [Otter](https://github.com/o/otter) - Sorts mail.
- 🆕 **NEW** [Heron](https://heron.example) - Answers.
- `beta` [✅ Tern](https://github.com/t/tern) - Flies.
""",
    "headings that are links": """
# Birds and others
## [Otter](https://github.com/o/otter)
Sorts mail.
## 2. [Heron](https://heron.example)
Answers. See [the docs](https://heron.example/docs).
## [Tern 🐦](https://github.com/t/tern) by Ann
""",
    "one heading an entry with a labelled link": """
# Ours
## Agents
### Otter
**GitHub:** [o/otter](https://github.com/o/otter)

Sorts mail.
### 🐦 Heron
- Description: answers.
- Website: <https://heron.example>
### <img alt="Some Logo" src="x.svg"> Tern
Flies. [Repository](https://github.com/t/tern) | [Docs](https://tern.example/docs)
""",
    "one heading an entry with links in html": """
### Otter
<div><p>Sorts mail</p><p><a href="https://twitter.com/o">twitter</a> | <a href="https://github.com/o/otter">github</a></p></div>

### Heron
<p><a href="https://heron.example">website</a></p>

### Tern
<p><a href="https://github.com/t/tern">github</a></p>
""",
    "a table of links": """
| # | Name | What |
|---|---|---|
| 1 | [Otter](https://github.com/o/otter) | Sorts mail |
| 2 | [Heron](https://heron.example) by [Cy](https://cy.example) | Answers |
| 3 | **[Tern](https://github.com/t/tern)** | Flies |
""",
    "a table of names with links beside": """
| Agent | Language | Repository | Website |
|---|---|---|---|
| Otter | Go | [o/otter](https://github.com/o/otter) | |
| Heron | Go | | [heron.example](https://heron.example) |
| Tern ⭐ | Rust | [code](https://github.com/t/tern) | [tern](https://tern.example) |
""",
    "a table with the kind first": """
| Category | Agent | About |
|---|---|---|
| Mail | [Otter](https://github.com/o/otter) | Sorts mail |
| Mail | [Heron](https://heron.example) | Answers |
| Sky | [Tern](https://github.com/t/tern) | Flies |
""",
    "a table in html": """
<table><thead><tr><th>Agent</th><th>About</th></tr></thead>
<tr><td><a href="https://github.com/o/otter"><b>Otter</b></a><br>by <a href="https://ann.example">Ann</a></td><td>Sorts.</td></tr>
<tr><td colspan=2><img src="https://img.shields.io/s.svg" alt="stars"></td></tr>
<tr><td><a href="https://heron.example">Heron</a></td><td>Answers.</td></tr>
<tr><td><a href="https://github.com/t/tern">Tern</a></td><td>Flies.</td></tr></table>
""",
    "bullets in html": """
<ul><li><a href="https://github.com/o/otter"><strong>Otter</strong></a> - sorts mail</li>
<li>🐦 <a href="https://heron.example">Heron</a><br>Answers.</li><li><a href="https://github.com/t/tern">Tern</a></li></ul>
""",
    "a definition list": """
[Otter](https://github.com/o/otter)
: Sorts mail.

**Heron**
: Answers. [Website](https://heron.example)

Tern
: Flies. [GitHub](https://github.com/t/tern), [Docs](https://tern.example/docs)
""",
    "bullets below categories": """
- Mail
  - [Otter](https://github.com/o/otter) - sorts
  - [Heron](https://heron.example) - answers
    - [Plugin](https://plugin.example) - a part of it
- [Sky](sky/)
  - [Tern](https://github.com/t/tern) - flies
  - no link here
""",
    "names in bold with a labelled link": """
- **Otter** - Sorts mail. ([GitHub](https://github.com/o/otter))
- **Heron**: answers questions. [Website](https://heron.example) [Twitter](https://twitter.com/h)
- **Tern** – flies. Repository: https://github.com/t/tern [code](https://github.com/t/tern)
""",
    "names with their links below": """
- **Otter**
  - [GitHub](https://github.com/o/otter)
  - [Docs](https://otter.example/docs)
- **Heron**
  - Website: [heron.example](https://heron.example)
- **Tern**
  - Repo: [t/tern](https://github.com/t/tern)
""",
    "reference links": """
* [Otter][o] - sorts
* [Heron] - answers
* [Tern][tern repo] - flies

[o]: https://github.com/o/otter "The otter"
[heron]: https://heron.example
[tern repo]: https://github.com/t/tern
""",
    "paragraphs": """
## Mail
[`Otter`](https://github.com/o/otter) &nbsp; by &nbsp; [Ann](https://ann.example) &nbsp;⚖️ MIT
Sorts mail.

<details><summary>Stats</summary>

![Stats](https://stats.example/o.svg)
</details>

[`Heron`](https://heron.example)  by  [Cy](https://cy.example)
Answers.

[`Tern`](https://github.com/t/tern)
Flies.
""",
    "names in pictures": """
<a href="https://github.com/o/otter"><img src="a.svg" alt="Otter"></a>
_Sorts mail._

<a href="https://heron.example"><img src="b.svg" alt="Heron"></a>
_Answers._

[![Tern](c.svg)](https://github.com/t/tern)
_Flies._
""",
    "numbers": """
1. [Otter](https://github.com/o/otter): sorts
2. [Heron](https://heron.example): answers
10. [Tern](https://github.com/t/tern): flies
""",
}
"""The same three in every layout."""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_agents_come_of_every_layout(layout: str) -> None:
    assert read(LAYOUTS[layout]) == BIRDS


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_every_list_has_beside_changes_nothing(layout: str) -> None:
    around = (
        "[![Awesome](https://awesome.re/badge.svg)](https://awesome.re)\n\n"
        "A list, kept by [somebody](https://somebody.example). See [this](https://this.example) as well.\n\n"
        "- [Contents](#contents)\n- [Mail](#mail)\n\n"
    )
    after = "\n\n## Contributing\n\n- [Guide](https://guide.example) - how to add one\n\n## License\n\n[MIT](LICENSE)\n"
    assert read(around + LAYOUTS[layout] + after) == BIRDS


def test_headings_above_entries_are_sections_and_below_are_details() -> None:
    categories = """
## [Mail](mail/)
- [Otter](mail/otter.md)
- [Heron](https://heron.example) - answers
## [Sky](sky/)
| Name | What |
|---|---|
| [Tern](https://github.com/t/tern) | flies |
"""
    assert [name for name, _ in read(categories)] == ["Otter", "Heron", "Tern"]
    details = """
## [Otter](https://otter.example)
- [GitHub](https://github.com/o/otter)
- [Discord](https://discord.example/o)
## [Heron](https://heron.example)
- [GitHub](https://github.com/h/heron)
- [Paper](https://arxiv.example/1) on how it works
"""
    found = MarkdownList("list", BASE).read(details.encode(), BASE).listings
    assert [(one.name, one.homepage, one.repository) for one in found] == [
        ("Otter", "https://otter.example", "https://github.com/o/otter"),
        ("Heron", "https://heron.example", "https://github.com/h/heron"),
    ]


def test_a_manual_is_no_list() -> None:
    manual = """
# Otter
Otter sorts mail, see [the site](https://otter.example).
## Installation
- [Node](https://node.example) 18 or newer
- [Docker](https://docker.example)
## Usage
Read [the guide](https://otter.example/guide) first.
- See [settings](https://otter.example/settings) for more.
- [Our docs](https://docs.example) explain the rest.
"""
    assert read(manual) == []


RAW = "https://raw.githubusercontent.com/o/awesome/HEAD/README.md"


@pytest.mark.parametrize(
    ("base", "href", "to"),
    [
        (RAW, "./writer/", "https://github.com/o/awesome/tree/HEAD/writer"),
        (RAW, "skills/mail.md", "https://github.com/o/awesome/blob/HEAD/skills/mail.md"),
        (RAW, "/skills/mail", "https://github.com/o/awesome/tree/HEAD/skills/mail"),
        (RAW, "skills/.hidden", "https://github.com/o/awesome/tree/HEAD/skills/.hidden"),
        (RAW.replace("HEAD", "refs/heads/main"), "a", "https://github.com/o/awesome/tree/main/a"),
        ("https://github.com/o/awesome/raw/main/docs/LIST.md", "../a", "https://github.com/o/awesome/tree/main/a"),
        ("https://gitlab.com/o/a/-/raw/main/README.md", "x/y", "https://gitlab.com/o/a/-/tree/main/x/y"),
        ("https://codeberg.org/o/a/raw/branch/main/README.md", "x", "https://codeberg.org/o/a/src/branch/main/x"),
        ("https://cdn.jsdelivr.net/gh/o/awesome@main/README.md", "x", "https://github.com/o/awesome/tree/main/x"),
        (RAW, "//other.example/x", "https://other.example/x"),
        (RAW, "https://other.example/x/", "https://other.example/x/"),
        ("https://dir.example/list.md", "x/", "https://dir.example/x/"),
        (RAW, "javascript:alert(1)", ""),
        (RAW, "mailto:a@b.example", ""),
    ],
)
def test_relative_links_mean_the_repository_of_the_list(base: str, href: str, to: str) -> None:
    assert linked(href, Forge().page_of(base)) == to


@pytest.mark.parametrize(
    ("page", "raw"),
    [
        ("https://github.com/o/awesome", RAW),
        ("https://github.com/o/awesome/", RAW),
        ("https://github.com/o/awesome/blob/main/docs/LIST.md", RAW.replace("HEAD/README", "main/docs/LIST")),
        ("https://github.com/o/awesome/tree/main/docs", RAW.replace("HEAD/README", "main/docs/README")),
        ("https://dir.example/list", "https://dir.example/list"),
    ],
)
def test_a_page_of_the_forge_is_read_raw(page: str, raw: str) -> None:
    assert Forge().raw_file(page) == raw


@pytest.mark.parametrize("start", ["<!doctype html>", "<html lang=en>", "\n <!-- x --> <!DOCTYPE HTML PUBLIC ''>"])
def test_a_web_page_is_no_markdown(start: str) -> None:
    page = f"{start}<body><ul><li><a href='https://github.com/o/otter'>Otter</a> - sorts</ul>"
    with pytest.raises(BadInput, match="web page"):
        read(page)


async def test_what_is_left_out_is_counted_and_little_of_much_is_a_problem() -> None:
    one = MarkdownList("list", BASE).read(
        ("- [Otter](https://github.com/o/otter) - sorts\n" + "- see [that](https://x.example/%d) too\n" * 9).encode(),
        BASE,
    )
    assert len(one.listings) == 1 and sum(one.left_out.values()) == 9
    assert one.problems and "9" not in one.problems[0].split(":")[0]


@pytest.mark.slow
def test_six_real_lists_as_a_person_counts_them(shared: Path) -> None:
    """Bar: within 2 % of a person's count. Found when written: 148, 251, 31, 162 and 538."""
    counts = {
        "hesreallyhim+awesome-claude-code": 148,
        "ai-boost+awesome-a2a": 250,
        "microsoft+mcp": 31,
        "VoltAgent+awesome-claude-code-subagents": 162,
        "wong2+awesome-mcp-servers": 538,
    }
    for name, count in counts.items():
        base = f"https://raw.githubusercontent.com/{name.replace('+', '/')}/HEAD/README.md"
        body = (shared / f"corpus/listings/real-lists/{name}.md").read_bytes()
        found = MarkdownList("list", base).read(body, base).listings
        assert abs(len(found) - count) <= count * 0.02, name
        assert all(one.repository or one.homepage for one in found), name
        assert not any("raw.githubusercontent" in str(one.repository or one.homepage) for one in found), name


@given(st.text(max_size=60))
def test_a_name_is_part_of_what_was_written(words: str) -> None:
    plain = " ".join(words.split())
    assert clean_name(words) in plain
    assert bool(clean_name(words)) == bool(plain)
