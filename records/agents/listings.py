"""Agents as their sources name them: taken in bulk, looked up by slug, name, alias or URL.

Idea: a source's whole yield is taken, so that what vanished is known. Invariants: a slug belongs to one
agent for ever; nothing is deleted, a vanished agent is `missing_since`.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import NamedTuple

import sqlalchemy as sa

from extractors.listing import Listing, slugify
from extractors.sources.identity import place_key
from records.agents.listing_merge import CHANGED, MINIMUM_SHARE, ListingMerge, MergeResult, refuse_poor_yield
from records.agents.merge_batch import alias_of
from records.database.store_part import StorePart
from records.database.tables import agent_pages, agents, aliases, events, pages, sightings
from scoring.errors import NotFound

REMOVED = "agent.removed"


class Coverage(NamedTuple):
    """When an agent was last looked at, how that ended, and on how many pages of which hosts it rested."""

    slug: str
    last_look: datetime | None
    outcome: str | None
    """An `AgentOutcome`."""
    pages: dict[str, int]
    first_seen: datetime
    changed: bool
    """A source has said something new of it since the last look."""
    source: str
    listing: Listing | None
    """What its list says of it, where no page is known to be its own; None otherwise."""


_GET = sa.select(agents.c.listing).where(agents.c.slug == sa.bindparam("of_slug"))
_AT = (
    sa.select(agents.c.listing)
    .join(aliases, aliases.c.slug == agents.c.slug)
    .where(aliases.c.alias == sa.bindparam("of_place"))
)


def _is_at(listing: Listing, place: str) -> bool:
    """True when its list, or earlier the forge, says that it is at exactly this place."""
    return place_key(place) in (place_key(link) for link in (listing.repository, *listing.aliases))


def _listing(body: str | None) -> Listing | None:
    return None if body is None else Listing.model_validate_json(body)


_HERE = sa.and_(agents.c.missing_since.is_(None), agents.c.opted_out_at.is_(None))
"""Listed, and not opted out."""
_BARE = ~sa.exists().where(agent_pages.c.slug == agents.c.slug)
"""No page is known to be its own."""


class Listings(StorePart):
    """Who is listed where."""

    def take(
        self, source: str, found: Sequence[Listing], *, minimum_share: Decimal = MINIMUM_SHARE, whole: bool = True
    ) -> MergeResult:
        """Keeps a source's yield. What could not be read to its end (`whole=False`) adds and changes; only a whole
        yield makes an agent missing, and must not be poor."""
        taking = self.taking(source, found, minimum_share=minimum_share, whole=whole)
        list(taking.steps())
        return taking.taken

    def taking(
        self, source: str, found: Sequence[Listing], *, minimum_share: Decimal = MINIMUM_SHARE, whole: bool = True
    ) -> ListingMerge:
        """The same as steps that its caller takes, each a short unit of work. `Refused` when the yield is poor."""
        if whole:
            refuse_poor_yield(self._db, source, len(found), minimum_share)
        return ListingMerge(self._db, source, found, whole=whole)

    def put(self, listing: Listing) -> Listing:
        """Keeps one agent that a person named (a URL, a folder of documents)."""
        return self.take(listing.source, (listing,), whole=False).listings[0]

    def moved(self, slug: str, to: str) -> str:
        """The forge says that the agent is there now. An agent that is there already is the one that the lists mean
        from now on, and this one is missing; gives the slug of the one. Two that have pages of their own stay two."""
        place = alias_of(place_key(to))
        with self._db.writing() as connection:
            there = _listing(connection.scalar(_AT, {"of_place": place}))
            if there is None or not _is_at(there, to):
                self._db.put(aliases, {"alias": place, "slug": slug}, replace=True)
                return slug
            survivor = there.slug
            if survivor != slug:
                mine = connection.scalar(_GET, {"of_slug": slug})
                if there.listing_url and mine is not None and Listing.model_validate_json(mine).listing_url:
                    return slug
                connection.execute(sa.update(sightings).where(sightings.c.slug == slug).values(slug=survivor))
                connection.execute(sa.update(agents).where(agents.c.slug == slug).values(missing_since=self._db.now()))
                self._db.note("agent.joined", slug, {"into": survivor, "at": to[:500]})
        return survivor

    def get(self, slug: str) -> Listing:
        """The listing of exactly this slug; `NotFound` names near ones."""
        if (found := _listing(self._db.scalar(_GET, {"of_slug": slug}))) is None:
            raise self._unknown(slug)
        return found

    def at(self, link: str) -> Listing | None:
        """The agent whose page or repository is at this link; None when there is none."""
        return _listing(self._db.scalar(_AT, {"of_place": alias_of(place_key(link))}))

    def find(self, words: str) -> str:
        """The slug that a person means: a slug, an alias, a former slug, a name or one of its URLs."""
        slug, name = sa.select(agents.c.slug), slugify(words)
        by_alias = sa.select(aliases.c.slug)
        ways = [slug.where(agents.c.slug == words), slug.where(agents.c.slug == name)]
        ways += [by_alias.where(aliases.c.alias == alias) for alias in (words[:200].casefold(), name)]
        ways.append(slug.where(agents.c.name_folded == words.casefold()).order_by(agents.c.slug).limit(1))
        if "/" in words:
            ways.append(sa.select(sightings.c.slug).where(sightings.c.identity == place_key(words)).limit(1))
        with self._db.viewing():
            found = next(filter(None, map(self._db.scalar, ways)), None)
        if found is None:
            raise self._unknown(words)
        return str(found)

    def slugs(self) -> tuple[str, ...]:
        """All slugs in order, those that vanished included."""
        return tuple(self._db.scalars(sa.select(agents.c.slug).order_by(agents.c.slug)))

    def count(self) -> int:
        return int(self._db.scalar(sa.select(sa.func.count()).select_from(agents)) or 0)

    def coverage(self) -> tuple[Coverage, ...]:
        """Every agent that may be looked at, by slug: those that are listed and did not opt out."""
        changed_since = (
            (events.c.slug == agents.c.slug) & (events.c.kind == CHANGED) & (events.c.at > agents.c.outcome_at)
        )
        rows = (
            sa.select(*agents.c["slug", "outcome_at", "outcome", "first_seen"])
            .add_columns(sa.exists().where(changed_since), agents.c.source, sa.case((_BARE, agents.c.listing)))
            .where(_HERE)
            .order_by(agents.c.slug)
        )
        counts = (
            sa.select(agent_pages.c.slug, pages.c.host, sa.func.count())
            .join(pages, pages.c.url == agent_pages.c.url)
            .where(pages.c.host != "")
            .group_by(agent_pages.c.slug, pages.c.host)
        )
        with self._db.reading() as connection:
            by_host: dict[str, dict[str, int]] = {}
            for slug, host, count in connection.execute(counts):
                by_host.setdefault(slug, {})[host] = count
            found = connection.execute(rows)
            return tuple(
                Coverage(slug, at, how, by_host.get(slug, {}), seen, new, source, _listing(body))
                for slug, at, how, seen, new, source, body in found
            )

    def measured(self, without: Collection[str]) -> tuple[tuple[str, str, int, int], ...]:
        """(source, host, agents, pages) over the agents whose last look ended otherwise than `without`: so many rested
        on so many pages of the host. Host "" is all agents of the source, with no pages."""
        looked = sa.select(agents.c.source).where(_HERE, agents.c.outcome.not_in(without)).group_by(agents.c.source)
        every = looked.add_columns(sa.literal(""), sa.func.count(), sa.literal(0))
        hosts = (
            looked.add_columns(pages.c.host, sa.func.count(agents.c.slug.distinct()), sa.func.count())
            .join(agent_pages, agent_pages.c.slug == agents.c.slug)
            .join(pages, pages.c.url == agent_pages.c.url)
            .where(pages.c.host != "")
            .group_by(pages.c.host)
            .order_by(agents.c.source, pages.c.host)
        )
        return tuple(row._tuple() for query in (every, hosts) for row in self._db.rows(query))

    def rests_on(self) -> Iterator[tuple[str, str, int]]:
        """(source, host, pages): on what the agents that each source lists rest, those that opted out left out."""
        query = (
            sa.select(sightings.c.source, pages.c.host, sa.func.count())
            .join(agents, agents.c.slug == sightings.c.slug)
            .join(agent_pages, agent_pages.c.slug == agents.c.slug)
            .join(pages, pages.c.url == agent_pages.c.url)
            .where(_HERE, pages.c.host != "")
            .group_by(sightings.c.source, pages.c.host)
        )
        with self._db.reading() as connection:
            yield from (row._tuple() for row in connection.execution_options(yield_per=500).execute(query))

    def bare(self, outcomes: Collection[str]) -> Iterator[tuple[str, Listing]]:
        """(source, listing) of each agent without a page of its own that was never looked at, or whose last look ended
        so; once for each source that lists it."""
        query = (
            sa.select(sightings.c.source, agents.c.listing)
            .join(agents, agents.c.slug == sightings.c.slug)
            .where(_HERE, _BARE, agents.c.outcome.is_(None) | agents.c.outcome.in_(outcomes))
        )
        with self._db.reading() as connection:
            for source, body in connection.execution_options(yield_per=500).execute(query):
                yield source, Listing.model_validate_json(body)

    def opt_out(self, slug: str, reason: str, *, actor: str | None = None) -> None:
        """Its operator asked not to be assessed; it is never due again."""
        self._set_opted_out(slug, self._db.now(), "agent.opted_out", reason, actor)

    def opt_in(self, slug: str, reason: str, *, actor: str | None = None) -> None:
        self._set_opted_out(slug, None, "agent.opted_in", reason, actor)

    def remove(self, slug: str, reason: str, *, actor: str | None = None) -> None:
        """A person takes it off the list: it is never due and nowhere shown, whoever lists it, until `restore`."""
        self._set_opted_out(slug, self._db.now(), REMOVED, reason, actor)

    def restore(self, slug: str, reason: str, *, actor: str | None = None) -> None:
        """Undoes `remove`."""
        self._set_opted_out(slug, None, "agent.restored", reason, actor)

    def removed(self) -> frozenset[str]:
        """Slugs that a person took off the list: out as if opted out, and by `remove` last."""
        kinds = events.c.kind.in_((REMOVED, "agent.opted_out"))
        last = sa.select(sa.func.max(events.c.sequence)).where(kinds).group_by(events.c.slug)
        query = sa.select(agents.c.slug).join(events, events.c.slug == agents.c.slug)
        query = query.where(agents.c.opted_out_at.is_not(None), events.c.kind == REMOVED, events.c.sequence.in_(last))
        return frozenset(self._db.scalars(query))

    def _set_opted_out(self, slug: str, at: datetime | None, kind: str, reason: str, actor: str | None) -> None:
        with self._db.writing():
            if not self._db.write(sa.update(agents).where(agents.c.slug == slug).values(opted_out_at=at)):
                raise self._unknown(slug)
            self._db.note(kind, slug, {"reason": reason}, actor)

    def _unknown(self, words: str) -> NotFound:
        """Names the slugs that look like what was typed, best first."""
        slug = slugify(words)
        alike = (slug[:2], max(slug.split("-"), key=len))
        within = agents.c.slug.startswith(alike[0], autoescape=True) | agents.c.slug.contains(alike[1], autoescape=True)
        known = self._db.scalars(sa.select(agents.c.slug).where(within).order_by(agents.c.slug).limit(5000))
        close = get_close_matches(slug, known)
        hint = f"did you mean {', '.join(close)}?" if close else "`assay status` lists what is kept"
        return NotFound("no such agent", subject=words[:100], step="listings", next_step=hint)
