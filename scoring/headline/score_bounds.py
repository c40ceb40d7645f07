"""One run of the equation over an agent: at its estimates, at its safest, at its worst.

Invariant: `safest` <= `estimated` <= `worst` in the vector, in every factor, in ThM and in MF; the CVSS base
and every equation never decrease in any of them, so the two ends bound every truth that unknowns may hide.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from scoring.cvss import base_score, vector_rules
from scoring.cvss.exposure_defaults import Facts
from scoring.factor_estimates import ONE, Estimates, runs_code
from scoring.formulas import threat_and_mitigation
from scoring.formulas.profile import Figures, Profile, three_point
from scoring.headline.severity import severity
from scoring.vocabulary import ExposureFact, RiskFactor, Severity


class Inputs(NamedTuple):
    """What goes into the equation beside the CVSS base."""

    factors: tuple[Decimal, ...]
    thm: Decimal
    mitigation: Decimal


class Point(NamedTuple):
    """A vector, its base, and what the equation gives for it."""

    vector: str
    base: Decimal
    inputs: Inputs
    figures: Figures

    @property
    def band(self) -> Severity:
        return severity(self.figures.aivss)


class Span(NamedTuple):
    """The inputs at the estimates, and at both ends of the range."""

    estimated: Inputs
    safest: Inputs
    worst: Inputs


def point(profile: Profile, vector: str, inputs: Inputs) -> Point:
    """The equation for one vector."""
    base = base_score.base(vector)
    return Point(vector, base, inputs, profile.equation(base, *inputs))


def levels(given: Estimates) -> tuple[threat_and_mitigation.Levels, threat_and_mitigation.Levels]:
    """ThM and MF levels from the known facts."""
    return (
        threat_and_mitigation.threat(given.facts.get(ExposureFact.INCIDENT)),
        threat_and_mitigation.mitigation(given.facts.get(ExposureFact.CONTROL)),
    )


def _estimated(given: Estimates, profile: Profile) -> tuple[Facts, Inputs]:
    (thm, mf), facts = levels(given), given.headline_facts()
    return facts, _inputs(given, profile, facts, given.factors.__getitem__, thm.headline, mf.headline)


def _safest(given: Estimates, profile: Profile) -> tuple[Facts, Inputs]:
    (thm, mf), facts = levels(given), given.safest_facts()
    return facts, _inputs(given, profile, facts, given.low_factor, thm.low, mf.low)


def _worst(given: Estimates, profile: Profile) -> tuple[Facts, Inputs]:
    (thm, mf), facts = levels(given), given.worst_facts()
    return facts, _inputs(given, profile, facts, given.high_factor, thm.high, mf.high)


def _inputs(
    given: Estimates, profile: Profile, facts: Facts, value: Callable[[RiskFactor], Decimal], thm: str, mf: str
) -> Inputs:
    read = runs_code(facts) and profile.code_modifies
    of = profile.factors.values()
    values = [ONE if read and factor is RiskFactor.SELF_MODIFICATION else value(factor) for factor in of]
    return Inputs(
        tuple(map(three_point, values) if profile.strict else values),
        profile.thm[thm] if given.thm is None else given.thm,
        profile.mitigation[mf] if given.mitigation is None else given.mitigation,
    )


def span(given: Estimates, profile: Profile) -> Span:
    """The factors, ThM and MF: estimated, with unknowns at 0, with unknowns at 1."""
    return Span(*(end(given, profile)[1] for end in (_estimated, _safest, _worst)))


def _at(profile: Profile, facts: Facts, inputs: Inputs) -> Point:
    return point(profile, vector_rules.vector(facts), inputs)


def estimated(given: Estimates, profile: Profile) -> Point:
    """The headline: unknown factors at their estimates, unknown facts at their defaults."""
    return _at(profile, *_estimated(given, profile))


def safest(given: Estimates, profile: Profile) -> Point:
    """Every unknown at its safest."""
    return _at(profile, *_safest(given, profile))


def worst(given: Estimates, profile: Profile) -> Point:
    """Every unknown at its worst."""
    return _at(profile, *_worst(given, profile))
