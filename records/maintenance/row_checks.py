"""Whether rows are what they should be: stored documents what their rows say, the heads on agents' rows heads of what
is kept. A batch of rows at a time.

Idea: each check is a function of rows as the database holds them, documents still compressed, so that any process can
run it. Invariant: a damaged document is a problem, never an error that ends the check.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
import zstandard
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from extractors.canonical_json import canonical_bytes
from extractors.model.completion import Completion, Prompt
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from records.assessments.assessments import derived_columns
from records.assessments.reviews import StoredReview, standing_decisions
from records.database.column_types import still_packed, unpack
from records.database.engine import Database
from records.database.tables import agents, assessments, extractions, history, publications, reviews
from scoring.assessment import assess
from scoring.claims import Digest, Extraction
from scoring.record import PublishedRecord
from scoring.reviews import Review
from scoring.rubric import RUBRIC_VERSION
from scoring.scores import Assessment

HEADS = 500
"""Agents whose heads are compared together: memory does not grow with the store."""
Row = Mapping[str, Any]
"""Column names and values; compressed columns as they are kept."""
Place = tuple[Digest, str]
"""A page text: its digest and its URL."""
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
    checked: Counter[str]
    """How many of what."""
    quotes: list[Quote]
    """Still to be looked up."""


def check_documents(table: str, rows: Sequence[Row]) -> CheckResult:
    """The documents of one table."""
    kind, check = CHECKS[table]
    result = CheckResult([], Counter({table: len(rows)} | ({"scores": 0} if kind is Assessment else {})), [])
    for row in rows:
        try:
            body = unpack(row["body"])
            document = kind.model_validate_json(body)
        except DAMAGED:
            place = row.get("slug") or row.get("url") or ""
            result.problems.append(f"{table} {place} {row.get('digest', '')}: cannot be read, it is damaged")
        else:
            result.problems.extend(check(row, document, body, result))
    return result


def _text(row: Row, text: PageText, body: bytes, result: CheckResult) -> Iterator[str]:
    name = f"text of {row['url']}"
    if sha256(text.text.encode()) != text.digest or text.digest != row["text_digest"]:
        yield f"{name}: does not match its digest"
    if text.page_digest != row["page_digest"] or text.url != row["url"]:
        yield f"{name}: is kept under another page"
    ends = [0] + [block.end for block in text.blocks]
    starts = [block.start for block in text.blocks] + [len(text.text)]
    if any(end > start for end, start in zip(ends, starts, strict=True)):
        yield f"{name}: its blocks overlap or leave the text"


def _extraction(row: Row, extraction: Extraction, body: bytes, result: CheckResult) -> Iterator[str]:
    name = f"extraction of {row['slug']}"
    if not _is(row["digest"], body, extraction) or extraction.slug != row["slug"]:
        yield f"{name}: does not match its digest"
    claims = {**extraction.claims, "summary": extraction.summary}
    quotes = ((path, evidence) for path, claim in claims.items() for evidence in claim.evidence)
    for path, e in quotes:
        result.quotes.append(Quote(f"{name}: {path}", (e.text_digest, e.url), e.start, e.end, e.quote))


def check_quotes(found: CheckResult, texts: Mapping[Place, bytes]) -> CheckResult:
    """What was found in extractions, and each of their quotes at its offsets in these texts (compressed)."""
    known = {place: _words(packed) for place, packed in texts.items()}
    problems = list(found.problems)
    for quote in found.quotes:
        text = known.get(quote.text)
        if text is None:
            problems.append(f"{quote.claim}: its page text is not kept")
        elif text[quote.start : quote.end] != quote.words:
            problems.append(f"{quote.claim}: its quote does not stand at its offsets")
    return CheckResult(problems, Counter({**found.checked, "quotes": len(found.quotes)}), [])


def _assessment(row: Row, assessment: Assessment, body: bytes, result: CheckResult) -> Iterator[str]:
    """A row has the body of its `extraction` as well, None where it is not kept."""
    name = f"assessment of {row['slug']}"
    if not _is(row["digest"], body, assessment) or assessment.extraction_digest != row["extraction_digest"]:
        yield f"{name}: does not match its digest"
    if assessment.provenance.rubric != RUBRIC_VERSION:
        result.checked[EARLIER] += 1
        return
    try:
        extraction = Extraction.model_validate_json(unpack(row["extraction"] or b""))
    except DAMAGED:
        return  # said where extractions are checked, and where quotes are looked up
    made = assess(extraction, assessment.extraction_digest, assessment.provenance, assessment.headline.profile)
    result.checked["scores"] += 1
    if (again := canonical_bytes(made)) != body and again != canonical_bytes(assessment):
        yield f"{name}: its scores are not what {assessment.headline.profile} gives"


def _completion(row: Row, completion: Completion, body: bytes, result: CheckResult) -> Iterator[str]:
    if completion.key != row["key"] or completion.outcome.value != row["outcome"]:
        yield f"completion for {row['slug']}: is kept under another key"
    try:
        own_key = row["parts"] is None or sha256(unpack(row["parts"])) == completion.key
    except zstandard.ZstdError:
        own_key = False
    if not own_key:
        yield f"completion for {row['slug']}: its key is not the digest of its parts"


def _prompt(row: Row, prompt: Prompt, body: bytes, result: CheckResult) -> Iterator[str]:
    if prompt.digest != row["digest"] or not prompt.is_whole:
        yield f"prompt {prompt.label} {row['digest']}: does not match its digest"


def _review(row: Row, review: Review, body: bytes, result: CheckResult) -> Iterator[str]:
    names = ("slug", "decision", "assessment_digest", "reviewer", "at")
    if not _is(row["digest"], body, review) or any(getattr(review, name) != row[name] for name in names):
        yield f"review {row['id']} of {row['slug']}: does not match its digest"


def _publication(row: Row, record: PublishedRecord, body: bytes, result: CheckResult) -> Iterator[str]:
    name = f"publication {row['id']} of {row['slug']}"
    plain = from_json(body)
    if not _is(row["digest"], body, record) or record.slug != row["slug"]:
        yield f"{name}: does not match its digest"
    for part, expected in (("extraction", record.extraction_digest), ("assessment", record.assessment_digest)):
        if sha256(canonical_bytes(plain[part])) != expected:
            yield f"{name}: its {part} does not match its digest"


CHECKS: dict[str, tuple[type[BaseModel], Callable[..., Iterator[str]]]] = {
    "texts": (PageText, _text),
    "extractions": (Extraction, _extraction),
    "assessments": (Assessment, _assessment),
    "completions": (Completion, _completion),
    "prompts": (Prompt, _prompt),
    "reviews": (Review, _review),
    "publications": (PublishedRecord, _publication),
}
"""What a table's documents are, and what of one does not hold."""


