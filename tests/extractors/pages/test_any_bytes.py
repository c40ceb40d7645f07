"""No bytes raise anything but `NoText`, and none take long."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import NoText, page_text
from tests.examples import examples

NAMES = (
    "a.md",
    "a.html",
    "a.mdx",
    "a.rst",
    "a.json",
    "a.yaml",
    "a.toml",
    "a.ipynb",
    "a.cfg",
    "listing.txt",
    "a.txt",
    "a",
)


def read(body: bytes, name: str, media_type: str = "", charset: str | None = None) -> PageText | None:
    try:
        page = page_text(body, url=f"https://a.example/{name}", media_type=media_type, charset=charset)
    except NoText:
        return None
    check(page)
    return page


def check(page: PageText) -> None:
    """Blocks are in order, apart, trimmed and not empty, and hold all the words of the text."""
    at = 0
    for block in page.blocks:
        assert at <= block.start < block.end <= len(page.text)
        assert page.text[at : block.start].strip() == ""
        assert page.text[block.start : block.end].strip("\n") == page.text[block.start : block.end]
        at = block.end
    assert at == len(page.text)
    page.text.encode()  # no lone surrogate
    assert not any(char in page.text for char in "\x00\x08\x0b\u200b\u202e\ufeff")


@examples(150)
@given(st.binary(max_size=300), st.sampled_from(NAMES), st.sampled_from(["", "text/html", "text/plain", "nonsense"]))
def test_random_bytes(body: bytes, name: str, media_type: str) -> None:
    read(body, name, media_type, "utf-8" if len(body) % 2 else "no-such")


_PIECES = [
    *("<div>", "</p>", "<!--", "-->", "<td>", "|", "\n", "# ", "- ", "```", "> [!NOTE]\n", "<style>", "[a](b)", "**"),
    *("\t", "&#0;", "<pre>", "<li>", "---\n", "a: &a [*a]", "{", "}", "x", " ", "<svg>", "<dt>", ":::", "!!! n\n    "),
    *("\u200b", "\ud800"),
]


@examples(150)
@given(st.lists(st.sampled_from(_PIECES), max_size=40), st.sampled_from(NAMES))
def test_broken_markup(pieces: list[str], name: str) -> None:
    body = "".join(pieces).encode("utf-8", "surrogatepass")
    first = read(body, name)
    assert first == read(body, name)


@pytest.mark.parametrize("formats", [1, pytest.param(6, marks=pytest.mark.slow)])
def test_naughty_strings(shared: Path, formats: int) -> None:
    """All 515 of the big list, alone in formats by turns, and inside a sentence."""
    for number, text in enumerate(json.loads((shared / "conformance/naughty/blns.json").read_text())):
        for turn in range(formats):
            read(text.encode("utf-8", "surrogatepass"), NAMES[(number + turn) % 6])
        page = read(f"Before {text} after".encode("utf-8", "surrogatepass"), "a.txt")
        if sum(char < " " for char in text) < 10:  # one string is control characters, which no text is
            assert page is not None and page.text.startswith("Before") and page.text.endswith("after")


VARIABLES = "<p style='display:" + "var(--v0)" * 2_000 + "'>x"
LAUGHS = [(i, chr(97 + i), chr(98 + i)) for i in range(9)]
"""Each YAML anchor repeats the one before nine times."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("<div>" * 20_000 + "deep" + "</div>" * 20_000, "a.html"),
        ("<b>" * 20_000 + "deep", "a.md"),
        ("<ul><li>x" * 5_000, "a.html"),
        ("> " * 3_000 + "deep", "a.md"),
        ("word " * 200_000, "a.md"),
        ("x" * 1_000_000, "a.html"),
        ("[" * 20_000 + "a", "a.md"),
        ("<!-- " * 20_000 + "a", "a.md"),
        ("<p style='left:-" + "0" * 20_000 + "'>x", "a.html"),
        ("<style>" + "{" * 50_000 + "</style>x", "a.html"),
        ("<p>var(</p><p>" + "-" * 200_000, "a.html"),
        (
            "<style>" + "".join(f"--v{n}:{f'var(--v{n + 1})' * 18};" for n in range(6)) + "</style>" + VARIABLES,
            "a.html",
        ),
        ("<style>" + "@media screen{" * 5_000 + "</style>x", "a.html"),
        ("<p style='clip-path:polygon(" + "0 0," * 4_000 + "'>x", "a.html"),
        (
            "a: &a [x,x,x]\n" + "".join(f"k{i}: &{c} [{','.join('*' + p for _ in range(9))}]\n" for i, p, c in LAUGHS),
            "a.yaml",
        ),
        ("[" * 50_000, "a.json"),
        ("a = " + "[" * 3_000, "a.toml"),
        (".. |a| replace:: |a||a|\n\n|a|\n", "a.rst"),
    ],
)
def test_text_made_to_break_parsers(body: str, name: str) -> None:
    read(body.encode(), name)


@pytest.mark.parametrize(
    ("body", "name"),
    [(b'{"title": "Otter \\ud800"}', "a.json"), (b'---\ntitle: "Otter \\uD83D"\n---\nSorts.', "a.md")],
)
def test_half_characters_never_pass(body: bytes, name: str) -> None:
    page = read(body, name)
    assert page is not None and "Otter" in page.title
    page.model_dump_json().encode()


@pytest.mark.slow
def test_deep_nesting_loses_no_text() -> None:
    page = read(("<div>" * 20_000 + "deep text" + "</div>" * 20_000).encode(), "a.html")
    assert page is not None and page.text == "deep text"
