"""Agents and aliases of one batch of listings: read together at its begin, written together at its end.

Idea: what a listing is compared with is read for the whole batch, so that a batch takes a handful of statements, and
none a listing. Invariant: between the two, what was written is what is read.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from extractors.listing import Listing, slugify
from extractors.pages.snapshot import sha256
from extractors.sources.identity import places
from records.database.engine import Database
from records.database.tables import agents, aliases

_AT = "at "


class KnownAgent(NamedTuple):
    """What a listing is compared with."""

    body: bytes
    """The listing, as canonical JSON."""
    source: str
    missing_since: datetime | None
    outcome_at: datetime | None


_AGENTS = sa.select(agents.c.slug, agents.c.listing, agents.c.source, agents.c.missing_since, agents.c.outcome_at)


class MergeBatch:
    """The agents of some slugs, and the agents at the places of some listings, inside one unit of work."""

    def __init__(
        self, database: Database, connection: sa.Connection, slugs: Iterable[str], listings: Iterable[Listing]
    ) -> None:
        self._db = database
        self._connection = connection
        known_by = sorted({place for listing in listings for place in _places(listing)})
        query = sa.select(aliases.c.alias, aliases.c.slug).where(aliases.c.alias.in_(known_by))
        self._holders = {row.alias: row.slug for row in connection.execute(query)}
        self._agents: dict[str, KnownAgent | None] = {}
        self._read({*slugs, *self._holders.values()})
        self._new: dict[str, dict[str, Any]] = {}
        self._changed: dict[str, dict[str, Any]] = {}
        self._aliases: list[dict[str, Any]] = []

    def _read(self, slugs: Iterable[str]) -> None:
        """They stay as they are until the unit ends; in one order, so that no two wait for each other."""
        self._agents |= dict.fromkeys(slugs)
        query = _AGENTS.where(agents.c.slug.in_(sorted(slugs))).order_by(agents.c.slug)
        for slug, *columns in self._connection.execute(query.with_for_update(key_share=True)):
            self._agents[slug] = KnownAgent(*columns)

    def agent(self, slug: str) -> KnownAgent | None:
        if slug not in self._agents:
            self._read((slug,))
        return self._agents[slug]

    def listing(self, slug: str) -> Listing | None:
        known = self.agent(slug)
        return None if known is None else Listing.model_validate_json(known.body)

    def at(self, listing: Listing) -> str | None:
        """The agent that is known by the page or repository of a listing, whatever it is called there."""
        return min((self._holders[place] for place in _places(listing) if place in self._holders), default=None)

    def add(self, slug: str, columns: dict[str, Any]) -> None:
        """A new agent."""
        self._new[slug] = {"slug": slug, **columns}
        self._agents[slug] = KnownAgent(columns["listing"], columns["source"], None, None)

    def change(self, slug: str, columns: dict[str, Any]) -> None:
        """Other values in some columns of an agent."""
        known = self.agent(slug)
        assert known is not None
        body, source = columns.get("listing", known.body), columns.get("source", known.source)
        missing_since = columns.get("missing_since", known.missing_since)
        self._agents[slug] = KnownAgent(body, source, missing_since, known.outcome_at)
        (self._new if slug in self._new else self._changed).setdefault(slug, {}).update(columns)

    def keep_aliases(self, listing: Listing) -> None:
        """Other names, and the page and repository by which another list may name it; the first holder keeps one."""
        named = {*(alias[:200].casefold() for alias in listing.aliases), *(slugify(alias) for alias in listing.aliases)}
        named = {alias for alias in named if not alias.startswith(_AT)}
        known_by = _places(listing)
        for alias in sorted((named | known_by) - {"", "unnamed"}):
            self._aliases.append({"alias": alias, "slug": listing.slug})
        self._holders = dict.fromkeys(known_by, listing.slug) | self._holders

    def write(self) -> None:
        """Writes what was added and changed."""
        if self._new:
            self._connection.execute(sa.insert(agents), list(self._new.values()))
        for slug, columns in self._changed.items():
            self._connection.execute(sa.update(agents).where(agents.c.slug == slug).values(**columns))
        if self._aliases:
            self._db.put(aliases, self._aliases, replace=False)


def alias_of(place: str) -> str:
    """A place as an alias: no name is kept that is spelled like one, and no two places are spelled alike."""
    return _AT + (place if len(place) <= 190 else f"{place[:110]} {sha256(place.encode())}")


def _places(listing: Listing) -> set[str]:
    return {alias_of(place) for place in places(listing)}
