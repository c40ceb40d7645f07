"""One source's listings going in, inside one unit of work.

Idea: an entry is known again by its link (`identity.mark`); only a new one needs a slug. Invariants: the source
that listed an agent first tells its listing while it still lists it; unchanged listings rewrite no document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from extractors.canonical import canonical_bytes
from extractors.listing import Listing, slugify
from records.engine import Database
from records.identity import identity, mark, same_agent
from records.tables import agents, aliases, sightings


class Taking:
    """State of one `Listings.take`."""

    def __init__(
        self, database: Database, connection: sa.Connection, source: str, now: datetime, found: Sequence[Listing]
    ) -> None:
        self._db = database
        self._connection = connection
        self._source = source
        self._now = now
        self.new: set[str] = set()
        self.changed: set[str] = set()
        self.returned: set[str] = set()
        self._tonight = {mark(listing) for listing in found}
        self._seen: dict[str, str] = {}
        self._written: set[str] = set()
        query = sa.select(sightings.c.identity, sightings.c.slug, sightings.c.first_seen, sightings.c.missing_since)
        rows = connection.execute(query.where(sightings.c.source == source))
        self._known = {row.identity: row for row in rows}

    def keep(self, listing: Listing) -> Listing:
        """The listing as its agent has it here."""
        place = mark(listing)
        if place in self._seen:  # listed twice: the first entry counts
            current = self._current(self._seen[place])
            assert current is not None
            return current
        known = self._known.get(place)
        slug = known.slug if known is not None else self._listed_elsewhere(listing) or self._slug_for(listing)
        if slug != listing.slug:
            others = dict.fromkeys((*listing.aliases, listing.slug))
            listing = listing.model_copy(update={"slug": slug, "aliases": tuple(others)})
        self._seen[place] = slug
        return self._write(listing)

    def flush(self) -> None:
        """Writes when each entry was seen."""
        rows = [
            {
                "source": self._source,
                "identity": place,
                "slug": slug,
                "first_seen": self._known[place].first_seen if place in self._known else self._now,
                "last_seen": self._now,
                "missing_since": None,
            }
            for place, slug in self._seen.items()
        ]
        if not rows:
            return
        insert = self._db.insert(sightings)
        moved = {name: insert.excluded[name] for name in ("slug", "last_seen", "missing_since")}
        self._connection.execute(insert.on_conflict_do_update(index_elements=["source", "identity"], set_=moved), rows)
        here = sa.select(sightings.c.slug).where(sightings.c.source == self._source, sightings.c.last_seen == self._now)
        self._connection.execute(sa.update(agents).where(agents.c.slug.in_(here)).values(last_seen=self._now))

    def close(self) -> set[str]:
        """Marks what this source no longer lists; gives the slugs that no source lists any more."""
        self.flush()
        gone = [row for place, row in self._known.items() if place not in self._seen and row.missing_since is None]
        for row in gone:
            here = (sightings.c.source == self._source) & (sightings.c.identity == row.identity)
            self._connection.execute(sa.update(sightings).where(here).values(missing_since=self._now))
        missing: set[str] = set()
        for slug in sorted({row.slug for row in gone}):
            listed = sa.exists().where(sightings.c.slug == slug, sightings.c.missing_since.is_(None))
            update = sa.update(agents).where(agents.c.slug == slug, agents.c.missing_since.is_(None), ~listed)
            if self._connection.execute(update.values(missing_since=self._now)).rowcount:
                self._db.note("agent.missing", slug, {"source": self._source})
                missing.add(slug)
        return missing

    def _current(self, slug: str) -> Listing | None:
        body = self._connection.scalar(sa.select(agents.c.listing).where(agents.c.slug == slug))
        return None if body is None else Listing.model_validate_json(body)

    def _slug_for(self, listing: Listing) -> str:
        """The listing's own slug if it is free or its agent's; else the next free `slug-2`, `slug-3`, …"""
        slug, number = listing.slug, 1
        while True:
            current = self._current(slug)
            if current is None or same_agent(current, listing) or self._has_moved(slug, mark(listing)):
                return slug
            number += 1
            slug = f"{listing.slug[:95].rstrip('-')}-{number}"

    def _listed_elsewhere(self, listing: Listing) -> str | None:
        """The agent that another list names by the same page or repository, whatever it calls it."""
        places = [alias_of(link) for link in (listing.listing_url, listing.repository) if link]
        query = sa.select(aliases.c.slug).where(aliases.c.alias.in_(places)).order_by(aliases.c.slug).limit(1)
        slug = self._connection.scalar(query) if places else None
        return None if slug is None or slug in self._written else str(slug)

    def _has_moved(self, slug: str, place: str) -> bool:
        """True when this source listed the slug under a link of the same owner that it lists no more."""
        before = [known for known, row in self._known.items() if row.slug == slug]
        same_owner = any(_owner(known) == _owner(place) for known in before)
        return same_owner and not self._tonight.intersection(before) and slug not in self._written

    def _write(self, listing: Listing) -> Listing:
        slug = listing.slug
        query = sa.select(agents.c.listing, agents.c.source, agents.c.missing_since).where(agents.c.slug == slug)
        row = self._connection.execute(query).one_or_none()
        body = canonical_bytes(listing)
        told: dict[str, Any] = {
            "name": listing.name,
            "name_folded": listing.name.casefold(),
            "kind": listing.kind.value if listing.kind else None,
            "source": self._source,
            "listing": body,
        }
        if row is None:
            seen = {"first_seen": self._now, "last_seen": self._now}
            self._connection.execute(sa.insert(agents).values(slug=slug, **seen, **told))
            self._keep_aliases(listing)
            self.new.add(slug)
            self._db.note("agent.listed", slug, {"source": self._source})
        else:
            if row.missing_since is not None:
                self.returned.add(slug)
                self._db.note("agent.returned", slug, {"source": self._source})
                self._connection.execute(sa.update(agents).where(agents.c.slug == slug).values(missing_since=None))
            self._keep_aliases(listing)
            if slug in self._written or self._told_by_another(slug, row.source):
                return Listing.model_validate_json(row.listing)
            if row.listing != body or row.source != self._source:
                told["kind"] = sa.case((agents.c.assessment_digest.is_(None), told["kind"]), else_=agents.c.kind)
                self._connection.execute(sa.update(agents).where(agents.c.slug == slug).values(**told))
                self.changed.add(slug)
        self._written.add(slug)
        return listing

    def _keep_aliases(self, listing: Listing) -> None:
        """Other names, and the page and repository by which another list may name it; the first holder keeps one."""
        named = {*(alias[:200].casefold() for alias in listing.aliases), *(slugify(alias) for alias in listing.aliases)}
        places = {alias_of(link) for link in (listing.listing_url, listing.repository) if link}
        for alias in sorted((named | places) - {"", "unnamed"}):
            self._db.put(aliases, {"alias": alias, "slug": listing.slug}, replace=False)

    def _told_by_another(self, slug: str, source: str) -> bool:
        """True when the source that listed it first is another one and lists it still."""
        if source == self._source:
            return False
        listed = sa.select(sightings.c.slug).where(
            sightings.c.slug == slug, sightings.c.source == source, sightings.c.missing_since.is_(None)
        )
        return self._connection.scalar(listed) is not None


def alias_of(link: str) -> str:
    """A link as an alias: no name is spelled like one."""
    return f"at {identity(link)}"[:200]


def _owner(place: str) -> tuple[str, ...]:
    """Host and first path segment: who holds the address."""
    return tuple(place.split("/")[:2])
