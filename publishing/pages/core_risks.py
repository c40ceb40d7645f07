"""The ten core risks as pages and lists tell them: by a sentence, not settled, or excluded.

Idea: what a reader can check is whether a risk applies and by which words. Invariant: no band of a scenario stands
beside that of the headline; the JSON has the scenarios' own scores.
"""

from typing import NamedTuple

from scoring.claims import Evidence, ExposureClaim, Extraction, FactorEstimate
from scoring.factor_estimates import estimates
from scoring.record import PublishedRecord
from scoring.risks.core_risks import RULES
from scoring.scores import Applicability
from scoring.vocabulary import EXPOSURE_VALUES, CoreRisk


class CoreRisks(NamedTuple):
    stated: list[tuple[CoreRisk, list[Evidence]]]
    """Those that apply by a sentence, with their quotes: the gravest that no risk before it told comes first."""
    open: list[CoreRisk]
    excluded: list[CoreRisk]


def core_risks(record: PublishedRecord) -> CoreRisks:
    quotes = risk_quotes(record.extraction)
    found = CoreRisks([], [], [])
    shown: set[Evidence] = set()
    for row in record.assessment.risks:
        if row.applicability is Applicability.DOES_NOT_APPLY:
            found.excluded.append(row.risk)
        elif row.applicability is Applicability.APPLIES and quotes[row.risk]:
            mine = sorted(quotes[row.risk], key=shown.__contains__)
            shown.add(mine[0])
            found.stated.append((row.risk, mine))
        else:
            found.open.append(row.risk)
    return found


def risk_quotes(extraction: Extraction) -> dict[CoreRisk, tuple[Evidence, ...]]:
    """The quotes behind each of the ten risks, once each, those of the gravest claim first: of the facts that move it
    and the factors that decide whether it applies."""
    known = estimates(extraction)
    found = {}
    for rule in RULES:
        facts = (extraction.fact(fact) for fact in rule.facts if fact in known.facts)
        factors = (extraction.factor(factor) for factor in rule.factors if factor not in known.unknown)
        claims: list[ExposureClaim | FactorEstimate] = [*facts, *factors]
        claims.sort(key=_gravity, reverse=True)
        found[rule.risk] = tuple(dict.fromkeys(evidence for claim in claims for evidence in claim.evidence))
    return found


def _gravity(claim: ExposureClaim | FactorEstimate) -> float:
    """From 0 for the safest value to 1 for the worst."""
    if isinstance(claim, FactorEstimate):
        return float(claim.value)
    values = EXPOSURE_VALUES[claim.fact]
    return values.index(claim.value) / (len(values) - 1) if claim.value in values else 0
