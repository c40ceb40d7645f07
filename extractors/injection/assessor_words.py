"""What speaks to whoever assesses the product, told by the words of a sentence alone, in thirty languages.

Idea: whoever speaks to an assessor names a judge or a machine, what it does, what comes out, and which value is wished;
how the sentence is built does not matter. In English each word weighs something (`data/assessor_weights.json`, fitted
by `benches.evidence.fit_addresses`), and so does each column of `data/assessor_words.toml` that is met, so that a
synonym counts as well; in other languages the columns that meet decide. Invariant: only a run of a few words is
weighed, and what its plain words take away is bounded; sums are whole numbers, the same in any order.
"""

import json
import re
import sys
import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple

from extractors.injection.obfuscation import bare, folded

DATA = Path(__file__).resolve().parents[2] / "data"
TABLE = DATA / "assessor_words.toml"
WEIGHTS = DATA / "assessor_weights.json"
LIGHTEST = -10_000
LONGEST = 16
"""Words that are weighed together; a longer sentence is looked at in runs."""
_OVERLAP = 8
_RUN_TOGETHER = 15
"""Letters of a word that may be several: they stood apart, or were written without blanks."""
STEM = 6
"""Letters by which a word is weighed."""
FEW = 5
"""Words of a heading or a lead-in."""
DRAG = 500
"""Hundredths of log odds that other words take away at most: nobody buys an address off with plain words."""


Token = tuple[str, int, int]
"""A word and its place."""
Span = tuple[int, int]


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
    NOTE = 128
    THIS = 256


_WIDTH = 9
_ENGLISH = (1 << _WIDTH) - 1
NAMES = {name.lower(): value for name, value in vars(Column).items() if name.isupper()}
_BREAK = re.compile(r"\n\n")
_ENDS = frozenset(".!?;。！？")
"""Of the stops, those that end a sentence."""
_STOP = re.compile(r"[.!?;:|](?=\s|\Z)|[。！？：]|\n")
_WORD = re.compile(r"\d++(?:\.\d++)?+|[^\W\d_]++")
_WITHOUT_BLANKS = re.compile("[\u0590-\u0eff\u3040-\u9fff\uac00-\ud7a3]")
_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the is and of with this that for are by from its on be can your you was which as or but has have will if when"
        " all any each into more than using use used also",
    )
)
"""English ones: a sentence that has more of them than words of another language is English."""


class Sentence(NamedTuple):
    """Words in a row: what they weigh, in hundredths of log odds, and the columns that meet in the other language of
    which most of the words are; none where it is English."""

    start: int
    end: int
    weight: int
    foreign: int
    whole: bool
    """True for all from one stop to the next; another run may begin and end anywhere."""


def features(words: Sequence[str], columns: int) -> set[str]:
    """What is weighed of a run: the beginnings of its words, and its columns, which say more where words are few."""
    return {*(word[:STEM] for word in words), *_of_columns(columns, len(words) <= FEW)}


@cache
def _of_columns(columns: int, few: bool) -> tuple[str, ...]:
    met = [f"column {name}" for name, column in NAMES.items() if columns & column]
    return (*met, *(f"few words, {name}" for name in met)) if few else tuple(met)


def total(bias: float, weights: Iterable[float], drag: float) -> float:
    """What a run weighs: what speaks for something else takes `drag` away at most, however much it is."""
    parts = tuple(weights)
    return bias + sum(part for part in parts if part > 0) + max(sum(part for part in parts if part <= 0), -drag)


@cache
def weights() -> tuple[int, Mapping[str, int]]:
    """The bias and the weight of each feature, in hundredths of log odds that a run of words speaks to an assessor."""
    table = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return table["bias"], table["features"]


class Words(dict[str, int]):
    """Word to columns: those of English first, then those of each further language; filled as words are met."""

    def __init__(self) -> None:
        super().__init__()
        table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
        self._whole: dict[str, int] = defaultdict(int)
        self._begun: dict[str, int] = defaultdict(int)
        self.within: list[tuple[int, int, re.Pattern[str]]] = []
        """(place of the language, column, words) of scripts in which words do not stand apart."""
        self.languages = len(table["languages"])
        english = {word.removesuffix("*") for words in table["english"].values() for word in words.split()}
        within = sorted((word for word in english if len(word) > 3), key=len, reverse=True)
        self.run_together = re.compile("|".join(within))
        for language, columns in enumerate((table["english"], *table["languages"].values())):
            for name, words in columns.items():
                column = NAMES[name]
                plain = [bare(folded(word)) for word in words.split()]
                if _WITHOUT_BLANKS.search(words):
                    longest_first = sorted(plain, key=len, reverse=True)
                    self.within.append((language, column, re.compile("|".join(map(re.escape, longest_first)))))
                    continue
                for word in plain:
                    stems = self._begun if word.endswith("*") else self._whole
                    stems[word.removesuffix("*")] |= column << _WIDTH * language

    def __missing__(self, word: str) -> int:
        if word[0].isdigit():
            return Column.VALUE if word[:2] in ("0", "0.") else 0
        found = self._whole.get(word, 0)
        for length in range(2, min(len(word), 16) + 1):
            found |= self._begun.get(word[:length], 0)
        if len(self) < 100_000:
            self[word] = found
        return found

    def apart(self, text: str, start: int = 0, stop: int = sys.maxsize) -> list[Token]:
        """The words of a text with their places; several written as one are separated as far as they are known."""
        tokens: list[Token] = []
        for match in _WORD.finditer(text, start, stop):
            word, first, last = match.group(), match.start(), match.end()
            joined = last - first >= _RUN_TOGETHER and word.isascii()
            tokens += [(part, first, last) for part in (self.run_together.findall(word) if joined else ()) or [word]]
        return tokens


