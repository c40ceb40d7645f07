"""One measured figure. Each module `bench_*.py` below has `run() -> list[Figure]`; `python -m benches` runs all."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    room: str
    name: str
    value: str
    """With its unit, as printed: `62,400 /s`."""
    aim: str
    """`≥ 50,000 /s`."""
    met: bool
    how: str
    """How it was measured, one line."""
