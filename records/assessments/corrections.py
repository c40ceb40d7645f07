"""Vendors' corrections and requests to fetch: proposals that wait for a person or for the next night.

Invariant: a correction's states are appended, never overwritten; a request is done once.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from records.database.engine import StorePart
from records.database.tables import agents, corrections, requests
from scoring.errors import NotFound, Refused, required
from scoring.reviews import Correction, CorrectionState

_NEXT: dict[CorrectionState, tuple[CorrectionState, ...]] = {
    CorrectionState.RECEIVED: (CorrectionState.UNDER_REVIEW, CorrectionState.ACCEPTED, CorrectionState.DECLINED),
    CorrectionState.UNDER_REVIEW: (CorrectionState.ACCEPTED, CorrectionState.DECLINED),
    CorrectionState.ACCEPTED: (CorrectionState.UNDER_REVIEW,),
    CorrectionState.DECLINED: (CorrectionState.UNDER_REVIEW,),
}


class Corrections(StorePart):
    """The register: what vendors proposed and what became of it."""

    def append(self, correction: Correction, *, actor: str) -> None:
        """Keeps a new correction or its next state; an impossible step is `Refused`, an equal one writes nothing."""
        with self._db.writing() as connection:
            head = sa.select(agents.c.slug).where(agents.c.slug == correction.slug).with_for_update()
            required(connection.scalar(head), NotFound("no such agent", subject=correction.slug, step="correction"))
            before = self._last(correction.id)
            if before == correction:
                return
            if before is None:
                if correction.state is not CorrectionState.RECEIVED:
                    raise Refused("a correction starts as received", subject=correction.slug, step="correction")
            elif correction.state not in _NEXT[before.state] or before.slug != correction.slug:
                problem = f"it is {before.state} and cannot become {correction.state}"
                raise Refused(problem, subject=correction.slug, step=f"correction {correction.id}")
            row = {"correction": correction.id, "slug": correction.slug, "state": correction.state.value}
            body = correction.model_dump(mode="json")
            connection.execute(sa.insert(corrections).values(**row, actor=actor, at=self._db.now(), body=body))
            kind = f"correction.{correction.state.value}"
            self._db.note(kind, correction.slug, {"correction": correction.id, "reason": correction.reason}, actor)

    def get(self, identifier: str) -> Correction:
        return required(self._last(identifier), NotFound("no such correction", subject=identifier, step="correction"))

    def all(self, *, slug: str | None = None, states: tuple[CorrectionState, ...] = ()) -> tuple[Correction, ...]:
        """The last state of every correction, in the order they came."""
        heads = sa.select(sa.func.max(corrections.c.id), sa.func.min(corrections.c.id).label("first"))
        if slug is not None:
            heads = heads.where(corrections.c.slug == slug)
        grouped = heads.group_by(corrections.c.correction).subquery()
        query = sa.select(corrections.c.body).join(grouped, grouped.c[0] == corrections.c.id).order_by(grouped.c.first)
        if states:
            query = query.where(corrections.c.state.in_([state.value for state in states]))
        return tuple(Correction.model_validate(body) for body in self._db.scalars(query))

    def states(self, identifier: str) -> tuple[Correction, ...]:
        """Every state that a correction went through."""
        query = sa.select(corrections.c.body).where(corrections.c.correction == identifier).order_by(corrections.c.id)
        return tuple(Correction.model_validate(body) for body in self._db.scalars(query))

    def _last(self, identifier: str) -> Correction | None:
        query = sa.select(corrections.c.body).where(corrections.c.correction == identifier)
        body = self._db.scalar(query.order_by(corrections.c.id.desc()).limit(1))
        return None if body is None else Correction.model_validate(body)


class Request(NamedTuple):
    """Something that the desk wants from the next flow."""

    id: int
    slug: str
    kind: str
    """`refetch`, `correction`, `evidence`, …"""
    url: str
    actor: str
    at: datetime
    done_at: datetime | None
    result: str


class Requests(StorePart):
    """The desk fetches nothing itself; it asks."""

    def add(self, slug: str, kind: str, url: str, *, actor: str) -> int:
        """Asks for a URL to be fetched; the same open request is not kept twice."""
        with self._db.writing() as connection:
            same = (requests.c.slug == slug) & (requests.c.kind == kind) & (requests.c.url == url)
            open_one = connection.scalar(sa.select(requests.c.id).where(same, requests.c.done_at.is_(None)))
            if open_one is not None:
                return int(open_one)
            row = {"slug": slug, "kind": kind, "url": url, "actor": actor, "at": self._db.now(), "result": ""}
            key = connection.execute(sa.insert(requests).values(**row)).inserted_primary_key
            assert key is not None
            return int(key[0])

    def open(self, *, slug: str | None = None) -> tuple[Request, ...]:
        query = sa.select(*(requests.c[name] for name in Request._fields)).where(requests.c.done_at.is_(None))
        if slug is not None:
            query = query.where(requests.c.slug == slug)
        return tuple(Request(*row) for row in self._db.rows(query.order_by(requests.c.id)))

    def finish(self, identifier: int, result: str) -> None:
        here = (requests.c.id == identifier) & requests.c.done_at.is_(None)
        self._db.write(sa.update(requests).where(here).values(done_at=self._db.now(), result=result))
