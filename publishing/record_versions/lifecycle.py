"""The life of a published record: first publication, new versions, withdrawal, dispute, staleness.

    (none) ── publish ──▶ live ── publish ──▶ live          stale, disputed: flags on either state
                           │  ▲
                 withdraw  ▼  │ reinstate
                        withdrawn                            a withdrawn record stays, with its reason

Invariants: a record keeps its id and slug for ever; `published` never moves and `modified` only forward; no
version is published that its review did not name by digest; equal input gives the same record back.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from extractors.canonical_json import digest
from extractors.claims.approved_claims import evidence_of
from extractors.record_decision import decision
from publishing.record_versions import change_notes
from scoring.assessment import assess
from scoring.claims import Extraction, claim_count
from scoring.errors import Refused
from scoring.likely.advice import Limits
from scoring.record import Change, ChangeCause, PublishedRecord, SourceDate, StatedSubject, VendorStatement
from scoring.reviews import Decision, Review
from scoring.scores import Assessment
from scoring.tools.control_surface import control_surface
from scoring.vocabulary import Certainty


def good_until(extraction: Extraction, review: Review, sources: Iterable[SourceDate], days: int) -> datetime:
    """Until when the evidence counts as good: so many days after its oldest quoted page was read, or its review."""
    quoted = {evidence.url for evidence in evidence_of(extraction)}
    return min([review.at, *(source.fetched_at for source in sources if source.url in quoted)]) + timedelta(days=days)


def publish(
    previous: PublishedRecord | None,
    extraction: Extraction,
    assessment: Assessment,
    review: Review,
    *,
    now: datetime,
    sources: Iterable[SourceDate] = (),
    homepage: str | None = None,
    repository: str | None = None,
    aliases: tuple[str, ...] = (),
    subjects: tuple[StatedSubject, ...] = (),
    expires: datetime | None = None,
    limits: Limits | None = None,
    by_name: bool = False,
) -> PublishedRecord:
    """The record after an approving review. `extraction` and `assessment` are the draft that the review names by
    digest; its amendments are applied here and the amended extraction is scored again. `limits`: of its advice, else
    those of the default policy. `by_name`: the reviewer wishes to be named, else the role is."""
    slug = extraction.slug
    _may_publish(previous, extraction, assessment, review)
    if review.amendments:
        from scoring.amendments import amended

        extraction = amended(extraction, review.amendments)
        assessment = assess(extraction, digest(extraction), assessment.provenance, assessment.headline.profile)
    certainties = [claim.certainty for claim in (*extraction.factors, *extraction.exposure)]
    body: dict[str, Any] = {
        "homepage": homepage,
        "repository": repository,
        "aliases": tuple(sorted(set(aliases))),
        "extraction": extraction,
        "extraction_digest": assessment.extraction_digest,
        "assessment": assessment,
        "assessment_digest": digest(assessment) if review.amendments else review.assessment_digest,
        "reviewed_by": review.reviewer if by_name else review.role,
        "reviewed_at": review.at,
        "reviewed_how": review.decided,
        "reviewed_seconds": review.seconds,
        "certainty_counts": {certainty: certainties.count(certainty) for certainty in Certainty},
        "claims": claim_count(extraction),
        "sources": _dated(previous, sources),
        "subjects": subjects,
        "expires": expires,
        "stale_since": None,
        **_decision(extraction, assessment, limits),
    }
    if previous is None:
        return PublishedRecord(
            id=f"assay:{slug}",
            slug=slug,
            published=now,
            modified=now,
            changes=change_notes.first(assessment, now),
            **body,
        )
    if all(getattr(previous, name) == value for name, value in body.items()):
        return previous
    at = _after(previous, now)
    found = change_notes.changes(previous, extraction, assessment, review, at)
    if previous.subjects and previous.subjects != subjects:
        named, now_named = (", ".join(subject.value for subject in some) for some in (previous.subjects, subjects))
        if named != now_named:
            found = (*found, Change(at=at, cause=ChangeCause.SOURCE, path="subjects", before=named, after=now_named))
    if not found:
        found = (_quiet_note(previous, body, at),)
    return _with(previous, at, found, **body)


def _decision(extraction: Extraction, assessment: Assessment, limits: Limits | None) -> dict[str, Any]:
    """What the record says to who decides, by the reference class that its assessment names; nothing without one."""
    made = decision(extraction, assessment, limits)
    if made is None:
        nothing: dict[str, Any] = {"likely": None, "firm": None, "advice": None, "questions": (), "conditions": ()}
        return {**nothing, "control_surface": None}
    decided = {name: getattr(made, name) for name in type(made).model_fields}
    return {**decided, "control_surface": control_surface(extraction)}


def withdraw(
    record: PublishedRecord, reason: str, *, now: datetime, cause: ChangeCause = ChangeCause.PERSON
) -> PublishedRecord:
    """Takes a record back. The page and the JSON stay, with the reason."""
    if record.withdrawn:
        raise _refused(record.slug, "it is withdrawn already", "show the record")
    if not reason.strip():
        raise _refused(record.slug, "a withdrawal needs its reason", "give one line")
    made = _changed(record, now, cause, "withdrawn", reason, withdrawn_reason=reason)
    return made.model_copy(update={"withdrawn": made.modified})


def reinstate(record: PublishedRecord, reason: str, *, now: datetime) -> PublishedRecord:
    """Undoes a withdrawal; a person does this on purpose, a nightly run never."""
    if not record.withdrawn:
        raise _refused(record.slug, "it is not withdrawn", "show the record")
    words = {"before": record.withdrawn_reason or "", "after": f"reinstated: {reason}"}
    return _changed(record, now, ChangeCause.PERSON, "withdrawn", **words, withdrawn=None, withdrawn_reason=None)


def dispute(record: PublishedRecord, claim: str, *, now: datetime) -> PublishedRecord:
    """Marks a record that its vendor disputes. The assessment stays as it is, with the mark beside it."""
    if record.disputed:
        return record
    return _changed(record, now, ChangeCause.VENDOR, "disputed", claim, disputed=True)


def settle(record: PublishedRecord, outcome: str, *, now: datetime) -> PublishedRecord:
    """Ends a dispute; what it changed is a publication of its own."""
    if not record.disputed:
        return record
    return _changed(record, now, ChangeCause.PERSON, "disputed", outcome, before="disputed", disputed=False)


def put_statement(record: PublishedRecord, statement: VendorStatement | None, *, now: datetime) -> PublishedRecord:
    """Puts the vendor's word beside the record, or removes it."""
    if record.statement == statement:
        return record
    before, after = (each.text if each is not None else "none" for each in (record.statement, statement))
    return _changed(record, now, ChangeCause.VENDOR, "statement", after, before=before, statement=statement)


