"""A written list as its parts: headings, bullets, rows, terms and paragraphs, each with what it says in order.

Idea: Markdown is rendered, so that lists in Markdown, in HTML and in HTML within Markdown are one tree; what a part
says is a row of pieces (words, links with their words or pictures, line ends). Invariants: pure; a part inside
another knows it; words of a nested list are none of the part around it; a part knows the lines it was written on.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from selectolax.lexbor import LexborHTMLParser

from extractors.pages.markup.markdown import with_bounds
from extractors.pages.markup.nesting_limits import bounded

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
PARTS = (*HEADINGS, "li", "tr", "dt", "p")
MOST_AROUND = 8
"""Parts in parts that are distinguished, and depth to which HTML is kept as it was written."""
MOST_DEPTH = 60
"""Elements in a part that are looked into."""
LONGEST_TITLE = 300
"""Characters of a heading in which words are looked for."""
_APART = frozenset(("ul", "ol", "dl", "table", "pre", "script", "style", "template"))
_LINED = ("heading_open", "list_item_open", "tr_open", "paragraph_open", "dt_open", "dd_open")
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)


class Piece(NamedTuple):
    """Words, or a link (`href` is not None) with its words; `alt` are the words of its pictures."""

    text: str
    href: str | None = None
    alt: str = ""
    bold: bool = False


class Unit(NamedTuple):
    """One part of the list. `number` is its place among all parts."""

    number: int
    tag: str
    pieces: tuple[Piece, ...]
    """Of a row: of its first cell; the others are `cells`."""
    inside: tuple[int, ...]
    """Numbers of the parts around it, outermost first."""
    sections: tuple[tuple[int, str], ...]
    """(level, title) of the headings above it, outermost first; of a heading, without itself."""
    text: str
    """As it was written."""
    line: int = -1
    """First line; -1 in HTML."""
    cells: tuple[tuple[Piece, ...], ...] = ()
    head: tuple[str, ...] = ()
    """Of a row: its table's headings, in lower case."""

    @property
    def level(self) -> int:
        """1 to 6 of a heading, else 7."""
        return int(self.tag[1]) if self.tag in HEADINGS else 7

    @property
    def title(self) -> str:
        return " ".join(words_of(self.pieces).split())[:LONGEST_TITLE]


def words_of(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


@cache
def _renderer() -> MarkdownIt:
    markdown = with_bounds(MarkdownIt("commonmark", {"html": True, "linkify": True, "maxNesting": 40}))
    return markdown.enable(["table", "strikethrough", "linkify"]).use(deflist_plugin)


def units_of(text: str) -> list[Unit]:
    """Every part in order. Raises `TooMuchMarkup`."""
    text = _FRONT_MATTER.sub(lambda match: "\n" * match.group().count("\n"), text)
    mark = "data-line-" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]  # a list cannot write it
    renderer = _renderer()
    env: dict[str, Any] = {}
    tokens = renderer.parse(text, env)
    for token in tokens:
        if token.type in _LINED and token.map is not None:
            token.attrSet(mark, f"{token.map[0]}-{token.map[1]}")
    html = renderer.renderer.render(tokens, renderer.options, env)
    bounded(html)
    return list(_walk(LexborHTMLParser(html.encode("utf-8", "replace").decode()), text.split("\n"), mark))


def _walk(tree: LexborHTMLParser, lines: Sequence[str], mark: str) -> Iterator[Unit]:
    open_parts: list[tuple[int, int]] = []
    """(depth, number) of the parts around."""
    sections: list[tuple[int, str]] = []
    heads: dict[int, tuple[str, ...]] = {}
    number = 0
    stack: list[tuple[Any, int]] = [(tree.body, 0)] if tree.body is not None else []
    while stack:
        node, depth = stack.pop()
        children = list(node.iter())
        stack += [(child, depth + 1) for child in reversed(children)]
        while open_parts and open_parts[-1][0] >= depth:
            open_parts.pop()
        if node.tag not in PARTS:
            continue
        cells = tuple(tuple(_pieces(cell)) for cell in children if cell.tag in ("td", "th")) if node.tag == "tr" else ()
        table = _table_of(node) if cells else 0
        if cells and table not in heads:
            heads[table] = tuple(" ".join(words_of(cell).lower().split()) for cell in cells)
            is_head = all(cell.tag == "th" for cell in children if cell.tag in ("td", "th"))
            if is_head:
                continue
            heads[table] = ()
        first, after = _lines(node, mark)
        shallow = first < 0 and len(open_parts) < MOST_AROUND
        html = re.sub(rf' {mark}="[^"]*"', "", node.html or "") if shallow else ""
        written = "\n".join(lines[first:after]).strip() if first >= 0 else html
        pieces = cells[0] if cells else tuple(_pieces(node))
        unit = Unit(
            number,
            node.tag,
            pieces,
            tuple(n for _, n in open_parts[-MOST_AROUND:]),
            tuple(sections),
            written,
            first,
            cells[1:],
            heads.get(table, ()) if cells else (),
        )
        if node.tag in HEADINGS:
            sections = [above for above in sections if above[0] < unit.level]
            unit = unit._replace(sections=tuple(sections))
            sections.append((unit.level, unit.title))
        yield unit
        open_parts.append((depth, number))
        number += 1


def _table_of(node: Any) -> int:
    while node.parent is not None and node.tag != "table":
        node = node.parent
    return int(node.mem_id)


def _lines(node: Any, mark: str) -> tuple[int, int]:
    first, _, after = (node.attributes.get(mark) or "").partition("-")
    if node.tag == "dt" and first and (definition := node.next) is not None:
        while definition is not None and definition.tag != "dd":
            definition = definition.next
        ends = ((definition.attributes.get(mark) or "") if definition is not None else "").partition("-")[2]
        after = ends or after
    return (int(first), int(after)) if first.isdecimal() and after.isdecimal() else (-1, -1)


def _pieces(node: Any, bold: bool = False, depth: int = 0) -> Iterator[Piece]:
    """What a part says itself. A term comes with its definition."""
    for child in node.iter(include_text=True):
        tag = child.tag
        if tag == "-text":
            yield Piece(child.text_content or "", bold=bold)
        elif tag == "a":
            alt = " ".join(image.attributes.get("alt") or "" for image in child.css("img"))
            yield Piece(child.text() or "", child.attributes.get("href") or "", " ".join(alt.split()), bold)
        elif tag == "br":
            yield Piece("\n")
        elif tag not in _APART and depth < MOST_DEPTH and not (tag in HEADINGS and node.tag != "summary"):
            yield from _pieces(child, bold or tag in ("strong", "b"), depth + 1)
            if tag in ("p", "div"):
                yield Piece("\n")
    if not depth and node.tag == "dt":
        definition = node.next
        while definition is not None and definition.tag in ("-text", "dd"):
            if definition.tag == "dd":
                yield Piece("\n")
                yield from _pieces(definition, False, 1)
            definition = definition.next
