"""The seam after the model: reply → claims that are grounded, supported, decided and written.

Idea: three passes that can be tested alone: check quotes and support, decide claims, write texts. Invariants: the same
request, completion and ledger give the same bytes; neither time nor machine enters; what the assessor says counts only
through a quote that is on a page, outside text that addresses the assessor, and carries the claim.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import NamedTuple

from extractors.claims.barred_words import raises_the_risk, resting_on_barred_words
from extractors.claims.certainty import absence_reason
from extractors.claims.checked_reply import CheckedEntry, CheckedReply, QuoteCheck
from extractors.claims.claim_decisions import Decisions, agreeing, decide
from extractors.claims.declared_facts import contradictions, with_declared
from extractors.claims.prompt_echo import CopiedTextCheck
from extractors.claims.record_texts import Writer
from extractors.claims.second_reading import lowered, questions
from extractors.injection import findings as hostile_findings
from extractors.lexical.priors import prior
from extractors.model.completion import Completion, CompletionOutcome, CompletionRequest, Prompt
from extractors.model.declared import Declared
from extractors.pages.language import UNKNOWN, language_of
from extractors.prompting.reply import Reply
from extractors.prompting.reply_parser import (
    InvalidReply,
    ReplyDefect,
    copied_rationales,
    parse,
    reply_defects,
    verdicts_of,
)
from scoring.automatic_approval import LEXICAL
from scoring.claims import Extraction, Finding, SecondOutcome, SecondReading, SourceNotRead, SourceRead
from scoring.vocabulary import AgentKind, Certainty, Detail, RiskFactor

__all__ = ["InvalidReply", "extract"]

READS = frozenset({"en", UNKNOWN})
"""Languages that the built-in reader reads."""
MAIN_DOCUMENTS = 2
_README = re.compile(r"(?i)(?:^|[/:])readme(?P<language>[._-][a-z]{2}(?:[_-][a-z]{2,4})?)?\.\w+$")


class SecondCompletion(NamedTuple):
    """What a second reader was asked, and what came; no completion where there was nothing to ask."""

    request: CompletionRequest
    model: str
    completion: Completion | None


class DecidedReply(NamedTuple):
    """A reply, checked and decided, before any text is written."""

    reply: Reply
    kind: AgentKind
    checked: CheckedReply
    decisions: Decisions
    findings: tuple[Finding, ...]
    copied: frozenset[RiskFactor]
    priors: Mapping[RiskFactor, Decimal]


def extract(
    request: CompletionRequest,
    completion: Completion,
    not_read: Sequence[SourceNotRead] = (),
    findings: Sequence[Finding] = (),
    second: SecondCompletion | None = None,
) -> Extraction:
    """One agent's claims. Raises `InvalidReply` when the completion holds no usable reply.

    `findings` are those of pages that gave no text; findings of the documents themselves are added here.
    """
    found = _decided(request, completion, not_read, findings)
    declared, kind = request.declared or Declared(), found.kind
    copied_text_check = CopiedTextCheck(request, found.findings)
    decisions, again = _read_again(found.decisions, second, found.priors, copied_text_check)
    write = Writer(request.name, kind, decisions, copied_text_check, found.copied)
    quoted = found.checked.summary
    about = CheckedEntry("summary", "", found.reply.summary_quote, "", (), quoted)
    return Extraction(
        slug=request.slug,
        name=request.name,
        kind=kind,
        kind_stated=request.kind is not None or (found.reply.kind_known == "stated" and quoted.counts),
        summary=write.summary(found.reply.summary, about if quoted.counts else None),
        factors=write.factors(found.priors),
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
        findings=tuple(dict.fromkeys((*found.findings, *declared.findings, *contradictions(declared.inventory)))),
        inventory=declared.inventory,
        assessor=completion.model,
        prompt=request.prompt.label,
        completion_key=completion.key,
        second_reading=again,
    )


def second_request(request: CompletionRequest, completion: Completion, prompt: Prompt) -> CompletionRequest:
    """What a second reader is asked about a first reading: its claims with their sentences, and no documents."""
    found = _decided(request, completion)
    claims = questions(found.decisions, request.documents, found.kind)
    return CompletionRequest(
        prompt=prompt, slug=request.slug, name=request.name, kind=found.kind, documents=(), claims=claims
    )


def _read_again(
    decisions: Decisions,
    second: SecondCompletion | None,
    priors: Mapping[RiskFactor, Decimal],
    copied_text_check: CopiedTextCheck,
) -> tuple[Decisions, SecondReading | None]:
    """The decisions as a second reader left them. Without a usable answer they are kept, and the record says so."""
    if second is None:
        return decisions, None
    request, completion = second.request, second.completion
    reading = SecondReading(
        model=second.model,
        prompt=request.prompt.label,
        prompt_digest=request.prompt.digest,
        outcome=SecondOutcome.NOT_READ if completion else SecondOutcome.NO_CLAIMS,
        completion_key=completion.key if completion else None,
        claims=len(request.claims),
    )
    if completion is None:
        return decisions, reading
    if completion.outcome is not CompletionOutcome.ANSWERED:
        return decisions, reading.model_copy(update={"why": completion.reason or completion.outcome.value})
    try:
        verdicts = verdicts_of(completion.reply, request.claims)
    except InvalidReply as error:
        return decisions, reading.model_copy(update={"why": error.problem})
    own = CopiedTextCheck(request, ())

    def may_keep(text: str) -> bool:
        return copied_text_check.may_keep(text) and not own.repeats_the_prompt(text)

    after = lowered(decisions, verdicts, f"{reading.model}, {reading.prompt}", priors, may_keep)
    changed = sum(decisions[claim] != after[claim] for claim in decisions)
    return after, reading.model_copy(update={"outcome": SecondOutcome.READ, "lowered": changed})


def _decided(
    request: CompletionRequest,
    completion: Completion,
    not_read: Sequence[SourceNotRead] = (),
    findings: Sequence[Finding] = (),
) -> DecidedReply:
    if completion.outcome is not CompletionOutcome.ANSWERED:
        raise InvalidReply(
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
    suspected = reply_defects(reply)
    doubted = ReplyDefect.EQUAL_SCORES in suspected
    copied = copied_rationales(reply)
    at_most = Certainty.NOT_CERTAIN if doubted else Certainty.INFERRED if built_in else Certainty.STATED
    raises = partial(raises_the_risk, kind)
    check = QuoteCheck(request.documents, request.name, at_most=at_most, copied=copied, raises=raises)
    checked = check.check(reply)
    found = (*found, *resting_on_barred_words(reply, check.quote_search, found))
    absence = absence_reason(not_read, bool(request.truncated))
    silence = _silence(request) if built_in else None
    priors = {factor: prior(kind, factor) for factor in RiskFactor}
    decided = decide(checked, absence, silence, priors, doubted=doubted)
    decided = with_declared(decided, request.declared or Declared(), outranks=built_in)
    return DecidedReply(reply, kind, checked, agreeing(decided, priors), found, copied, priors)


def _silence(request: CompletionRequest) -> Detail:
    """What it means that the built-in reader found nothing: it reads one language, and not every phrasing of it. A
    README in another language beside the README is a translation of it."""
    main = [(page, _README.search(page.url)) for page in request.documents[:MAIN_DOCUMENTS]]
    translated = any(readme and not readme["language"] for _, readme in main)
    originals = [page for page, readme in main if not (translated and readme and readme["language"])]
    foreign = any(language_of(page) not in READS for page in originals)
    return Detail.LANGUAGE_NOT_READ if foreign else Detail.NOT_RECOGNISED


def page_findings(request: CompletionRequest, further: Sequence[Finding] = ()) -> tuple[Finding, ...]:
    """Everything found on the documents, once each, in the order of documents and places."""
    on_pages = (
        (*page.findings, *hostile_findings(page.text, page.blocks, page.url, page.digest, page.own_instructions))
        for page in request.documents
    )
    return tuple(dict.fromkeys((*chain.from_iterable(on_pages), *further)))
