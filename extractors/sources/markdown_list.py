"""Lists in Markdown: a heading per entry, bullets, or table rows.

Idea: the renderer's own tokens say what is a heading, an item and a link, so that by-lines, logos, dashes of
any kind and broken bold marks do not matter. Invariant: an entry is a name that *is* a link; a sentence that
only contains links is none, and neither is a table of contents.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, islice
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from extractors.listing import Listing
from extractors.pages.markup.charset import decode
from extractors.pages.markup.markdown import with_bounds
from extractors.pages.markup.nesting_limits import TooMuchMarkup
from extractors.sources import Get, Walk, body_of, problem_of
from extractors.sources.listing_entry import Link, listing, web_address
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

LONGEST_TITLE = 300
"""Characters of a heading in which words are looked for."""
_WORD = re.compile(r"\w", re.UNICODE)
_BROKEN = re.compile(r"\[([^\[\]]{1,200})\]\($")
_DOUBLED = re.compile(r"^(?:%5B|\[).*(?:%5D|\])\((https?://[^()\s]+)\)$")
"""A link inside a link: `[name]([old](new))` leads to the inner one's target."""
_SENTENCE_GOES_ON = re.compile(r"\A\s*+[a-z]")


@cache
def _reader() -> MarkdownIt:
    return with_bounds(MarkdownIt("commonmark", {"html": True})).enable(["table", "strikethrough"])


class _Named(NamedTuple):
    name: str
    url: str
    links: tuple[Link, ...]


class MarkdownList:
    """`sections` limits the list to headings that contain one of these words; without it, all count."""

    def __init__(
        self, name: str, location: str, *, sections: Sequence[str] = (), kind: AgentKind | None = None
    ) -> None:
        self.name = name
        self.location = location
        self.sections = tuple(section.lower() for section in sections)
        self.kind = kind

    def parse(self, body: bytes, url: str = "") -> tuple[Listing, ...]:
        text = decode(body).replace("\r\n", "\n")
        lines = text.split("\n")
        try:
            tokens = _reader().parse(text)
        except TooMuchMarkup as error:
            raise BadInput(str(error), subject=self.name, step="listings") from error
        found = [
            listing(
                named.name,
                self.name,
                heading_url=named.url,
                links=named.links,
                kind=self.kind,
                entry="\n".join(lines[start:end]).strip(),
            )
            for named, start, end, section in _entries(tokens, len(lines), url or self.location)
            if not self.sections or any(wanted in section for wanted in self.sections)
        ]
        if not found and not text.strip():
            raise BadInput("the list is empty", subject=self.name, step="listings")
        return tuple(found)

    async def walk(self, get: Get) -> Walk:
        fetched = await get(self.location)
        body = body_of(fetched)
        if body is None:
            return Walk((), (fetched,), (problem_of(fetched),))
        try:
            return Walk(self.parse(body, fetched.url), (fetched,))
        except BadInput as error:
            return Walk((), (fetched,), (str(error),))


def _entries(tokens: Sequence[Token], last: int, base: str) -> Iterator[tuple[_Named, int, int, str]]:
    """(entry, first line, line after, headings above it in lower case)."""
    headings = _headings(tokens, base)
    sections = _Sections(headings)
    owned = _owned(headings, last)
    inlines = [token for token in tokens if token.type == "inline" and token.map is not None]
    for level, line, _, _, named in headings:
        if named and (level, line) in owned:
            after = owned[level, line]
            named = named._replace(links=_links_within(inlines, line, after, base))
            yield named, line, after, sections.above(line, level)
    owned_from = [line for _, line in owned]
    owned_to = list(accumulate(owned.values(), max))
    item_at = -1
    for number, token in enumerate(tokens):
        if token.type not in ("list_item_open", "tr_open") or token.map is None:
            continue
        first, after = token.map
        owners = bisect_right(owned_from, first)
        if (owners and first < owned_to[owners - 1]) or first < item_at:
            continue
        inline = _first_inline(tokens, number)
        named = _named(inline, base) if inline is not None else None
        if named is not None:
            item_at = after  # what is nested in an entry belongs to it
            yield named, first, after, sections.above(first, 7)


