"""Where words that a person may not see stand in the text of their page.

Idea: the words come from an element and the text from blocks, so white space differs; letters and digits do not.
Invariant: words that stand in the text more often than they were reported are seen somewhere, and have no place here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

FEWEST = 8
"""Letters and digits; fewer stand anywhere by chance."""
MOST = 200


def places_of(kept: Sequence[tuple[str, str]], text: str) -> dict[tuple[str, str], tuple[int, int]]:
    """(carrier, the excerpt of its finding) to the place of the words in the text, for (carrier, words)."""
    at = [number for number, char in enumerate(text) if char.isalnum()]
    letters = "".join(text[number] for number in at)
    reported = Counter(_letters(words) for _, words in kept[:MOST])
    places: dict[tuple[str, str], tuple[int, int]] = {}
    for how, words in kept[:MOST]:
        looked_for = _letters(words)
        start = letters.find(looked_for) if len(looked_for) >= FEWEST else -1
        if start >= 0 and letters.count(looked_for) <= reported[looked_for]:
            places.setdefault((how, words[:300]), (at[start], at[start + len(looked_for) - 1] + 1))
    return places


def _letters(words: str) -> str:
    return "".join(filter(str.isalnum, words))
