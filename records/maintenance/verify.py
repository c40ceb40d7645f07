"""Derives everything again and says what does not hold.

Idea: nobody has to trust the store. Blobs, texts, extractions, assessments, completions, reviews and publications
are hashed anew, every quote is looked up at its offsets, scores are computed again by the formula that a record
names, the event chain is followed, and each head on an agent's row is compared with what it is the head of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import sqlalchemy as sa
import zstandard
from pydantic import BaseModel, ValidationError

from extractors.canonical_json import canonical_bytes
from extractors.model.completion import Completion
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from records.agents.head_check import wrong_heads
from records.database import tables
from records.database.column_types import Packed, unpack
from records.database.event_chain import broken_links
from records.database.open_files import processes_on_replaced
from scoring.assessment import assess
from scoring.claims import Evidence, Extraction
from scoring.errors import AssayError, NotFound
from scoring.record import PublishedRecord
from scoring.reviews import Review
from scoring.rubric import RUBRIC_VERSION
from scoring.scores import Assessment

if TYPE_CHECKING:
    from records.store import Store


_BATCH = 200
Document = TypeVar("Document", bound=BaseModel)


class Verified(NamedTuple):
    """What was checked, by kind, and every problem in one line."""

    checked: dict[str, int]
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.problems


def verify(store: Store, progress: Callable[[str], None] = lambda _: None) -> Verified:
    """Checks all that is kept. Reads one consistent view; changes nothing."""
    work = _Check(store)
    with store.reading(), store.database.reading() as connection:
        for step in (work.blobs, work.texts, work.extractions, work.assessments, work.completions, work.decisions):
            progress(step.__name__)
            step(connection)
        progress("events")
        work.problems += broken_links(connection)
        work.checked["events"] = connection.scalar(sa.select(sa.func.count()).select_from(tables.events)) or 0
        progress("heads")
        work.problems += wrong_heads(connection)
    work.problems += replaced_file(store)
    return Verified(dict(work.checked), tuple(work.problems))


def replaced_file(store: Store) -> list[str]:
    """A line for each process that goes on with a database file that was replaced: what it writes is lost."""
    path = store.database.path
    pids = processes_on_replaced(path) if path is not None else ()
    return [f"process {pid} has a database file open that is no longer at {path}: stop it" for pid in pids]


def evidence_of(extraction: Extraction) -> Iterator[tuple[str, Evidence]]:
    """Every quote that a claim rests on, with the claim's path."""
    for path, claim in {**extraction.claims, "summary": extraction.summary}.items():
        yield from ((path, evidence) for evidence in claim.evidence)


def _unannounced(connection: sa.Connection) -> list[str]:
    """What no event tells of, and what an event tells of that is not kept; the database compares them."""
    events, payload = tables.events, tables.events.c.payload
    text = connection.dialect.name == "sqlite"
    document: sa.ColumnElement[Any] = sa.type_coerce(payload, sa.JSON) if text else sa.cast(payload, sa.JSON)
    told = sa.func.coalesce(document["review"].as_string(), document["record"].as_string())
    decided = {"review": tables.reviews, "publication": tables.publications}
    problems: list[str] = []
    for name, table in decided.items():
        announced = sa.exists().where(events.c.slug == table.c.slug, told == table.c.digest)
        alone = sa.select(table.c.id, table.c.slug).where(~announced).order_by(table.c.id)
        problems += [f"{name} {row.id} of {row.slug}: no event tells of it" for row in connection.execute(alone)]
    kept = [sa.exists().where(table.c.slug == events.c.slug, table.c.digest == told) for table in decided.values()]
    gone = sa.select(told).where(told.is_not(None), ~sa.or_(*kept)).distinct().order_by(told)
    return problems + [f"event chain: tells of {digest}, which is not kept" for digest in connection.scalars(gone)]


