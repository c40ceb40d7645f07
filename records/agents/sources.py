"""The directories, registries and lists that say which agents there are."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from records.database.store_part import StorePart
from records.database.tables import sources
from scoring.errors import BadInput, NotFound, required


class SourceRow(NamedTuple):
    name: str
    kind: str
    """Which reader of `extractors.sources` reads it."""
    location: str
    """URL or path."""
    options: dict[str, Any]
    added_at: datetime
    last_count: int | None
    """How many listings it gave last time; None before the first time."""
    last_taken_at: datetime | None


class Sources(StorePart):
    """Adding the same source again changes nothing; adding it with another location replaces it."""

    def add(self, name: str, kind: str, location: str, options: dict[str, Any] | None = None) -> SourceRow:
        if not name or len(name) > 100:
            raise BadInput("a source's name has 1 to 100 characters", subject=name[:40], step="sources add")
        columns = {"kind": kind, "location": location, "options": options or {}}
        with self._db.writing() as connection:
            row = connection.execute(sa.select(sources).where(sources.c.name == name)).one_or_none()
            if row is None:
                connection.execute(sa.insert(sources).values(name=name, added_at=self._db.now(), **columns))
                self._db.note("source.added", payload={"name": name, **columns})
            elif {key: row._mapping[key] for key in columns} != columns:
                connection.execute(sa.update(sources).where(sources.c.name == name).values(**columns))
                self._db.note("source.changed", payload={"name": name, **columns})
            return self.get(name)

    def get(self, name: str) -> SourceRow:
        found = self._db.first(SourceRow, sa.select(sources).where(sources.c.name == name))
        return required(found, _unknown(name))

    def all(self) -> tuple[SourceRow, ...]:
        return self._db.read(SourceRow, sa.select(sources).order_by(sources.c.name))

    def remove(self, name: str) -> None:
        """Forgets the source; its agents stay, and are no longer due unless another source lists them."""
        with self._db.writing():
            if not self._db.write(sa.delete(sources).where(sources.c.name == name)):
                raise _unknown(name)
            self._db.note("source.removed", payload={"name": name})


def _unknown(name: str) -> NotFound:
    return NotFound("no such source", subject=name, step="sources", next_step="`assay sources list`")
