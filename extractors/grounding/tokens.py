"""Words and numbers of a text with their places, in the one form in which two texts are compared.

Idea: what may differ between a page and a quote (`character_folding`, punctuation, markup) is gone here; what
may not (words, digits, signs, comparison marks, currency, %, the symbols of `C++`, `C#`, `.NET`) is a token.
Invariant: page and quote pass through the same function, and every token knows where it stood; a
run of words is found at whole words only.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Literal, NamedTuple

from extractors.grounding.character_folding import FOLD, IGNORED, NO, SYMBOLS, YES

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Scripts that write no spaces: each character is a word."""
UNSPACED = re.compile(f"[{_UNSPACED}]")
_LETTER = rf"[^\s\d\x00-/:-@\[-`{{-\x7f…{SYMBOLS}{_UNSPACED}]"
_MONEY = "$€£¥₹₽₩¢₿"

_TOKEN = re.compile(
    rf"""
    {_LETTER}+(?:[.'_]{_LETTER}+)*(?:\+\+|\#(?!\w)|(?<=\b[wn])/[oa]?(?!\w))?  # don't, ASP.NET, C++, F#, w/o
    |\d+(?:[.,:/]\d+)*                                   # 3.11, 3,000, 10:30, 24/7
    |(?<![^\s\d(\[{{"'*_`<>,;:=/|])(?<!\.)\.{_LETTER}+(?:[.'_]{_LETTER}+)*(?:\+\+|\#(?!\w))?  # .NET
    |[{_UNSPACED}]
    |(?P<ellipsis>[\[(]?(?:…|\.\.\.+|\.\s\.\s\.)[\])]?)
    |(?P<arrow>(?<![-=])<?[-=]{{1,8}}>|<[-=]{{2,}}|<!--|-->)
    |(?P<tag>(?:(?<!\w)<|</)[A-Za-z][^<>\n]{{0,200}}>)
    |(?<=\d)\s*-\s*(?=[\d.{_MONEY}])                    # 5-10, 5 – 10
    |(?<![\w\-])-(?=[\d.{_MONEY}])                      # -5
    |(?P<bullet>^[ \t]*[>*\-]+(?=\s)(?!\s*\d))
    |\+                                                 # 10+, a + b
    |~(?=\s?[\d{_MONEY}])(?<!~~)
    |[<>]=?|!=|={{1,2}}(?!=)
    |(?<=\d)\s*\*\s*(?=\d)|(?<=\w)\^(?=\w)
    |\$(?=\s?\d|\w)|(?<=\d)\$
    |[%&@]|\#(?=\w)
    |[{SYMBOLS}]
    """,
    re.VERBOSE | re.MULTILINE,
)
_SKIPPED = ("arrow", "bullet")
_DROPPED = str.maketrans("", "", IGNORED)


class Words(NamedTuple):
    """Tokens in order, each with its span; `breaks` are the places of explicit ellipses among them."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    breaks: tuple[int, ...]
    """Number of words before each ellipsis."""
    folded: str
    """The text after folding, character for character."""


def words(text: str) -> Words:
    """Every word, number and meaningful symbol of a text."""
    folded = text.translate(FOLD)
    found: list[tuple[str, int, int]] = []
    breaks: list[int] = []
    for token in _tokens(folded, 0, len(folded)):
        if token[0]:
            found.append(token)
        else:
            breaks.append(len(found))
    in_order, starts, ends = zip(*found, strict=True) if found else ((), (), ())
    return Words(in_order, starts, ends, tuple(breaks), folded)


def _tokens(folded: str, begin: int, stop: int) -> Iterator[tuple[str, int, int]]:
    """Words with their spans; an ellipsis is an empty one."""
    for match in _TOKEN.finditer(folded, begin, stop):
        kind = match.lastgroup
        start, end = match.span()
        if kind == "ellipsis":
            yield "", start, end
        elif kind == "tag":  # the brackets are markup, the words between them are not
            yield from _tokens(folded, start + 1, end - 1)
        elif kind not in _SKIPPED:
            shown = match.group() if match.group().isascii() else _plain(match.group())
            word = shown.strip()
            if word != shown:
                start += len(shown) - len(shown.lstrip())
                end = start + len(word)
            if word:
                yield word, start, end


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    raised = any(unicodedata.decomposition(char).startswith(("<super>", "<sub>")) for char in word)
    form: Literal["NFC", "NFKC"] = "NFC" if raised else "NFKC"
    return unicodedata.normalize(form, word.translate(_DROPPED).casefold()).casefold()


def is_symbol(word: str) -> bool:
    """True for a sign, comparison mark, currency or percent that is a token of its own."""
    return word not in (YES, NO) and not any(c.isalnum() for c in word)


class WordRuns:
    """The words of one text, ready for many runs."""

    def __init__(self, words: Sequence[str]) -> None:
        self._joined = f" {' '.join(words)} "
        self._offsets = [0, *accumulate(len(word) + 1 for word in words)]

    def places(self, wanted: Sequence[str]) -> Iterator[int]:
        """The number of the first word of every run that equals `wanted`."""
        needle = f" {' '.join(wanted)} "
        at = self._joined.find(needle)
        while at >= 0:
            yield bisect_right(self._offsets, at) - 1
            at = self._joined.find(needle, at + 1)
