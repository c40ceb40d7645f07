"""Claims by rule from a product's own files, put before what an assessor found on its pages.

Idea: a line that a machine reads comes first, a guess counts only where the files are silent. Invariants: a declaration
is no proof, so of two values of a capability the graver one counts; where files and pages differ, both are shown and
the claim says so.
"""

from decimal import Decimal

from extractors.claims.certainty import QuoteResult
from extractors.claims.checked_reply import CheckedEntry, Claimed
from extractors.claims.claim_decisions import CUMULATIVE, Decision, Decisions, danger
from extractors.model.declared import OPENED, Declared, DeclaredClaim
from scoring.claims import Evidence, Finding, SupportVerdict
from scoring.tools.inventory import ACTING, Inventory, Verb
from scoring.vocabulary import (
    EXPOSURE_VALUES,
    Certainty,
    Detail,
    ExposureFact,
    FindingKind,
    LayerStatus,
    MaestroLayer,
    NotCertainReason,
    RiskFactor,
    Support,
)


def with_declared(decided: Decisions, declared: Declared, *, outranks: bool) -> Decisions:
    """`outranks`: where values cannot be added up, the files win over the assessor; else the graver value counts."""
    by_claim = {claim.claim: claim for claim in reversed(declared.claims)}  # the first of each
    return {
        claim: _merged(claim, found, by_claim[claim], outranks)
        if claim in by_claim
        else _beside_tools(claim, found, declared.inventory, outranks)
        for claim, found in decided.items()
    }


def _beside_tools(key: Claimed, found: Decision, inventory: Inventory | None, built_in: bool) -> Decision:
    """What pages say, beside the list of tools: *nothing* is open where a tool does it, and the built-in reader's
    reading of a tool's own line counts only where it is the gravest, since the rules on tools read that line too."""
    if inventory is None or not found.known or not isinstance(key, ExposureFact) or key not in CUMULATIVE:
        return found
    lines = [(tool.verb, tool.evidence) for tool in inventory.tools if tool.evidence]
    does = [line for verb, line in lines if verb in _DOES.get(key, ())]
    open_ = Decision(Certainty.NOT_CERTAIN, evidence=found.evidence, rejected=found.rejected)
    if found.value == EXPOSURE_VALUES[key][0] and does:
        both = tuple(dict.fromkeys((*found.evidence, does[0])))
        return open_._replace(reason=NotCertainReason.SOURCES_CONTRADICT, support=found.support, evidence=both)
    read = all(any(_stands_on(each, line) for _, line in lines) for each in found.evidence)
    if not built_in or not read or found.value == EXPOSURE_VALUES[key][-1]:
        return found
    hints = found.support and found.support.model_copy(update={"verdict": Support.HINTS})
    return open_._replace(reason=NotCertainReason.NOT_STATED, detail=Detail.ONLY_HINTED, support=hints)


def _stands_on(quote: Evidence, line: Evidence) -> bool:
    return quote.url == line.url and line.start <= quote.start < line.end


_DOES = {
    ExposureFact.EXECUTES: (Verb.EXECUTE,),
    ExposureFact.SPENDS: (Verb.SPEND,),
    ExposureFact.CHANGES: ACTING,
    ExposureFact.WRITES: ACTING,
}
"""What a tool of a list does that a *nothing* of a page would deny."""


def _merged(key: Claimed, found: Decision, claim: DeclaredClaim, outranks: bool) -> Decision:
    own = _decision(claim)
    if not found.known:
        return found if claim.rule == OPENED else own._replace(rejected=found.rejected)
    if found.value == own.value:
        sure = Certainty.STATED if Certainty.STATED in (found.certainty, own.certainty) else Certainty.INFERRED
        return own._replace(certainty=sure, evidence=_both(own, found), rejected=found.rejected)
    first, second = (found, own) if _prevails(key, found, own, outranks) else (own, found)
    return first._replace(evidence=_both(first, second), rejected=found.rejected, detail=Detail.DECLARATION_DIFFERS)


def _prevails(key: Claimed, found: Decision, own: Decision, outranks: bool) -> bool:
    """Whether what the pages say counts, against the files."""
    if isinstance(key, MaestroLayer) or danger(key, found.value) < danger(key, own.value):
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
