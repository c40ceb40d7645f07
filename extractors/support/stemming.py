"""Words of a passage, reduced so that `runs`, `running` and `run` are one.

Idea: cues are matched on word stems, not on characters: no alternation of hundreds of patterns is tried at each
position. Invariant: `passage[word.start:word.end]` is the word as it stands there.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[;:.()\[\]|—–!?]|\s-\s|\bbut\b")
_DOUBLED = re.compile(r"([bdgklmnprt])\1$")


class Word(NamedTuple):
    stem: str
    start: int
    end: int
    clause: int
    """Counts the clauses of a passage; a negation does not reach into the next one."""


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


def words(passage: str) -> list[Word]:
    found: list[Word] = []
    clause = 0
    for token in _TOKEN.finditer(passage):
        text = token.group()
        if text[0].isalnum():
            if text == "but":
                clause += 1
            found.append(Word(stem(text), token.start(), token.end(), clause))
        else:
            # `v1.2`, `example.com` and `10:30` are no ends of clauses
            following = passage[token.end() : token.end() + 1]
            if text not in ".:" or not following or following.isspace():
                clause += 1
    return found
