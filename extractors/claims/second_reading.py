"""What a second reader is asked about decided claims, and what its verdicts do to them.

Idea: it sees claim and sentences only, so it says what the words are worth without the page. Invariants: a verdict
lowers a claim or leaves it; no claim gets surer, and no factor lower; what files declare is not asked about, and
without a reading every claim stays as it was decided.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from extractors.claims.certainty import clamped_to_prior, exposure_counts
from extractors.claims.checked_reply import Claimed, passage_of
from extractors.claims.claim_decisions import MOST_HINTS, Decision, Decisions
from extractors.model.completion import QuotedClaim, QuotedSentence
from extractors.pages.page_text import PageText
from extractors.prompting.reply import ClaimVerdict, Known, Worth
from scoring.claims import TENTH, Evidence, RejectedQuote, SupportVerdict
from scoring.labels import meanings
from scoring.rubric import LAYER_RULES, RUBRIC
from scoring.vocabulary import (
    EXPOSURE_QUESTIONS,
    LAYER_TITLES,
    AgentKind,
    Basis,
    Certainty,
    Detail,
    ExposureFact,
    LayerStatus,
    MaestroLayer,
    NotCertainReason,
    RiskFactor,
    Support,
)

WITH_HOST = frozenset({AgentKind.MCP_SERVER, AgentKind.PLUGIN, AgentKind.SKILL})
MOST_SENTENCES = 3
"""Of one claim; a reader of the record looks at the first ones too."""


def questions(decided: Decisions, documents: Sequence[PageText], kind: AgentKind) -> tuple[QuotedClaim, ...]:
    """Every claim that is to be read again, in the order of the record."""
    pages = {page.digest: page for page in documents}
    return tuple(
        QuotedClaim(
            claim=str(claim),
            asks=_asks(claim, kind),
            value=str(decision.value),
            means=_means(claim, decision.value),
            certainty=decision.certainty,
            sentences=tuple(
                _sentence(evidence, pages[evidence.text_digest])
                for evidence in decision.evidence[:MOST_SENTENCES]
                if evidence.text_digest in pages
            ),
        )
        for claim, decision in decided.items()
        if decision.known and decision.basis is Basis.SENTENCE  # a declaration carries what its reader's rule says
    )


def _sentence(evidence: Evidence, page: PageText) -> QuotedSentence:
    passage = passage_of(evidence, page, page.own_instructions)
    return QuotedSentence(
        quote=passage.sentence,
        heading=passage.heading,
        before=passage.before,
        after=passage.after,
        own_instructions=passage.own_instructions,
    )


def _asks(claim: Claimed, kind: AgentKind) -> str:
    if isinstance(claim, ExposureFact):
        return EXPOSURE_QUESTIONS[claim]
    if isinstance(claim, MaestroLayer):
        return f"{LAYER_TITLES[claim]}: {LAYER_RULES[claim]}"
    rubric = RUBRIC[claim]
    return f"{rubric.definition} {rubric.with_host if kind in WITH_HOST else ''}".strip()


def _means(claim: Claimed, value: Decimal | str | None) -> str:
    """What a value says: for a factor the anchors at it, or on both sides of it."""
    if isinstance(claim, ExposureFact):
        return dict(meanings(claim))[str(value)]
    if isinstance(claim, MaestroLayer):
        mapped = value == LayerStatus.MAPPED
        return "its own thing in this layer is stated" if mapped else "the product has nothing in this layer"
    anchors, tenths = RUBRIC[claim].anchors, Decimal(str(value))
    below, above = max(each for each in anchors if each <= tenths), min(each for each in anchors if each >= tenths)
    return " ".join(f"{each} is: {anchors[each]}" for each in dict.fromkeys((below, above)))


def lowered(
    decided: Decisions,
    verdicts: Mapping[str, ClaimVerdict],
    reader: str,
    priors: Mapping[RiskFactor, Decimal],
    may_keep: Callable[[str], bool],
) -> Decisions:
    """The decisions after the second reading. `verdicts` by claim; `reader` names model and prompt; a reason that may
    not be kept is replaced by the verdict's own words."""
    return {
        claim: _lowered(claim, each, verdicts[claim], reader, priors, may_keep) if claim in verdicts else each
        for claim, each in decided.items()
    }


_WORDS = {
    Worth.FOLLOWS: "the words do not say it outright; it follows from them",
    Worth.HINTS: "the words only hint at it",
    Worth.OFF: "the words do not speak of it",
}


def _lowered(
    claim: Claimed,
    decision: Decision,
    second: ClaimVerdict,
    reader: str,
    priors: Mapping[RiskFactor, Decimal],
    may_keep: Callable[[str], bool],
) -> Decision:
    worth = second.verdict
    if worth is Worth.SAYS or (worth is Worth.FOLLOWS and decision.certainty is Certainty.INFERRED):
        return decision
    words = " ".join(second.why.split())
    why = f"{_WORDS[worth]}: {words}" if words and may_keep(words) else _WORDS[worth]
    if worth is Worth.FOLLOWS and _counts_inferred(claim, decision):
        carries = SupportVerdict(verdict=Support.CARRIES, rule="follows", why=why, reader=reader)
        return decision._replace(certainty=Certainty.INFERRED, support=carries)
    value: Decimal | str | None = None
    if isinstance(claim, RiskFactor):  # a doubt about words never makes a product look safer
        claimed = Decimal(str(decision.value))
        value = max(claimed, clamped_to_prior(claimed, priors[claim]).quantize(TENTH))
    elif isinstance(claim, MaestroLayer):
        value = LayerStatus.NOT_CERTAIN
    unsure = decision._replace(certainty=Certainty.NOT_CERTAIN, value=value, best=None)
    if worth is Worth.OFF:
        refused = (RejectedQuote(quote=each.quote, why=why, nearest=each) for each in decision.evidence)
        return unsure._replace(
            reason=NotCertainReason.QUOTE_REJECTED,
            detail=Detail.QUOTE_DOES_NOT_CARRY,
            support=SupportVerdict(verdict=Support.OFF, rule="does not say it", why=why, reader=reader),
            evidence=(),
            rejected=(*decision.rejected, *refused),
        )
    return unsure._replace(
        reason=NotCertainReason.NOT_STATED,
        detail=Detail.ONLY_HINTED,
        support=SupportVerdict(verdict=Support.HINTS, rule="only hints", why=why, reader=reader),
        evidence=decision.evidence[:MOST_HINTS],
    )


def _counts_inferred(claim: Claimed, decision: Decision) -> bool:
    """A protection counts only where it is stated."""
    if not isinstance(claim, ExposureFact) or decision.best is None:
        return True
    return exposure_counts(claim, str(decision.value), Known.INFERRED, decision.best.quote)
