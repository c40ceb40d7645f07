"""The sanity gate: a publication that changes suspiciously much is held for a person.

Idea: a broken crawl, model or rule shows as many bands moving, or many records going, at once. Invariant: a
held publication changes nothing; it goes out only over a named person, who stands in the generation's log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from publishing.catalogue import Run
from publishing.pages.index_rows import Row
from scoring.errors import Refused


class PublicationLimits(NamedTuple):
    """What a publication may do without a person."""

    changed_bands: Decimal = Decimal("0.25")
    """Share of the live records whose band may change at once."""
    withdrawn: Decimal = Decimal("0.1")
    """Share of the live records that may be withdrawn at once."""
    completeness: Decimal = Decimal("0.99")
    """Of the last full run, at least."""
    always: int = 3
    """So many changes pass in any case: in a small directory one agent is a large share."""


def limit_violations(
    before: Mapping[str, Row], after: Iterable[Row], run: Run | None, gate: PublicationLimits
) -> list[str]:
    """Why this publication should wait, one line each; empty when nothing is suspicious."""
    live = sum(1 for row in before.values() if row.live) or 1
    moved = gone = 0
    for row in after:
        old = before.get(row.slug)
        if old and old.live and not row.live:
            gone += 1
        elif old and old.live and old.band != row.band:
            moved += 1
    found = []
    if moved > gate.always and Decimal(moved) / live > gate.changed_bands:
        found.append(f"{moved} of {live} records change their band (limit {gate.changed_bands:%})")
    if gone > gate.always and Decimal(gone) / live > gate.withdrawn:
        found.append(f"{gone} of {live} records are withdrawn (limit {gate.withdrawn:%})")
    if run and run.completeness < gate.completeness:
        found.append(
            f"the last full run reached {run.completeness:.1%} of the due agents (at least {gate.completeness:.0%})"
        )
    return found


def refuse_publication(found: list[str]) -> None:
    """Refuses with all doubts in one line."""
    if found:
        raise Refused(
            "held for a person: " + "; ".join(found),
            subject="site",
            step="publish",
            next_step="look at the changes, then `assay site publish --released-by NAME`",
        )
