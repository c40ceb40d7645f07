"""Resampling and rank correlation, small enough to be read here.

Idea: agents, not single numbers, are drawn, because the numbers of one agent hang together. Invariant: the
same figures in, the same figures out: the draw is seeded.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
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
    a, b = _ranks([x for x, _ in pairs]), _ranks([y for _, y in pairs])
    middle = (len(pairs) + 1) / 2
    both = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    spread = sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b)
    return both / spread**0.5 if spread else None


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    first = 0
    while first < len(order):
        stop = first
        while stop < len(order) and values[order[stop]] == values[order[first]]:
            stop += 1
        for place in order[first:stop]:
            ranks[place] = (first + 1 + stop) / 2
        first = stop
    return ranks


def mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
