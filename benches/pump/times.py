"""Processor time of one call on a text and on one twice as long, and whether it grows with the length.

Idea: what grows with the square takes four times as long on twice the text; noise only ever adds, so the best of
several runs counts. Invariant: a call that ends within the floor is linear enough for any page.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from benches.pump.patterns import AnyPattern, pumps
from benches.pump.shapes import Shape, steps
from scoring.errors import AssayError

SHORT, FULL = 4_000, 8_000
PROBE = 2_000
PROBE_FLOOR = 0.000_3
PROBE_GROWTH = 9.5
"""Times as long on eight times the text: linear is 8, what grows by `GROWTH` at the full sizes is 11 or more."""
FLOOR = 0.002
"""Seconds at `FULL`. The square of 8,000 takes more than this on any machine."""
PLAIN = 0.2
"""Seconds at `FULL` beside which noise is little."""
GROWTH = 3.0
RUNS = 5
SIZES = (64_000, 256_000)
LONG_SIZES = (256_000, 1 << 20, 8 << 20)
AIM_SECONDS = {64_000: 1.0, 256_000: 1.0, 1 << 20: 4.0, 8 << 20: 10.0}
"""Processor seconds of one step on a machine without other work; the last is the deadline of a page."""
NOISE = 3.0
"""Times the aim that a step may take where other work shares the machine's caches and memory, as in CI."""
AGAIN = 2
SHAPE_GROWTH = 1.8
"""Times as much as the page grew: noise and caches, but never a square."""
GROWTH_FLOOR, LEAST = 0.4, 0.04
"""Seconds below which a growth, or the time before it, tells nothing."""


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
        first = timed(lambda: _searched(pattern, text[PROBE // 8]))  # noqa: B023
        if first > 0.5:
            return Growth(float("inf"), float("inf"), _described(head, piece, tail))
        probed = timed(lambda: _searched(pattern, text[PROBE]))  # noqa: B023
        if probed < PROBE_FLOOR:
            continue
        if probed < PROBE_GROWTH * min(first, timed(lambda: _searched(pattern, text[PROBE // 8]), RUNS)):  # noqa: B023
            continue
        long = 0.0
        for again in (False, True):
            runs = (RUNS if long < PLAIN else 2) if again else 1
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


class Slow(NamedTuple):
    """A step of a reader that takes too long, or grows too fast, on a shape of page."""

    step: str
    size: int
    seconds: float
    ratio: float
    """To the time at a quarter of the size."""


def slow_steps(shape: Shape, name: str, sizes: Sequence[int]) -> list[Slow]:
    """Steps over their time at one of the sizes, or whose time grows faster than the page."""
    found: list[Slow] = []
    smaller: dict[str, Callable[[], None]] = {}
    before: dict[str, float] = {}
    for _, step in steps(shape, name, 1_000):  # what is loaded once is no cost of a page
        _ended(step)
    for size in sizes:
        allowed = SHAPE_GROWTH * _times(size, sizes)
        for title, step in steps(shape, name, size):
            run = partial(_ended, step)
            seconds = timed(run)
            if _too_slow(seconds, before.get(title), size, allowed):
                seconds = min(seconds, timed(run, AGAIN))
                before |= {title: timed(smaller[title], AGAIN)} if title in smaller else {}
            if _too_slow(seconds, before.get(title), size, allowed):
                found.append(Slow(title, size, seconds, seconds / max(before.get(title, seconds), LEAST)))
            before[title], smaller[title] = seconds, run
    return found


def _too_slow(seconds: float, before: float | None, size: int, allowed: float) -> bool:
    grew = before is not None and seconds > GROWTH_FLOOR and seconds > allowed * max(before, LEAST)
    return seconds > NOISE * AIM_SECONDS[size] or grew


def _times(size: int, sizes: Sequence[int]) -> float:
    place = sizes.index(size)
    return size / sizes[place - 1] if place else 1.0


def _ended(step: Callable[[], object]) -> None:
    """A typed refusal is an answer; anything else is a fault of the reader."""
    with suppress(AssayError):
        step()
