"""What a score needs of an extraction: factor values, exposure facts, and which of them are not known.

Idea: everything that scores works on this small view, so that a what-if changes the view and never the
record, and a hundred thousand stored extractions can be re-scored without rebuilding their claims.
Invariant: `facts` holds a fact only if a quote grounds it, a protection only if the quote states it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from scoring.claims import Extraction
from scoring.cvss.exposure_defaults import PROTECTIONS, Facts, default, safest, worst
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, Certainty, Detail, ExposureFact, RiskFactor

ZERO, ONE = Decimal("0.0"), Decimal("1.0")
NOT_READ = Detail.LANGUAGE_NOT_READ.value
FEWEST_KNOWN = 3
"""Known factors and exposure facts below which a score would be little more than what is usual for its kind."""


class Estimates(NamedTuple):
    """One agent's numbers and facts."""

    kind: AgentKind
    factors: Mapping[RiskFactor, Decimal]
    """All eleven, the best estimates."""
    unknown: frozenset[RiskFactor]
    """The factors that are not certain."""
    facts: Mapping[ExposureFact, str]
    """The known facts only."""
    absent: frozenset[RiskFactor] = frozenset()
    """The factors that a sentence states to be 0.0."""
    thm: Decimal | None = None
    """A threat multiplier set by hand, in a what-if."""
    mitigation: Decimal | None = None
    """A mitigation factor set by hand, in a what-if."""
    language_not_read: bool = False
    """A main page is in a language that its reader does not read, so that silence says nothing."""

    @property
    def too_little_known(self) -> bool:
        return self.language_not_read or len(self.factors) - len(self.unknown) + len(self.facts) < FEWEST_KNOWN

    def unknown_facts(self) -> tuple[ExposureFact, ...]:
        return tuple(fact for fact in EXPOSURE_VALUES if fact not in self.facts)

    def headline_facts(self) -> Facts:
        """Every fact; an unknown one at its default."""
        if len(self.facts) == len(EXPOSURE_VALUES):
            return self.facts
        return {fact: self.facts.get(fact) or default(fact, self.kind, self.facts).value for fact in EXPOSURE_VALUES}

    def safest_facts(self) -> Facts:
        return {fact: self.facts.get(fact) or safest(fact) for fact in EXPOSURE_VALUES}

    def worst_facts(self) -> Facts:
        return {fact: self.facts.get(fact) or worst(fact) for fact in EXPOSURE_VALUES}

    def low_factor(self, factor: RiskFactor) -> Decimal:
        return ZERO if factor in self.unknown else self.factors[factor]

    def high_factor(self, factor: RiskFactor) -> Decimal:
        return ONE if factor in self.unknown else self.factors[factor]


def runs_code(facts: Facts) -> bool:
    """Whether any code is run, which table 2 of AIVSS 0.8 calls self-modification without a limit."""
    return facts.get(ExposureFact.EXECUTES) == EXPOSURE_VALUES[ExposureFact.EXECUTES][-1]


def _counts(fact: ExposureFact, value: str, certainty: str) -> bool:
    """A protection lowers the score, so it must be stated: one that is merely inferred leaves the fact unknown."""
    if PROTECTIONS.get(fact) == value:
        return certainty == Certainty.STATED
    return certainty != Certainty.NOT_CERTAIN


def estimates(extraction: Extraction) -> Estimates:
    """The view of an extraction."""
    return Estimates(
        kind=extraction.kind,
        factors={f.factor: f.value for f in extraction.factors},
        unknown=frozenset(f.factor for f in extraction.factors if f.certainty is Certainty.NOT_CERTAIN),
        facts={e.fact: e.value for e in extraction.exposure if e.value and _counts(e.fact, e.value, e.certainty)},
        absent=frozenset(f.factor for f in extraction.factors if f.certainty is Certainty.STATED and not f.value),
        language_not_read=any(c.detail == NOT_READ for c in (*extraction.factors, *extraction.exposure)),
    )


_FACTORS = {str(factor): factor for factor in RiskFactor}
_FACTS = {str(fact): fact for fact in EXPOSURE_VALUES}
_KINDS = {str(kind): kind for kind in AgentKind}


def estimates_of_json(extraction: Mapping[str, Any]) -> Estimates:
    """The same view of an extraction's stored JSON, which was validated when it was stored."""
    return Estimates(
        kind=_KINDS[extraction["kind"]],
        factors={_FACTORS[f["factor"]]: Decimal(f["value"]) for f in extraction["factors"]},
        unknown=frozenset(
            _FACTORS[f["factor"]] for f in extraction["factors"] if f["certainty"] == Certainty.NOT_CERTAIN
        ),
        facts={
            _FACTS[e["fact"]]: e["value"]
            for e in extraction["exposure"]
            if e["value"] and _counts(_FACTS[e["fact"]], e["value"], e["certainty"])
        },
        absent=frozenset(
            _FACTORS[f["factor"]]
            for f in extraction["factors"]
            if f["certainty"] == Certainty.STATED and not Decimal(f["value"])
        ),
        language_not_read=any(
            claim.get("detail") == NOT_READ for claim in (*extraction["factors"], *extraction["exposure"])
        ),
    )
