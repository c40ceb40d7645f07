"""One claim at a time: what the reply says of it, what its quotes carry, what is left.

Idea: a function a kind of claim, each from the entries of the reply to the typed claim. Invariant: two
documents whose quotes carry opposite values make `not_certain (sources contradict)` with both quotes shown,
never a choice between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from extractors import texts, wording
from extractors.certainty import OPPOSITE, Heard, certainty, exposure_counts, held, why_not
from extractors.echo import Echo
from extractors.hearing import Hearing
from extractors.reply import ExposureReply, FactorReply, LayerReply
from scoring.claims import TENTH, Evidence, ExposureClaim, FactorEstimate, LayerAssessment, RejectedQuote, SourceNotRead
from scoring.vocabulary import (
    AgentKind,
    Certainty,
    ExposureFact,
    LayerStatus,
    MaestroLayer,
    NotCertainReason,
    RiskFactor,
)

WITHHELD = "(words of the instructions, not of a page)"

_ORDER = (Certainty.STATED, Certainty.INFERRED, Certainty.NOT_CERTAIN)


class Ledger(NamedTuple):
    """What surrounds a claim: the quotes' judge, what was not read, and which texts may be kept."""

    hearing: Hearing
    not_read: Sequence[SourceNotRead]
    truncated: bool
    kind: AgentKind
    echo: Echo
    """Says which texts may be kept."""

    def may_keep(self, text: str) -> bool:
        return self.echo.may_keep(text)

    def rejected(self, heard: Sequence[Heard]) -> tuple[RejectedQuote, ...]:
        """Once each, readable; words of the prompt that were offered as a quote are not stored."""
        found = [one.rejected for one in heard if one.rejected is not None]
        return tuple(dict.fromkeys(r.model_copy(update={"quote": self._shown(r.quote)}) for r in found))

    def _shown(self, quote: str) -> str:
        return WITHHELD if self.echo.repeats_the_prompt(quote) else wording.clean(quote)

    def reason(self, heard: Sequence[Heard]) -> NotCertainReason:
        return why_not(heard, self.not_read, self.truncated)


def factor_estimate(
    factor: RiskFactor,
    entries: Sequence[FactorReply],
    ledger: Ledger,
    prior: Decimal,
    at_most: Certainty = Certainty.STATED,
    own_words: bool = True,
) -> FactorEstimate:
    """`at_most` and `own_words` are lowered for a reply that is doubted."""
    heard = [ledger.hearing.hear(entry.document, entry.quote) for entry in entries]
    sure = [certainty(entry.known, one, at_most=at_most) for entry, one in zip(entries, heard, strict=True)]
    carried = [n for n in range(len(entries)) if sure[n] is not Certainty.NOT_CERTAIN]
    rejected = ledger.rejected(heard)
    if not carried or _apart([entries[n].value for n in carried]):
        reason = NotCertainReason.SOURCES_CONTRADICT if carried else ledger.reason(heard)
        trusted = [e.value for e, one in zip(entries, heard, strict=True) if not one.hostile]
        proposal = Decimal(max(trusted)) / 10 if trusted and at_most is not Certainty.NOT_CERTAIN else None
        value = held(proposal, prior).quantize(TENTH)
        return FactorEstimate(
            factor=factor,
            value=value,
            certainty=Certainty.NOT_CERTAIN,
            reason=reason,
            rationale=texts.uncertain_rationale(reason, value, prior, ledger.kind, own=proposal is not None),
            evidence=_evidence(heard, carried),
            rejected=rejected,
        )
    best = min(carried, key=lambda n: (_ORDER.index(sure[n]), -entries[n].value, n))
    rationale = wording.clean(entries[best].rationale)
    if not rationale or not own_words or not ledger.may_keep(rationale):
        rationale = texts.stated_rationale(_shown(heard[best], entries[best].quote))
    return FactorEstimate(
        factor=factor,
        value=Decimal(entries[best].value) / 10,
        certainty=sure[best],
        rationale=rationale,
        evidence=_evidence(heard, [best, *(n for n in carried if n != best)]),
        rejected=rejected,
    )


