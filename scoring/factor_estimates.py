"""What a score needs of an extraction: factor values, exposure facts, and which of them are not known.

Idea: everything that scores works on this small view, so that a what-if changes the view and never the
record, and a hundred thousand stored extractions can be re-scored without rebuilding their claims.
Invariant: `facts` holds a fact only if a quote grounds it, a protection only if the quote states it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple, get_args

from scoring.claims import Extraction
from scoring.cvss.exposure_defaults import PROTECTIONS, Facts, default
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, Certainty, Detail, ExposureFact, RiskFactor

ZERO, ONE = Decimal("0.0"), Decimal("1.0")
NOT_READ = Detail.LANGUAGE_NOT_READ.value
End = Literal["headline", "low", "high"]
"""Where unknowns are taken: at their estimate or default, at their safest, at their worst."""
ENDS: tuple[End, ...] = get_args(End)


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

    def facts_at(self, end: End) -> Facts:
        """Every fact; an unknown one at its default, its safest or its worst value."""
        if len(self.facts) == len(EXPOSURE_VALUES):
            return self.facts
        if end == "headline":
            return {
                fact: self.facts.get(fact) or default(fact, self.kind, self.facts).value for fact in EXPOSURE_VALUES
            }
        place = 0 if end == "low" else -1
        return {fact: self.facts.get(fact) or values[place] for fact, values in EXPOSURE_VALUES.items()}

    def headline_facts(self) -> Facts:
        return self.facts_at("headline")

    def extremes(self, claim: RiskFactor | ExposureFact) -> tuple[Estimates, Estimates]:
        """The same with one factor or fact at its safest and at its worst."""
        if isinstance(claim, RiskFactor):
            low, high = ({**self.factors, claim: end} for end in (ZERO, ONE))
            return self._replace(factors=low), self._replace(factors=high)
        safest, *_, worst = ({**self.facts, claim: value} for value in EXPOSURE_VALUES[claim])
        return self._replace(facts=safest), self._replace(facts=worst)

    def factors_at(self, end: End) -> Mapping[RiskFactor, Decimal]:
        """Every factor; an unknown one at its estimate, at 0 or at 1."""
        if end == "headline":
            return self.factors
        return {**self.factors, **dict.fromkeys(self.unknown, ZERO if end == "low" else ONE)}


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


def estimates_of_json(extraction: Mapping[str, Any]) -> Estimates:
    """The same view of an extraction's stored JSON, which was validated when it was stored."""
    return Estimates(
        kind=AgentKind(extraction["kind"]),
        factors={RiskFactor(f["factor"]): Decimal(f["value"]) for f in extraction["factors"]},
        unknown=frozenset(
            RiskFactor(f["factor"]) for f in extraction["factors"] if f["certainty"] == Certainty.NOT_CERTAIN
        ),
        facts={
            ExposureFact(e["fact"]): e["value"]
            for e in extraction["exposure"]
            if e["value"] and _counts(ExposureFact(e["fact"]), e["value"], e["certainty"])
        },
        absent=frozenset(
            RiskFactor(f["factor"])
            for f in extraction["factors"]
            if f["certainty"] == Certainty.STATED and not Decimal(f["value"])
        ),
        language_not_read=any(
            claim.get("detail") == NOT_READ for claim in (*extraction["factors"], *extraction["exposure"])
        ),
    )