def mark_stale(record: PublishedRecord, lost: str, *, now: datetime) -> PublishedRecord:
    """Marks a record whose quote has been missing from its page for longer than the policy allows."""
    if record.stale_since or record.withdrawn:
        return record
    made = _changed(record, now, ChangeCause.SOURCE, "stale", lost)
    return made.model_copy(update={"stale_since": made.modified})


def clear_stale_mark(record: PublishedRecord, *, now: datetime) -> PublishedRecord:
    """Takes the stale mark away when every quote is on its page again."""
    if record.stale_since is None or record.withdrawn:
        return record
    words = {"before": "stale", "after": "every quote stands again"}
    return _changed(record, now, ChangeCause.SOURCE, "stale", **words, stale_since=None)


def supersede(
    record: PublishedRecord, older: PublishedRecord, *, now: datetime
) -> tuple[PublishedRecord, PublishedRecord]:
    """`record` takes the place of `older` (two slugs of one product). Both stay; the older points to the newer."""
    if record.id == older.id:
        raise _refused(record.slug, "a record cannot supersede itself", "name the other record")
    if record.withdrawn:
        raise _refused(record.slug, "a withdrawn record supersedes nothing", "reinstate it first")
    if older.id in record.supersedes:
        return record, older
    newer = superseding(record, older.id, now=now)
    return newer, older if older.withdrawn else withdraw(older, f"superseded by {record.id}", now=now)


