"""One run of the equation over an agent: at its estimates, at its safest, at its worst.

Invariant: `safest` <= `estimated` <= `worst` in the vector, in every factor, in ThM and in MF; the CVSS base
and every equation never decrease in any of them, so the two ends bound every truth that unknowns may hide.
"""

from decimal import Decimal
from functools import partial
from typing import NamedTuple

from scoring.cvss import base_score, vector_rules
from scoring.cvss.exposure_defaults import Facts
from scoring.factor_estimates import ONE, End, Estimates, runs_code
from scoring.formulas.profile import Figures, Profile, three_point
from scoring.formulas.threat_and_mitigation import MITIGATION_LEVELS, THREAT_LEVELS, Levels
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


def point(profile: Profile, vector: str, inputs: Inputs) -> Point:
    """The equation for one vector."""
    base = base_score.base(vector)
    return Point(vector, base, inputs, profile.equation(base, *inputs))


def levels(agent: Estimates) -> tuple[Levels, Levels]:
    """ThM and MF levels from the known facts."""
    return (
        THREAT_LEVELS[agent.facts.get(ExposureFact.INCIDENT)],
        MITIGATION_LEVELS[agent.facts.get(ExposureFact.CONTROL)],
    )


def inputs(agent: Estimates, profile: Profile, end: End, facts: Facts) -> Inputs:
    """The factors, ThM and MF, with unknowns at one end; `facts` are the agent's at that end."""
    factors = agent.factors_at(end)
    if profile.code_modifies and runs_code(facts):
        factors = {**factors, RiskFactor.SELF_MODIFICATION: ONE}
    values = [factors[factor] for factor in profile.factors.values()]
    thm, mitigation = levels(agent)
    return Inputs(
        tuple(map(three_point, values) if profile.strict else values),
        profile.thm[getattr(thm, end)] if agent.thm is None else agent.thm,
        profile.mitigation[getattr(mitigation, end)] if agent.mitigation is None else agent.mitigation,
    )


def _at(end: End, agent: Estimates, profile: Profile) -> Point:
    facts = agent.facts_at(end)
    return point(profile, vector_rules.vector(facts), inputs(agent, profile, end, facts))


estimated = partial(_at, "headline")
"""The headline: unknown factors at their estimates, unknown facts at their defaults."""
safest = partial(_at, "low")
"""Every unknown at its safest."""
worst = partial(_at, "high")
"""Every unknown at its worst."""
