"""Whether stored documents are what their rows say, a batch of rows at a time.

Idea: each check is a function of rows as the database holds them, documents still compressed, so that any process can
run it. Invariant: a damaged document is a problem, never an error that ends the check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import zstandard
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from extractors.canonical_json import canonical_bytes
from extractors.model.completion import Completion, Prompt
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from records.database.column_types import unpack
from scoring.assessment import assess
from scoring.claims import Digest, Evidence, Extraction
from scoring.record import PublishedRecord
from scoring.reviews import Review
from scoring.rubric import RUBRIC_VERSION
from scoring.scores import Assessment

Row = Mapping[str, Any]
"""Column names and values; compressed columns as they are kept."""
Place = tuple[Digest, str]
"""A page text: its digest and its URL."""
Document = TypeVar("Document", bound=BaseModel)
DAMAGED = (zstandard.ZstdError, ValidationError)
EARLIER = "scores of an earlier rubric"
"""Which this version cannot make again."""


class Quote(NamedTuple):
    claim: str
    """How a problem names the claim that the quote carries."""
    text: Place
    start: int
    end: int
    words: str


class CheckResult(NamedTuple):
    problems: list[str]
    """One line each."""
    checked: dict[str, int]
    """How many of what."""
    quotes: tuple[Quote, ...] = ()
    """Still to be looked up."""


def check_texts(rows: Sequence[Row]) -> CheckResult:
    problems: list[str] = []
    for row, text, _ in _documents(rows, "texts", PageText, problems):
        name = f"text of {row['url']}"
        if sha256(text.text.encode()) != text.digest or text.digest != row["text_digest"]:
            problems.append(f"{name}: does not match its digest")
        if text.page_digest != row["page_digest"] or text.url != row["url"]:
            problems.append(f"{name}: is kept under another page")
        ends = [0] + [block.end for block in text.blocks]
        starts = [block.start for block in text.blocks] + [len(text.text)]
        if any(end > start for end, start in zip(ends, starts, strict=True)):
            problems.append(f"{name}: its blocks overlap or leave the text")
    return CheckResult(problems, {"texts": len(rows)})


def check_extractions(rows: Sequence[Row]) -> CheckResult:
    problems: list[str] = []
    quotes: list[Quote] = []
    for row, extraction, body in _documents(rows, "extractions", Extraction, problems):
        name = f"extraction of {row['slug']}"
        if not _is(row["digest"], body, extraction) or extraction.slug != row["slug"]:
            problems.append(f"{name}: does not match its digest")
        quotes += (
            Quote(f"{name}: {path}", (evidence.text_digest, evidence.url), evidence.start, evidence.end, evidence.quote)
            for path, evidence in _evidence(extraction)
        )
    return CheckResult(problems, {"extractions": len(rows)}, tuple(quotes))


def check_quotes(extractions: CheckResult, texts: Mapping[Place, bytes]) -> CheckResult:
    """What was found in extractions, and each of their quotes at its offsets in these texts (compressed)."""
    known = {place: _text(packed) for place, packed in texts.items()}
    problems = list(extractions.problems)
    for quote in extractions.quotes:
        text = known.get(quote.text)
        if text is None:
            problems.append(f"{quote.claim}: its page text is not kept")
        elif text[quote.start : quote.end] != quote.words:
            problems.append(f"{quote.claim}: its quote does not stand at its offsets")
    return CheckResult(problems, {**extractions.checked, "quotes": len(extractions.quotes)})


def check_assessments(rows: Sequence[Row]) -> CheckResult:
    """Rows with the body of their `extraction`, None where it is not kept."""
    problems: list[str] = []
    scores = earlier = 0
    for row, assessment, body in _documents(rows, "assessments", Assessment, problems):
        name = f"assessment of {row['slug']}"
        if not _is(row["digest"], body, assessment) or assessment.extraction_digest != row["extraction_digest"]:
            problems.append(f"{name}: does not match its digest")
        if assessment.provenance.rubric != RUBRIC_VERSION:
            earlier += 1
            continue
        if row["extraction"] is None:
            continue  # told where quotes are looked up
        try:
            extraction = Extraction.model_validate_json(unpack(row["extraction"]))
        except DAMAGED:
            continue  # told where extractions are checked
        again = assess(extraction, assessment.extraction_digest, assessment.provenance, assessment.headline.profile)
        scores += 1
        if (bytes_again := canonical_bytes(again)) != body and bytes_again != canonical_bytes(assessment):
            problems.append(f"{name}: its scores are not what {assessment.headline.profile} gives")
    return CheckResult(problems, {"assessments": len(rows), "scores": scores, EARLIER: earlier})


def check_completions(rows: Sequence[Row]) -> CheckResult:
    problems: list[str] = []
    for row, completion, _ in _documents(rows, "completions", Completion, problems):
        parts = row["parts"]
        if completion.key != row["key"] or completion.outcome.value != row["outcome"]:
            problems.append(f"completion for {row['slug']}: is kept under another key")
        if parts is not None and sha256(parts) != completion.key:
            problems.append(f"completion for {row['slug']}: its key is not the digest of its parts")
    return CheckResult(problems, {"completions": len(rows)})


def check_prompts(rows: Sequence[Row]) -> CheckResult:
    problems: list[str] = []
    for row, prompt, _ in _documents(rows, "prompts", Prompt, problems):
        if prompt.digest != row["digest"] or not prompt.is_whole:
            problems.append(f"prompt {prompt.label} {row['digest']}: does not match its digest")
    return CheckResult(problems, {"prompts": len(rows)})


def check_reviews(rows: Sequence[Row]) -> CheckResult:
    problems: list[str] = []
    for row, review, body in _documents(rows, "reviews", Review, problems):
        same = (review.slug, review.decision.value, review.assessment_digest, review.reviewer)
        columns = (row["slug"], row["decision"], row["assessment_digest"], row["reviewer"])
        if not _is(row["digest"], body, review) or same != columns or review.at != row["at"]:
            problems.append(f"review {row['id']} of {row['slug']}: does not match its digest")
    return CheckResult(problems, {"reviews": len(rows)})


def check_publications(rows: Sequence[Row]) -> CheckResult:
    problems: list[str] = []
    for row, record, body in _documents(rows, "publications", PublishedRecord, problems):
        name = f"publication {row['id']} of {row['slug']}"
        plain = from_json(body)
        if not _is(row["digest"], body, record) or record.slug != row["slug"]:
            problems.append(f"{name}: does not match its digest")
        if sha256(canonical_bytes(plain["extraction"])) != record.extraction_digest:
            problems.append(f"{name}: its extraction does not match its digest")
        if sha256(canonical_bytes(plain["assessment"])) != record.assessment_digest:
            problems.append(f"{name}: its assessment does not match its digest")
    return CheckResult(problems, {"publications": len(rows)})


def _evidence(extraction: Extraction) -> Iterator[tuple[str, Evidence]]:
    """Every quote that a claim rests on, with the claim's path."""
    claims = {**extraction.claims, "summary": extraction.summary}
    yield from ((path, evidence) for path, claim in claims.items() for evidence in claim.evidence)


def _text(packed: bytes) -> str | None:
    try:
        text = from_json(unpack(packed))["text"]
    except (zstandard.ZstdError, ValueError, LookupError, TypeError):
        return None
    return text if isinstance(text, str) else None


def _is(digest: Digest, body: bytes, document: BaseModel) -> bool:
    """Whether a document is what was hashed: as it is kept, which is canonical, else as it would be written now."""
    return sha256(body) == digest or sha256(canonical_bytes(document)) == digest


def _documents(
    rows: Sequence[Row], name: str, kind: type[Document], problems: list[str]
) -> Iterator[tuple[Row, Document, bytes]]:
    """Rows with their document and its bytes; damaged ones become a problem instead of an error."""
    for row in rows:
        try:
            body = unpack(row["body"])
            document = kind.model_validate_json(body)
            if row.get("parts") is not None:
                row = {**row, "parts": unpack(row["parts"])}
        except DAMAGED:
            place = row.get("slug") or row.get("url") or ""
            problems.append(f"{name} {place} {row.get('digest', '')}: cannot be read, it is damaged")
            continue
        yield row, document, body
