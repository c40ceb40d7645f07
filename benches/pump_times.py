"""Processor time of one call on a text and on one twice as long, and whether it grows with the length.

Idea: what grows with the square takes four times as long on twice the text; noise only ever adds, so the best of
several runs counts. Invariant: a call that ends within the floor is linear enough for any page.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from benches.pump_patterns import AnyPattern, pumps

SHORT, FULL = 4_000, 8_000
PROBE = 2_000
PROBE_FLOOR = 0.000_3
FLOOR = 0.002
"""Seconds at `FULL`. The square of 8,000 takes more than this on any machine."""
GROWTH = 3.0
RUNS = 5


class Growth(NamedTuple):
    """The worst that was seen of one pattern."""

    ratio: float
    seconds: float
    """At `FULL` characters."""
    text: str
    """How the text is made, for a person."""


def timed(call: Callable[[], object], runs: int = 1) -> float:
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return best


def growth_of(pattern: AnyPattern) -> Growth | None:
    """The first text on which the pattern's time grows faster than its length, or None."""
    for head, piece, tail in pumps(pattern):
        text = {size: _text(pattern, head, piece, tail, size) for size in (PROBE // 8, PROBE, SHORT, FULL)}
        if timed(lambda: _searched(pattern, text[PROBE // 8])) > 0.5:  # noqa: B023
            return Growth(float("inf"), float("inf"), _described(head, piece, tail))
        if timed(lambda: _searched(pattern, text[PROBE])) < PROBE_FLOOR:  # noqa: B023
            continue
        for runs in (1, RUNS):
            long = timed(lambda: _searched(pattern, text[FULL]), runs)  # noqa: B023
            short = timed(lambda: _searched(pattern, text[SHORT]), runs)  # noqa: B023
            if long < FLOOR or long / max(short, 1e-9) < GROWTH:
                break
        else:
            return Growth(long / max(short, 1e-9), long, _described(head, piece, tail))
    return None


def _text(pattern: AnyPattern, head: str, piece: str, tail: str, size: int) -> str | bytes:
    text = head + piece * (size // len(piece)) + tail
    return text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")


def _searched(pattern: AnyPattern, text: str | bytes) -> None:
    for _ in pattern.finditer(text):  # type: ignore[arg-type]
        pass


def _described(head: str, piece: str, tail: str) -> str:
    return f"{head!r} + {piece!r} * n" + (f" + {tail!r}" if tail else "")
