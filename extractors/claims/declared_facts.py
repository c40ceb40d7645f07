"""Claims by rule from a product's own files, put before what an assessor found on its pages.

Idea: a line that a machine reads comes first, a guess counts only where the files are silent. Invariants: a declaration
is no proof, so of two values of a capability the graver one counts; where files and pages differ, both are shown and
the claim says so.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from extractors.claims.certainty import QuoteResult
from extractors.claims.checked_reply import CheckedEntry
from extractors.claims.claim_decisions import CUMULATIVE, Decision, Decisions
from extractors.model.declared import OPENED, Declared, DeclaredClaim
from scoring.claims import Evidence, Finding, SupportVerdict
from scoring.tools.inventory import Inventory
from scoring.vocabulary import (
    EXPOSURE_VALUES,
    Certainty,
    Detail,
    ExposureFact,
    FindingKind,
    LayerStatus,
    MaestroLayer,
    RiskFactor,
    Support,
)

Claimed = RiskFactor | MaestroLayer | ExposureFact
Key = TypeVar("Key", RiskFactor, MaestroLayer, ExposureFact)


def with_declared(decided: Decisions, declared: Declared, *, outranks: bool) -> Decisions:
    """`outranks`: where values cannot be added up, the files win over the assessor; else the graver value counts."""
    by_claim = {claim.claim: claim for claim in reversed(declared.claims)}  # the first of each

    def merged(decisions: dict[Key, Decision]) -> dict[Key, Decision]:
        return {
            key: _merged(key, decision, by_claim[key], outranks) if key in by_claim else decision
            for key, decision in decisions.items()
        }

    return Decisions(merged(decided.factors), merged(decided.layers), merged(decided.exposure))


def _merged(key: Claimed, found: Decision, claim: DeclaredClaim, outranks: bool) -> Decision:
    own = _decision(claim)
    if not found.known and claim.rule == OPENED:
        return found
    if not found.known:
        return own._replace(rejected=found.rejected)
    if found.value == own.value:
        sure = Certainty.STATED if Certainty.STATED in (found.certainty, own.certainty) else Certainty.INFERRED
        return own._replace(certainty=sure, evidence=_both(own, found), rejected=found.rejected)
    first, second = (found, own) if _prevails(key, found, own, outranks) else (own, found)
    return first._replace(evidence=_both(first, second), rejected=found.rejected, detail=Detail.DECLARATION_DIFFERS)


def _prevails(key: Claimed, found: Decision, own: Decision, outranks: bool) -> bool:
    """Whether what the pages say counts, against the files."""
    if isinstance(key, MaestroLayer) or _grave(key, found.value) < _grave(key, own.value):
        return False
    adds_up = key in CUMULATIVE or key is ExposureFact.RUNS_AT  # it may run in two places
    return not outranks or adds_up or isinstance(key, RiskFactor)


def _decision(claim: DeclaredClaim) -> Decision:
    value: Decimal | str = claim.value
    if claim.claim in set(RiskFactor):
        value = Decimal(claim.value)
    elif claim.claim in set(MaestroLayer):
        value = LayerStatus(claim.value)
    verdict = SupportVerdict(verdict=Support.CARRIES, rule=claim.rule, why=claim.why)
    quoted = QuoteResult(evidence=claim.evidence[0])
    entry = CheckedEntry(claim.claim, value, "", claim.why, (), quoted, verdict, claim.certainty)
    return Decision(
        claim.certainty, support=verdict, evidence=claim.evidence, best=entry, value=value, basis=claim.basis
    )


def _both(first: Decision, second: Decision) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys((*first.evidence, *second.evidence)))


def _grave(key: RiskFactor | ExposureFact, value: Decimal | str | None) -> Decimal:
    if isinstance(key, ExposureFact):
        return Decimal(EXPOSURE_VALUES[key].index(str(value)))
    return Decimal(str(value))


def contradictions(inventory: Inventory | None) -> tuple[Finding, ...]:
    """A tool whose description or hints contradict its name, as findings."""
    return tuple(
        Finding(
            kind=FindingKind.TOOL_CONTRADICTS_ITSELF,
            url=tool.evidence.url,
            text_digest=tool.evidence.text_digest,
            start=tool.evidence.start,
            end=tool.evidence.end,
            excerpt=f"{tool.name}: {tool.description}"[:300],
            how=tool.contradiction[:200],
        )
        for tool in (inventory.tools if inventory else ())
        if tool.contradiction and tool.evidence
    )
