"""Sentences in which the words of an address to the assessor meet, in thirty languages.

Idea: whoever speaks to an assessor names a judge or a machine, what it does, what comes out, and which value is
wished; how the sentence is built does not matter. `data/assessor_words.toml` has the words, in columns. Invariant: one
pass over the words of a text; a sentence is barred by the columns that meet in it, never by a single word.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple

from extractors.injection.obfuscation import bare, folded

TABLE = Path(__file__).resolve().parents[2] / "data" / "assessor_words.toml"
LONGEST = 60
"""Words of one sentence; a longer one is looked at in pieces, each with the end of the one before."""
_OVERLAP = 20
_RUN_TOGETHER = 15
"""Letters of a word that may be several: they stood apart, or were written without blanks."""


class Column:
    """What a word can stand for in an address to an assessor. Plain bits: every word of every page is looked up."""

    JUDGE = 1
    MACHINE = 2
    ASSESS = 4
    OUTCOME = 8
    VALUE = 16
    ORDER = 32
    """`please`, `must`; in other languages also notes and imperatives."""
    IMPERATIVE = 64
    """Counts where an order may begin."""
    NOTE = 128
    THIS = 256
    MAY = 512
    """What allows or invites; English only."""
    ROLE = 1024
    """Of `JUDGE`, who is hardly ever a part of a product; English only."""


_WIDTH = 11
_ENGLISH = (1 << _WIDTH) - 1
_STOP = re.compile(r"[.!?;](?=\s|\Z)|[。！？]|\n\n")
_STOPS = (".", "!", "?", ";", "。", "！", "？")
_WORD = re.compile(r"\d++(?:\.\d++)?+|[^\W\d_]++")
_OPENING = re.compile(r"(?:\A|[\n.:;,!?>|*(\[\"'\-/=])\s{0,8}[\"'`*_>(-]{0,4}\Z")
_BEFORE_AN_ORDER = frozenset(
    [
        "please",
        "kindly",
        "and",
        "then",
        "just",
        "simply",
        "now",
        "always",
        "also",
        "to",
        "must",
        "should",
        "shall",
        "you",
        "so",
    ]
)
_WITHOUT_BLANKS = re.compile("[\u0590-\u0eff\u3040-\u9fff\uac00-\ud7a3]")
_FUNCTION_WORDS = frozenset(
    [
        "the",
        "is",
        "and",
        "of",
        "with",
        "this",
        "that",
        "for",
        "are",
        "by",
        "from",
        "its",
        "on",
        "be",
        "can",
        "your",
        "you",
        "was",
        "which",
        "as",
        "or",
        "but",
        "has",
        "have",
        "will",
        "if",
        "when",
        "all",
        "any",
        "each",
        "into",
        "more",
        "than",
        "using",
        "use",
        "used",
        "also",
    ]
)
"""English ones: a sentence that has more of them than words of another language is English."""


class Sentence(NamedTuple):
    """A sentence with words in a column. `words`: of the English table, by number, with whether an order may begin."""

    start: int
    end: int
    words: tuple[tuple[int, int, bool], ...]
    foreign: int
    """The columns of the language of which most words stand here; none where it is English."""
    label: bool = False
    """It ends in no stop, as what heads a list or a section."""

    def at(self, column: int, *, opens: bool = False) -> list[int]:
        return [number for columns, number, may_open in self.words if columns & column and (may_open or not opens)]


class _Words(dict[str, int]):
    """Word to columns: those of English first, then those of each further language; filled as words are met."""

    def __init__(self) -> None:
        super().__init__()
        table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
        self._whole: dict[str, int] = {}
        self._begun: dict[str, int] = {}
        self.within: list[tuple[int, int, re.Pattern[str]]] = []
        """(place of the language, column, words) of scripts in which words do not stand apart."""
        self.languages = len(table["languages"])
        english = {word.removesuffix("*") for words in table["english"].values() for word in words.split()}
        within = sorted((word for word in english if len(word) > 3), key=len, reverse=True)
        self._run_together = re.compile("|".join(within))
        for language, columns in enumerate((table["english"], *table["languages"].values())):
            for name, words in columns.items():
                column: int = getattr(Column, name.upper())
                if _WITHOUT_BLANKS.search(words):
                    plain = sorted(map(bare, map(folded, words.split())), key=len, reverse=True)
                    self.within.append((language, column, re.compile("|".join(map(re.escape, plain)))))
                    continue
                for word in map(bare, map(folded, words.split())):
                    stems = self._begun if word.endswith("*") else self._whole
                    stem = word.removesuffix("*")
                    stems[stem] = stems.get(stem, 0) | column << _WIDTH * language

    def __missing__(self, word: str) -> int:
        if word[0].isdigit():
            return Column.VALUE if word[:2] in ("0", "0.") else 0
        found = self._whole.get(word, 0)
        for length in range(2, min(len(word), 16) + 1):
            found |= self._begun.get(word[:length], 0)
        if len(word) >= _RUN_TOGETHER and word.isascii():
            found |= reduce(or_, (self[part] for part in self._run_together.findall(word)), 0) & _ENGLISH
        if len(self) < 100_000:
            self[word] = found
        return found


@cache
def _words() -> _Words:
    return _Words()


def sentences(text: str, ends: Sequence[int] = ()) -> Iterator[Sentence]:
    """Those of a folded text that may address an assessor. `ends` are where blocks end, in order."""
    plain, words = bare(text), _words()
    without_blanks = bool(_WITHOUT_BLANKS.search(plain))
    stops = sorted({*(match.end() for match in _STOP.finditer(plain)), *ends, len(plain)})
    start = 0
    for stop in stops:
        said = plain[start:stop]
        tokens = _WORD.findall(said)
        columns = list(map(words.__getitem__, tokens))
        places: list[int] = []
        for first in range(0, max(1, len(tokens) - _OVERLAP), LONGEST - _OVERLAP):
            part = columns[first : first + LONGEST]
            met = reduce(or_, part, 0)
            own: tuple[tuple[int, int, bool], ...] = ()
            if _may_speak(met & _ENGLISH):
                places = places or [match.start() for match in _WORD.finditer(said)]
                own = tuple(_english(said, places, tokens, first, part))
            foreign = _foreign(words, tokens[first : first + LONGEST], part, said if without_blanks else "")
            if own or foreign:
                yield Sentence(start, stop, own, foreign, not said.rstrip().endswith(_STOPS))
        start = stop


_ADDRESSED = Column.JUDGE | Column.MACHINE
_SPOKEN_OF = Column.JUDGE | Column.ASSESS | Column.OUTCOME
_ORDERED = Column.IMPERATIVE | Column.THIS | Column.VALUE
_WISHED = Column.VALUE | Column.ORDER | Column.IMPERATIVE


def _may_speak(met: int) -> bool:
    if met & Column.ROLE or (met & (Column.NOTE | Column.MAY | Column.ORDER) and met & _ADDRESSED):
        return True
    return bool(met & _SPOKEN_OF and met & _WISHED) or met & _ORDERED == _ORDERED


def _english(
    said: str, places: Sequence[int], tokens: Sequence[str], first: int, columns: Sequence[int]
) -> Iterator[tuple[int, int, bool]]:
    for number, column in enumerate(columns, first):
        if english := column & _ENGLISH:
            before, place = tokens[number - 1] if number else "", places[number]
            may_open = before in _BEFORE_AN_ORDER or bool(_OPENING.search(said, max(0, place - 12), place))
            yield english, number, number == 0 or may_open


def _foreign(words: _Words, tokens: Sequence[str], columns: Sequence[int], said: str) -> int:
    """The columns that meet, of the language that addresses an assessor, if one does."""
    own = [column >> _WIDTH for column in columns if column > _ENGLISH and not column & _ENGLISH]
    met: dict[int, int] = {}
    fewest = max(2, sum(token in _FUNCTION_WORDS for token in tokens)) if len(own) >= 2 else 0
    if fewest and len(own) >= fewest:
        for language in range(words.languages):
            shift = _WIDTH * language
            if sum(bool(column >> shift & _ENGLISH) for column in own) >= fewest:
                met[language] = reduce(or_, (column >> shift + _WIDTH & _ENGLISH for column in columns), 0)
    if said and _WITHOUT_BLANKS.search(said):
        for number, column, pattern in words.within:
            if pattern.search(said):
                met[number - 1] = met.get(number - 1, 0) | column
    return max(filter(speaks_abroad, met.values()), key=int.bit_count, default=0)


def speaks_abroad(met: int) -> bool:
    """Whether the columns that meet in a sentence of another language address an assessor."""
    wished = met & (Column.VALUE | Column.ORDER)
    if met & Column.JUDGE and wished:
        return True
    if met & Column.ASSESS and met & (Column.JUDGE | Column.MACHINE) and (wished or met & Column.OUTCOME):
        return True
    judged = Column.ASSESS | Column.OUTCOME | Column.VALUE
    told = Column.MACHINE | Column.OUTCOME | Column.VALUE | Column.ORDER
    return judged & met == judged or told & met == told


def near(ones: Sequence[int], others: Sequence[int], within: int, *, after: bool = False) -> bool:
    """Whether one of each stand at most so many words apart; the second not before the first with `after`."""
    for one in ones:
        at = bisect_right(others, one)
        if at < len(others) and others[at] - one <= within:
            return True
        if not after and at and one - others[at - 1] <= within:
            return True
    return False