def superseding(record: PublishedRecord, older: str, *, now: datetime) -> PublishedRecord:
    """The newer record's half of `supersede`."""
    return _changed(record, now, ChangeCause.PERSON, "supersedes", older, supersedes=(*record.supersedes, older))


def _may_publish(
    previous: PublishedRecord | None, extraction: Extraction, assessment: Assessment, review: Review
) -> None:
    slug = extraction.slug
    if {slug, assessment.slug, review.slug} != {slug} or (previous and previous.slug != slug):
        raise _refused(slug, "extraction, assessment, review and record are of different agents", "review it again")
    if review.decision is not Decision.APPROVE:
        raise _refused(slug, f"the review says {review.decision}", "approve it")
    if digest(extraction) != assessment.extraction_digest:
        raise _refused(slug, "the assessment is of another extraction", "score it again")
    if digest(assessment) != review.assessment_digest:
        raise _refused(slug, "the review read another version", "review this version")
    if previous and previous.withdrawn:
        raise _refused(slug, f"it is withdrawn ({previous.withdrawn_reason})", "reinstate it on purpose")


def _dated(previous: PublishedRecord | None, sources: Iterable[SourceDate]) -> tuple[SourceDate, ...]:
    """A page that was fetched again with the same bytes keeps the date at which these bytes were first seen."""
    known = {(s.url, s.page_digest): s for s in previous.sources} if previous else {}
    return tuple(sorted((known.get((s.url, s.page_digest), s) for s in sources), key=lambda s: (s.url, s.page_digest)))


def _quiet_note(previous: PublishedRecord, body: dict[str, Any], at: datetime) -> Change:
    """The note of a version in which no claim and no score changed."""
    if body["sources"] != previous.sources or body["extraction"].read != previous.extraction.read:
        return Change(at=at, cause=ChangeCause.SOURCE, path="sources", after="pages changed, claims did not")
    causes = (("model", "model"), ("prompt", "prompt"), ("rubric", "rubric"), ("formula", "formula"))
    for name, cause in (*causes, ("reference", "formula")):
        was = getattr(previous.assessment.provenance, name)
        now = getattr(body["assessment"].provenance, name)
        if was != now:
            return Change(
                at=at, cause=ChangeCause(cause), path="versions", before=f"{name} {was}", after=f"{name} {now}"
            )
    if previous.stale_since:
        return Change(at=at, cause=ChangeCause.PERSON, path="stale", before="stale", after="reviewed again")
    return Change(at=at, cause=ChangeCause.PERSON, path="review", after="reviewed again, nothing changed")


def _after(record: PublishedRecord, now: datetime) -> datetime:
    """`now`, or just after the last version when the clock went back: `modified` only moves forward."""
    return max(now, record.modified + timedelta(microseconds=1))


def _changed(
    record: PublishedRecord, now: datetime, cause: ChangeCause, path: str, after: str, before: str = "", **changed: Any
) -> PublishedRecord:
    """The version after `record`, with one note."""
    at = _after(record, now)
    return _with(record, at, (Change(at=at, cause=cause, path=path, before=before, after=after),), **changed)


def _with(record: PublishedRecord, at: datetime, found: tuple[Change, ...], **changed: Any) -> PublishedRecord:
    """The version after `record`, which it names by its digest."""
    update = {"modified": at, "changes": (*found, *record.changes), "previous": digest(record), **changed}
    return record.model_copy(update=update)


def _refused(slug: str, problem: str, next_step: str) -> Refused:
    return Refused(problem, subject=slug, step="publish", next_step=next_step)
