"""Batches of a model that were sent, and each question's answer until it is used.

Idea: a row is written before anything is sent, and the endpoint's number for a batch is kept as soon as it is there, so
that whoever goes on after a kill knows what is under way. Invariants: a question is in at most one batch; an answer is
kept until a completion is made of it or, when nobody asks any more, its price is booked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from extractors.model.endpoint.batch_files import BatchAnswer, Question
from records.database.runs import AgentOutcome
from records.database.store_part import StorePart
from records.database.tables import agents, batches, completions, questions

UNUSED = timedelta(days=7)
"""An answer that nobody asked for in so long is not kept further."""
_WAITING = sa.select(questions.c.id).where(questions.c.status.is_(None))
_AGAIN = [outcome.value for outcome in AgentOutcome if outcome.comes_again]


class Batch(NamedTuple):
    token: str
    endpoint: str
    model: str
    file: str
    """The endpoint's id of the file; empty until it was sent."""
    batch: str
    """The endpoint's id of the batch; empty until it is known."""
    total: int
    done: int
    sent_at: datetime
    ended_at: datetime | None
    problem: str


class UnusedAnswer(NamedTuple):
    """An answer that was paid for and of which nothing was made."""

    id: str
    slug: str
    key: str
    status: int
    body: bytes


class Batches(StorePart):
    """What waits for batches, and what they brought."""

    def begin(self, token: str, endpoint: str, model: str, sent: Sequence[Question]) -> None:
        """Before anything is sent."""
        row = {"token": token, "endpoint": endpoint, "model": model, "file": "", "batch": "", "problem": ""}
        rows = [{"id": question.id, "token": token, "slug": question.slug, "key": question.key} for question in sent]
        with self._db.writing() as connection:
            connection.execute(sa.insert(batches).values(**row, total=len(sent), done=0, sent_at=self._db.now()))
            connection.execute(sa.insert(questions), rows)

    def name(self, token: str, **known: str | int) -> None:
        """Keeps the endpoint's id of `file` or `batch`, or how many are `done`."""
        self._db.write(sa.update(batches).where(batches.c.token == token).values(**known))

    def end(self, token: str, answers: Mapping[str, BatchAnswer], problem: str = "") -> None:
        """Keeps all answers at once; what has none has status 0, and is asked directly."""
        with self._db.writing() as connection:
            for number in self._db.scalars(sa.select(questions.c.id).where(questions.c.token == token)):
                answer = answers.get(number, BatchAnswer(0, b""))
                update = sa.update(questions).where(questions.c.id == number)
                connection.execute(update.values(status=answer.status, body=answer.body))
            columns = {"ended_at": self._db.now(), "done": len(answers), "problem": problem}
            connection.execute(sa.update(batches).where(batches.c.token == token).values(**columns))

    def drop(self, token: str) -> None:
        """A batch that was never made: its questions are asked again."""
        with self._db.writing() as connection:
            connection.execute(sa.delete(questions).where(questions.c.token == token))
            connection.execute(sa.delete(batches).where(batches.c.token == token))

    def under_way(self) -> tuple[Batch, ...]:
        """Oldest first."""
        query = sa.select(batches).where(batches.c.ended_at.is_(None)).order_by(batches.c.sent_at, batches.c.token)
        return self._db.read(Batch, query)

    def answer(self, number: str) -> BatchAnswer | None:
        query = sa.select(*questions.c["status", "body"]).where(questions.c.id == number)
        return self._db.first(BatchAnswer, query.where(questions.c.status.is_not(None)))

    def waits(self, number: str) -> bool:
        return self._db.scalar(_WAITING.where(questions.c.id == number)) is not None

    def waiting(self) -> set[str]:
        """All questions that wait."""
        return set(self._db.scalars(_WAITING))

    def take_unused(self, model: str) -> tuple[UnusedAnswer, ...]:
        """Lets go of answers of which completions were made, and gives those that nobody will ask for, to be booked
        in the same unit of work."""
        ended = sa.select(*questions.c[UnusedAnswer._fields]).join_from(questions, batches)
        ended = ended.where(questions.c.status.is_not(None), batches.c.model == model)
        used = sa.exists().where(completions.c.key == questions.c.key, completions.c.at >= batches.c.ended_at)
        again = sa.exists().where(
            agents.c.slug == questions.c.slug, sa.or_(agents.c.outcome.in_(_AGAIN), agents.c.outcome.is_(None))
        )
        left = batches.c.ended_at < self._db.now() - UNUSED
        with self._db.writing() as connection:
            unused = self._db.read(UnusedAnswer, ended.where(~used, sa.or_(left, ~again)))
            gone = list(connection.scalars(ended.with_only_columns(questions.c.id).where(used)))
            gone += [answer.id for answer in unused]
            connection.execute(sa.delete(questions).where(questions.c.id.in_(self._db.each(gone))))
            empty = ~sa.exists().where(questions.c.token == batches.c.token)
            connection.execute(sa.delete(batches).where(batches.c.ended_at.is_not(None), empty))
        return unused
