"""What a reviewer decides, as plain functions: the terminal and the desk do the same thing by them.

Idea: claims are decided one by one as drafts; a review gathers what stands and names the assessment digest
that was read. Invariants: an accepted claim is asked about again only if its source *and* its extraction
changed; nothing is approved by the way: an amendment alone publishes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from extractors.canonical import digest
from records.drafts import ClaimDecision, Verdict
from records.store import Store
from scoring.amend import amended, read_field
from scoring.claims import Digest, Evidence, Extraction
from scoring.errors import BadInput, NotFound
from scoring.outcomes import Amendment, AmendmentReason, Assessment, Decision, Review


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
    pages: list[object] = sorted(source.text_digest for source in extraction.read)
    marks = {}
    for path, claim in paths(extraction).items():
        evidence = claim.get("evidence")
        words = [item["quote"] for item in evidence] if isinstance(evidence, list) else []
        plain = {key: value for key, value in claim.items() if key not in ("evidence", "rejected")}
        marks[path] = (digest(list(words) or pages), digest({**plain, "quotes": words}))
    return marks


def standing(store: Store, claims: Claims) -> dict[str, ClaimDecision]:
    """The claim decisions that still hold for what stands now."""
    return store.drafts.standing(claims.extraction.slug, digests(claims.extraction))


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
    if not seen:
        last = store.drafts.last(slug).get(path)
        after = last.id if last else None
    source, claim = marks[path]
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


def gathered(store: Store, claims: Claims) -> tuple[Amendment, ...]:
    """The amendments of all standing claim decisions, in the order of the claims."""
    decisions = standing(store, claims)
    return tuple(
        change for path in paths(claims.extraction) if path in decisions for change in decisions[path].amendments
    )


def conclude(
    store: Store,
    claims: Claims,
    decision: Decision,
    *,
    reviewer: str,
    role: str = "reviewer",
    note: str = "",
    seconds: int | None = None,
) -> Review:
    """Approves or rejects the draft that was read, with every standing amendment. Raises `Stale`."""
    changes = gathered(store, claims) if decision is Decision.APPROVE else ()
    if changes:
        amended(claims.extraction, changes)
    review = Review(
        slug=claims.extraction.slug,
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


def reverse(store: Store, slug: str, *, reviewer: str, note: str = "") -> Review:
    """Takes back the last decision about an agent; both stay in the log."""
    slug = store.listings.find(slug)
    last = store.reviews.standing(slug)
    if last is None:
        raise NotFound("there is no decision to take back", subject=slug, step="review")
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
    import json

    return json.dumps([item.model_dump(mode="json") for item in evidence], sort_keys=True, ensure_ascii=False)