@cache
def word_columns() -> Words:
    return Words()


def sentences(text: str, ends: Sequence[int] = ()) -> Iterator[Sentence]:
    """What is weighed of a folded text whose blocks end at `ends`: what is between two stops, and each run of words
    of a block wherever it stops, so that neither a stop nor its absence makes a difference."""
    plain, start = bare(text), 0
    for end in sorted({*ends, *(match.end() for match in _BREAK.finditer(plain)), len(plain)}):
        tokens = word_columns().apart(plain, start, end)
        words = [word for word, *_ in tokens]
        parts, whole = _between_stops(plain, tokens, end)
        at_stops = {*parts, *whole}
        for first, last in dict.fromkeys([*parts, *whole, *runs(len(tokens))]):
            if last - first <= LONGEST:
                weight = weight_of(words[first:last])
                yield Sentence(tokens[first][1], tokens[last - 1][2], weight, 0, (first, last) in at_stops)
        for first, last in whole:
            if met := _foreign(words[first:last], plain[tokens[first][1] : tokens[last - 1][2]]):
                yield Sentence(tokens[first][1], tokens[last - 1][2], LIGHTEST, met, True)
        start = end


def _between_stops(plain: str, tokens: Sequence[Token], end: int) -> tuple[list[Span], list[Span]]:
    """First and last of the words from one stop to the next, and of those from one end of a sentence to the next."""
    places = [start for _, start, _ in tokens]
    parts, whole = list[Span](), list[Span]()
    begun = first = 0
    marks = _STOP.finditer(plain, places[0], end) if places else ()
    for stop, ends in [*((match.start(), match[0] in _ENDS) for match in marks), (end, True)]:
        last = bisect_left(places, stop, first)
        if first < last:
            parts.append((first, last))
        if ends and begun < last:
            whole.append((begun, last))
            begun = last
        first = last
    return parts, whole


def runs(count: int) -> Iterator[Span]:
    """Where the words that are weighed together begin and end, of so many."""
    for first in range(0, max(1, count - _OVERLAP) if count else 0, LONGEST - _OVERLAP):
        yield first, min(count, first + LONGEST)


def columns_of(words: Sequence[str]) -> int:
    """Those of English that the words meet."""
    return reduce(or_, map(word_columns().__getitem__, words), 0) & _ENGLISH


def weight_of(words: Sequence[str]) -> int:
    bias, by_feature = weights()
    found = (by_feature.get(name, 0) for name in features(words, columns_of(words)))
    return int(total(bias, found, DRAG))


def _foreign(tokens: Sequence[str], text: str) -> int:
    """The columns that meet, of the language that addresses an assessor, if one does."""
    words = word_columns()
    columns = [words[token] for token in tokens]
    own = [column >> _WIDTH for column in columns if column > _ENGLISH and not column & _ENGLISH]
    met: dict[int, int] = {}
    fewest = max(2, sum(token in _FUNCTION_WORDS for token in tokens)) if len(own) >= 2 else 0
    if fewest and len(own) >= fewest:
        for language in range(words.languages):
            shift = _WIDTH * language
            if sum(bool(column >> shift & _ENGLISH) for column in own) >= fewest:
                met[language] = reduce(or_, (column >> shift + _WIDTH & _ENGLISH for column in columns), 0)
    if _WITHOUT_BLANKS.search(text):
        for number, column, pattern in words.within:
            if pattern.search(text):
                met[number - 1] = met.get(number - 1, 0) | column
    return max(filter(is_foreign_address, met.values()), key=int.bit_count, default=0)


def is_foreign_address(met: int) -> bool:
    """Whether the columns that meet in a sentence of another language address an assessor."""
    wished = met & (Column.VALUE | Column.ORDER)
    assesses = met & Column.ASSESS and met & (Column.JUDGE | Column.MACHINE) and (wished or met & Column.OUTCOME)
    judged = Column.ASSESS | Column.OUTCOME | Column.VALUE
    dictated = Column.OUTCOME | Column.VALUE | Column.ORDER
    return bool((met & Column.JUDGE and wished) or assesses) or judged & met == judged or dictated & met == dictated
