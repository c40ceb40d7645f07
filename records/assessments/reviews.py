"""Decisions of people about assessments. Append-only; which decision holds is read off what was appended.

Idea: a review names the digest that was read. Invariants: `append` takes it only while that digest is current
(`StaleState` otherwise, nothing stored); a reversal takes back the last decision that stands and deletes nothing.
"""

from typing import NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from extractors.pages.snapshot import sha256
from records.database.store_part import StorePart
from records.database.tables import agents, amendments, reviews
from scoring.claims import Digest
from scoring.errors import NotFound, Refused, required
from scoring.reviews import Decision, Review


class StaleState(Refused):
    """Somebody or something else was faster. Nothing was stored."""

    def __init__(self, problem: str, *, subject: str, current: Digest | None, read: Digest | None = None) -> None:
        super().__init__(
            problem, subject=subject, step="review", next_step=f"read it again: `assay review show {subject}`"
        )
        self.current = current
        """Digest of the assessment that is current now."""
        self.read = read
        """Digest that the decision was based on."""


class StoredReview(NamedTuple):
    """A review as it is kept."""

    id: int
    review: Review
    seconds: int | None
    """Time that the reviewer had it open; None when it was not measured."""
    act: str = ""
    """Shared by all that one press decided."""


class ReviewEffort(NamedTuple):
    reviews: int
    """Decisions by people."""
    timed: int
    """Those of them with a measured time."""
    seconds: int
    """Their times together."""
    overridden: dict[str, int]
    """Path of a claim to the number of reviews that amended it: over `reviews`, its override rate."""


_REVIEWS = sa.select(reviews.c.id, reviews.c.body, reviews.c.seconds, reviews.c.act)
_BY_NUMBER = _REVIEWS.where(reviews.c.id == sa.bindparam("of_number"))


def _stored(number: int, body: bytes, seconds: int | None, act: str) -> StoredReview:
    return StoredReview(number, Review.model_validate_json(body), seconds, act)


class Reviews(StorePart):
    """Who decided what, when, on what they had read."""

    def append(self, review: Review, *, seconds: int | None = None, act: str = "") -> int:
        """Keeps the decision and gives its number. `act` is that of the press that decided others with it."""
        body = canonical_bytes(review)
        slug = review.slug
        with self._db.writing() as connection:
            none_made = NotFound(
                "there is no assessment to review",
                subject=slug,
                step="review",
                next_step=f"`assay agents assess {slug}`",
            )
            expected = required(self._lock_agent(slug, "review").assessment_digest, none_made)
            if review.decision is Decision.REVERSE:
                none_stands = Refused("there is no decision to take back", subject=slug, step="review")
                expected = required(self.standing(slug), none_stands).review.assessment_digest
            if review.assessment_digest != expected:
                raise StaleState(
                    "it changed since you read it", subject=slug, current=expected, read=review.assessment_digest
                )
            digest = sha256(body)
            names = ("slug", "decision", "assessment_digest", "reviewer", "at", "automatic")
            row = {name: getattr(review, name) for name in names}
            number = self._db.add(reviews, **row, seconds=seconds, digest=digest, body=body)
            connection.execute(sa.update(reviews).where(reviews.c.id == number).values(act=act or f"r{number}"))
            rows = [
                {"review": number, "position": place, "path": a.path, "field": a.field, "reason": a.reason.value}
                for place, a in enumerate(review.amendments)
            ]
            if rows:
                connection.execute(sa.insert(amendments), rows)
            connection.execute(sa.update(agents).where(agents.c.slug == slug).values(**self._head(slug)))
            payload = {"review": digest, "assessment": review.assessment_digest, "automatic": review.automatic}
            self._db.note(f"review.{review.decision.value}", slug, payload, review.reviewer)
            return number

    def _head(self, slug: str) -> dict[str, object]:
        stored = self.standing(slug)
        if stored is None:
            return {"review_id": None, "decision": None, "reviewed_digest": None, "reviewed_at": None}
        review = stored.review
        return {
            "review_id": stored.id,
            "decision": review.decision.value,
            "reviewed_digest": review.assessment_digest,
            "reviewed_at": review.at,
        }

    def all(self, slug: str) -> tuple[StoredReview, ...]:
        """Every decision about an agent, oldest first, reversed ones and reversals included."""
        return self._where(reviews.c.slug == slug)

    def of_act(self, act: str) -> tuple[StoredReview, ...]:
        """All that one press decided."""
        return self._where(reviews.c.act == act)

    def of_reviewer(self, reviewer: str, limit: int) -> tuple[StoredReview, ...]:
        """The last decisions of a person about any agent, newest first, reversals included."""
        newest = sa.select(reviews.c.id).where(reviews.c.reviewer == reviewer).order_by(reviews.c.id.desc())
        return self._where(reviews.c.id.in_(newest.limit(limit)))[::-1]

    def get(self, number: int) -> StoredReview:
        unknown = NotFound("no such review", subject=str(number), step="review")
        return required(self._db.first(_stored, _BY_NUMBER, {"of_number": number}), unknown)

    def _where(self, chosen: sa.ColumnElement[bool]) -> tuple[StoredReview, ...]:
        return self._db.read(_stored, _REVIEWS.where(chosen).order_by(reviews.c.id))

    def effort(self) -> ReviewEffort:
        """What reviewing took and changed so far, automatic approvals left out."""
        by_people = (reviews.c.automatic.is_(False)) & (reviews.c.decision != Decision.REVERSE.value)
        counted = sa.select(sa.func.count(), sa.func.count(reviews.c.seconds), sa.func.sum(reviews.c.seconds))
        changed = (
            sa.select(amendments.c.path, sa.func.count(amendments.c.review.distinct()))
            .join(reviews, reviews.c.id == amendments.c.review)
            .where(by_people)
            .group_by(amendments.c.path)
            .order_by(amendments.c.path)
        )
        with self._db.reading() as connection:
            count, timed, seconds = connection.execute(counted.where(by_people)).one()
            overridden = {path: int(number) for path, number in connection.execute(changed)}
        return ReviewEffort(int(count), int(timed), int(seconds or 0), overridden)

    def standing(self, slug: str) -> StoredReview | None:
        """The last decision that was not taken back; it may be about an older assessment."""
        return next(reversed(standing_decisions(self.all(slug))), None)


def standing_decisions(reviews: tuple[StoredReview, ...]) -> list[StoredReview]:
    """Those not taken back: each reversal removes the last one that stood before it."""
    stack: list[StoredReview] = []
    for item in reviews:
        if item.review.decision is not Decision.REVERSE:
            stack.append(item)
        elif stack:
            stack.pop()
    return stack
