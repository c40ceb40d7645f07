"""Second readings of claims that somebody decided: answers of a sample, and rounds with false claims mixed in.

Idea: a round is the list of claims that one reader is asked about; of a false one only its kind is kept, and what it
says is worked out when it is shown. Invariants: no false claim is in the store, so none can get into a record, a
backup or an export; a claim is read a second time once a round; who decided anything about an agent reads none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import digest
from records.agents.review_queue import AgentStatus
from records.database.engine import StorePart
from records.database.tables import agents, claim_decisions, reviews, second_reviews
from scoring.claims import Digest
from scoring.errors import Refused
from scoring.reviews import Decision

Seed = Literal["", "value_moved", "quote_elsewhere", "set_unknown"]
"""What is false about a claim that is shown; empty for the claim as it was drafted."""
Answer = Literal["accepted", "amended", "not_certain"]
MOST = 500
"""Approvals looked through, the newest first."""

_APPROVED = [AgentStatus.APPROVED.value, AgentStatus.PUBLISHED.value]


class Question(NamedTuple):
    """A claim to be read a second time."""

    slug: str
    path: str
    assessment_digest: Digest
    """Of the draft that the first decision was about."""
    first: str
    """Who decided it first."""
    first_value: str
    """What that decision left standing: a value, a status, or `not_certain`."""
    round: str = ""
    """Empty for one of the sample."""
    seed: Seed = ""


class SecondReview(NamedTuple):
    """A question with its answer."""

    question: Question
    reviewer: str
    verdict: Answer
    value: str
    """What the second reader holds true, as `first_value`."""
    seconds: int | None


class SecondReviews(StorePart):
    """Who is asked about which claim, and what they answered."""

    def approved(self, reader: str) -> tuple[tuple[str, Digest, int], ...]:
        """(slug, assessment, review) of the newest approvals of drafts that stand, of which this reader decided
        nothing."""
        approve = (reviews.c.decision == Decision.APPROVE.value) & reviews.c.automatic.is_(False)
        newest = sa.select(reviews.c.id, reviews.c.slug).where(approve).order_by(reviews.c.id.desc()).limit(MOST)
        recent = newest.subquery()
        heads = sa.select(agents.c.slug, agents.c.assessment_digest, agents.c.review_id).join(
            recent, (recent.c.slug == agents.c.slug) & (recent.c.id == agents.c.review_id)
        )
        with self._db.reading() as connection:
            mine = set[str]()
            for table in (claim_decisions, reviews):
                here = (table.c.reviewer == reader) & table.c.slug.in_(sa.select(recent.c.slug))
                mine |= set(connection.scalars(sa.select(table.c.slug).where(here).distinct()))
            found = connection.execute(heads.where(agents.c.status.in_(_APPROVED)))
            rows = [(row[0], row[1], row[2]) for row in found if row[0] not in mine]
        return tuple(sorted(rows, key=lambda row: -row[2]))

    def answered(self, assessments: Sequence[Digest], reader: str) -> frozenset[tuple[Digest, str]]:
        """(assessment, path) of the claims of the sample that were read a second time, and of all that this reader
        was asked about."""
        columns = (second_reviews.c.assessment_digest, second_reviews.c.path)
        here = (second_reviews.c.round == "") | (second_reviews.c.reviewer == reader)
        here &= second_reviews.c.assessment_digest.in_(assessments)
        return frozenset((row[0], row[1]) for row in self._db.rows(sa.select(*columns).where(here)))

    def begin(self, reader: str, questions: Sequence[Question]) -> str:
        """Asks a reader about these claims, in this order; gives the round."""
        with self._db.writing() as connection:
            now = self._db.now()
            name = digest([reader, now.isoformat()]).removeprefix("sha256:")[:16]
            empty = {"reviewer": reader, "verdict": "", "value": "", "at": now}
            rows = [{**question._asdict(), **empty, "round": name} for question in questions]
            connection.execute(sa.insert(second_reviews), rows)
            counts = {"claims": len(rows), "false": sum(1 for question in questions if question.seed)}
            self._db.note("round.begun", payload={"reader": reader, "round": name, **counts}, actor=None)
            return name

    def waiting(self, reader: str) -> tuple[Question, ...]:
        """What a reader is still asked in an open round, in its order."""
        here = (second_reviews.c.reviewer == reader) & (second_reviews.c.verdict == "")
        return tuple(answer.question for answer in self._where(here))

    def end(self, reader: str) -> int:
        """Takes away what is not answered; gives how many claims."""
        here = (second_reviews.c.reviewer == reader) & (second_reviews.c.verdict == "")
        return self._db.write(sa.delete(second_reviews).where(here))

    def answer(self, question: Question, reader: str, verdict: Answer, value: str, seconds: int | None) -> None:
        """Keeps an answer. `Refused` for a claim that was answered meanwhile."""
        with self._db.writing() as connection:
            connection.execute(sa.select(agents.c.slug).where(agents.c.slug == question.slug).with_for_update())
            columns = {"verdict": verdict, "value": value, "seconds": seconds, "at": self._db.now()}
            here = _is(question) & (second_reviews.c.reviewer == reader) & (second_reviews.c.verdict == "")
            if question.round:
                done = connection.execute(sa.update(second_reviews).where(here).values(**columns)).rowcount
            else:
                done = connection.scalar(sa.select(sa.func.count()).where(_is(question))) == 0
                if done:
                    row = {**question._asdict(), **columns, "reviewer": reader}
                    connection.execute(sa.insert(second_reviews).values(**row))
            if not done:
                raise Refused("it was read a second time meanwhile", subject=question.slug, step="second review")

    def take_back(self, reader: str) -> bool:
        """Takes back this reader's last answer; False when there is none."""
        mine = (second_reviews.c.reviewer == reader) & (second_reviews.c.verdict != "")
        last = sa.select(second_reviews.c.id, second_reviews.c.round).where(mine)
        newest = (second_reviews.c.at.desc(), second_reviews.c.id.desc())
        with self._db.writing() as connection:
            found = connection.execute(last.order_by(*newest).limit(1)).one_or_none()
            if found is None:
                return False
            here = second_reviews.c.id == found.id
            again = sa.update(second_reviews).values(verdict="", value="", seconds=None)
            connection.execute((again if found.round else sa.delete(second_reviews)).where(here))
            return True

    def answers(self) -> tuple[SecondReview, ...]:
        """Everything that was answered, oldest first."""
        return self._where(second_reviews.c.verdict != "")

    def _where(self, chosen: sa.ColumnElement[bool]) -> tuple[SecondReview, ...]:
        asked = [second_reviews.c[name] for name in Question._fields]
        rest = [second_reviews.c[name] for name in SecondReview._fields[1:]]
        query = sa.select(*asked, *rest).where(chosen).order_by(second_reviews.c.id)
        rows = self._db.rows(query)
        return tuple(SecondReview(Question(*row[: len(asked)]), *row[len(asked) :]) for row in rows)


def _is(question: Question) -> sa.ColumnElement[bool]:
    same = (second_reviews.c.assessment_digest == question.assessment_digest) & (second_reviews.c.path == question.path)
    return same & (second_reviews.c.round == question.round)
