"""Each pattern and each shape of page as a task, tried in a process that is ended when it takes too long.

Invariant: what fails failed twice, the second time in a fresh process; what does not end is stopped and fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import NamedTuple

from benches.pump.patterns import PACKAGES, AnyPattern, patterns_of
from benches.pump.shapes import SHAPES
from benches.pump.times import LONG_SIZES, SIZES, growth_of, slow_steps
from extractors.pages.deadline import TooCostly
from flows.reading.time_limited_pool import READERS

AT_ONCE = max(2, os.cpu_count() or 2)


class Failure(NamedTuple):
    name: str
    why: str


@cache
def tasks(packages: tuple[str, ...], long: bool) -> dict[str, Callable[[], str]]:
    """By name what gives the reason of a failure, or nothing: patterns of the packages, shapes of the product alone."""
    found: dict[str, Callable[[], str]] = {}
    if not long:
        found |= {f"pattern {place.name}": partial(_slow_pattern, place.pattern) for place in patterns_of(packages)}
    if packages == PACKAGES:
        found |= {
            f"shape {shape}, {name}": partial(_slow_shape, shape, name, LONG_SIZES if long else SIZES)
            for shape, made in SHAPES.items()
            for name in made.names.split()
        }
    return found


def reason(packages: tuple[str, ...], long: bool, name: str) -> str:
    """Why a task fails, or nothing."""
    return tasks(packages, long)[name]()


def _slow_pattern(pattern: AnyPattern) -> str:
    growth = growth_of(pattern)
    return "" if growth is None else f"grows {growth.ratio:.1f} times to {growth.seconds:.3f} s on {growth.text}"


def _slow_shape(shape: str, name: str, sizes: tuple[int, ...]) -> str:
    slow = slow_steps(SHAPES[shape], name, sizes)
    return "; ".join(f"{step.step} takes {step.seconds:.2f} s at {step.size:,} (×{step.ratio:.1f})" for step in slow)


def failures(names: Iterable[str], work: Callable[[str], str], patience: float) -> list[Failure]:
    """Every name with which the work gives a reason, twice; it has so many seconds of processor time."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        first = list(filter(None, threads.map(partial(_failure, work, patience), names)))
    return sorted(_again(first, work, patience))


def _again(first: Iterable[Failure], work: Callable[[str], str], patience: float) -> Iterator[Failure]:
    for failure in first:
        READERS.close()
        second = _failure(work, patience, failure.name)
        if second is not None:
            yield second


def _failure(work: Callable[[str], str], patience: float, name: str) -> Failure | None:
    try:
        why = READERS.ask(patience, work, name)
    except TooCostly:
        why = f"does not end within {patience:.0f} s"
    except RuntimeError as error:  # a reader that breaks is a finding, whatever it raises
        why = str(error)[:300]
    return Failure(name, why) if why else None