_Heading = tuple[int, int, int, str, _Named | None]


def _headings(tokens: Sequence[Token], base: str) -> list[_Heading]:
    found: list[_Heading] = []
    for number, token in enumerate(tokens):
        if token.type == "heading_open" and token.map is not None:
            inline = tokens[number + 1]
            title = "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
            named = _named(inline, base)
            whole = named is not None and _plain(named.name) == _plain(title)
            found.append((int(token.tag[1]), token.map[0], token.map[1], title, named if whole else None))
    return found


def _owned(headings: Sequence[_Heading], last: int) -> dict[tuple[int, int], int]:
    """Lines that belong to an entry with a heading of its own. One alone is a title, not a list."""
    levels = Counter(level for level, *_, named in headings if named)
    owned: dict[tuple[int, int], int] = {}
    for place, (level, line, _, _, named) in enumerate(headings):
        if named and levels[level] >= 2:
            owned[level, line] = next((h[1] for h in islice(headings, place + 1, None) if h[0] <= level), last)
    return owned


class _Sections:
    """The headings above each line, gathered in one pass."""

    def __init__(self, headings: Sequence[_Heading]) -> None:
        self.starts = [start for _, start, *_ in headings]
        self.open: list[dict[int, str]] = [{}]
        """After so many headings, the open ones by level."""
        for depth, _, _, title, _ in headings:
            above = {d: t for d, t in self.open[-1].items() if d < depth}
            self.open.append(above | {depth: title[:LONGEST_TITLE].lower()})

    def above(self, line: int, level: int) -> str:
        """Titles of lower levels than this one, outermost first."""
        opened = self.open[bisect_left(self.starts, line)]
        return " / ".join(title for depth, title in opened.items() if depth < level)


def _links_within(inlines: Sequence[Token], first: int, after: int, base: str) -> tuple[Link, ...]:
    """Links that begin a line of an entry's body, with their words: `- [GitHub](…)`, `Website: [x](…)`."""
    found: list[Link] = []
    begin = bisect_right(inlines, first, key=_line_of)
    for token in inlines[begin : bisect_left(inlines, after, key=_line_of)]:
        named = _named(token, base)
        if named is not None:
            found += [Link(named.name, named.url), *named.links]
    return tuple(found)


def _line_of(token: Token) -> int:
    return token.map[0] if token.map else 0


def _first_inline(tokens: Sequence[Token], opened: int) -> Token | None:
    """The inline token of an item's first paragraph, or of a row's first cell."""
    for token in tokens[opened + 1 : opened + 4]:
        if token.type == "inline":
            return token
        if token.type in ("bullet_list_open", "ordered_list_open", "list_item_close", "fence"):
            return None
    return None


def _named(inline: Token, base: str) -> _Named | None:
    """The name and its link when the text begins with them."""
    before, label, href, links = "", "", "", []
    name, url, bold_or_end = "", "", True
    inside = False
    children = inline.children or []
    for place, child in enumerate(children):
        if child.type == "link_open":
            inside, label, href = True, "", _DOUBLED.sub(r"\1", str(child.attrGet("href") or ""))
        elif child.type == "link_close":
            inside = False
            address = web_address(href, base)
            if not url and label.strip() and (broken := _BROKEN.search(before)):
                label, before = broken.group(1), before[: broken.start()]
            if not url and label.strip():
                if not address or href.startswith("#") or _WORD.search(before):
                    return None
                name, url = label.strip(), address
                bold_or_end = _stands_alone(children, place)
            elif address and label.strip():
                links.append(Link(label.strip(), address))
        elif child.type in ("text", "code_inline"):
            if inside:
                label += child.content
            elif not url:
                before += child.content
    return _Named(name, url, tuple(links)) if url and bold_or_end else None


def _stands_alone(children: Sequence[Token], closed: int) -> bool:
    """False for `[Docs](…) explain how`: a link that is part of a sentence is no entry."""
    after = children[closed + 1 :]
    if after and after[0].type in ("strong_close", "em_close"):
        return True
    said = next((child for child in after if child.type == "text" and child.content), None)
    return said is None or after[0].type == "softbreak" or not _SENTENCE_GOES_ON.match(said.content)


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", "", text).lower()