def exposure_claim(fact: ExposureFact, entries: Sequence[ExposureReply], ledger: Ledger) -> ExposureClaim:
    heard = [ledger.hearing.hear(entry.document, entry.quote) for entry in entries]
    sure = [certainty(entry.known, one) for entry, one in zip(entries, heard, strict=True)]
    carried = [
        n
        for n, entry in enumerate(entries)
        if entry.value
        and sure[n] is not Certainty.NOT_CERTAIN
        and exposure_counts(fact, entry.value, entry.known, heard[n])
    ]
    contradict = len({entries[n].value for n in carried}) > 1
    if not carried or contradict:
        reason = NotCertainReason.SOURCES_CONTRADICT if contradict else ledger.reason(heard)
        return ExposureClaim(
            fact=fact,
            certainty=Certainty.NOT_CERTAIN,
            reason=reason,
            rationale=texts.uncertain_fact(reason),
            evidence=_evidence(heard, carried),
            rejected=ledger.rejected(heard),
        )
    best = min(carried, key=lambda n: (_ORDER.index(sure[n]), n))
    rationale = wording.clean(entries[best].rationale)
    if not rationale or not ledger.may_keep(rationale):
        rationale = texts.stated_rationale(_shown(heard[best], entries[best].quote))
    return ExposureClaim(
        fact=fact,
        value=entries[best].value,
        certainty=sure[best],
        rationale=rationale,
        evidence=_evidence(heard, [best, *(n for n in carried if n != best)]),
        rejected=ledger.rejected(heard),
    )


def layer_assessment(layer: MaestroLayer, entries: Sequence[LayerReply], ledger: Ledger) -> LayerAssessment:
    """Mapped and not applicable both need a sentence; a heading is a mere mention."""
    heard = [ledger.hearing.hear(entry.document, entry.quote) for entry in entries]
    carried = [
        n
        for n, entry in enumerate(entries)
        if entry.status is not LayerStatus.NOT_CERTAIN and heard[n].counts and not heard[n].heading_only
    ]
    if not carried or len({entries[n].status for n in carried}) > 1:
        reason = NotCertainReason.SOURCES_CONTRADICT if carried else ledger.reason(heard)
        text = wording.clean(entries[0].text)
        if reason is not NotCertainReason.NOT_STATED or not (
            wording.only_uncertain(text) and ledger.may_keep(text) and entries[0].status is LayerStatus.NOT_CERTAIN
        ):
            text = texts.uncertain_layer(layer, reason)
        return LayerAssessment(
            layer=layer,
            status=LayerStatus.NOT_CERTAIN,
            reason=reason,
            text=text,
            threats=wording.catalogue_threats(layer, (), text),
            evidence=_evidence(heard, carried),
            rejected=ledger.rejected(heard),
        )
    best = carried[0]
    evidence = _evidence(heard, carried)
    text = wording.clean(entries[best].text)
    shown = _shown(heard[best], entries[best].quote)
    threats = wording.catalogue_threats(layer, entries[best].threats, text)
    kept = ledger.may_keep(text) and wording.every_fact_quoted(text, [one.quote for one in evidence])
    if entries[best].status is LayerStatus.MAPPED:
        text = text if kept else texts.mapped_layer(layer, shown, threats)
    else:
        text, threats = (text if kept else texts.inapplicable_layer(layer, shown)), ()
    return LayerAssessment(
        layer=layer,
        status=entries[best].status,
        text=text,
        threats=wording.catalogue_threats(layer, threats, text) if threats else threats,
        evidence=evidence,
        rejected=ledger.rejected(heard),
    )


def _apart(values: Sequence[int]) -> bool:
    return max(values) - min(values) >= OPPOSITE


def _evidence(heard: Sequence[Heard], chosen: Sequence[int]) -> tuple[Evidence, ...]:
    """Without repetition, in the order chosen."""
    found = [one for n in chosen if (one := heard[n].evidence) is not None]
    return tuple(dict.fromkeys(found))


def _shown(heard: Heard, offered: str) -> str:
    """The shorter of the whole sentence and the words that were offered; both are verified."""
    assert heard.evidence is not None
    sentence, words = heard.evidence.quote, wording.clean(offered)
    return words if words and len(words) < len(sentence) > 240 else sentence
