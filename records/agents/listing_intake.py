"""One source's listings going in, inside one unit of work.

Idea: an entry is known again by its link (`identity.mark`), an agent in another list by its page or repository; only
a new one needs a slug. Invariants: the source that listed an agent first tells its listing while it still lists it,
other names become aliases and stay; another owner never takes over a slug; unchanged listings rewrite no document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from extractors.listing import Listing, slugify
from extractors.pages.snapshot import sha256
from extractors.sources.identity import links, mark, places, same_agent, same_owner
from records.database.engine import Database
from records.database.tables import agents, aliases, sightings

MOST_ALIASES = 40
_AT = "at "
CHANGED = "agent.changed"
"""Kind of the event that a source says something new of an agent that was looked at before."""
_SIGHTINGS = sa.select(sightings.c.identity, sightings.c.slug, sightings.c.first_seen, sightings.c.missing_since).where(
    sightings.c.source == sa.bindparam("of_source")
)
_SIGHTING = _SIGHTINGS.where(sightings.c.identity == sa.bindparam("of_place"))


class Taking:
    """State of one `Listings.take`."""

    def __init__(
        self,
        database: Database,
        connection: sa.Connection,
        source: str,
        now: datetime,
        whole: Sequence[Listing] | None,
    ) -> None:
        """`whole` is all that the source lists; None when it could not be read to its end."""
        self._db = database
        self._connection = connection
        self._source = source
        self._now = now
        self.new: set[str] = set()
        self.changed: set[str] = set()
        self.returned: set[str] = set()
        self._tonight = None if whole is None else {mark(listing) for listing in whole}
        self._seen: dict[str, str] = {}
        self._written: set[str] = set()
        self._known: dict[str, sa.Row[Any]] = {}
        if whole is not None:
            rows = connection.execute(_SIGHTINGS, {"of_source": source})
            self._known = {row.identity: row for row in rows}
        self._entries = Counter(row.slug for row in self._known.values())

    def keep(self, listing: Listing) -> Listing:
        """The listing as its agent has it here."""
        place = mark(listing)
        if place in self._seen:
            return self._again(self._seen[place], listing)
        known = self._sighting(place)
        if known is not None and self._is_another_name(place, known.slug):
            self._seen[place] = known.slug
            return self._again(known.slug, listing)
        elsewhere = self._listed_elsewhere(listing) if known is None else None
        if elsewhere in self._written and elsewhere is not None:
            if listing.listing_url is None and not listing.identity:  # one repository, spelled in two ways
                self._seen[place] = elsewhere
                return self._again(elsewhere, listing)
            elsewhere = None  # a source that gives it a page or a name of its own says that it is another one
        slug = known.slug if known is not None else elsewhere or self._slug_for(listing)
        if slug != listing.slug:
            others = dict.fromkeys((*listing.aliases, listing.slug))
            listing = listing.model_copy(update={"slug": slug, "aliases": tuple(others)})
        self._seen[place] = slug
        return self._write(listing)

    def _sighting(self, place: str) -> sa.Row[Any] | None:
        """How this source listed it before; one that is not read whole is not looked up whole either."""
        if self._tonight is None:
            row = self._connection.execute(_SIGHTING, {"of_source": self._source, "of_place": place}).one_or_none()
            if row is not None:
                self._known[place] = row
        return self._known.get(place)

    def _is_another_name(self, place: str, slug: str) -> bool:
        """True for an old address of an agent whose own entry this source still lists."""
        if self._entries[slug] < 2 or self._tonight is None:
            return False
        current = self._current(slug)
        return current is not None and mark(current) != place and mark(current) in self._tonight

    def _again(self, slug: str, listing: Listing) -> Listing:
        """Listed twice: the first entry counts, the other's name is an alias."""
        current = self._current(slug)
        assert current is not None
        return self._named_as_well(current, listing)

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
        here = agents.c.slug.in_(self._db.each(sorted(set(self._seen.values()))))
        self._connection.execute(sa.update(agents).where(here).values(last_seen=self._now))

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
        """The agent that is known by the same page or repository, whatever it is called here."""
        known_by = [alias_of(place) for place in places(listing)]
        query = sa.select(aliases.c.slug).where(aliases.c.alias.in_(known_by)).order_by(aliases.c.slug).limit(1)
        return self._connection.scalar(query) if known_by else None

    def _has_moved(self, slug: str, place: str) -> bool:
        """True when this source listed the slug last time under another repository of the owner, and does no more."""
        if self._tonight is None or slug in self._written:
            return False
        before = [known for known, row in self._known.items() if row.slug == slug and row.missing_since is None]
        return any(same_owner(known, place) for known in before) and self._tonight.isdisjoint(before)

    def _write(self, listing: Listing) -> Listing:
        slug = listing.slug
        query = sa.select(agents.c.listing, agents.c.source, agents.c.missing_since, agents.c.outcome_at)
        query = query.where(agents.c.slug == slug)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            seen = {"first_seen": self._now, "last_seen": self._now}
            columns = self._told(listing)
            self._connection.execute(sa.insert(agents).values(slug=slug, **seen, **columns))
            self._keep_aliases(listing)
            self.new.add(slug)
            self._db.note("agent.listed", slug, {"source": self._source})
            self._written.add(slug)
            return listing
        if row.missing_since is not None:
            self.returned.add(slug)
            self._db.note("agent.returned", slug, {"source": self._source})
            self._connection.execute(sa.update(agents).where(agents.c.slug == slug).values(missing_since=None))
        current = Listing.model_validate_json(row.listing)
        bare = links(current) and not links(listing)  # an entry without a link takes none away
        if bare or slug in self._written or self._told_by_another(slug, row.source):
            return self._named_as_well(current, listing)
        listing = _with_names(listing, current)
        if listing.registry is None and current.registry is not None:
            listing = listing.model_copy(update={"registry": current.registry})
        columns = self._told(listing)
        if row.listing != columns["listing"] or row.source != self._source:
            columns["kind"] = sa.case((agents.c.assessment_digest.is_(None), columns["kind"]), else_=agents.c.kind)
            self._connection.execute(sa.update(agents).where(agents.c.slug == slug).values(**columns))
            self._keep_aliases(listing)
            self.changed.add(slug)
            if row.outcome_at is not None:  # one that was never looked at is due anyway
                self._db.note(CHANGED, slug, {"source": self._source})
        self._written.add(slug)
        return listing

    def _told(self, listing: Listing) -> dict[str, Any]:
        return {
            "name": listing.name,
            "name_folded": listing.name.casefold(),
            "kind": listing.kind.value if listing.kind else None,
            "source": self._source,
            "listing": canonical_bytes(listing),
        }

    def _named_as_well(self, current: Listing, other: Listing) -> Listing:
        """What stands, with the names and places by which another entry knows the agent."""
        both = _with_names(current, other)
        known, said = current.registry, other.registry
        if said is not None and current.source != self._source and (known is None or known.name == said.name):
            both = both.model_copy(update={"registry": said})
        self._keep_aliases(other.model_copy(update={"slug": current.slug, "aliases": both.aliases}))
        if both != current:
            update = sa.update(agents).where(agents.c.slug == current.slug)
            self._connection.execute(update.values(listing=canonical_bytes(both)))
        return both

    def _keep_aliases(self, listing: Listing) -> None:
        """Other names, and the page and repository by which another list may name it; the first holder keeps one."""
        named = {*(alias[:200].casefold() for alias in listing.aliases), *(slugify(alias) for alias in listing.aliases)}
        named = {alias for alias in named if not alias.startswith(_AT)}
        known_by = {alias_of(place) for place in places(listing)}
        for alias in sorted((named | known_by) - {"", "unnamed"}):
            self._db.put(aliases, {"alias": alias, "slug": listing.slug}, replace=False)

    def _told_by_another(self, slug: str, source: str) -> bool:
        """True when the source that listed it first is another one and lists it still."""
        if source == self._source:
            return False
        listed = sa.select(sightings.c.slug).where(
            sightings.c.slug == slug, sightings.c.source == source, sightings.c.missing_since.is_(None)
        )
        return self._connection.scalar(listed) is not None


def alias_of(place: str) -> str:
    """A place as an alias: no name is kept that is spelled like one, and no two places are spelled alike."""
    return _AT + (place if len(place) <= 190 else f"{place[:110]} {sha256(place.encode())}")


def _with_names(listing: Listing, other: Listing) -> Listing:
    """The listing with the names of another entry, or of an earlier day, among its aliases."""
    known = {listing.name, listing.slug}
    names = dict.fromkeys((*listing.aliases, *other.aliases, other.name))
    added = tuple(name for name in names if name not in known)[:MOST_ALIASES]
    return listing if added == listing.aliases else listing.model_copy(update={"aliases": added})
