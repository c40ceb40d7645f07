"""Where a run of words stands in the words of a text, found by one search of one string.

Invariant: a run is found at whole words only, from the top of the text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate


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
