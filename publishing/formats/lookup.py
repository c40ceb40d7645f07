"""Records by what a machine matches them: the summary of a record, and the plain files of the index.

Idea: a summary is made once a record and kept in its row, so that a publication reads only what changed. Invariants:
a fact that is not known is absent, never *no*; same rows, same bytes; every bucket is there, empty ones too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assay_check.configurations.package_lists import of_purl
from assay_check.lookup.hash_prefixes import (
    INDEX,
    bucket,
    bucket_path,
    in_buckets,
    index_about,
    key_hash,
    prefix_length,
    statement_key,
    subject_keys,
)
from assay_check.lookup.record_summary import Power, RecordSummary, RegistryName, Span
from assay_check.lookup.site_lookup import Records
from assay_check.record_match import matches
from assay_check.subjects import Subject, of_url
from extractors.stated_subjects import is_unique, statement, subject_key
from scoring.claims import Digest, Extraction
from scoring.likely.decision import Decision
from scoring.record import PublishedRecord
from scoring.scores import Assessment
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, SubjectKind

_POWERS: dict[Power, tuple[ExposureFact, ...]] = {
    "reads": (ExposureFact.READS, ExposureFact.REACHES),
    "writes": (ExposureFact.WRITES,),
    "writes_outside": (ExposureFact.CHANGES,),
    "runs_code": (ExposureFact.EXECUTES,),
    "spends": (ExposureFact.SPENDS,),
}
"""The facts that say whether it has a power: their safest value says no. No fact says whether it sends."""


def summary_of(record: PublishedRecord, digest: Digest) -> RecordSummary:
    """What a lookup answers about a record; `digest` is that of its published bytes."""
    statements = dict.fromkeys(said for subject in record.subjects if (said := statement(subject)) is not None)
    names = (s for s in record.subjects if s.kind is SubjectKind.REGISTRY_NAME and s.ecosystem == "mcp_registry")
    about = assessed_summary(
        f"agents/{record.slug}.json",
        record.extraction,
        record.assessment,
        record,
        assessed=record.reviewed_at.date(),
        expires=record.expires.date() if record.expires else None,
    )
    return about.model_copy(
        update={
            "subjects": tuple(statements),
            "registry": next((RegistryName(name=one.value, version=one.version) for one in names), None),
            "modified": record.modified.date(),
            "withdrawn": (record.withdrawn_reason or "withdrawn") if record.withdrawn else None,
            "digest": digest,
            "previous": record.previous,
        }
    )


def assessed_summary(
    place: str,
    extraction: Extraction,
    assessment: Assessment,
    decided: PublishedRecord | Decision | None,
    *,
    assessed: date,
    expires: date | None,
) -> RecordSummary:
    """What an assessment says, published or not; `place` names the record."""
    headline, likely = assessment.headline, decided.likely if decided else None
    firm = decided.firm if decided else None
    return RecordSummary(
        record=place,
        slug=extraction.slug,
        name=extraction.name,
        kind=extraction.kind.value,
        score=_float(headline.score),
        band=headline.severity.value if headline.severity else None,
        possible=Span(low=float(headline.low), high=float(headline.high)),
        likely=Span(low=float(likely.low), high=float(likely.high)) if likely else None,
        firm=headline.band_stable if firm is None else firm,
        touches=_touches(extraction),
        unknowns=tuple(claim.fact.value for claim in extraction.exposure if claim.value is None),
        only_if=tuple(condition.text for condition in decided.conditions) if decided else (),
        assessed=assessed,
        expires=expires,
    )


def keys_of(record: PublishedRecord) -> tuple[str, ...]:
    """Under which keys a lookup finds the record."""
    statements = (made for subject in record.subjects if (made := statement(subject)) is not None)
    return tuple(sorted({key for made in statements if (key := statement_key(made)) is not None}))


def claims_of(record: PublishedRecord) -> tuple[str, ...]:
    """What it states that belongs to one product only."""
    return tuple(sorted({subject_key(subject) for subject in record.subjects if is_unique(subject)}))


class Asked(BaseModel):
    """One subject that is looked up."""

    model_config = ConfigDict(extra="forbid")
    purl: str | None = Field(default=None, min_length=1, max_length=2_000)
    url: str | None = Field(default=None, min_length=1, max_length=2_000)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.purl is None) == (self.url is None):
            raise ValueError("give one of purl and url; a name alone matches nothing")
        return self


def answers(records: Records, questions: Sequence[Asked]) -> list[dict[str, Any]]:
    """For each: the subject in its canonical spelling, and the records that speak about it, the best match first.

    `why`: why it names nothing that a record could match; `settled`: not more than one record speaks about it.
    """
    subjects = [of_purl(question.purl) if question.purl else of_url(question.url or "") for question in questions]
    found = records.lookup(sorted({key for subject in subjects for key in subject_keys(subject)}))
    return [
        _answer(subject, [answer for key in subject_keys(subject) for answer in found[key]]) for subject in subjects
    ]


def _answer(subject: Subject, found: Sequence[RecordSummary]) -> dict[str, Any]:
    listed = [
        {
            **match.record.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
            "match": match.sureness.value,
            **({"note": match.note} if match.note else {}),
        }
        for match in matches(subject, found)
    ]
    live = sum("withdrawn" not in entry for entry in listed)
    return {"subject": subject.purl or subject.endpoint, "why": subject.why, "records": listed, "settled": live < 2}


Found = tuple[str, str, str]
"""Address, digest and summary of a record."""


def index_plan(rows: Iterable[tuple[tuple[str, ...], Found]]) -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    """Path, what it is made from, and how, of every file of the index; `rows` are records with their keys."""
    subjects: dict[str, list[Found]] = {}
    records = 0
    for keys, found in rows:
        records += 1
        for key in keys:
            subjects.setdefault(key_hash(key), []).append(found)
    length = prefix_length(len(subjects))
    yield INDEX, f"{length} {len(subjects)} {records}", partial(index_about, length, len(subjects), records)
    for prefix, within in in_buckets(subjects, length):
        made_from = " ".join(f"{hashed} {digest}" for hashed, found in within.items() for _, digest, _ in sorted(found))
        yield bucket_path(prefix), made_from, partial(_bucket, prefix, within)


def _bucket(prefix: str, within: dict[str, list[Found]]) -> bytes:
    return bucket(prefix, {hashed: [text for _, _, text in sorted(found)] for hashed, found in within.items()})


def _touches(extraction: Extraction) -> dict[str, bool]:
    """A power that one fact shows is there; one is absent only where every fact about it says so."""
    found: dict[str, bool] = {}
    for power, facts in _POWERS.items():
        values = [(fact, extraction.fact(fact).value) for fact in facts]
        shown = [value is not None and value != EXPOSURE_VALUES[fact][0] for fact, value in values]
        if any(shown):
            found[power] = True
        elif all(value is not None for _, value in values):
            found[power] = False
    return found


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
