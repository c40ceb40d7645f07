"""What a formula profile is: an equation, the factors it sums, and the values it allows.

Idea: one file a profile beside this one; its docstring is the formula with its source. Invariant: an
equation takes exact numbers and gives every intermediate; it neither looks anything up nor decides.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.vocabulary import PUBLISHED_FACTORS, RiskFactor


class Figures(NamedTuple):
    """Everything that an equation gives."""

    factor_sum: Decimal
    aars: Decimal
    """Not rounded."""
    raw: Decimal
    """Not rounded."""
    aivss: Decimal
    """One decimal."""


Equation = Callable[[Decimal, Sequence[Decimal], Decimal, Decimal], Figures]
"""`equation(cvss_base, factors, thm, mitigation_factor)`."""

FACTORS_0_8: Mapping[str, RiskFactor] = {
    "autonomy": RiskFactor.AUTONOMY_OF_ACTION,
    "tools": RiskFactor.DYNAMIC_TOOL_USE,
    "language": RiskFactor.NATURAL_LANGUAGE_INTERFACE,
    "context": RiskFactor.CONTEXTUAL_AWARENESS,
    "non_determinism": RiskFactor.NON_DETERMINISM,
    "opacity": RiskFactor.OPACITY_REFLEXIVITY,
    "persistence": RiskFactor.PERSISTENT_MEMORY,
    "identity": RiskFactor.DYNAMIC_IDENTITY,
    "multi_agent": RiskFactor.MULTI_AGENT_INTERACTIONS,
    "self_mod": RiskFactor.SELF_MODIFICATION,
}
"""AIVSS 0.8 Appendix A: the ten keys in the order of the calculation vector, and the estimate behind each."""

FACTORS_0_5: Mapping[str, RiskFactor] = {
    "autonomyOfAction": RiskFactor.AUTONOMY_OF_ACTION,
    "toolUse": RiskFactor.DYNAMIC_TOOL_USE,
    "memoryUse": RiskFactor.PERSISTENT_MEMORY,
    "dynamicIdentity": RiskFactor.DYNAMIC_IDENTITY,
    "multiAgentInteractions": RiskFactor.MULTI_AGENT_INTERACTIONS,
    "nonDeterminism": RiskFactor.NON_DETERMINISM,
    "selfModification": RiskFactor.SELF_MODIFICATION,
    "goalDrivenPlanning": RiskFactor.GOAL_DRIVEN_PLANNING,
    "contextualAwareness": RiskFactor.CONTEXTUAL_AWARENESS,
    "opacityAndReflexivity": RiskFactor.OPACITY_REFLEXIVITY,
}
"""AIVSS 0.5 report schema: its ten camelCase keys."""

FACTORS_PUBLISHED: Mapping[str, RiskFactor] = {str(factor): factor for factor in PUBLISHED_FACTORS}
"""The ten that published records print (the names of AIVSS 0.5 section 1)."""


class Profile(NamedTuple):
    """One formula with everything that belongs to it."""

    id: str
    title: str
    source: str
    equation: Equation
    factors: Mapping[str, RiskFactor]
    """Key of each summed factor, in order, and the estimate that fills it."""
    thm: Mapping[str, Decimal]
    """Level to number."""
    mitigation: Mapping[str, Decimal]
    """Level to number."""
    strict: bool = False
    """True: three-point factors, ThM and MF of the tables only."""
    code_modifies: bool = False
    """True: whatever generates and runs code has self-modification 1.0, as table 2 of AIVSS 0.8 has it."""
    needs_vector: bool = False
    """True: a bare base score is not enough."""
    permissive: bool = False
    """True: what the standard forbids is listed, not refused (unreachable base, ThM or MF off the tables), and a factor
    is any number from 0 to 1. False: a factor between the three points must be a tenth."""
    also_accepts: Mapping[str, RiskFactor] | None = None
    """A second set of factor keys that a scored line may use instead."""
    conformance: tuple[str, ...] = ()
    """Departures from the published standard that hold for every score of this profile."""


def three_point(value: Decimal) -> Decimal:
    """A tenth on the three-point scale of the standard: < .25 is 0, < .75 is 0.5, else 1."""
    if value < Decimal("0.25"):
        return Decimal("0.0")
    return Decimal("0.5") if value < Decimal("0.75") else Decimal("1.0")