class _Check:
    def __init__(self, store: Store) -> None:
        self._store = store
        self.checked: Counter[str] = Counter()
        self.problems: list[str] = []
        self._text = lru_cache(maxsize=256)(self._load_text)

    def blobs(self, connection: sa.Connection) -> None:
        snapshots = tables.snapshots
        query = sa.select(snapshots.c.digest, sa.func.min(snapshots.c.url)).group_by(snapshots.c.digest)
        query = query.where(snapshots.c.blob_dropped_at.is_(None)).order_by(snapshots.c.digest)
        for digest, url in connection.execute(query).yield_per(_BATCH):
            self.checked["blobs"] += 1
            try:
                self._store.blobs.get(digest)
            except AssayError as error:
                self.problems.append(f"page {url}: {error}")

    def texts(self, connection: sa.Connection) -> None:
        for row, text in self._rows(connection, tables.texts, PageText, "texts"):
            name = f"text of {row['url']}"
            if sha256(text.text.encode()) != text.digest or text.digest != row["text_digest"]:
                self.problems.append(f"{name}: does not match its digest")
            if text.page_digest != row["page_digest"] or text.url != row["url"]:
                self.problems.append(f"{name}: is kept under another page")
            ends = [0] + [block.end for block in text.blocks]
            starts = [block.start for block in text.blocks] + [len(text.text)]
            if any(end > start for end, start in zip(ends, starts, strict=True)):
                self.problems.append(f"{name}: its blocks overlap or leave the text")

    def extractions(self, connection: sa.Connection) -> None:
        for row, extraction in self._rows(connection, tables.extractions, Extraction, "extractions"):
            name = f"extraction of {row['slug']}"
            if sha256(canonical_bytes(extraction)) != row["digest"] or extraction.slug != row["slug"]:
                self.problems.append(f"{name}: does not match its digest")
            for path, evidence in evidence_of(extraction):
                self.checked["quotes"] += 1
                text = self._text(evidence.text_digest, evidence.url)
                if text is None:
                    self.problems.append(f"{name}: {path}: its page text is not kept")
                elif text[evidence.start : evidence.end] != evidence.quote:
                    self.problems.append(f"{name}: {path}: its quote does not stand at its offsets")

    def assessments(self, connection: sa.Connection) -> None:
        for row, assessment in self._rows(connection, tables.assessments, Assessment, "assessments"):
            name = f"assessment of {row['slug']}"
            body = canonical_bytes(assessment)
            if sha256(body) != row["digest"] or assessment.extraction_digest != row["extraction_digest"]:
                self.problems.append(f"{name}: does not match its digest")
            if assessment.provenance.rubric != RUBRIC_VERSION:
                continue  # scored by rules that this version no longer holds
            try:
                extraction = self._store.assessments.extraction(assessment.extraction_digest)
            except (NotFound, ValidationError, zstandard.ZstdError):
                continue  # told above
            again = assess(extraction, assessment.extraction_digest, assessment.provenance, assessment.headline.profile)
            self.checked["scores"] += 1
            if canonical_bytes(again) != body:
                self.problems.append(f"{name}: its scores are not what {assessment.headline.profile} gives")

    def completions(self, connection: sa.Connection) -> None:
        for row, completion in self._rows(connection, tables.completions, Completion, "completions"):
            parts = row["parts"]
            if completion.key != row["key"] or completion.outcome.value != row["outcome"]:
                self.problems.append(f"completion for {row['slug']}: is kept under another key")
            if parts is not None and sha256(parts) != completion.key:
                self.problems.append(f"completion for {row['slug']}: its key is not the digest of its parts")

    def decisions(self, connection: sa.Connection) -> None:
        """Reviews and publications: their digests, and that the event chain tells of each."""
        for row, review in self._rows(connection, tables.reviews, Review, "reviews"):
            same = (review.slug, review.decision.value, review.assessment_digest, review.reviewer)
            columns = (row["slug"], row["decision"], row["assessment_digest"], row["reviewer"])
            if sha256(canonical_bytes(review)) != row["digest"] or same != columns or review.at != row["at"]:
                self.problems.append(f"review {row['id']} of {row['slug']}: does not match its digest")
        for row, record in self._rows(connection, tables.publications, PublishedRecord, "publications"):
            name = f"publication {row['id']} of {row['slug']}"
            if sha256(canonical_bytes(record)) != row["digest"] or record.slug != row["slug"]:
                self.problems.append(f"{name}: does not match its digest")
            if sha256(canonical_bytes(record.extraction)) != record.extraction_digest:
                self.problems.append(f"{name}: its extraction does not match its digest")
            if sha256(canonical_bytes(record.assessment)) != record.assessment_digest:
                self.problems.append(f"{name}: its assessment does not match its digest")
        self.problems += _unannounced(connection)

    def _load_text(self, digest: str, url: str) -> str | None:
        try:
            return self._store.texts.get(digest, url).text
        except (NotFound, ValidationError, zstandard.ZstdError):
            return None

    def _rows(
        self, connection: sa.Connection, table: sa.Table, kind: type[Document], name: str
    ) -> Iterator[tuple[dict[str, Any], Document]]:
        """Rows with their document; damaged ones become a problem instead of an error."""
        packed = [column for column in table.c if isinstance(column.type, Packed)]
        raw = [sa.type_coerce(column, sa.LargeBinary).label(column.name) for column in packed]
        columns = [column for column in table.c if column not in packed]
        query = sa.select(*columns, *raw).where(table.c.body.is_not(None)).order_by(*table.primary_key)
        for row in connection.execute(query).yield_per(_BATCH):
            self.checked[name] += 1
            values = dict(row._mapping)
            try:
                values |= {c.name: values[c.name] and unpack(bytes(values[c.name])) for c in packed}
                document = kind.model_validate_json(values["body"])
            except (zstandard.ZstdError, ValidationError):
                place = values.get("slug") or values.get("url") or ""
                self.problems.append(f"{name} {place} {values.get('digest', '')}: cannot be read, it is damaged")
                continue
            yield values, document
