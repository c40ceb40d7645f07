"""The small plot of a record's scores over time, as inline SVG.

Idea: the points are read off the record's own change notes, so the plot can be checked against the list
beneath it. Invariant: positions are percentages and classes, never style attributes.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from publishing.pages.escaping import day
from publishing.record_versions.change_notes import SCORE, read_score
from scoring.record import PublishedRecord
from scoring.scores import AivssScore

HEIGHT = 120
_BANDS = (("critical", 9, 10), ("high", 7, 9), ("medium", 4, 7), ("low", 0, 4))


class Point(NamedTuple):
    at: datetime
    score: Decimal | None
    low: Decimal
    high: Decimal


def scale_bands(score: AivssScore) -> Markup:
    """The four bands of the 0 to 10 scale, pale, and the part of each that the range covers, in full colour."""
    drawn = []
    for name, start, end in reversed(_BANDS):
        gap = 0.04 if end < 10 else 0.0
        low, high = max(float(score.low), start), min(float(score.high), end)
        drawn.append(_band(name, start, end - gap))
        if high > low or score.low == score.high == Decimal(start):
            drawn.append(_band(f"on {name}", low, max(high - (gap if high == end else 0), low + 0.06)))
    return Markup("\n".join(drawn))


def _band(classes: str, start: float, end: float) -> str:
    place = f'x="{start * 10:.1f}%" y="20" width="{(end - start) * 10:.1f}%" height="10"'
    return f'<rect class="seg {classes}" {place}></rect>'


def points(record: PublishedRecord) -> list[Point]:
    """One point for each version that set or moved the score, oldest first."""
    found: dict[datetime, Point] = {}
    for change in reversed(record.changes):
        read = read_score(change.after) if change.path == SCORE else None
        if read:
            found[change.at] = Point(change.at, *read)
    return list(found.values())


def plot(record: PublishedRecord) -> Markup:
    """Score as a stepped line inside its range, from the first publication to the last change."""
    at = points(record)
    if not at:
        return Markup("")
    first, last = at[0].at, max(record.modified, at[-1].at)
    whole = (last - first).total_seconds() or 1.0

    def share(moment: datetime) -> float:
        return 4 + 92 * ((moment - first).total_seconds() / whole if last > first else 0.5)

    def x(moment: datetime) -> str:
        return f"{share(moment):.2f}%"

    def y(score: Decimal) -> str:
        return f"{HEIGHT - float(score) * HEIGHT / 10:.1f}"

    lines = [
        f'<rect class="zone {name}" x="0" y="{HEIGHT - high * HEIGHT // 10}" width="100%" '
        f'height="{(high - low) * HEIGHT // 10}"></rect>'
        for name, low, high in _BANDS
    ]
    for here, then in zip(at, [*at[1:], None], strict=True):
        until = x(then.at) if then else x(last)
        tall = max(1.0, float(here.high - here.low) * HEIGHT / 10)
        wide = max(0.6, share(then.at if then else last) - share(here.at))
        lines.append(
            f'<rect class="reach" x="{x(here.at)}" y="{y(here.high)}" width="{wide:.2f}%" height="{tall:.1f}"></rect>'
        )
        if here.score is None:
            continue
        lines.append(
            f'<line class="step" x1="{x(here.at)}" x2="{until}" y1="{y(here.score)}" y2="{y(here.score)}"></line>'
        )
        if then and then.score is not None:
            lines.append(
                f'<line class="step" x1="{until}" x2="{until}" y1="{y(here.score)}" y2="{y(then.score)}"></line>'
            )
    lines.extend(
        f'<circle class="point" cx="{x(p.at)}" cy="{y(p.score)}" r="4"></circle>' for p in at if p.score is not None
    )
    words = ", ".join(f"{day(p.at)}: {'withheld' if p.score is None else p.score}" for p in at[-12:])
    ends = f'<text x="0" y="{HEIGHT + 16}">{day(first)}</text>'
    if day(last) != day(first):
        ends += f'<text x="100%" y="{HEIGHT + 16}" text-anchor="end">{day(last)}</text>'
    return Markup(
        f'<svg class="plot" width="100%" height="{HEIGHT + 22}" role="img" aria-label="Score over time. {words}">'
        f"{''.join(lines)}{ends}</svg>"
    )
