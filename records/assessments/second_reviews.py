"""Second readings of claims that somebody decided: answers of a sample, and rounds with false claims mixed in.

Idea: a round is the list of claims that one reader is asked about; of a false one only its kind is kept, and what it
says is worked out when it is shown. Invariants: no false claim is in the store, so none can get into a record, a
backup or an export; a claim is read a second time once a round; who decided anything about an agent reads none of it.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import digest
from records.agents.review_queue import AgentStatus
from records.database.store_part import StorePart
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
        """(slug, assessment, review) of the newest approvals of current drafts, of which this reader decided
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
        query = sa.select(*second_reviews.c["assessment_digest", "path"]).where(
            (second_reviews.c.round == "") | (second_reviews.c.reviewer == reader),
            second_reviews.c.assessment_digest.in_(assessments),
        )
        return frozenset((row[0], row[1]) for row in self._db.rows(query))

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
        return tuple(answer.question for answer in self._where(_unanswered(reader)))

    def end(self, reader: str) -> int:
        """Takes away what is not answered; gives how many claims."""
        return self._db.write(sa.delete(second_reviews).where(_unanswered(reader)))

    def answer(self, question: Question, reader: str, verdict: Answer, value: str, seconds: int | None) -> None:
        """Keeps an answer. `Refused` for a claim that was answered meanwhile."""
        with self._db.writing() as connection:
            self._lock_agent(question.slug, "second review")
            columns = {"verdict": verdict, "value": value, "seconds": seconds, "at": self._db.now()}
            if question.round:
                mine = sa.update(second_reviews).where(_is(question), _unanswered(reader))
                done = bool(connection.execute(mine.values(**columns)).rowcount)
            else:
                done = connection.scalar(sa.select(sa.func.count()).where(_is(question))) == 0
            if done and not question.round:
                self._db.add(second_reviews, **question._asdict(), **columns, reviewer=reader)
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
        columns = second_reviews.c[(*Question._fields, *SecondReview._fields[1:])]
        rows = self._db.rows(sa.select(*columns).where(chosen).order_by(second_reviews.c.id))
        width = len(Question._fields)
        return tuple(SecondReview(Question(*row[:width]), *row[width:]) for row in rows)


def _unanswered(reader: str) -> sa.ColumnElement[bool]:
    return (second_reviews.c.reviewer == reader) & (second_reviews.c.verdict == "")


def _is(question: Question) -> sa.ColumnElement[bool]:
    same = (second_reviews.c.assessment_digest == question.assessment_digest) & (second_reviews.c.path == question.path)
    return same & (second_reviews.c.round == question.round)
