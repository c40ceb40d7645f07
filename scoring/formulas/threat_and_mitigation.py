"""Threat multiplier and mitigation factor on listing evidence: which level, and why.

AIVSS 0.8 table 4a, ThM: Attacked if exploitation in the wild is cited. Else Proof-of-Concept, the standard's
default: walkthroughs of prompt injection are public, so that nothing was found is no reason for Unreported.
AIVSS 0.8 table 4b, MF: Partial at best, if a specific enforceable control is stated and quoted. Strong needs
validation, which a listing cannot give.

The range: `high` takes Attacked unless an incident search is stated, and No mitigation unless a control is
stated. `low` takes Partial where a control is merely not known, since one may exist. Unreported is never
taken, not even at the low end: a stated search that found nothing settles the question of incidents, not that
of walkthroughs. Invariant: low <= headline <= high, and taking evidence away never narrows them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

THM_0_8: Mapping[str, Decimal] = {
    "attacked": Decimal("1.00"),
    "proof_of_concept": Decimal("0.97"),
    "unreported": Decimal("0.50"),
}
"""AIVSS 0.8 table 4a."""

MITIGATION_0_8: Mapping[str, Decimal] = {
    "none": Decimal("1.00"),
    "partial": Decimal("0.83"),
    "strong": Decimal("0.67"),
}
"""AIVSS 0.8 table 4b."""

NO_MITIGATION: Mapping[str, Decimal] = dict.fromkeys(MITIGATION_0_8, Decimal("1.00"))
"""For a formula that knows no mitigation factor."""


class Levels(NamedTuple):
    """Level names of the profile's table for the headline and for both ends of the range."""

    headline: str
    low: str
    high: str
    reason: str


THREAT_LEVELS: dict[str | None, Levels] = {
    "cited": Levels("attacked", "attacked", "attacked", "exploitation in the wild is cited"),
    "searched_none_found": Levels(
        "proof_of_concept", "proof_of_concept", "proof_of_concept", "an incident search is stated and found none"
    ),
    "not_searched": Levels("proof_of_concept", "proof_of_concept", "attacked", "no incident search is stated"),
    None: Levels("proof_of_concept", "proof_of_concept", "attacked", "no incident is cited, no search is stated"),
}
"""ThM levels by the `incident` fact; None when it is not known."""

MITIGATION_LEVELS: dict[str | None, Levels] = {
    "enforceable": Levels("partial", "partial", "partial", "a specific enforceable control is stated"),
    "none": Levels("none", "none", "none", "its pages show no effective control"),
    None: Levels("none", "partial", "none", "no specific enforceable control is stated"),
}
"""MF levels by the `control` fact; None when it is not known."""
