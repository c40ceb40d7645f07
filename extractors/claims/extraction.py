"""The seam after the model: reply → claims that are grounded, supported, decided and written.

Idea: three passes that can be tested alone: check quotes and support, decide claims, write texts. Invariants: the same
request, completion and ledger give the same bytes; neither time nor machine enters; what the assessor says counts only
through a quote that stands on a page, outside text that addresses the assessor, and carries the claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from extractors.claims.barred_words import raises_the_risk, resting_on_barred_words
from extractors.claims.checked_reply import CheckedEntry, QuoteCheck
from extractors.claims.claim_decisions import Surroundings, decide
from extractors.claims.declared_facts import contradictions, with_declared
from extractors.claims.prompt_echo import Echo
from extractors.claims.record_texts import Writer
from extractors.injection import findings as hostile_findings
from extractors.lexical.priors import prior
from extractors.model.completion import Completion, CompletionOutcome, CompletionRequest
from extractors.model.declared import Declared
from extractors.pages.language import UNKNOWN, language_of
from extractors.prompting.reply_parser import Doubt, Unparsed, copied_rationales, doubts, parse
from scoring.approval_rule import LEXICAL
from scoring.claims import Extraction, Finding, SourceNotRead, SourceRead
from scoring.vocabulary import Certainty, Detail, RiskFactor

__all__ = ["Unparsed", "extract"]

READS = frozenset({"en", UNKNOWN})
"""Languages that the built-in reader reads."""
MAIN_DOCUMENTS = 2


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
            next_step=f"assay agents assess {request.slug}",
        )
    reply = parse(completion.reply, request.slug)
    found = page_findings(request, findings)
    kind = request.kind or reply.kind
    built_in = completion.model == LEXICAL
    suspected = doubts(reply)
    doubted = Doubt.EQUAL_SCORES in suspected
    copied = copied_rationales(reply)
    at_most = Certainty.NOT_CERTAIN if doubted else Certainty.INFERRED if built_in else Certainty.STATED
    raises = partial(raises_the_risk, kind)
    check = QuoteCheck(request.documents, request.name, at_most=at_most, copied=copied, raises=raises)
    checked = check.check(reply)
    found = (*found, *resting_on_barred_words(reply, check.hearing, found))
    around = Surroundings(tuple(not_read), bool(request.truncated), _silence(request) if built_in else None)
    priors = {factor: prior(kind, factor) for factor in RiskFactor}
    decided = decide(checked, around, priors.__getitem__, doubted=doubted)
    declared = request.declared or Declared()
    decided = with_declared(decided, declared, outranks=built_in)
    write = Writer(request.name, kind, decided, Echo(request, found), copied)
    about = CheckedEntry("summary", "", reply.summary_quote, "", (), checked.summary)
    return Extraction(
        slug=request.slug,
        name=request.name,
        kind=kind,
        kind_stated=request.kind is not None or (reply.kind_known == "stated" and checked.summary.counts),
        summary=write.summary(reply.summary, about if checked.summary.counts else None),
        factors=write.factors(priors),
        layers=write.layers(),
        exposure=write.exposure(),
        read=tuple(
            SourceRead(
                url=page.url,
                text_digest=page.digest,
                page_digest=page.page_digest,
                truncated=page.url in request.truncated,
            )
            for page in request.documents
        )
        + tuple(source for source in declared.read if source.url not in {page.url for page in request.documents}),
        not_read=tuple(sorted(not_read, key=lambda source: (source.url, source.outcome))),
        findings=tuple(dict.fromkeys((*found, *declared.findings, *contradictions(declared.inventory)))),
        inventory=declared.inventory,
        assessor=completion.model,
        prompt=request.prompt.label,
        completion_key=completion.key,
    )


def _silence(request: CompletionRequest) -> Detail:
    """What it means that the built-in reader found nothing: it reads one language, and not every phrasing of it."""
    foreign = any(language_of(page) not in READS for page in request.documents[:MAIN_DOCUMENTS])
    return Detail.LANGUAGE_NOT_READ if foreign else Detail.NOT_RECOGNISED


def page_findings(request: CompletionRequest, further: Sequence[Finding] = ()) -> tuple[Finding, ...]:
    """Everything found on the documents, once each, in the order of documents and places."""
    found: dict[Finding, None] = {}
    for page in request.documents:
        found.update(dict.fromkeys(page.findings))
        visible = hostile_findings(page.text, page.blocks, page.url, page.digest, page.own_instructions)
        found.update(dict.fromkeys(visible))
    found.update(dict.fromkeys(further))
    return tuple(found)
