"""What tells one page from another at a glance: title, headings, words, sentences.

Idea: only the beginning of a page is looked at, since what takes a page's place is short. Invariant: pure, and
linear in what is looked at.
"""

import hashlib
import re
import unicodedata
from html import unescape
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from extractors.pages.charset import decode
from extractors.pages.markup.badges import COMMENTS, noscript_as_template, without_tags
from extractors.pages.markup.format_detection import format_of
from extractors.pages.markup.nesting_limits import TooMuchMarkup, bounded
from extractors.pages.markup.page_formats import HTML

LOOKED_AT = 65_536
"""Bytes of a page."""
_NOT_SEEN = frozenset(re.findall(r"\w+", "script style template svg iframe object textarea"))
_INLINE = "a b i em strong span code small mark u s sub sup font abbr time kbd"
_INSIDE_LINES = frozenset(("-text", *COMMENTS, *_INLINE.split()))
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"[.!?…。！？\n]")
_WITHOUT_SPACES = re.compile(r"[\u2e80-\uffdc]+")
_MOST_SENTENCES = 400
_FEW_LINKS = 5
"""On a page with more of them, the words of a link are a name and no sentence."""
_TITLE_PARTS = re.compile(r"\s[|·•:»/–—-]+\s|[|·•»]|:\s")
_HTML_START = (b"<!doctype html", b"<html", b"<head", b"<body")
_STOP_WORDS = frozenset(re.findall(r"\w+", "the a an of for and to in on is by with your our"))


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
    try:
        bounded(source)
    except TooMuchMarkup:  # which gives no text either
        return PageOutline(True, (), "", (), (), source.lower(), False)
    return _html_outline(source, whole)


def _html_outline(source: str, whole: bool) -> PageOutline:
    tree = LexborHTMLParser(noscript_as_template(source))
    without_scripts = [unescape(without_tags(node.html or "")) for node in tree.css("template[data-noscript]")]
    tree.strip_tags(list(_NOT_SEEN), recursive=True)  # a picture's title is none of the page
    title_element = tree.css_first("title")
    title = title_element.text()[:500] if title_element is not None else ""
    tree.strip_tags(["title"], recursive=True)
    headings = [_lines(node)[:1_000] for node in tree.css("h1")[:5] or tree.css("h2")[:1]]
    text = sentences = _lines(tree.root)
    if len(links := tree.css("a")) > _FEW_LINKS:
        for link in links:
            link.insert_before("\n")
        tree.strip_tags(["a"], recursive=True)
        sentences = _lines(tree.root)
    parts = [part for line in (title, *headings[:1]) for part in (*_TITLE_PARTS.split(line[:500]), line[:500])]
    return PageOutline(
        True,
        tuple(dict.fromkeys(filter(None, map(plain, parts)))),
        plain(" ".join((title, *headings))[:3_000]),
        tuple(plain(text).split()),
        tuple(_sentences("\n".join((*without_scripts, sentences)))),
        source.lower(),
        whole,
    )


def _lines(root: Any) -> str:
    """The text in an element; each element of its own line begins one, and ends it."""
    pieces: list[str] = []
    for node in root.traverse(include_text=True) if root is not None else ():
        before = node.prev
        if node.tag not in _INSIDE_LINES or (before is not None and before.tag not in _INSIDE_LINES):
            pieces.append("\n")
        if node.tag == "-text":
            pieces.append(node.text_content or "")
    return "".join(pieces)


def _sentences(text: str) -> list[str]:
    return [words for part in _SENTENCE_END.split(text, 3 * _MOST_SENTENCES) if (words := plain(part))][
        :_MOST_SENTENCES
    ]


def names(name: str, text: str) -> bool:
    """True when at least half of what tells the name apart is in the text (of `plain` words, or a whole name)."""
    tokens = plain(name).split()
    telling = [token for token in tokens if len(token) > 2 or ord(token[0]) > 0x2E7F] or tokens
    telling = [token for token in telling if token not in _STOP_WORDS] or telling
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
