"""Which claims a sentence may state outright, found by the first letters of its words.

Idea: each cue of the topic table begins with certain letters, so a sentence is asked for the few cues that its own
words can begin, and not for all. Invariant: a claim that is named has a cue that says it outright; what begins with a
mark and no word may be missed, which only makes the reader find less.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from extractors.injection.pattern_starts import LETTERS, begins_at, pattern_starts
from extractors.support.topics import topics

_WORD = re.compile(r"(?<!\w)\w+")
_NUMBER_OR_NAME = re.compile(r"\d|\w_\w")
"""Cues whose first letters are not told begin with a number (`40 tools`) or a name of code (`create_issue`)."""
Opening = tuple[str, re.Pattern[str], int]
"""A claim, what says it outright, and how many marks may stand before the first word of that."""


@cache
def _openings() -> Mapping[str, tuple[Opening, ...]]:
    """Claims and patterns by the letters with which a pattern can begin; under no letters those that do not tell."""
    found: dict[str, list[Opening]] = defaultdict(list)
    for claim, cues in topics().items():
        for cue in cues:
            for letters, lead in {(begun.letters, begun.lead) for begun in pattern_starts(cue.plainly)}:
                found[letters].append((claim, cue.plainly, lead))
    return {letters: tuple(openings) for letters, openings in found.items()}


def claims_in(text: str) -> frozenset[str]:
    """The claims that a folded sentence may state outright."""
    openings = _openings()
    found: set[str] = set()
    if _NUMBER_OR_NAME.search(text):
        found = {claim for claim, pattern, _ in openings.get("", ()) if pattern.search(text)}
    for word in _WORD.finditer(text):
        start = word.start()
        for length in range(1, LETTERS + 1):
            for claim, pattern, lead in openings.get(text[start : start + length], ()):
                if claim not in found and begins_at(pattern, text, start, lead):
                    found.add(claim)
    return frozenset(found)
