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
from scoring.formulas.profile import Figures, Profile, three_point
from scoring.headline import threat_and_mitigation
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


def span(given: Estimates, profile: Profile) -> Span:
    """The factors, ThM and MF: estimated, with unknowns at 0, with unknowns at 1."""
    thm, mf = levels(given)

    def inputs(factors: list[Decimal], thm_level: str, mf_level: str) -> Inputs:
        return Inputs(
            tuple(three_point(value) for value in factors) if profile.strict else tuple(factors),
            profile.thm[thm_level] if given.thm is None else given.thm,
            profile.mitigation[mf_level] if given.mitigation is None else given.mitigation,
        )

    def summed(value: Callable[[RiskFactor], Decimal], facts: Facts) -> list[Decimal]:
        read = runs_code(facts) and profile.code_modifies
        of = profile.factors.values()
        return [ONE if read and factor is RiskFactor.SELF_MODIFICATION else value(factor) for factor in of]

    return Span(
        inputs(summed(given.factors.__getitem__, given.headline_facts()), thm.headline, mf.headline),
        inputs(summed(given.low_factor, given.safest_facts()), thm.low, mf.low),
        inputs(summed(given.high_factor, given.worst_facts()), thm.high, mf.high),
    )


def estimated(given: Estimates, profile: Profile) -> Point:
    """The headline: unknown factors at their estimates, unknown facts at their defaults."""
    return point(profile, vector_rules.vector(given.headline_facts()), span(given, profile).estimated)


def safest(given: Estimates, profile: Profile) -> Point:
    """Every unknown at its safest."""
    return point(profile, vector_rules.vector(given.safest_facts()), span(given, profile).safest)


def worst(given: Estimates, profile: Profile) -> Point:
    """Every unknown at its worst."""
    return point(profile, vector_rules.vector(given.worst_facts()), span(given, profile).worst)
