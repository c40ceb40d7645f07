"""Collects the blocks of one page text, and counts what was left out.

Idea: every reader of a format (HTML, manifest, plain text) hands its pieces to one writer, so that white
space, invisible characters and offsets are decided in one place. Invariant: `finish` gives blocks in order
with `text[start:end]` equal to what was added, and no block is empty.
"""

import re
from collections import Counter
from typing import NamedTuple

from extractors.pages.page_text import Block, BlockKind
from extractors.pages.visibility.invisible_characters import without_invisible

_ENCODED = re.compile(r"(?:data:[\w/+.-]{1,60};base64,)?[A-Za-z0-9+/_-]{160,}={0,2}")
_LITERAL_PICTURE = re.compile(r"<img\b[^<>]{0,2000}>|!\[[^\[\]\n]{0,300}\]\([^()\s]{0,2000}(?:\s\"[^\"\n]*\")?\)")
_LITERAL_LINK = re.compile(
    r"\[([^\[\]\n]{0,300})\]\((?:(?:[^()\s]|\([^()\s]*\)){0,2000}(?:\s\"[^\"\n]*\")?\)|https?://\S{0,2000})"
)
_NESTED_LINKS = 8
_CLOSE_TOGETHER = frozenset(
    {BlockKind.LIST_ITEM, BlockKind.TABLE_ROW, BlockKind.FACT, BlockKind.FRONT_MATTER, BlockKind.DEFINITION}
)
_LETTER = re.compile(r"[^\W\d_]")


class Hidden(NamedTuple):
    """Words that a person reading the page would not see."""

    how: str
    """The carrier: `display:none`, `HTML comment`, …"""
    text: str


class Writer:
    """The text of one page while it is being read."""

    def __init__(self) -> None:
        self.title = ""
        self.dropped: Counter[str] = Counter()
        self.hidden: list[Hidden] = []
        """Reported as findings."""
        self.unseen: list[Hidden] = []
        """Ordinary unseen text (image descriptions, tooltips): searched for hostile words, else not reported."""
        self.doubtful: list[Hidden] = []
        """Those of the hidden words that stay in the text, since a person may see them."""
        self._parts: list[str] = []
        self._blocks: list[Block] = []

    def add(self, raw: str, kind: BlockKind, level: int = 0) -> None:
        """One block. Runs of white space become one space, line ends stay; code keeps its layout."""
        text = self._cleaned(raw)
        if kind is BlockKind.CODE:
            lines = [line.rstrip() for line in text.expandtabs(4).split("\n")]
            text = "\n".join(lines).strip("\n")
            if not text.strip():
                return
        else:
            if "](" in text or "<" in text:
                text = self._without_literal_markup(text)
            if "\n" in text:
                text = "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
            else:
                text = " ".join(text.split())
            if not text[:1].isalnum() and not any(map(str.isalnum, text)) and not _says_something(text):
                return
        start = 0
        if self._blocks:
            gap = "\n" if kind is self._blocks[-1].kind and kind in _CLOSE_TOGETHER else "\n\n"
            self._parts.append(gap)
            start = self._blocks[-1].end + len(gap)
        self._parts.append(text)
        self._blocks.append(Block(start, start + len(text), kind, level))
        if kind is BlockKind.HEADING and not self.title:
            self.title = text.replace("\n", " ")[:300]

    def drop(self, what: str, count: int = 1) -> None:
        self.dropped[what] += count

    def hide(self, how: str, text: str) -> None:
        """Drops text that is not visible; words in it are reported."""
        self.drop("hidden" if how != "HTML comment" else "comment")
        self.report(how, text, is_kept=False)

    def report(self, how: str, text: str, *, is_kept: bool = True) -> None:
        """Reports words, of which those that a person may see stay in the text."""
        words = " ".join(self._cleaned(text).split())
        if _LETTER.search(words):
            self.hidden.append(Hidden(how, words))
            self.doubtful += self.hidden[-1:] if is_kept else []

    def add_unseen(self, how: str, text: str | None) -> None:
        """Keeps ordinary unseen text for the search; a few words cannot instruct anyone."""
        words = (text or "").split()
        if len(words) >= 5:
            self.unseen.append(Hidden(how, " ".join(self._cleaned(" ".join(words)).split())))

    def finish(self) -> tuple[str, tuple[Block, ...]]:
        """The text, and its blocks in order."""
        return "".join(self._parts), tuple(self._blocks)

    def _cleaned(self, raw: str) -> str:
        text, reports = without_invisible(raw)
        for how, excerpt, count in reports:
            self.drop("invisible character", count)
            if excerpt:
                self.hidden.append(Hidden(how, excerpt))
        if len(text) >= 160 and max(map(len, text.split()), default=0) >= 160:
            text = self._without_encoded(text)
        return text

    def _without_literal_markup(self, text: str) -> str:
        """Markup that its own page got wrong, so that it would be shown as it is written."""
        text, pictures = _LITERAL_PICTURE.subn("", text)
        if pictures:
            self.drop("image", pictures)
        for _ in range(_NESTED_LINKS):
            if (shorter := _LITERAL_LINK.sub(r"\1", text)) == text:
                break
            text = shorter
        return text

    def _without_encoded(self, text: str) -> str:
        def replaced(match: re.Match[str]) -> str:
            run = match.group()
            mixed = any(map(str.isdigit, run)) and any(map(str.isupper, run)) and any(map(str.islower, run))
            if not mixed and not run.startswith("data:"):
                return run
            self.drop("base64")
            return " "

        return _ENCODED.sub(replaced, text)


def _says_something(text: str) -> bool:
    """Symbols alone are noise, but a tick, a cross or an emoji can be a table cell's whole answer."""
    return any(ord(char) > 0x2000 and not char.isspace() for char in text)
