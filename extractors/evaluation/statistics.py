"""Resampling and rank correlation, small enough to be read here.

Idea: agents, not single numbers, are drawn, because the numbers of one agent hang together. Invariant: the
same figures in, the same figures out: the draw is seeded.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from statistics import StatisticsError, correlation
from typing import TypeVar

RESAMPLES = 1000
SEED = 20260315

Unit = TypeVar("Unit")


def intervals(units: Sequence[Unit], measure: Callable[[Sequence[Unit]], float | None]) -> list[float] | None:
    """95 %: the 2.5th and 97.5th percentile over `RESAMPLES` draws of as many units, with replacement."""
    if len(units) < 2:
        return None
    draw = random.Random(SEED)
    drawn = (measure(draw.choices(units, k=len(units))) for _ in range(RESAMPLES))
    values = sorted(value for value in drawn if value is not None)
    if not values:
        return None
    low, high = values[int(0.025 * len(values))], values[min(len(values) - 1, int(0.975 * len(values)))]
    return [round(low, 4), round(high, 4)]


def spearman(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's correlation of the ranks, ties at their mean rank. None when one side never changes."""
    if len(pairs) < 2:
        return None
    ours, theirs = zip(*pairs, strict=True)
    try:
        return correlation(_ranks(ours), _ranks(theirs))
    except StatisticsError:
        return None


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [(bisect_left(ordered, value) + 1 + bisect_right(ordered, value)) / 2 for value in values]


def mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
