"""Word stems: `runs`, `running` and `run` are one.

Invariant: a stem depends on its word alone.
"""

from __future__ import annotations

import re
from functools import lru_cache

_DOUBLED = re.compile(r"([bdgklmnprt])\1$")


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
