"""Plots as plain numbers for inline SVG: a template only places them. Invariant: no style, no script."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

BANDS = (("None", 0.0, 0.1), ("Low", 0.1, 4.0), ("Medium", 4.0, 7.0), ("High", 7.0, 9.0), ("Critical", 9.0, 10.0))
"""AIVSS bands on the scale of 0 to 10."""


class Scale(NamedTuple):
    """The range bar: x positions on a width of 100."""

    low: float
    high: float
    dot: float | None


def scale(low: Decimal, high: Decimal, score: Decimal | None) -> Scale:
    return Scale(float(low) * 10, float(high) * 10, None if score is None else float(score) * 10)


class Plot(NamedTuple):
    """A history on a field of `width` × `height`; y grows downwards."""

    width: int
    height: int
    line: str
    """Points of the score, for a polyline."""
    area: str
    """Points of the range, for a polygon."""
    dots: tuple[tuple[float, float, str, str], ...]
    """x, y, band, label."""
    zones: tuple[tuple[str, float, float], ...]
    """Band, y, height."""


def history(rows: Sequence[dict[str, Any]]) -> Plot:
    """Score and range over time, evenly spaced: every assessment that stood."""
    width, height = 320, 88
    step = width / max(len(rows), 1)

    def y(value: Decimal | float) -> float:
        return round(height - float(value) / 10 * height, 1)

    middles = [round(step * (i + 0.5), 1) for i in range(len(rows))]
    upper = [f"{x},{y(row['high'])}" for x, row in zip(middles, rows, strict=True)]
    lower = [f"{x},{y(row['low'])}" for x, row in zip(middles, rows, strict=True)]
    known = [(x, row) for x, row in zip(middles, rows, strict=True) if row["score"] is not None]
    return Plot(
        width,
        height,
        " ".join(f"{x},{y(row['score'])}" for x, row in known),
        " ".join(upper + lower[::-1]),
        tuple((x, y(row["score"]), row["band"] or "None", f"{row['at']:%Y-%m-%d}: {row['score']}") for x, row in known),
        tuple((name, y(high), round((high - low) / 10 * height, 1)) for name, low, high in BANDS),
    )
