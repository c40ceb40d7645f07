"""Plots as plain numbers for inline SVG: a template only places them. Invariant: no style, no script."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from records.assessments.assessments import HistoryRow

BANDS = (("None", 0.0, 0.1), ("Low", 0.1, 4.0), ("Medium", 4.0, 7.0), ("High", 7.0, 9.0), ("Critical", 9.0, 10.0))
"""AIVSS bands on the scale of 0 to 10."""


def history(rows: Sequence[HistoryRow]) -> dict[str, Any]:
    """Score and range over time, evenly spaced, of every assessment that was current; y grows downwards. `line` and
    `area` are points, `dots` are x, y, band and label, `zones` are band, y and height."""
    width, height = 320, 88
    step = width / max(len(rows), 1)

    def y(value: Decimal | float) -> float:
        return round(height - float(value) / 10 * height, 1)

    placed = [(round(step * (i + 0.5), 1), row) for i, row in enumerate(rows)]
    known = [(x, row.score, row) for x, row in placed if row.score is not None]
    upper = [f"{x},{y(row.high)}" for x, row in placed]
    lower = [f"{x},{y(row.low)}" for x, row in placed]
    return {
        "width": width,
        "height": height,
        "line": " ".join(f"{x},{y(score)}" for x, score, _ in known),
        "area": " ".join(upper + lower[::-1]),
        "dots": [(x, y(score), row.severity or "None", f"{row.at:%Y-%m-%d}: {score}") for x, score, row in known],
        "zones": [(name, y(high), round((high - low) / 10 * height, 1)) for name, low, high in BANDS],
    }
