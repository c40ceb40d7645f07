"""Taking back what a person did last: one claim, many at once, a whole approval or rejection, a whole filter, a
correction, a vendor's statement.

Idea: all that one press decided is one act, and one press takes it back. Invariants: a person takes back only what is
their own; what is published is taken back with its reason by a publisher and never in passing; nothing is deleted.
"""

import re
from typing import NamedTuple

from records.assessments.review_drafts import ClaimDecision
from records.assessments.reviews import StoredReview
from records.assessments.vendor_statements import undo_statement
from records.store import Store
from review.roles import Actor, require
from review.services import decisions, draft
from review.services.corrections import take_back
from scoring.errors import BadInput, Refused, required
from scoring.labels import DECISIONS, path_title

STATEMENT = "s-"
"""Before a slug: the act of putting or removing a vendor's statement."""
_CORRECTION = re.compile("(c-[0-9a-f]{16})")
_OF = re.compile("correction (c-[0-9a-f]{16}): ")


class UndoResult(NamedTuple):
    """What was taken back."""

    description: str
    """`approval of otter`."""
    slug: str
    path: str
    """A claim to show; empty for a decision about a whole draft."""


def undo(store: Store, actor: Actor, *, slug: str = "", act: str = "") -> UndoResult:
    """Takes back an act, else the last one about an agent, else the last one anywhere. `BadInput` when there is none,
    `Refused` for what is published or decided by somebody else since."""
    require(actor, "reviewer", subject=slug, step="undo")
    with store.writing():
        slug = store.listings.find(slug) if slug else ""
        act = act or _last_act(store, actor.name, slug)
        if (correction := _CORRECTION.fullmatch(act)) is not None:
            return _undo_correction(store, actor, correction[1])
        if act.startswith(STATEMENT):
            slug = store.listings.find(act.removeprefix(STATEMENT))
            undo_statement(store, slug, actor.name)
            return UndoResult(f"statement of {slug}", slug, "")
        reviews = [stored for stored in store.reviews.of_act(act) if stored.review.reviewer == actor.name]
        claims = [claim for claim in store.drafts.of_act(act) if claim.reviewer == actor.name and not claim.undone]
        notes = [*(claim.note for claim in claims), *(stored.review.note for stored in reviews)]
        if of := next(filter(None, map(_OF.match, notes)), None):
            return _undo_correction(store, actor, of[1])
        if reviews:
            return _undo_reviews(store, actor, reviews)
        if claims:
            return _undo_claims(store, act, claims, slug)
        raise BadInput("there is nothing of yours to undo", subject=slug, step="undo")


def _undo_correction(store: Store, actor: Actor, identifier: str) -> UndoResult:
    before = store.corrections.get(identifier)
    steps = [event for event in store.events.all(slug=before.slug) if event.payload.get("correction") == identifier]
    if not steps or steps[-1].actor != actor.name:
        raise BadInput("there is nothing of yours to undo", subject=before.slug, step="undo")
    take_back(store, identifier, actor)
    return UndoResult(f"correction of {before.slug}", before.slug, before.path)


def redo(store: Store, actor: Actor, slug: str) -> UndoResult:
    """Brings back the claims that were undone last. `BadInput` when there are none."""
    require(actor, "reviewer", subject=slug, step="redo")
    slug = store.listings.find(slug)
    _not_decided(store, slug)
    with store.writing():
        found = store.drafts.redo(slug, actor.name)
        if found is not None and (of := _OF.match(found.note)):
            raise Refused(
                "it was a correction's", subject=slug, step="redo", next_step=f"accept it again at /corrections/{of[1]}"
            )
    found = required(found, BadInput("there is nothing of yours to redo", subject=slug, step="redo"))
    return UndoResult(f"{path_title(found.path)} of {slug}", slug, found.path)


def last_act(store: Store, actor: Actor, slug: str) -> str:
    """The act that decided the current draft as a whole, if it is this person's; empty otherwise."""
    last = _current_review(store, actor.name, slug)
    return last.act if last is not None else ""


def _current_review(store: Store, name: str, slug: str) -> StoredReview | None:
    """The decision about the current draft of an agent, if this person made it."""
    last = store.reviews.standing(slug)
    mine = last is not None and last.review.reviewer == name and not last.review.automatic
    now = last is not None and last.review.assessment_digest == store.assessments.current_digest(slug)
    return last if mine and now else None


def _last_act(store: Store, name: str, slug: str) -> str:
    if slug:
        review = _current_review(store, name, slug)
        mine = [claim for claim in store.drafts.log(slug) if claim.reviewer == name and not claim.undone]
        claim = mine[-1] if mine else None
    else:
        decided = (stored for stored in store.reviews.of_reviewer(name, 50) if stored.review.decision in DECISIONS)
        review = next((stored for stored in decided if _is_current(store, stored)), None)
        claim = store.drafts.last_of(name)
    if review is not None and (claim is None or claim.at <= review.review.at):
        return review.act
    return claim.act if claim is not None else ""


def _is_current(store: Store, stored: StoredReview) -> bool:
    last = store.reviews.standing(stored.review.slug)
    return last is not None and last.id == stored.id


def _undo_reviews(store: Store, actor: Actor, reviews: list[StoredReview]) -> UndoResult:
    current = [stored for stored in reviews if _is_current(store, stored)]
    free = [stored for stored in current if not decisions.is_published(store, stored.review.slug, stored)]
    if not free:
        slug = reviews[0].review.slug
        problem = "it is published: taking it back needs a publisher and a reason" if current else "it stands no more"
        raise Refused(
            problem, subject=slug, step="undo", next_step=f"`assay review reverse {slug}`, or its page at the desk"
        )
    for stored in free:
        decisions.reverse(
            store, stored.review.slug, reviewer=actor.name, role=actor.role, note="undone", seen=stored.id
        )
    first = free[0].review
    name, _ = DECISIONS[first.decision]
    if len(reviews) == 1:
        return UndoResult(f"{name} of {first.slug}", first.slug, "")
    left = f"; {len(reviews) - len(free)} stay, published or taken back before" if len(free) < len(reviews) else ""
    return UndoResult(f"{len(free)} {name}s{left}", "", "")


def _undo_claims(store: Store, act: str, claims: list[ClaimDecision], slug: str) -> UndoResult:
    slugs = sorted({claim.slug for claim in claims})
    left = [slug_left for slug_left in slugs if decisions.is_decided(store, draft.read(store, slug_left))]
    if len(left) == len(slugs):
        _not_decided(store, slugs[0])
    store.drafts.flip(act, undone=True, left=left)
    taken = [claim for claim in claims if claim.slug not in left]
    last = next((claim for claim in reversed(taken) if claim.slug == slug), taken[-1])
    description = f"{path_title(last.path)} of {last.slug}"
    if len(taken) > 1:
        agents = len(slugs) - len(left)
        description = f"{len(taken)} claims of {last.slug if agents == 1 else f'{agents} agents'}"
    return UndoResult(
        description + (f"; {len(left)} drafts are decided by now and stay" if left else ""), last.slug, last.path
    )


def _not_decided(store: Store, slug: str) -> None:
    last = store.reviews.standing(slug)
    if last is not None and last.review.assessment_digest == store.assessments.current_digest(slug):
        raise Refused(
            f"the draft as a whole is decided by {last.review.reviewer} already",
            subject=slug,
            step="undo",
            next_step="take that decision back first",
        )
