"""Which earlier decisions still hold for the current draft, and what they put into it.

Idea: an accepted claim survives the noise of a model. It is asked about again only if the words it rests on *and*
the claim itself changed. Invariant: what holds is what a person accepted, so where only the claim changed its
accepted form is put back; where that cannot be done (its quote is on no page that was read), it does not hold.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from extractors.canonical_json import digest
from records.assessments.review_drafts import ClaimDecision, last_of, standing
from records.assessments.reviews import StoredReview
from records.store import Store
from review.roles import PROGRAM, is_program
from review.services.draft import Claims, digests, paths, quotes
from scoring.amendments import amended, read_field
from scoring.assessment import assess
from scoring.claims import Digest, Extraction
from scoring.errors import Refused
from scoring.reviews import Amendment, AmendmentReason, Decision, HowDecided
from scoring.scores import Assessment

FIELDS = {
    "factors": ("value", "certainty", "text", "evidence"),
    "exposure": ("value", "certainty", "text", "evidence"),
    "layers": ("status", "text", "evidence"),
    "summary": ("text", "evidence"),
}
"""What can be amended, by the first part of a path."""

Marks = Mapping[str, tuple[Digest, Digest]]
Earlier = Callable[[Digest], Extraction]
"""The draft that an assessment was made of."""


class CarriedDecision(NamedTuple):
    """A decision that holds for one claim of the current draft."""

    path: str
    verdict: str
    by: str
    at: datetime
    note: str
    amendments: tuple[Amendment, ...]
    """Against the current draft."""
    decision: ClaimDecision | None
    """None when it holds because the draft as a whole was approved."""
    restored: bool
    """True when the extraction gave another claim this time and the accepted one was put back."""

    @property
    def done(self) -> bool:
        """A skipped claim is still to be decided."""
        return self.verdict != "skipped"


class EarlierDecisions(NamedTuple):
    """What was decided about an agent, as it was read once."""

    log: tuple[ClaimDecision, ...]
    """Every decision about a claim, oldest first, undone ones included."""
    review: StoredReview | None
    """The standing decision about the agent."""

    @property
    def mark(self) -> str:
        """Names the state of all claim decisions: any new one, undo or redo changes it."""
        return digest([f"{item.id}{'-' if item.undone else '+'}" for item in self.log])

    def is_whole(self, claims: Claims) -> bool:
        """Whether the standing decision is about this very draft."""
        return self.review is not None and self.review.review.assessment_digest == claims.digest


def read_decided(store: Store, slug: str) -> EarlierDecisions:
    return EarlierDecisions(store.drafts.log(slug), store.reviews.standing(slug))


def carried_decisions(
    store: Store, claims: Claims, decided: EarlierDecisions | None = None, earlier: Earlier | None = None
) -> dict[str, CarriedDecision]:
    """Every decision that holds, by path, in the order of the claims. `decided` and `earlier` from who has them."""
    log, review = decided or read_decided(store, claims.extraction.slug)
    earlier = earlier or partial(draft_of, store)
    marks, last = digests(claims.extraction), last_of(log)
    explicit = standing(last, marks)
    implied = _implied(earlier, claims, review, marks)
    found: dict[str, CarriedDecision] = {}
    for path, mark in marks.items():
        decision = explicit.get(path)
        item = None
        if decision is not None:
            item = _held(earlier, claims, decision, restored=decision.claim_digest != mark[1])
        elif review is not None and not (path in last and last[path].at > review.review.at):
            item = implied.get(path)
        if item is not None:
            found[path] = item
    return found


def carried_amendments(store: Store, claims: Claims) -> tuple[Amendment, ...]:
    """The amendments of everything that holds, in the order of the claims."""
    return tuple(change for item in carried_decisions(store, claims).values() for change in item.amendments)


def decision_sources(holding: Mapping[str, CarriedDecision], claims: Claims, reviewer: str) -> dict[HowDecided, int]:
    """How many claims of a draft were decided in which way, those that nobody decided included."""
    counts = Counter(_way(holding.get(path), claims, reviewer) for path in paths(claims.extraction))
    return {way: counts[way] for way in HowDecided if counts[way]}


def _way(item: CarriedDecision | None, claims: Claims, reviewer: str) -> HowDecided:
    decided = item is not None and item.done
    if is_program(item.by if item is not None and decided else reviewer):
        return HowDecided.BY_PROGRAM
    if item is None or not decided:
        return HowDecided.AS_A_WHOLE
    if item.decision is None or item.decision.assessment_digest != claims.digest:
        return HowDecided.KEPT
    return HowDecided(item.decision.way)


def _held(earlier: Earlier, claims: Claims, decision: ClaimDecision, *, restored: bool) -> CarriedDecision | None:
    decided = (decision.path, decision.verdict, decision.reviewer, decision.at, decision.note, decision.amendments)
    accepted = amended(earlier(decision.assessment_digest), decision.amendments) if restored else None
    return _carried(claims, CarriedDecision(*decided, decision, restored), accepted)


def _implied(earlier: Earlier, claims: Claims, stored: StoredReview | None, marks: Marks) -> dict[str, CarriedDecision]:
    """What an approval of the draft as a whole accepted, and that still holds."""
    if stored is None or stored.review.decision is not Decision.APPROVE:
        return {}
    review = stored.review
    original = earlier(review.assessment_digest)
    approved = amended(original, review.amendments)
    by = PROGRAM if is_program(review.role) else review.reviewer
    found = {}
    for path, before in digests(original).items():
        words, claim = (now == then for now, then in zip(marks[path], before, strict=True))
        if words or claim:
            mine = tuple(change for change in review.amendments if change.path == path)
            verdict = "amended" if mine else "accepted"
            item = CarriedDecision(path, verdict, by, review.at, "with the draft as a whole", mine, None, not claim)
            found[path] = _carried(claims, item, None if claim else approved)
    return {path: item for path, item in found.items() if item is not None}


def _carried(claims: Claims, item: CarriedDecision, accepted: Extraction | None) -> CarriedDecision | None:
    """A decision with its amendments against the current draft; `accepted` is the extraction that has the claim to put
    back. None where that cannot be done."""
    now = claims.extraction
    changes = rebased(now, item.amendments) if accepted is None else _back(now, accepted, item.path)
    try:
        if changes:
            amended(now, changes)
    except Refused:
        return None
    return None if changes is None else item._replace(amendments=changes)


def rebased(extraction: Extraction, changes: Sequence[Amendment]) -> tuple[Amendment, ...]:
    """The same changes against the current draft: offsets of a moved page differ though the claim is the same."""
    named = paths(extraction)
    return tuple(
        change.model_copy(update={"old": old})
        for change in changes
        if (old := read_field(named[change.path], change.path, change.field)) != change.new
    )


def _back(now: Extraction, accepted: Extraction, path: str) -> tuple[Amendment, ...] | None:
    """The changes that turn a claim into the one that was accepted; None when its quotes cannot be placed."""
    here, there = paths(now)[path], paths(accepted)[path]
    wanted = {field: read_field(there, path, field) for field in FIELDS[path.split(".")[0]]}
    read = {source.text_digest for source in now.read}
    if quotes(here) == quotes(there):
        del wanted["evidence"]
    elif any(evidence.text_digest not in read for evidence in accepted.claims.get(path, accepted.summary).evidence):
        return None
    return differences(now, path, wanted, AmendmentReason.OTHER, "accepted before, on the same words")


def differences(
    extraction: Extraction, path: str, wanted: Mapping[str, str], reason: AmendmentReason, note: str
) -> tuple[Amendment, ...]:
    """The changes that give a claim the wanted fields. An exposure fact that is not certain has no value to change."""
    claim = paths(extraction)[path]
    unknown = wanted.get("certainty") == "not_certain" and path.startswith("exposure.")
    changes = []
    for field in FIELDS[path.split(".")[0]]:
        old = read_field(claim, path, field)
        if old != wanted.get(field, old) and not (unknown and field == "value"):
            change = {"path": path, "field": field, "old": old, "new": wanted[field], "reason": reason, "note": note}
            changes.append(Amendment.model_validate(change))
    return tuple(changes)


def draft_of(store: Store, assessment: Digest) -> Extraction:
    """What an assessment was made of."""
    return store.assessments.extraction(store.assessments.assessment(assessment).extraction_digest)


def scored_with(store: Store, assessment: Digest, changes: tuple[Amendment, ...]) -> Assessment:
    """What an assessment becomes with its amendments: the band that the public sees."""
    stored = store.assessments.assessment(assessment)
    if not changes:
        return stored
    return rescored(store.assessments.extraction(stored.extraction_digest), stored, changes)[1]


def rescored(extraction: Extraction, before: Assessment, changes: Sequence[Amendment]) -> tuple[Extraction, Assessment]:
    """A draft with these changes, and its assessment. Raises `Refused` when they do not fit."""
    result = amended(extraction, changes)
    return result, assess(result, digest(result), before.provenance, before.headline.profile)
