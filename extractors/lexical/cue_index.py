"""Which claims a sentence may state outright, found by the first letters of its words.

Idea: each cue of the topic table begins with certain letters, so a sentence is searched for the few cues that its own
words can begin, and not for all. Invariant: a claim that is named has a cue that says it outright; what begins with a
mark and no word may be missed, which only makes the reader find less.
"""

from __future__ import annotations

from functools import cache

from extractors.injection.pattern_starts import Patterns
from extractors.support.topics import topics


@cache
def _outright() -> tuple[tuple[str, ...], Patterns]:
    """The claim of each cue, and what says the cue outright."""
    cues = [(claim, cue.plainly) for claim, cues in topics().items() for cue in cues]
    return tuple(claim for claim, _ in cues), Patterns([pattern for _, pattern in cues])


def claims_in(text: str) -> frozenset[str]:
    """The claims that a folded sentence may state outright."""
    claims, patterns = _outright()
    return frozenset(claims[number] for number in patterns.that_may_match(text))
