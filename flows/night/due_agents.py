"""Who is looked at tonight, and for which host each waits: overdue agents, new ones, ones that changed upstream, then
the oldest, within a host's page budget.

Idea: a night that asked for more than its hosts' budgets would defer the same agents every night, so the cut is made
before anything is asked, by the pages that looks were measured to need. The overdue go first in one half of each host's
budget, so that neither they nor the new and changed ones can keep the other out. Invariants: deterministic; every known
agent is due tonight, waiting, or left over with the host that has no room; the longest overdue of all is always taken,
so each agent has its turn at most as many nights after it became overdue as agents waited longer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from extractors.listing import Listing
from flows.settings import Settings
from flows.settings_sections import NightPart
from records.agents.listings import Coverage
from records.database.runs import AgentOutcome
from records.store import Store

OVERDUE = 3
"""So many recrawl ages without a look, and an agent goes first. Missing one turn is ordinary (a night that was killed,
a host that asked to wait) and two may be chance; after three, others keep taking its place."""
PASSED_OVER = (AgentOutcome.DEFERRED, AgentOutcome.NOT_REACHED, AgentOutcome.INTERRUPTED)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_ALL = ""
"""All sources together."""


class CrawlCandidate(NamedTuple):
    """An agent, when it was looked at, and what looking at it asks of each host."""

    slug: str
    pages: Mapping[str, int]
    """Host to pages, as of the last look; for a new agent what looks at others of its source needed."""
    last_look: datetime | None = None
    """None for an agent that was never looked at."""
    changed: bool = False
    """Its source says something else of it than at the last look."""
    again: bool = False
    """The last look came to no end: due again, whatever its age."""
    passed_over: bool = False
    """Its turn did not come in the last look: before others of its age, since it has cost nobody anything."""
    first_seen: datetime | None = None
    """When a source first listed it: since then one that was never looked at waits."""

    @property
    def waits_since(self) -> datetime | None:
        return self.last_look or self.first_seen


class DueAgents(NamedTuple):
    """All known agents, in three parts."""

    tonight: tuple[str, ...]
    """Most urgent first."""
    waiting: tuple[str, ...]
    """Looked at recently enough."""
    left_over: Mapping[str, str]
    """Due, but beyond the page budget of a host of theirs: slug to that host."""


def due(
    agents: Iterable[CrawlCandidate],
    *,
    before: datetime,
    overdue: datetime,
    pages_per_host: int,
    used: Mapping[str, int] | None = None,
) -> DueAgents:
    """An agent is due when new, changed, passed over, to be looked at again, or last looked at before `before`;
    overdue when it waits since before `overdue`. `used`: requests that hosts were asked tonight already.

    One whose pages alone pass a host's budget has a night of its own there, at the latest when it is the longest
    overdue of its hosts.
    """
    waiting: list[str] = []
    candidates: list[CrawlCandidate] = []
    for agent in agents:
        recent = agent.last_look is not None and agent.last_look >= before
        if recent and not (agent.changed or agent.again or agent.passed_over):
            waiting.append(agent.slug)
        else:
            candidates.append(agent)
    late = [agent for agent in candidates if agent.waits_since is not None and agent.waits_since < overdue]
    late.sort(key=_waiting_longest)
    candidates.sort(key=_urgency)
    tonight: dict[str, None] = {}
    left_over: dict[str, str] = {}
    planned: Counter[str] = Counter()
    before_all = Counter(used)
    for part, budget in ((late, pages_per_host // 2), (candidates, pages_per_host)):
        left_over.clear()  # the second part has all that the first left
        for agent in part:
            if agent.slug in tonight:
                continue
            full = (h for h, pages in agent.pages.items() if planned[h] and before_all[h] + planned[h] + pages > budget)
            if (host := next(full, None)) is not None:  # the first on a host fits whatever its size
                left_over[agent.slug] = host
            else:
                planned.update(agent.pages)
                tonight[agent.slug] = None
    return DueAgents(tuple(tonight), tuple(sorted(waiting)), left_over)


def _waiting_longest(agent: CrawlCandidate) -> tuple[datetime, str]:
    return agent.waits_since or _NEVER, agent.slug


def _urgency(agent: CrawlCandidate) -> tuple[bool, bool, bool, datetime, str]:
    return agent.last_look is not None, not agent.changed, not agent.passed_over, agent.last_look or _NEVER, agent.slug


def tonight(
    store: Store,
    settings: Settings,
    *,
    before: datetime,
    used: Mapping[str, int] | None = None,
    known: Sequence[CrawlCandidate] | None = None,
) -> DueAgents:
    """Who is due, by what is stored and what hosts were asked tonight: a night that goes on, or a later one, says the
    same. `known` are the agents, where they have been read."""
    overdue = store.now() - OVERDUE * timedelta(hours=settings.night.recrawl_hours)
    overdue = min(overdue, before)
    budget = settings.crawl.pages_per_host
    agents = known_agents(store, settings) if known is None else known
    return due(agents, before=before, overdue=overdue, pages_per_host=budget, used=used)


def slowest_hosts(store: Store, settings: Settings, slugs: Sequence[str]) -> dict[str, str]:
    """For each agent the one of its hosts that is asked for most pages tonight; agents without pages have none."""
    wanted = set(slugs)
    pages = {agent.slug: agent.pages for agent in known_agents(store, settings) if agent.slug in wanted and agent.pages}
    planned_pages: Counter[str] = Counter()
    for counts in pages.values():
        planned_pages.update(counts)
    return {slug: max(counts, key=lambda host: (planned_pages[host], host)) for slug, counts in pages.items()}


def known_agents(store: Store, settings: Settings) -> list[CrawlCandidate]:
    """All agents that may be looked at, by slug."""
    measured = HostPageCounts(store.listings.measured(PASSED_OVER))
    return [_known(agent, settings.night, measured) for agent in store.listings.coverage()]


def _known(agent: Coverage, night: NightPart, measured: HostPageCounts) -> CrawlCandidate:
    ended = AgentOutcome(agent.outcome) if agent.outcome is not None else None
    passed_over = ended in PASSED_OVER
    pages = agent.pages
    if agent.listing is not None and not pages and (ended is None or passed_over):
        pages = expected(agent.listing, night, measured)
    again = ended is not None and ended.comes_again
    return CrawlCandidate(agent.slug, pages, agent.last_look, agent.changed, again, passed_over, agent.first_seen)


class HostPageCounts:
    """What looks at agents needed of each host: over the agents of a source, and over all of them."""

    def __init__(self, counts: Iterable[tuple[str, str, int, int]] = ()) -> None:
        """`counts` as `Listings.measured` gives them."""
        agents_of: Counter[str] = Counter()
        self._asking: Counter[tuple[str, str]] = Counter()
        self._pages: Counter[tuple[str, str]] = Counter()
        for source, host, asking, pages in counts:
            if not host:
                agents_of[source] = asking
                continue
            for of in (source, _ALL):
                self._asking[of, host] += asking
                self._pages[of, host] += pages
        self.usual_hosts: defaultdict[str, list[str]] = defaultdict(list)
        """Source to the hosts that most of its agents need, also where their listings do not name them."""
        for (source, host), asking in self._asking.items():
            if source != _ALL and asking * 2 > max(agents_of[source], 2):
                self.usual_hosts[source].append(host)

    def pages(self, source: str, host: str) -> int | None:
        """The mean of the agents of the source that need any of the host, rounded up; of all sources where this one
        has none. None where nothing was measured."""
        key = (source, host) if self._asking[source, host] else (_ALL, host)
        return -(-self._pages[key] // self._asking[key]) if self._asking[key] else None


def expected(listing: Listing, night: NightPart, measured: HostPageCounts) -> dict[str, int]:
    """Host to pages that looking at a new agent will ask for: as measured; where nothing is, most of a repository's
    are on the forge's raw host."""
    forge = night.forge
    hosts: Counter[str] = Counter(dict.fromkeys(measured.usual_hosts[listing.source], 0))
    for url in filter(None, (listing.listing_url, listing.repository, listing.homepage, *listing.documents)):
        if forge.place(url) is not None:
            hosts[urlsplit(forge.api).hostname or ""] += 1
            hosts[urlsplit(forge.raw).hostname or ""] += night.pages_per_agent - night.pages_further
        else:
            hosts[urlsplit(url).hostname or ""] += 1
    return {host: measured.pages(listing.source, host) or pages for host, pages in hosts.items()}