def _words(packed: bytes) -> str | None:
    try:
        text = from_json(unpack(packed))["text"]
    except (zstandard.ZstdError, ValueError, LookupError, TypeError):
        return None
    return text if isinstance(text, str) else None


def _is(digest: Digest, body: bytes, document: BaseModel) -> bool:
    """Whether a document is what was hashed: as it is kept, which is canonical, else as it would be written now."""
    return sha256(body) == digest or sha256(canonical_bytes(document)) == digest


def _newest(table: sa.Table, number: sa.Column[Any]) -> sa.Select[tuple[str, Any]]:
    """Slug and highest number of each agent of a batch, which are neighbours in the order of slugs."""
    here = table.c.slug.between(sa.bindparam("first"), sa.bindparam("last"))
    return sa.select(table.c.slug, sa.func.max(number)).where(here).group_by(table.c.slug)


_ASSESSED = sa.select(history.c.slug, history.c.assessment_digest).where(
    history.c.id.in_(_newest(history, history.c.id).with_only_columns(sa.func.max(history.c.id)))
)
_REVIEWED = (
    sa.select(reviews.c.slug, reviews.c.id, still_packed(reviews.c.body))
    .where(reviews.c.slug.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(reviews.c.id)
)
_MADE_OF = (
    sa.select(assessments.c.digest, still_packed(extractions.c.body, "extraction"), still_packed(assessments.c.body))
    .join(assessments, assessments.c.extraction_digest == extractions.c.digest)
)  # fmt: skip


class AgentHeads(NamedTuple):
    """A batch of agents' rows and what their heads are compared with, by slug or by digest; documents compressed."""

    rows: list[dict[str, Any]]
    assessed: dict[str, Digest]
    published: dict[str, int]
    reviews: dict[str, list[tuple[int, bytes]]]
    documents: dict[Digest, tuple[bytes, bytes]]


def head_batches(database: Database) -> Iterator[tuple[AgentHeads]]:
    columns = [column for column in agents.c if column is not agents.c.listing]
    query = sa.select(*columns).order_by(agents.c.slug)
    with database.reading() as connection:
        for rows in connection.execute(query).yield_per(HEADS).partitions():
            here = {"first": rows[0].slug, "last": rows[-1].slug}
            assessed = dict(connection.execute(_ASSESSED, here).tuples().all())
            published = dict(connection.execute(_newest(publications, publications.c.id), here).tuples().all())
            reviewed: dict[str, list[tuple[int, bytes]]] = {}
            for slug, number, body in connection.execute(_REVIEWED, here):
                reviewed.setdefault(slug, []).append((number, body))
            digests = [row.assessment_digest for row in rows if row.assessment_digest is not None]
            made_of = connection.execute(_MADE_OF.where(assessments.c.digest.in_(database.each(digests))))
            documents = {digest: (extraction, assessment) for digest, extraction, assessment in made_of}
            yield (AgentHeads([row._asdict() for row in rows], assessed, published, reviewed, documents),)


def wrong_heads(heads: AgentHeads) -> list[str]:
    """One line for each head that is not what the rows say."""
    problems: list[str] = []
    for row in heads.rows:
        slug, current = row["slug"], row["assessment_digest"]
        same_review = _last_review(heads.reviews.get(slug, ())) == (row["review_id"], row["reviewed_digest"])
        same_columns = current is None or _columns_hold(row, heads.documents.get(current))
        checks = (
            (current == heads.assessed.get(slug), "current assessment is not the last one that became current"),
            (row["publication_id"] == heads.published.get(slug), "current publication is not the last one"),
            (same_review, "standing review is not the last that was not taken back"),
            (same_columns, "columns are not those of its current assessment"),
        )
        problems += [f"{slug}: its {problem}" for holds, problem in checks if not holds]
    return problems


def _last_review(reviewed: Iterable[tuple[int, bytes]]) -> tuple[int | None, Digest | None]:
    """Number of the last review that was not taken back, and of what it is."""
    try:
        stored = tuple(
            StoredReview(number, Review.model_validate_json(unpack(body)), None) for number, body in reviewed
        )
    except DAMAGED:
        return None, None  # said where reviews are checked
    stack = standing_decisions(stored)
    return (stack[-1].id, stack[-1].review.assessment_digest) if stack else (None, None)


def _columns_hold(row: dict[str, Any], documents: tuple[bytes, bytes] | None) -> bool:
    try:
        bodies = [unpack(packed) for packed in documents or ()]
        extraction, assessment = Extraction.model_validate_json(bodies[0]), Assessment.model_validate_json(bodies[1])
    except (*DAMAGED, IndexError):
        return True  # said where assessments are checked
    return all(row[name] == value for name, value in derived_columns(extraction, assessment).items())
