"""What a reviewer decides, as plain functions: the terminal and the desk do the same thing by them.

Idea: claims are decided one by one; a review gathers what holds and names the assessment digest that was read.
Invariants: nothing is approved by the way (an amendment alone publishes nothing); a decision that was made on
something else than what stands now raises `Stale` and stores nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from extractors.canonical import digest
from records.drafts import ClaimDecision, Verdict
from records.reviews import Stale
from records.store import Store
from scoring.amend import amended, read_field
from scoring.claims import Digest, Evidence, Extraction
from scoring.errors import BadInput, NotFound
from scoring.outcomes import Amendment, AmendmentReason, Assessment, Decision, Review
from scoring.vocabulary import ExposureFact, MaestroLayer, RiskFactor

PATHS: tuple[str, ...] = (
    "summary",
    *(f"factors.{factor}" for factor in RiskFactor),
    *(f"layers.{layer}" for layer in MaestroLayer),
    *(f"exposure.{fact}" for fact in ExposureFact),
)
"""Every claim that an extraction has, in the order of the record."""


class Claims(NamedTuple):
    """What stands for one agent, as the reviewer has it."""

    extraction: Extraction
    assessment: Assessment
    digest: Digest
    """Of the assessment: what the review will name."""


def read(store: Store, slug: str) -> Claims:
    """The current draft of an agent. Raises `NotFound` with the next step."""
    slug = store.listings.find(slug)
    current = store.assessments.current(slug)
    if current is None:
        raise NotFound("it was never assessed", subject=slug, step="review", next_step=f"assay assess {slug}")
    return Claims(current.extraction, current.assessment, current.assessment_digest)


def paths(extraction: Extraction) -> dict[str, dict[str, object]]:
    """Every claim by its path, as its JSON object: summary, eleven factors, seven layers, exposure facts."""
    document = extraction.model_dump(mode="json")
    named: dict[str, dict[str, object]] = {"summary": document["summary"]}
    named |= {f"factors.{claim['factor']}": claim for claim in document["factors"]}
    named |= {f"layers.{claim['layer']}": claim for claim in document["layers"]}
    named |= {f"exposure.{claim['fact']}": claim for claim in document["exposure"]}
    return named


def digests(extraction: Extraction) -> dict[str, tuple[Digest, Digest]]:
    """Path to (digest of the words it rests on, digest of the claim). Offsets do not count: text may move.

    A claim that rests on no words rests on the pages that were read.
    """
    pages: list[object] = [*sorted(source.text_digest for source in extraction.read)]
    marks = {}
    for path, claim in paths(extraction).items():
        words: list[object] = [*quotes(claim)]
        plain = {key: value for key, value in claim.items() if key not in ("evidence", "rejected")}
        marks[path] = (digest(words or pages), digest({**plain, "quotes": words}))
    return marks


def quotes(claim: dict[str, object]) -> list[str]:
    """The words a claim rests on."""
    evidence = claim.get("evidence")
    return [item["quote"] for item in evidence] if isinstance(evidence, list) else []


def decide(
    store: Store,
    claims: Claims,
    path: str,
    verdict: Verdict,
    *,
    reviewer: str,
    amendments: Sequence[Amendment] = (),
    note: str = "",
    seconds: int | None = None,
    after: int | None = None,
    seen: bool = False,
) -> ClaimDecision:
    """Keeps a decision about one claim. With `seen`, `after` is the last decision that the reviewer saw."""
    slug = claims.extraction.slug
    marks = digests(claims.extraction)
    if path not in marks:
        raise BadInput(f"no claim {path!r}", subject=slug, step="review", next_step=f"assay review show {slug}")
    if amendments:
        amended(claims.extraction, amendments)
    source, claim = marks[path]
    with store.writing():
        if not seen:
            last = store.drafts.last(slug).get(path)
            after = last.id if last else None
        return store.drafts.decide(
            slug,
            path,
            verdict,
            assessment_digest=claims.digest,
            source_digest=source,
            claim_digest=claim,
            reviewer=reviewer,
            after=after,
            amendments=amendments,
            seconds=seconds,
            note=note,
        )


def amendment(
    extraction: Extraction, path: str, field: str, new: str, reason: AmendmentReason, note: str = ""
) -> Amendment:
    """A change of one field of one claim, with what stands there now as `old`."""
    claim = paths(extraction).get(path)
    if claim is None:
        raise BadInput(
            f"no claim {path!r}",
            subject=extraction.slug,
            step="amend",
            next_step=f"assay review show {extraction.slug}",
        )
    old = read_field(claim, path, field)
    return Amendment.model_validate(
        {"path": path, "field": field, "old": old, "new": new, "reason": reason, "note": note}
    )


def work_mark(store: Store, slug: str) -> str:
    """Names the state of all claim decisions of an agent: any new one, undo or redo changes it."""
    return digest([f"{item.id}{'-' if item.undone else '+'}" for item in store.drafts.log(slug)])


def conclude(
    store: Store,
    claims: Claims,
    decision: Decision,
    *,
    reviewer: str,
    role: str = "reviewer",
    note: str = "",
    seconds: int | None = None,
    mark: str | None = None,
) -> Review:
    """Approves or rejects the draft that was read, with every amendment that holds.

    `mark` is the `work_mark` that the reviewer saw; without it what is kept now is taken. Raises `Stale`.
    """
    from review.holding import gathered

    slug = claims.extraction.slug
    with store.writing():
        if mark is not None and mark != work_mark(store, slug):
            current = store.assessments.current_digest(slug)
            raise Stale("claims of it were decided meanwhile", subject=slug, current=current, read=claims.digest)
        changes = gathered(store, claims) if decision is Decision.APPROVE else ()
        if changes:
            amended(claims.extraction, changes)
        review = Review(
            slug=slug,
            assessment_digest=claims.digest,
            decision=decision,
            amendments=changes,
            reviewer=reviewer,
            role=role,
            at=store.now(),
            note=note,
        )
        store.reviews.append(review, seconds=seconds)
    return review


def reverse(store: Store, slug: str, *, reviewer: str, note: str = "", seen: int | None = None) -> Review:
    """Takes back the last decision about an agent; both stay in the log. `seen` is its number as it was shown."""
    slug = store.listings.find(slug)
    with store.writing():
        last = store.reviews.standing(slug)
        if last is None:
            raise NotFound("there is no decision to take back", subject=slug, step="review")
        if seen is not None and last.id != seen:
            current = store.assessments.current_digest(slug)
            raise Stale("another decision stands by now", subject=slug, current=current)
        review = Review(
            slug=slug,
            assessment_digest=last.review.assessment_digest,
            decision=Decision.REVERSE,
            reviewer=reviewer,
            at=store.now(),
            note=note,
        )
        store.reviews.append(review)
    return review


def evidence_json(evidence: Sequence[Evidence]) -> str:
    """Evidence as the text that an amendment carries."""
    return json.dumps([item.model_dump(mode="json") for item in evidence], sort_keys=True, ensure_ascii=False)
