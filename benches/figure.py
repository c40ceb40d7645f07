"""One measured figure. Each module `bench_*.py` below has `run() -> list[Figure]`; `python -m benches` runs all."""

import math
import time
from collections.abc import Callable
from typing import NamedTuple


class Figure(NamedTuple):
    name: str
    value: str
    """With its unit, as printed: `62,400 /s`."""
    aim: str
    """`≥ 50,000 /s`."""
    met: bool
    how: str
    """How it was measured, one line."""


def process_ms(work: Callable[[], object]) -> float:
    """Milliseconds of processor time that the work takes."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


def p95(question: Callable[[int], object], times: int) -> float:
    """Milliseconds within which 95 of 100 answers came, the first one included."""
    took = []
    for number in range(times):
        begun = time.perf_counter()
        question(number)
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)[math.ceil(times * 0.95) - 1]
