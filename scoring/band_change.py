"""Who would move to another band under a profile, and why: the report to read before a formula is adopted.

Idea: a stream of stored pairs in, a stream of rows out; nothing is collected, so memory does not grow with the
number of agents. Only what a score needs is read from the stored JSON. Invariant: each row agrees with what
`assess` would give for the same extraction and profile.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from scoring.claims import Extraction
from scoring.factor_estimates import Estimates, estimates, estimates_of_json
from scoring.formulas.profile import Profile
from scoring.formulas.table import profile_named
from scoring.headline import score_bounds
from scoring.headline.score_bounds import Point
from scoring.headline.severity import plain
from scoring.headline.withheld import too_little_known
from scoring.scores import Assessment

Stored = bytes | str
"""A stored record: its JSON."""


class BandChange(NamedTuple):
    """One agent before and after. Scores as text; None when withheld."""

    slug: str
    before_profile: str
    after_profile: str
    before: str | None
    after: str | None
    band_before: str | None
    band_after: str | None
    moved: bool
    why: tuple[str, ...]
    """Which intermediates differ: `factor sum 4.3 -> 4.0`."""


def band_changes(
    pairs: Iterable[tuple[Extraction | Stored, Assessment | Stored]], profile: str, *, moved_only: bool = True
) -> Iterator[BandChange]:
    """One row for each agent whose band changes (or for every agent), in the order of the pairs."""
    formula = profile_named(profile)
    for extraction, assessment in pairs:
        row = band_change(extraction, assessment, formula)
        if row.moved or not moved_only:
            yield row


def band_change(extraction: Extraction | Stored, assessment: Assessment | Stored, profile: Profile) -> BandChange:
    """One agent's stored assessment beside its score under a profile."""
    slug, agent = _view(extraction)
    old = _headline(assessment)
    point = score_bounds.estimated(agent, profile)
    withheld = too_little_known(agent) or point.base == 0
    score = None if withheld else str(plain(point.figures.aivss))
    band = None if withheld else str(point.band)
    return BandChange(
        slug=slug,
        before_profile=old["profile"],
        after_profile=profile.id,
        before=old["score"],
        after=score,
        band_before=old["severity"],
        band_after=band,
        moved=old["severity"] != band,
        why=_why(old, point, profile),
    )


def _view(extraction: Extraction | Stored) -> tuple[str, Estimates]:
    if isinstance(extraction, Extraction):
        return extraction.slug, estimates(extraction)
    document = json.loads(extraction)
    return document["slug"], estimates_of_json(document)


def _headline(assessment: Assessment | Stored) -> dict[str, Any]:
    if isinstance(assessment, Assessment):
        return assessment.headline.model_dump(mode="json")
    return dict(json.loads(assessment)["headline"])


def _why(old: Mapping[str, Any], point: Point, profile: Profile) -> tuple[str, ...]:
    now = (
        ("CVSS base", "cvss_base", plain(point.base)),
        ("factor sum", "factor_sum", plain(point.figures.factor_sum)),
        ("ThM", "thm", plain(point.inputs.thm, 2)),
        ("MF", "mitigation_factor", plain(point.inputs.mitigation, 2)),
        ("AARS", "aars", plain(point.figures.aars)),
    )
    causes = [f"{name} {old[key]} -> {value}" for name, key, value in now if str(old[key]) != str(value)]
    if old["profile"] != profile.id:
        causes.insert(0, f"formula {old['profile']} -> {profile.id}")
    return tuple(causes)
