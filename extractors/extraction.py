"""The seam after the model: reply → claims that are grounded, with a certainty that is computed.

Idea: `complete → parse → ground → certainty → texts`, pure from the completion on. Invariants: the same
request, completion and ledger give the same bytes; neither time nor machine enters; what the model says
counts only through a quote that stands on a page and outside text that addresses the assessor.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractors import texts, wording
from extractors.claims import Ledger, exposure_claim, factor_estimate, layer_assessment
from extractors.completion import Completion, CompletionOutcome, CompletionRequest
from extractors.echo import Echo
from extractors.hearing import Hearing
from extractors.hostile import findings as hostile_findings
from extractors.lexical.priors import prior
from extractors.parse import Doubt, Unparsed, copied_rationales, doubts, parse
from extractors.reply import Reply
from scoring.claims import (
    ExposureClaim,
    Extraction,
    FactorEstimate,
    Finding,
    LayerAssessment,
    SourceNotRead,
    SourceRead,
    Summary,
)
from scoring.vocabulary import AgentKind, Certainty, ExposureFact, MaestroLayer, RiskFactor

__all__ = ["Unparsed", "extract"]


def extract(
    request: CompletionRequest,
    completion: Completion,
    not_read: Sequence[SourceNotRead] = (),
    findings: Sequence[Finding] = (),
) -> Extraction:
    """One agent's claims. Raises `Unparsed` when the completion holds no usable reply.

    `findings` are those of pages that gave no text; findings of the documents themselves are added here.
    """
    if completion.outcome is not CompletionOutcome.ANSWERED:
        raise Unparsed(
            f"the assessor gave no answer ({completion.outcome.value}{': ' * bool(completion.reason)}"
            f"{completion.reason})",
            subject=request.slug,
            step="extraction",
            next_step=f"assay assess {request.slug}",
        )
    reply = parse(completion.reply, request.slug)
    found = page_findings(request, findings)
    kind = request.kind or reply.kind
    hearing = Hearing(request.documents)
    echo = Echo(request, found)
    ledger = Ledger(hearing, not_read, bool(request.truncated), kind, echo)
    factors = _factors(reply, ledger)
    layers = tuple(
        layer_assessment(layer, [e for e in reply.layers if e.layer is layer], ledger) for layer in MaestroLayer
    )
    exposure = tuple(
        exposure_claim(fact, [e for e in reply.exposure if e.fact is fact], ledger) for fact in ExposureFact
    )
    own = hearing.hear(reply.summary_document, reply.summary_quote)
    return Extraction(
        slug=request.slug,
        name=request.name,
        kind=kind,
        kind_stated=request.kind is not None or (reply.kind_known == "stated" and own.counts),
        summary=_summary(request, reply, kind, ledger, factors, layers, exposure),
        factors=factors,
        layers=layers,
        exposure=exposure,
        read=tuple(
            SourceRead(
                url=page.url,
                text_digest=page.digest,
                page_digest=page.page_digest,
                truncated=page.url in request.truncated,
            )
            for page in request.documents
        ),
        not_read=tuple(sorted(not_read, key=lambda source: (source.url, source.outcome))),
        findings=found,
        assessor=completion.model,
        prompt=request.prompt.label,
        completion_key=completion.key,
    )


def page_findings(request: CompletionRequest, further: Sequence[Finding] = ()) -> tuple[Finding, ...]:
    """Everything found on the documents, once each, in the order of documents and places."""
    found: dict[Finding, None] = {}
    for page in request.documents:
        found.update(dict.fromkeys(page.findings))
        visible = hostile_findings(page.text, page.blocks, page.url, page.digest, page.own_instructions)
        found.update(dict.fromkeys(visible))
    found.update(dict.fromkeys(further))
    return tuple(found)


def _factors(reply: Reply, ledger: Ledger) -> tuple[FactorEstimate, ...]:
    suspected = doubts(reply)
    copied = copied_rationales(reply)
    every = Certainty.NOT_CERTAIN if Doubt.EQUAL_SCORES in suspected else Certainty.STATED
    return tuple(
        factor_estimate(
            factor,
            [entry for entry in reply.factors if entry.factor is factor],
            ledger,
            prior(ledger.kind, factor),
            at_most=Certainty.INFERRED if factor in copied and every is Certainty.STATED else every,
            own_words=factor not in copied,
        )
        for factor in RiskFactor
    )


def _summary(
    request: CompletionRequest,
    reply: Reply,
    kind: AgentKind,
    ledger: Ledger,
    factors: tuple[FactorEstimate, ...],
    layers: tuple[LayerAssessment, ...],
    exposure: tuple[ExposureClaim, ...],
) -> Summary:
    heard = ledger.hearing.hear(reply.summary_document, reply.summary_quote)
    evidence = (heard.evidence,) if heard.evidence and heard.counts else ()
    text = wording.clean(reply.summary)
    low, high = texts.SUMMARY_WORDS
    fits = low <= wording.words(text) <= high and all(map(wording.of_threats, wording.split(text)[1:]))
    if not (evidence and fits and ledger.may_keep(text)):
        text = texts.summary(request.name, kind, factors, layers, exposure)
    return Summary(text=text, evidence=evidence)
