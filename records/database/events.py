"""Reading the audit trail. Writing goes through the unit of work that does the thing itself.

Idea: a head that was written down elsewhere (a published site, a monitor) is evidence: the chain up to it has to give
the same digest. The anchor holds digests of earlier events as well, so that the first one that differs has a name.
"""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from pydantic import Field

from records.database.event_chain import FIRST_PREVIOUS, Event
from records.database.store_part import StorePart
from records.database.tables import event_head, events
from scoring.claims import Digest, Frozen

MOST_DIGESTS = 1024
"""Digests of one anchor; a longer log is named by every second event, every fourth, and so on."""
SHOWN = 16
"""Signs of a digest in an anchor."""
OF_A_RUN = ("generation.", "run.", "site.")
"""Kinds that a publication notes of its own course: a second one without a change has the same anchor."""

Points = Mapping[int, str]
"""Number of an event to its digest, or the first signs of it, without `sha256:`."""


class Anchor(Frozen):
    """The head of the log at one moment."""

    sequence: int = Field(ge=0)
    digest: Digest
    every: int = Field(1, ge=1)
    digests: tuple[str, ...] = ()
    """The first signs of the digest of each event whose number `every` divides, up to the head."""

    @property
    def points(self) -> Points:
        earlier = {number * self.every: signs for number, signs in enumerate(self.digests, 1)}
        return {number: signs for number, signs in {**earlier, self.sequence: _signs(self.digest)}.items() if number}


class Events(StorePart):
    """The chain, oldest first."""

    def all(
        self,
        *,
        after: int = 0,
        limit: int | None = None,
        kind: str = "",
        slug: str = "",
        actor: str = "",
        since: datetime | None = None,
    ) -> tuple[Event, ...]:
        """Events after a sequence number; `kind` is a beginning such as `review.`."""
        query = _chosen(kind, slug, actor, since).where(events.c.sequence > after)
        return self._read(query.order_by(events.c.sequence).limit(limit))

    def last(
        self, limit: int, *, before: int | None = None, slug: str = "", actor: str = "", since: datetime | None = None
    ) -> tuple[Event, ...]:
        """The newest events first, those before a sequence number."""
        query = _chosen("", slug, actor, since)
        if before is not None:
            query = query.where(events.c.sequence < before)
        return self._read(query.order_by(events.c.sequence.desc()).limit(limit))

    def _read(self, query: sa.Select[tuple[object, ...]]) -> tuple[Event, ...]:
        return tuple(Event(*row) for row in self._db.rows(query))

    def head(self) -> Anchor:
        """The last event's number and digest."""
        [(sequence, digest)] = self._db.rows(sa.select(event_head.c.sequence, event_head.c.digest))
        return Anchor(sequence=sequence, digest=digest)

    def anchor(self) -> Anchor:
        """The head as a publication shows it: of the last event that is not its own."""
        own = sa.or_(*(events.c.kind.startswith(kind) for kind in OF_A_RUN))
        last = sa.select(events.c.sequence, events.c.digest).where(~own).order_by(events.c.sequence.desc()).limit(1)
        with self._db.reading() as connection:
            sequence, digest = connection.execute(last).one_or_none() or (0, FIRST_PREVIOUS)
            every = 1
            while sequence // every > MOST_DIGESTS:
                every *= 2
            chosen = sa.select(events.c.digest).where(events.c.sequence <= sequence, events.c.sequence % every == 0)
            found = tuple(
                _signs(event_digest)[:SHOWN] for event_digest in connection.scalars(chosen.order_by(events.c.sequence))
            )
        return Anchor(sequence=sequence, digest=digest, every=every, digests=found)

    def differences(self, points: Points) -> list[str]:
        """The first event that is another one than when these digests were taken, in one line; empty when none is."""
        columns = (events.c.sequence, events.c.digest, events.c.kind, events.c.slug, events.c.at)
        query = sa.select(*columns).where(events.c.sequence <= max(points, default=0))
        with self._db.reading() as connection:
            rows = {row.sequence: row for row in connection.execute(query).yield_per(1000) if row.sequence in points}
        same = 0
        for number, signs in sorted(points.items()):
            row = rows.get(number)
            if row is not None and signs and _signs(row.digest).startswith(signs):
                same = number
                continue
            between = f"event {number}" if number == same + 1 else f"an event from {same + 1} to {number}"
            if row is None:
                return [f"{between} was removed: the log reached event {number} and no longer does, or skips it"]
            event = f"{row.kind}{f' of {row.slug}' if row.slug else ''}, {row.at:%Y-%m-%d %H:%M}"
            return [f"{between} was rewritten, removed or reordered: event {number} is now {event}"]
        return []


def _chosen(kind: str, slug: str, actor: str, since: datetime | None) -> sa.Select[tuple[object, ...]]:
    where = [column == name for column, name in ((events.c.slug, slug), (events.c.actor, actor)) if name]
    where += [events.c.kind.startswith(kind, autoescape=True)] if kind else []
    where += [events.c.at >= since] if since is not None else []
    return sa.select(events).where(*where)


def _signs(digest: str) -> str:
    return digest.removeprefix("sha256:")
