"""One agent from its page texts to its assessment: the same steps for a night, a command and a test.

Idea: `request → complete → extract → assess`, each a plain function of the room it belongs to.
Invariant: nothing here knows a database or Prefect; the clock and the network are in the client only.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from extractors import reference_classes
from extractors.canonical_json import canonical_bytes, digest
from extractors.claims.extraction import SecondCompletion, extract
from extractors.injection.names import shown_name
from extractors.lexical import LexicalAssessor
from extractors.listing import Listing
from extractors.model.budget import Budget
from extractors.model.completion import Completion, CompletionClient, CompletionOutcome, CompletionRequest, Prompt
from extractors.model.declared import Declared
from extractors.model.providers import ModelOptions, provider_named
from extractors.model.rate_limits import RateLimiter
from extractors.model.reply_cache_key import completion_key
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from extractors.program_paths import is_program
from extractors.prompting.prompt_files import load
from extractors.prompting.reply import reply_schema
from flows.environment_variables import check_connections
from scoring.assessment import assess
from scoring.claims import Digest, Extraction, Finding, SourceNotRead
from scoring.errors import BadInput
from scoring.rubric import RUBRIC_VERSION
from scoring.scores import Assessment, Provenance

if TYPE_CHECKING:
    from flows.settings import Settings

PROMPT = "assess"
SECOND = "second_reader"
LEXICAL = LexicalAssessor().model


class Assessed(NamedTuple):
    """Every station of one agent's way."""

    completion: Completion
    extraction: Extraction
    extraction_digest: Digest
    assessment: Assessment
    assessment_digest: Digest
    bodies: tuple[bytes, bytes]
    """Canonical JSON of extraction and assessment, as they are kept."""


def request_for(
    listing: Listing,
    pages: Sequence[PageText],
    settings: Settings,
    client: CompletionClient,
    declared: Declared | None = None,
) -> CompletionRequest:
    """What the assessor is asked; the most informative passages, unless it reads all. Program text is no document: what
    it declares is `declared`."""
    documents = tuple(page for page in pages if not is_program(page.url))
    truncated: tuple[str, ...] = ()
    if not client.reads_all:
        from extractors.prompting.prompt_truncation import within_budget

        documents, truncated = within_budget(documents, settings.model.document_characters)
    return CompletionRequest(
        prompt=load(PROMPT),
        slug=listing.slug,
        name=shown_name(listing.name),
        kind=listing.kind,
        documents=documents,
        truncated=truncated,
        declared=declared,
    )


def provenance(prompt: Prompt, model: str, profile: str) -> Provenance:
    """Versions of everything that makes an assessment."""
    return Provenance(
        tool=_tool(),
        rubric=RUBRIC_VERSION,
        formula=profile,
        prompt=prompt.label,
        model=_reader() if model == LEXICAL else model,
        prompt_digest=prompt.digest,
        reference=reference_classes.current().name,
    )


@cache
def _reader() -> str:
    """The built-in reader is its tables: a record names their digest, so that a change has its cause."""
    return f"{LEXICAL} {digest(LexicalAssessor().settings).removeprefix('sha256:')[:12]}"


@cache
def _tool() -> str:
    return f"listing-assay {version('listing-assay')}"


def assess_completion(
    request: CompletionRequest,
    completion: Completion,
    profile: str,
    not_read: Sequence[SourceNotRead] = (),
    findings: Sequence[Finding] = (),
    second: SecondCompletion | None = None,
) -> Assessed:
    """Everything after the models. Raises `InvalidReply` when the completion holds no usable reply."""
    extraction = extract(request, completion, tuple(not_read), tuple(findings), second)
    body = canonical_bytes(extraction)
    versions = provenance(request.prompt, completion.model, profile)
    assessment = assess(extraction, sha256(body), versions, profile)
    bodies = body, canonical_bytes(assessment)
    return Assessed(completion, extraction, sha256(body), assessment, sha256(bodies[1]), bodies)


def completion_client(settings: Settings, *, spent: Decimal = Decimal(0)) -> CompletionClient:
    """The assessor of the settings: the provider named, else an endpoint when a model is named, else the built-in one.

    `spent` is what earlier runs under the same budget cost, in US dollars.
    """
    model = settings.model
    provider = provider_named(model.provider or ("openai" if model.name else "lexical"))
    if provider.connects:
        check_connections()
    options = ModelOptions(
        model.name,
        api_key=settings.api_key or "",
        base_url=model.base_url,
        prices=model.prices,
        budget=Budget(model.budget, spent),
        rates=RateLimiter(model.requests_per_minute or None, model.tokens_per_minute or None),
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        timeout=model.timeout_seconds,
    )
    client = provider.open(options)
    if model.second_reader:
        if not client.waits:
            raise BadInput(
                "reads the claims of a model, and none is set",
                subject="model.second_reader",
                next_step="set model.name",
            )
        again = options._replace(name=model.second_reader)
        if model.second_reader_url:  # no key travels to another endpoint
            key = model.second_reader_key.get_secret_value() if model.second_reader_key else ""
            again = again._replace(base_url=model.second_reader_url, api_key=key, rates=RateLimiter())
        client.second = provider.open(again)
    return client


def recorded(file: Path, request: CompletionRequest) -> Completion:
    """A reply kept in a file, as if a model had given it: for audits, debugging and evaluation."""
    try:
        reply = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise BadInput(
            f"cannot be read ({error.strerror})", subject=str(file), step="reply", next_step="give a file with a reply"
        ) from error
    model = f"recorded:{sha256(reply.encode())[7:19]}"
    key = completion_key(request, model, {}, reply_schema())
    return Completion(key=key, model=model, outcome=CompletionOutcome.ANSWERED, reply=reply)
