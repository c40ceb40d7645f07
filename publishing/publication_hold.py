"""When a publication is held for a person: it changes suspiciously much.

Idea: a broken crawl, model or rule shows as many bands moving, or many records going, at once. Invariant: a
held publication changes nothing; it goes out only over a named person, who is named in the generation's log.
"""

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


def hold_reasons(
    before: Mapping[str, Row], after: Iterable[Row], run: Run | None, limits: PublicationLimits, released_by: str | None
) -> list[str]:
    """Why this publication should wait, one line each; empty when nothing is suspicious. `Refused` with all of them
    unless somebody releases it."""
    live = sum(1 for row in before.values() if row.live) or 1
    pairs = [(before[row.slug], row) for row in after if row.slug in before and before[row.slug].live]
    gone = sum(not row.live for _, row in pairs)
    moved = sum(row.live and row.band != old.band for old, row in pairs)
    found = []
    if moved > limits.always and Decimal(moved) / live > limits.changed_bands:
        found.append(f"{moved} of {live} records change their band (limit {limits.changed_bands:%})")
    if gone > limits.always and Decimal(gone) / live > limits.withdrawn:
        found.append(f"{gone} of {live} records are withdrawn (limit {limits.withdrawn:%})")
    if run and run.completeness < limits.completeness:
        found.append(
            f"the last full run reached {run.completeness:.1%} of the due agents (at least {limits.completeness:.0%})"
        )
    if found and released_by is None:
        raise Refused(
            "held for a person: " + "; ".join(found),
            subject="site",
            step="publish",
            next_step="look at the changes, then `assay site publish --released-by NAME`",
        )
    return found
