"""What tells one page from another at a glance: title, headings, words, sentences.

Idea: only the beginning of a page is looked at, since what stands in a page's place is short. Invariant: pure, and
linear in what is looked at.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from typing import NamedTuple

from extractors.pages.charset import decode
from extractors.pages.markup.format_detection import format_of
from extractors.pages.markup.page_formats import HTML

LOOKED_AT = 65_536
"""Bytes of a page."""
_NOT_SEEN = frozenset(re.findall(r"\w+", "script style template svg iframe object textarea"))
_INSIDE_LINES = frozenset(re.findall(r"\w+", "a b i em strong span code small mark u s sub sup font abbr time kbd"))
_TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"[.!?…。！？\n]")
_WITHOUT_SPACES = re.compile(r"[\u2e80-\uffdc]+")
_MOST_SENTENCES = 400
_FEW_LINKS = 5
"""On a page with more of them, the words of a link are a name and no sentence."""
_TITLE_PARTS = re.compile(r"\s[|·•:»/–—-]+\s|[|·•»]|:\s")
_HTML_START = (b"<!doctype html", b"<html", b"<head", b"<body")
_UNTOLD = frozenset(re.findall(r"\w+", "the a an of for and to in on is by with your our"))


class PageOutline(NamedTuple):
    """The beginning of one page. All words in lower case, without punctuation."""

    is_html: bool
    title_parts: tuple[str, ...]
    """Of the title and of the first heading: `Page not found | Otter` has two."""
    headings: str
    """The words of title and first headings."""
    words: tuple[str, ...]
    """What is seen, in order."""
    sentences: tuple[str, ...]
    """What is seen, and what is shown without scripts, cut at ends of sentences and of elements."""
    markup: str
    """The source, in lower case."""
    whole: bool
    """False when the page is longer than what is looked at."""

    @property
    def length(self) -> int:
        """Words that are seen; of a script without spaces, two letters count as one."""
        return len(self.words) + sum(len(run) for run in _WITHOUT_SPACES.findall(" ".join(self.words))) // 2

    @property
    def fingerprint(self) -> str:
        """The same for pages that show the same words under the same title."""
        return hashlib.sha256(" ".join((*self.title_parts, "", *self.words)).encode()).hexdigest()


def plain(text: str) -> str:
    """Words in lower case, one space between them."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def outline_of(body: bytes, url: str, media_type: str = "", charset: str | None = None) -> PageOutline:
    """The shape of a page as it came."""
    start = body[:LOOKED_AT]
    is_html = format_of(url, media_type, start) is HTML
    is_html = is_html or start[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML_START)
    source = decode(start, charset, html=is_html).encode("utf-8", "replace").decode()
    whole = len(body) <= LOOKED_AT
    if not is_html:
        words = tuple(plain(source).split())
        return PageOutline(False, (), "", words, tuple(_sentences(source)), "", whole)
    seen = _seen(source)
    headings = [heading[:1_000] for heading in (seen.h1[:5] or seen.h2[:1])]
    said = seen.text if seen.links <= _FEW_LINKS else seen.beside_links
    title = seen.title
    parts = [*_TITLE_PARTS.split(title[:500]), title[:500]]
    for heading in headings[:1]:
        parts += [*_TITLE_PARTS.split(heading[:500]), heading[:500]]
    return PageOutline(
        True,
        tuple(dict.fromkeys(filter(None, map(plain, parts)))),
        plain(" ".join((title, *headings))[:3_000]),
        tuple(plain("".join(seen.text)).split()),
        tuple(_sentences("".join((*seen.without_scripts, "\n", *said)))),
        source.lower(),
        whole,
    )


class _Seen:
    """What one pass over the tags finds. Lists of pieces, in order; each element of its own line begins one."""

    def __init__(self) -> None:
        self.title = ""
        self.h1: list[str] = []
        self.h2: list[str] = []
        self.text: list[str] = []
        self.beside_links: list[str] = []
        self.without_scripts: list[str] = []
        self.links = 0


def _seen(source: str) -> _Seen:
    """One pass, since a parser's tree is deep where a page wants it to be."""
    seen = _Seen()
    inside = ""
    """The element whose text is taken elsewhere, or nowhere: a title, a script, a comment."""
    in_link, in_heading, in_noscript = False, "", False
    for number, piece in enumerate(source.split("<")):
        tag = _TAG.match(piece) if number else None
        closes, name = (bool(tag[1]), tag[2].lower()) if tag is not None else (False, "")
        if inside == "!--":
            if "-->" not in piece:
                continue
            inside, text = "", piece.split("-->", 1)[1]
        elif inside:
            if not (closes and name == inside):
                seen.title += piece if inside == "title" and len(seen.title) < 500 else ""
                continue
            inside, text = "", piece.partition(">")[2]
        elif number and piece.startswith("!--"):
            _, ends, text = piece.partition("-->")
            inside = "" if ends else "!--"
        elif tag is None:
            text = piece if not number or piece[:1] not in "!?/" else piece.partition(">")[2]
        else:
            text = piece.partition(">")[2]
            if name in _NOT_SEEN or name == "title":
                inside = "" if closes else name
                if name == "title" and not seen.title:
                    seen.title, text = text[:500], ""
                elif inside:
                    continue
            in_noscript = not closes if name == "noscript" else in_noscript
            in_link = not closes if name == "a" else in_link
            seen.links += name == "a" and not closes
            if name in ("h1", "h2"):
                in_heading = "" if closes else name
                getattr(seen, name).append("") if not closes else None
            if name not in _INSIDE_LINES:
                text = "\n" + text
        text = html.unescape(text) if "&" in text else text
        if in_noscript:
            seen.without_scripts.append(text[:500]) if len(seen.without_scripts) < 20 else None
            continue
        if in_heading:
            pieces = getattr(seen, in_heading)
            pieces[-1] += text[: max(0, 1_000 - len(pieces[-1]))]
        seen.text.append(text)
        seen.beside_links.append("\n" if in_link else text)
    return seen


def _sentences(text: str) -> list[str]:
    return [words for part in _SENTENCE_END.split(text, 3 * _MOST_SENTENCES) if (words := plain(part))][
        :_MOST_SENTENCES
    ]


def names(name: str, text: str) -> bool:
    """True when at least half of what tells the name apart is in the text (of `plain` words, or a whole name)."""
    tokens = plain(name).split()
    telling = [token for token in tokens if len(token) > 2 or ord(token[0]) > 0x2E7F] or tokens
    telling = [token for token in telling if token not in _UNTOLD] or telling
    if not telling:
        return False
    joined = text.replace(" ", "")
    own = [token for token in telling if token not in _COMMON] or telling
    return 2 * sum(1 for token in own if token in joined) >= len(own)


_COMMON = frozenset(
    re.findall(
        r"\w+", "agent agents mcp server servers plugin plugins skill skills tool tools bot assistant official app ai"
    )
)
"""What directories call everything: it tells no agent from another."""


def share_in_common(before: PageOutline, after: PageOutline) -> float:
    """The share of the earlier page's longer words that the later one has; 0 when it had none."""
    was = {word for word in before.words if len(word) > 3}
    return len(was.intersection(after.words)) / len(was) if was else 0.0
