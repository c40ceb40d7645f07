"""One source's listings merged into the agents that are known, batch by batch, each in a unit of work of its own.

Idea: an entry is known again by its link (`identity.mark`), an agent in another list by its page or repository; only
a new one needs a slug. Invariants: an agent's listing is that of the source that listed it first, while it still lists
it; other names become aliases and stay; another owner never takes over a slug; unchanged listings rewrite no document;
batches of any size give what one gives; nothing is missing before all that is listed has been kept; a source that
lists far fewer than last time is refused and changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from extractors.listing import Listing
from extractors.sources.identity import links, mark, same_agent, same_owner
from records.agents.merge_batch import MergeBatch
from records.database.engine import Database
from records.database.tables import agents, sightings, sources
from scoring.errors import Refused

BATCH = 500
"""Listings of one unit of work: some 2,500 rows, which take a small part of a second."""
MINIMUM_SHARE = Decimal("0.5")
"""A source that yields less than this share of last time's listings has failed, and nothing of it is taken."""
MOST_ALIASES = 40
CHANGED = "agent.changed"
"""Kind of the event that a source says something new of an agent that was looked at before."""
_OF_SOURCE = (
    sa.select(sightings.c.identity, sightings.c.slug, sightings.c.first_seen, sightings.c.missing_since)
    .where(sightings.c.source == sa.bindparam("of_source"))
    .order_by(sightings.c.slug, sightings.c.identity)
)
_STILL = _OF_SOURCE.where(sightings.c.missing_since.is_(None))


class MergeResult(NamedTuple):
    """What taking one source's listings changed. Slugs, sorted."""

    listings: tuple[Listing, ...]
    """As kept: with the slug that each agent has here."""
    new: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    """No longer listed by any source since now."""


def refuse_poor_yield(database: Database, source: str, found: int, minimum_share: Decimal) -> None:
    """Raises `Refused` when a source that was read to its end lists far fewer agents than last time."""
    last = database.scalar(sa.select(sources.c.last_count).where(sources.c.name == source))
    if last and found < last * minimum_share:
        raise Refused(
            f"it yields {found} agents, last time {last}; nothing was changed",
            subject=source,
            step="listings",
            next_step="look at the source; if so many really left, `assay night run --accept-fewer`",
        )


