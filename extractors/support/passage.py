"""A sentence made ready to be read: folded text, word stems and the few things around it that matter.

Idea: case, markup and white space carry no meaning here, so they go first and every later step reads the same
letters. Invariant: two passages that differ only in case, markup or blanks are equal after folding;
a stem depends on its word alone.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from extractors.pages.page_text import BlockKind

_DOUBLED = re.compile(r"([bdgklmnprt])\1$")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\](?:\([^()\s]*\)|\[[^\[\]\n]*\])")
_TAG = re.compile(r"</?[a-z][^<>]{0,80}>", re.IGNORECASE)
_MARKS = re.compile(r"[*`~#>]+|(?<!\w)_+|_+(?!\w)|[☀-➿️\U0001f300-\U0001faff]")
_FOLD = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00a0": " "})
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")

_OPEN_GAP = re.compile(r"(\\[wSsd]|\]|(?<!\\)\.)([*+])")
_LONGEST_GAP = {"\\w": 40, "\\d": 20, "\\s": 20}

DATA = Path(__file__).resolve().parents[2] / "data" / "support"
LONGEST = 600
"""Characters that are read. What is longer is a list or a dump, and its head says what it is."""


class Passage(NamedTuple):
    """One sentence of a page with its neighbours, as the page has them."""

    sentence: str
    heading: str = ""
    """The heading above, if any."""
    before: str = ""
    after: str = ""
    kind: BlockKind = BlockKind.PARAGRAPH
    own_instructions: bool = False
    """The page is what a product tells its own model: its words on safety are wishes."""


def table_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of a table, compiled. A gap that it leaves open ends: a word has at most 40 letters, others 100 marks,
    so that no text costs more than its length."""

    def closed(gap: re.Match[str]) -> str:
        what, count = gap.groups()
        return f"{what}{{{int(count == '+')},{_LONGEST_GAP.get(what, 100)}}}"

    return re.compile(_OPEN_GAP.sub(closed, pattern))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A short, blunt stem. It only has to be the same for the forms of one word."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if "'" in word or len(word) < 4 or word.isdigit():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("ing") and len(word) > 5:
        word = _DOUBLED.sub(r"\1", word[:-3])
    elif word.endswith("ed") and len(word) > 4:
        word = _DOUBLED.sub(r"\1", word[:-2])
    elif (word.endswith("ly") and len(word) > 5) or (word.endswith("es") and len(word) > 4):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


@lru_cache(maxsize=4_096)
def folded(text: str) -> str:
    """Lower case, without markup, one blank between words."""
    plain = _TAG.sub(" ", _LINK.sub(r"\1", text[: 2 * LONGEST])).translate(_FOLD)
    return " ".join(_MARKS.sub(" ", plain).casefold().split())[:LONGEST]


@lru_cache(maxsize=4_096)
def stems(text: str) -> tuple[str, ...]:
    """The word stems of a folded text, in order."""
    return tuple(stem(word) for word in _WORD.findall(text))
