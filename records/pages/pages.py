"""Pages as they came: every fetch with its outcome, the bytes, the validators, and whose page it is.

Idea: `pages` is what is known of a URL now, `snapshots` every version of it, `fetches` the ledger of every try.
Invariants: the bytes are kept before the row that names them; a failure never takes away the last good page.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa

from extractors.crawl.crawl_statistics import CrawlLedger
from extractors.pages.snapshot import Fetched, FetchOutcome, PageSnapshot
from records.database.engine import Database
from records.database.tables import agent_pages, fetches, hosts, pages, snapshots
from records.pages.blobs import Blobs
from scoring.claims import Digest
from scoring.errors import BadInput, NotFound, required

LONGEST_URL = 2000
_BACK = (
    sa.update(snapshots)
    .where(snapshots.c.url == sa.bindparam("of_url"), snapshots.c.digest == sa.bindparam("of_digest"))
    .where(snapshots.c.blob_dropped_at.is_not(None))
    .values(blob_dropped_at=None)
)
"""A version whose bytes retention had dropped has them again."""
_PAGES_OF = (
    sa.select(agent_pages.c.url).where(agent_pages.c.slug == sa.bindparam("of_slug")).order_by(agent_pages.c.position)
)
_VERSION = sa.select(snapshots.c.body).where(
    snapshots.c.url == sa.bindparam("of_url"), snapshots.c.digest == sa.bindparam("of_digest")
)


_ALIKE = (
    sa.select(pages.c.url)
    .where(pages.c.url.in_(sa.select(snapshots.c.url).where(snapshots.c.digest == sa.bindparam("of_digest"))))
    .where(pages.c.digest == sa.bindparam("of_digest"), pages.c.host == sa.bindparam("of_host"))
    .order_by(pages.c.url)
    .limit(20)
)


class PageState(NamedTuple):
    """What is known of one URL: how the last try ended, and the last good page with its validators."""

    url: str
    host: str
    outcome: FetchOutcome
    reason: str
    at: datetime
    not_before: datetime | None
    """The server asked not to be asked again before."""
    digest: Digest | None
    """Of the last good page; None when there never was one."""
    etag: str | None
    last_modified: str | None
    fetched_at: datetime | None
    """When the last good page came or was last confirmed as unchanged."""


class HostFailure(NamedTuple):
    """A host that gave no page, or none any more."""

    host: str
    pages: int
    outcome: FetchOutcome
    reason: str
    agents: tuple[str, ...]
    """Slugs of the agents whose pages stand there."""


HOST_FAILS = frozenset(
    {
        FetchOutcome.UNREACHABLE,
        FetchOutcome.TIMEOUT,
        FetchOutcome.SERVER_ERROR,
        FetchOutcome.RATE_LIMITED,
        FetchOutcome.DEFERRED,
        FetchOutcome.BLOCKED_ADDRESS,
    }
)
"""Outcomes that speak of the host, not of one page."""

_STATES = sa.select(*pages.c[PageState._fields]).where(pages.c.url.in_(sa.bindparam("of_urls", expanding=True)))


class Pages:
    """The crawl's memory."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._db = database
        self._blobs = blobs

    def keep(self, fetched: Fetched, *, slug: str | None = None, run: str | None = None) -> None:
        """Keeps the end of one request, whatever it was, in one unit of work."""
        if len(fetched.url.encode()) > LONGEST_URL:
            raise BadInput("the address is too long to keep", subject=fetched.url[:80], step="crawl")
        snapshot = fetched.snapshot
        if fetched.body is not None and snapshot is not None:
            blob = self._blobs.put(fetched.body)
            if blob != snapshot.digest:
                raise BadInput("the body does not match its snapshot's digest", subject=fetched.url, step="crawl")
        state: dict[str, Any] = {
            "url": fetched.url,
            "host": (urlsplit(fetched.url).hostname or "")[:255],
            "outcome": fetched.outcome.value,
            "reason": fetched.reason,
            "at": fetched.at,
            "not_before": fetched.not_before,
        }
        with self._db.writing(quick=True) as connection:
            if snapshot is not None and fetched.outcome is FetchOutcome.FETCHED:
                self._keep_snapshot(connection, snapshot)
                if fetched.body is not None and not self._blobs.has(snapshot.digest):
                    self._blobs.put(fetched.body)  # dropped as an old version just now
                state |= {"digest": snapshot.digest, "etag": snapshot.etag, "last_modified": snapshot.last_modified}
                state["fetched_at"] = snapshot.fetched_at
            elif fetched.outcome is FetchOutcome.UNCHANGED:
                state["fetched_at"] = fetched.at
                if snapshot is not None:
                    state |= {"etag": snapshot.etag, "last_modified": snapshot.last_modified}
            self._db.put(pages, state)
            names = ("url", "outcome", "reason", "at", "sent", "bytes_received")
            connection.execute(
                sa.insert(fetches), {"run": run, "slug": slug, **{name: getattr(fetched, name) for name in names}}
            )

    def _keep_snapshot(self, connection: sa.Connection, snapshot: PageSnapshot) -> None:
        row = {
            "url": snapshot.url,
            "digest": snapshot.digest,
            "fetched_at": snapshot.fetched_at,
            "length": snapshot.length,
            "body": snapshot.model_dump(mode="json"),
            "blob_dropped_at": None,
        }
        if not self._db.put(snapshots, row, replace=False):
            connection.execute(_BACK, {"of_url": snapshot.url, "of_digest": snapshot.digest})

    def state(self, url: str) -> PageState | None:
        """None when the URL was never tried."""
        return self.states((url,)).get(url)

    def states(self, urls: Sequence[str]) -> dict[str, PageState]:
        """What is known of each URL; those never tried are absent."""
        with self._db.viewing():
            parts = (list(urls[start : start + 500]) for start in range(0, len(urls), 500))
            found = [state for part in parts for state in self._db.read(PageState, _STATES, {"of_urls": part})]
        return {state.url: state._replace(outcome=FetchOutcome(state.outcome)) for state in found}

    def snapshot(self, url: str, digest: Digest | None = None) -> PageSnapshot:
        """One version of a page; without a digest the last good one."""
        with self._db.reading() as connection:
            if digest is None:
                digest = connection.scalar(sa.select(pages.c.digest).where(pages.c.url == url))
            body = connection.scalar(_VERSION, {"of_url": url, "of_digest": digest})
        missing = NotFound("this page is not kept", subject=url, step="pages", next_step="`assay night run`")
        return PageSnapshot.model_validate(required(body, missing))

    def keep_link(self, snapshot: PageSnapshot) -> None:
        """The same bytes came with another next page."""
        version = (snapshots.c.url == snapshot.url) & (snapshots.c.digest == snapshot.digest)
        self._db.write(sa.update(snapshots).where(version).values(body=snapshot.model_dump(mode="json")), quick=True)

    def with_bytes(self, digest: Digest, host: str) -> tuple[str, ...]:
        """The pages of a host, by their addresses, that have these bytes now; not more than twenty."""
        return tuple(self._db.scalars(_ALIKE, {"of_digest": digest, "of_host": host}))

    def body(self, digest: Digest) -> bytes:
        """The bytes of a page version, checked against their digest."""
        return self._blobs.get(digest)

    def assign(self, slug: str, urls: Sequence[str]) -> None:
        """Says which URLs are this agent's pages, in order; writes nothing when nothing changes."""
        wanted = tuple(dict.fromkeys(urls))
        if self.urls(slug) == wanted:
            return
        with self._db.writing(quick=True) as connection:
            connection.execute(sa.delete(agent_pages).where(agent_pages.c.slug == slug))
            rows = [{"slug": slug, "url": url, "position": place} for place, url in enumerate(wanted)]
            if rows:
                connection.execute(sa.insert(agent_pages), rows)

    def urls(self, slug: str) -> tuple[str, ...]:
        """The agent's pages, in order."""
        return tuple(self._db.scalars(_PAGES_OF, {"of_slug": slug}))

    def ledger(self, runs: Sequence[str], unreached: Sequence[str] = ()) -> CrawlLedger:
        """What these runs' asking came to: each page counts once, as it ended last. The pages of agents that were
        `unreached` were due as well."""
        mine = fetches.c.run.in_(runs)
        last = sa.select(sa.func.max(fetches.c.id)).where(mine).group_by(fetches.c.url)
        sent = sa.func.sum(sa.case((fetches.c.sent, 1), else_=0))
        ends = sa.select(fetches.c.outcome, sa.func.count(), sent).where(fetches.c.id.in_(last))
        was_asked_for = sa.exists().where(fetches.c.url == agent_pages.c.url, mine)
        theirs = agent_pages.c.slug.in_(self._db.each(list(unreached)))
        never = sa.select(sa.func.count(sa.distinct(agent_pages.c.url))).where(theirs, ~was_asked_for)
        outcomes: Counter[FetchOutcome] = Counter()
        left = 0
        with self._db.reading() as connection:
            received = int(connection.scalar(sa.select(sa.func.sum(fetches.c.bytes_received)).where(mine)) or 0)
            for outcome, count, of_them_sent in connection.execute(ends.group_by(fetches.c.outcome)):
                outcomes[FetchOutcome(outcome)] += int(count)
                left += int(of_them_sent)
            if unreached:
                outcomes[FetchOutcome.NOT_REACHED] += int(connection.scalar(never) or 0)
        return CrawlLedger.counted(outcomes, left, received)

    def failed_hosts(self, runs: Sequence[str]) -> tuple[HostFailure, ...]:
        """The hosts that did not answer as a host should when these runs asked last, and the pages that they did not
        give, those with most agents first; each with the reason that most of these pages ended with."""
        mine = fetches.c.run.in_(runs)
        last = sa.select(sa.func.max(fetches.c.id)).where(mine).group_by(fetches.c.url)
        ends = sa.select(pages.c.host, fetches.c.url, fetches.c.outcome, fetches.c.reason)
        ends = ends.join(pages, pages.c.url == fetches.c.url).where(fetches.c.id.in_(last))
        by_host: defaultdict[str, list[Any]] = defaultdict(list)
        with self._db.reading() as connection:
            for row in connection.execute(ends.order_by(fetches.c.id)):
                by_host[row.host].append(row)
            found = []
            for host, answers in by_host.items():
                if FetchOutcome(answers[-1].outcome) not in HOST_FAILS:
                    continue
                rows = [row for row in answers if FetchOutcome(row.outcome) in HOST_FAILS]
                urls = self._db.each([row.url for row in rows])
                theirs = sa.select(agent_pages.c.slug).where(agent_pages.c.url.in_(urls))
                asking = sa.select(fetches.c.slug).where(mine, fetches.c.url.in_(urls), fetches.c.slug.is_not(None))
                (outcome, reason), _ = Counter((row.outcome, row.reason) for row in rows).most_common(1)[0]
                behind = tuple(sorted(connection.scalars(theirs.union(asking))))
                found.append(HostFailure(host, len(rows), FetchOutcome(outcome), reason, behind))
        return tuple(sorted(found, key=lambda memory: (-len(memory.agents), memory.host)))

    def host_states(self) -> dict[str, dict[str, Any]]:
        """What the crawler asked to remember of each host (clocks, robots files)."""
        return {row.host: row.memory for row in self._db.rows(sa.select(hosts).order_by(hosts.c.host))}

    def host_state(self, host: str) -> dict[str, Any] | None:
        """The same for one host; None when nothing is remembered."""
        found: dict[str, Any] | None = self._db.scalar(sa.select(hosts.c.memory).where(hosts.c.host == host))
        return found

    def keep_host_states(self, memory: Mapping[str, Mapping[str, Any]]) -> None:
        """Keeps it for the hosts given; others stay."""
        with self._db.writing(quick=True):
            for host in sorted(memory):
                self._db.put(hosts, {"host": host, "memory": dict(memory[host]), "at": self._db.now()})
