"""Reading the audit trail. Writing goes through the unit of work that does the thing itself."""

from __future__ import annotations

import sqlalchemy as sa

from records.database.engine import Database
from records.database.event_chain import Event
from records.database.tables import events


class Events:
    """The chain, oldest first."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self, *, after: int = 0, limit: int | None = None, kind: str = "") -> tuple[Event, ...]:
        """Events after a sequence number; `kind` is a beginning such as `review.`."""
        query = sa.select(events).where(events.c.sequence > after).order_by(events.c.sequence).limit(limit)
        if kind:
            query = query.where(events.c.kind.startswith(kind, autoescape=True))
        with self._db.reading() as connection:
            return tuple(Event(*row) for row in connection.execute(query))

    def about(self, slug: str) -> tuple[Event, ...]:
        """What happened to one agent."""
        query = sa.select(events).where(events.c.slug == slug).order_by(events.c.sequence)
        with self._db.reading() as connection:
            return tuple(Event(*row) for row in connection.execute(query))
