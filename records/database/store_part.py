"""What the parts of a store share: their database, and the lock on an agent's heads."""

from typing import Any

import sqlalchemy as sa

from records.database.engine import Database
from records.database.tables import agents
from scoring.errors import NotFound, required

_LOCKED_AGENT = (
    sa.select(*(column for column in agents.c if column is not agents.c.listing))
    .where(agents.c.slug == sa.bindparam("of_slug"))
    .with_for_update()
)


class StorePart:
    """One part of a store: it reads and writes its own tables."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def _lock_agent(self, slug: str, step: str) -> sa.Row[Any]:
        """The heads of an agent, which nobody else moves before the open unit of work ends."""
        missing = NotFound("no such agent", subject=slug, step=step, next_step="`assay status` lists what is kept")
        return required(self._db.row(_LOCKED_AGENT, {"of_slug": slug}), missing)
