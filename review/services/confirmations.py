"""The two-person rule: an approval by one person that another one has to confirm before it is published.

Idea: the confirmation is a review of its own that names whom it confirms; whether one is needed is read off the
settings when it counts, at the desk, at the terminal and at the publication. Invariants: nobody confirms their own
approval, by whatever way it was made; what a rule or a program approved is neither the first person nor the second.
"""

from collections.abc import Collection

from records.assessments.reviews import StoredReview, standing_decisions
from records.store import Store
from review.roles import ROLES, Actor
from review.services.kept_decisions import scored_with
from scoring.errors import Refused
from scoring.reviews import Decision
from scoring.vocabulary import Severity

MOST = 50


def approver(store: Store, slug: str) -> StoredReview | None:
    """The last approval by a person that was not taken back; what was kept since rests on it."""
    people = [
        stored
        for stored in standing_decisions(store.reviews.all(slug))
        if not stored.review.automatic and stored.review.role in ROLES
    ]
    return people[-1] if people and people[-1].review.decision is Decision.APPROVE else None


def unconfirmed(store: Store, slug: str, cases: Collection[str]) -> StoredReview | None:
    """The current approval, if it waits for a second person; None when nothing waits.

    Cases: `first`, an agent of which no record was ever published; `critical`, a record in the band Critical.
    """
    stored = store.reviews.standing(slug) if cases else None
    if stored is None or stored.review.decision is not Decision.APPROVE:
        return None
    by = approver(store, slug)
    if by is not None and by.review.confirms:
        return None
    if "first" in cases and store.publications.current(slug) is None:
        return stored
    score = scored_with(store, stored.review.assessment_digest, stored.review.amendments)
    return stored if "critical" in cases and score.headline.severity is Severity.CRITICAL else None


def waiting(store: Store, cases: Collection[str]) -> tuple[StoredReview, ...]:
    """Approved drafts that wait for a second person, at most `MOST`."""
    found: list[StoredReview] = []
    for slug in store.queue.to_publish() if cases else ():
        stored = unconfirmed(store, slug, cases)
        found += [stored] if stored is not None else []
        if len(found) == MOST:
            break
    return tuple(found)


def confirmed_by(store: Store, slug: str, actor: Actor) -> str | None:
    """Whom this person's approval confirms; None when only a rule or a program approved, so that this one is the
    first. `Refused` for a program, and for the person who approved, under whatever spelling."""
    if actor.role not in ROLES:
        problem = f"a second person has to confirm it, and {actor.name} is {actor.role}"
        raise Refused(problem, subject=slug, step="review", next_step="ask a reviewer")
    first = approver(store, slug)
    if first is None:
        return None
    if first.review.reviewer.strip().casefold() == actor.name.strip().casefold():
        problem = f"{first.review.reviewer} approved it; a second person has to confirm it"
        raise Refused(problem, subject=slug, step="review", next_step="ask another reviewer, or take the approval back")
    return first.review.reviewer
