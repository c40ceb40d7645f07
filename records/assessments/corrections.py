"""Vendors' corrections and requests to fetch: proposals that wait for a person or for the next night.

Invariant: a correction's states are appended, never overwritten; a request is done once.
"""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from records.database.store_part import StorePart
from records.database.tables import corrections, requests
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
        with self._db.writing():
            self._lock_agent(correction.slug, "correction")
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
            self._db.add(corrections, **row, actor=actor, at=self._db.now(), body=correction.model_dump(mode="json"))
            kind = f"correction.{correction.state.value}"
            self._db.note(kind, correction.slug, {"correction": correction.id, "reason": correction.reason}, actor)

    def get(self, identifier: str) -> Correction:
        return required(self._last(identifier), NotFound("no such correction", subject=identifier, step="correction"))

    def all(self, *, slug: str | None = None, states: tuple[CorrectionState, ...] = ()) -> tuple[Correction, ...]:
        """The last state of every correction, in the order they came."""
        heads = sa.select(sa.func.max(corrections.c.id), sa.func.min(corrections.c.id).label("first"))
        grouped = heads.group_by(corrections.c.correction).subquery()
        query = sa.select(corrections.c.body).join(grouped, grouped.c[0] == corrections.c.id).order_by(grouped.c.first)
        if slug is not None:
            query = query.where(corrections.c.slug == slug)
        if states:
            query = query.where(corrections.c.state.in_([state.value for state in states]))
        return tuple(map(Correction.model_validate, self._db.scalars(query)))

    def states(self, identifier: str) -> tuple[Correction, ...]:
        """Every state that a correction went through."""
        query = sa.select(corrections.c.body).where(corrections.c.correction == identifier).order_by(corrections.c.id)
        return tuple(map(Correction.model_validate, self._db.scalars(query)))

    def _last(self, identifier: str) -> Correction | None:
        return next(reversed(self.states(identifier)), None)


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
        with self._db.writing():
            same = (request.id for request in self.open(slug=slug) if (request.kind, request.url) == (kind, url))
            known = next(same, None)
            row = {"slug": slug, "kind": kind, "url": url, "actor": actor, "at": self._db.now(), "result": ""}
            return self._db.add(requests, **row) if known is None else known

    def open(self, *, slug: str | None = None) -> tuple[Request, ...]:
        query = sa.select(*requests.c[Request._fields]).where(requests.c.done_at.is_(None)).order_by(requests.c.id)
        return self._db.read(Request, query if slug is None else query.where(requests.c.slug == slug))

    def finish(self, identifier: int, result: str) -> None:
        here = (requests.c.id == identifier) & requests.c.done_at.is_(None)
        self._db.write(sa.update(requests).where(here).values(done_at=self._db.now(), result=result))