class ListingMerge:
    """State of one `Listings.take`."""

    def __init__(self, database: Database, source: str, found: Sequence[Listing], *, whole: bool) -> None:
        """`found` is all that the source lists, unless it could not be read to its end."""
        self._db = database
        self._source = source
        self._now = database.now()
        self._found = [(mark(listing), listing) for listing in found]
        self._tonight = {place for place, _ in self._found} if whole else None
        self._listings: list[Listing] = []
        self._new: set[str] = set()
        self._changed: set[str] = set()
        self._missing: set[str] = set()
        self._slug_at: dict[str, str] = {}
        self._written: set[str] = set()
        self._known: dict[str, sa.Row[Any]] = {}
        self._entries: Counter[str] = Counter()

    @property
    def taken(self) -> MergeResult:
        """What has changed so far."""
        sets = (self._new, self._changed, self._missing)
        return MergeResult(tuple(self._listings), *(tuple(sorted(slugs)) for slugs in sets))

    def steps(self) -> Iterator[None]:
        """Takes everything; between two units of work it yields, so that others can write."""
        for start in range(0, len(self._found), BATCH):
            if start:
                yield
            with self._db.writing() as self._connection:
                if not self._db.is_sqlite:  # a plan made while the tables were small reads them whole
                    self._connection.exec_driver_sql("SET LOCAL plan_cache_mode TO force_custom_plan")
                self._keep_batch(self._found[start : start + BATCH])
        if self._tonight is not None:
            yield from self._close()

    def _keep_batch(self, batch: Sequence[tuple[str, Listing]]) -> None:
        unseen = sorted({place for place, _ in batch if place not in self._slug_at})
        listed = self._listed(sightings.c.identity, unseen)
        rows = self._as_before(self._listed(sightings.c.slug, sorted({row.slug for row in listed})))
        self._known |= {row.identity: row for row in rows}
        self._entries = Counter(row.slug for row in rows)
        slugs = {listing.slug for _, listing in batch} | {row.slug for row in rows}
        self._batch = MergeBatch(self._db, self._connection, slugs, [listing for _, listing in batch])
        self._listings += [self._take(place, listing) for place, listing in batch]
        self._batch.write()
        self._write_seen(unseen)

    def _listed(self, column: sa.Column[Any], values: Sequence[str]) -> Sequence[sa.Row[Any]]:
        """This source's entries of these addresses or agents, which stay theirs until the unit ends."""
        query = _OF_SOURCE.where(column.in_(values)).with_for_update()
        return self._connection.execute(query, {"of_source": self._source}).all()

    def _as_before(self, rows: Iterable[sa.Row[Any]]) -> list[sa.Row[Any]]:
        """Of this source's entries those that there were before this taking, as they were."""
        before = (self._known.get(row.identity) if row.identity in self._slug_at else row for row in rows)
        return [row for row in before if row is not None]

    def _take(self, place: str, listing: Listing) -> Listing:
        """The listing as its agent has it here."""
        if place in self._slug_at:
            return self._again(self._slug_at[place], listing)
        known = self._known.get(place)
        if known is not None and self._is_another_name(place, known.slug):
            self._slug_at[place] = known.slug
            return self._again(known.slug, listing)
        elsewhere = self._batch.at(listing) if known is None else None
        if elsewhere in self._written and elsewhere is not None:
            if listing.listing_url is None and not listing.identity:  # one repository, spelled in two ways
                self._slug_at[place] = elsewhere
                return self._again(elsewhere, listing)
            elsewhere = None  # a source that gives it a page or a name of its own says that it is another one
        slug = known.slug if known is not None else elsewhere or self._slug_for(listing)
        if slug != listing.slug:
            others = dict.fromkeys((*listing.aliases, listing.slug))
            listing = listing.model_copy(update={"slug": slug, "aliases": tuple(others)})
        self._slug_at[place] = slug
        return self._write(listing)

    def _is_another_name(self, place: str, slug: str) -> bool:
        """True for an old address of an agent whose own entry this source still lists."""
        if self._entries[slug] < 2 or self._tonight is None:
            return False
        current = self._batch.listing(slug)
        return current is not None and mark(current) != place and mark(current) in self._tonight

    def _again(self, slug: str, listing: Listing) -> Listing:
        """Listed twice: the first entry counts, the other's name is an alias."""
        current = self._batch.listing(slug)
        assert current is not None
        return self._named_as_well(current, listing)

    def _write_seen(self, places: Sequence[str]) -> None:
        """Writes when each entry was seen."""
        rows: list[dict[str, Any]] = [
            {
                "source": self._source,
                "identity": place,
                "slug": self._slug_at[place],
                "first_seen": self._known[place].first_seen if place in self._known else self._now,
                "last_seen": self._now,
                "missing_since": None,
            }
            for place in places
        ]
        if not rows:
            return
        self._db.put(sightings, rows)
        here = agents.c.slug.in_(sorted({self._slug_at[place] for place in places}))
        self._connection.execute(sa.update(agents).where(here).values(last_seen=self._now))

    def _close(self) -> Iterator[None]:
        """Marks what this source no longer lists, and the agents that no source lists any more; last, its count."""
        with self._db.reading() as connection:
            rows = connection.execute(_STILL, {"of_source": self._source})
            gone = [(row.slug, row.identity) for row in rows if row.identity not in self._slug_at]
        for start in range(0, len(gone) or 1, BATCH):
            if start:
                yield
            with self._db.writing() as connection:
                self._mark_gone(connection, gone[start : start + BATCH])
                if start + BATCH >= len(gone):
                    columns = {"last_count": len(self._found), "last_taken_at": self._now}
                    connection.execute(sa.update(sources).where(sources.c.name == self._source).values(**columns))

    def _mark_gone(self, connection: sa.Connection, gone: Sequence[tuple[str, str]]) -> None:
        since = {"missing_since": self._now}
        here = sightings.c.identity.in_([place for _, place in gone])
        connection.execute(sa.update(sightings).where(sightings.c.source == self._source, here).values(**since))
        listed = sa.exists().where(sightings.c.slug == agents.c.slug, sightings.c.missing_since.is_(None))
        there = agents.c.slug.in_([slug for slug, _ in gone]), agents.c.missing_since.is_(None), ~listed
        update = sa.update(agents).where(*there).values(**since).returning(agents.c.slug)
        for slug in sorted(connection.scalars(update)):
            self._db.note("agent.missing", slug, {"source": self._source})
            self._missing.add(slug)

    def _slug_for(self, listing: Listing) -> str:
        """The listing's own slug if it is free or its agent's; else the next free `slug-2`, `slug-3`, …"""
        slug, number = listing.slug, 1
        while True:
            current = self._batch.listing(slug)
            if current is None or same_agent(current, listing) or self._has_moved(slug, mark(listing)):
                return slug
            number += 1
            slug = f"{listing.slug[:95].rstrip('-')}-{number}"

    def _has_moved(self, slug: str, place: str) -> bool:
        """True when this source listed the slug last time under another repository of the owner, and does no more."""
        if self._tonight is None or slug in self._written:
            return False
        rows = self._as_before(self._listed(sightings.c.slug, (slug,)))
        before = [row.identity for row in rows if row.missing_since is None]
        return any(same_owner(known, place) for known in before) and self._tonight.isdisjoint(before)

    def _write(self, listing: Listing) -> Listing:
        slug = listing.slug
        row = self._batch.agent(slug)
        if row is None:
            times = {"first_seen": self._now, "last_seen": self._now}
            self._batch.add(slug, times | self._columns(listing))
            self._batch.keep_aliases(listing)
            self._new.add(slug)
            self._db.note("agent.listed", slug, {"source": self._source})
            self._written.add(slug)
            return listing
        if row.missing_since is not None:
            self._db.note("agent.returned", slug, {"source": self._source})
            self._batch.change(slug, {"missing_since": None})
        current = Listing.model_validate_json(row.body)
        bare = links(current) and not links(listing)  # an entry without a link takes none away
        if bare or slug in self._written or self._is_listed_by_another(slug, row.source):
            return self._named_as_well(current, listing)
        listing = _with_names(listing, current)
        if listing.registry is None and current.registry is not None:
            listing = listing.model_copy(update={"registry": current.registry})
        columns = self._columns(listing)
        if row.body != columns["listing"] or row.source != self._source:
            columns["kind"] = sa.case((agents.c.assessment_digest.is_(None), columns["kind"]), else_=agents.c.kind)
            self._batch.change(slug, columns)
            self._batch.keep_aliases(listing)
            self._changed.add(slug)
            if row.outcome_at is not None:  # one that was never looked at is due anyway
                self._db.note(CHANGED, slug, {"source": self._source})
        self._written.add(slug)
        return listing

    def _columns(self, listing: Listing) -> dict[str, Any]:
        return {
            "name": listing.name,
            "name_folded": listing.name.casefold(),
            "kind": listing.kind.value if listing.kind else None,
            "source": self._source,
            "listing": canonical_bytes(listing),
        }

    def _named_as_well(self, current: Listing, other: Listing) -> Listing:
        """The current listing, with the names and places by which another entry knows the agent."""
        both = _with_names(current, other)
        known, stated = current.registry, other.registry
        if stated is not None and current.source != self._source and (known is None or known.name == stated.name):
            both = both.model_copy(update={"registry": stated})
        self._batch.keep_aliases(other.model_copy(update={"slug": current.slug, "aliases": both.aliases}))
        if both != current:
            self._batch.change(current.slug, {"listing": canonical_bytes(both)})
        return both

    def _is_listed_by_another(self, slug: str, source: str) -> bool:
        """True when the source that listed it first is another one and lists it still."""
        if source == self._source:
            return False
        listed = sa.select(sightings.c.slug).where(
            sightings.c.slug == slug, sightings.c.source == source, sightings.c.missing_since.is_(None)
        )
        return self._connection.scalar(listed) is not None


def _with_names(listing: Listing, other: Listing) -> Listing:
    """The listing with the names of another entry, or of an earlier day, among its aliases."""
    known = {listing.name, listing.slug}
    names = dict.fromkeys((*listing.aliases, *other.aliases, other.name))
    added = tuple(name for name in names if name not in known)[:MOST_ALIASES]
    return listing if added == listing.aliases else listing.model_copy(update={"aliases": added})
