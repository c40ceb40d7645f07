"""Krippendorff's alpha: how far two readings agree beyond chance, exactly.

Idea: alpha is one minus observed over expected disagreement, by the distance that fits the values. Invariants: it is
None where nothing can be said (no unit was read twice, or all values are the same); the order of units changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

Metric = Literal["nominal", "ordinal", "interval"]


def alpha(units: Sequence[Sequence[Fraction | int]], metric: Metric) -> Fraction | None:
    """Alpha of units, each with the values that its readers gave; nominal and ordinal values are numbered."""
    read = [unit for unit in units if len(unit) > 1]
    counts = Counter(value for unit in read for value in unit)
    total = sum(counts.values())
    apart = {(a, b): _distance(a, b, counts, metric) for a in counts for b in counts}
    expected = sum((counts[a] * counts[b] * far for (a, b), far in apart.items()), Fraction(0))
    if not expected:
        return None
    observed = sum(
        (Fraction(sum(apart[a, b] for a in unit for b in unit), len(unit) - 1) for unit in read), Fraction(0)
    )
    return 1 - (total - 1) * observed / expected


def _distance(a: Fraction | int, b: Fraction | int, counts: Counter[Fraction | int], metric: Metric) -> Fraction:
    if metric == "nominal":
        return Fraction(a != b)
    if metric == "interval":
        return Fraction(a - b) ** 2
    between = sum(number for value, number in counts.items() if min(a, b) <= value <= max(a, b))
    return (Fraction(between) - Fraction(counts[a] + counts[b], 2)) ** 2
