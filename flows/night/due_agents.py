"""Who is looked at tonight, and for which host each waits: overdue agents, new ones, ones that changed upstream, then
the oldest, within a host's page budget.

Idea: a night that asked for more than its hosts' budgets would defer the same agents every night, so the cut is made
before anything is asked. The overdue go first in one half of each host's budget, so that neither they nor the new and
changed ones can keep the other out. Invariants: deterministic; every known agent is due tonight, waiting, or left
over; the longest overdue of all is always taken, so each agent has its turn at most as many nights after it became
overdue as agents waited longer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from extractors.listing import Listing
from extractors.sources.git_forge import Forge
from flows.settings import Settings
from flows.settings_sections import NightPart
from records.database.runs import AgentOutcome
from records.store import Store

OVERDUE = 3
"""So many recrawl ages without a look, and an agent goes first. Missing one turn is ordinary (a night that was killed,
a host that asked to wait) and two may be chance; after three, others keep taking its place."""
_PASSED_OVER = (AgentOutcome.DEFERRED, AgentOutcome.NOT_REACHED, AgentOutcome.INTERRUPTED)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Known(NamedTuple):
    """An agent, when it was looked at, and what looking at it asks of each host."""

    slug: str
    pages: Mapping[str, int]
    """Host to pages, as of the last look; for a new agent what its listing lets expect."""
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


class Due(NamedTuple):
    """All known agents, in three parts."""

    tonight: tuple[str, ...]
    """Most urgent first."""
    waiting: tuple[str, ...]
    """Looked at recently enough."""
    left_over: tuple[str, ...]
    """Due, but beyond the page budget of a host of theirs."""


def due(agents: Iterable[Known], *, before: datetime, overdue: datetime, pages_per_host: int) -> Due:
    """An agent is due when new, changed, passed over, to be looked at again, or last looked at before `before`;
    overdue when it waits since before `overdue`.

    One whose pages alone pass a host's budget has a night of its own there, at the latest when it is the longest
    overdue of its hosts.
    """
    waiting: list[str] = []
    candidates: list[Known] = []
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
    asked: Counter[str] = Counter()
    for part, budget in ((late, pages_per_host // 2), (candidates, pages_per_host)):
        for agent in part:
            if agent.slug not in tonight and _fits(agent, asked, budget):
                asked.update(agent.pages)
                tonight[agent.slug] = None
    left_over = tuple(agent.slug for agent in candidates if agent.slug not in tonight)
    return Due(tuple(tonight), tuple(sorted(waiting)), left_over)


def _fits(agent: Known, asked: Mapping[str, int], budget: int) -> bool:
    """The first on a host fits whatever its size."""
    return all(asked[host] + pages <= budget or not asked[host] for host, pages in agent.pages.items())


def _waiting_longest(agent: Known) -> tuple[datetime, str]:
    return agent.waits_since or _NEVER, agent.slug


def _urgency(agent: Known) -> tuple[bool, bool, bool, datetime, str]:
    seen = agent.last_look is not None
    return seen, not agent.changed, not agent.passed_over, agent.last_look or _NEVER, agent.slug


def forge_of(night: NightPart) -> Forge:
    """The forge of the settings."""
    return Forge(api=night.github_api, raw=night.github_raw, web=night.github_web)


def tonight(store: Store, settings: Settings, *, before: datetime) -> Due:
    """Who is due, by what is stored alone: a night that goes on, or a later one, says the same."""
    overdue = store.now() - OVERDUE * timedelta(hours=settings.night.recrawl_hours)
    overdue = min(overdue, before)
    with store.reading():
        known = _known(store, settings)
        return due(known, before=before, overdue=overdue, pages_per_host=settings.crawl.pages_per_host)


def slowest_hosts(store: Store, settings: Settings, slugs: Sequence[str]) -> dict[str, str]:
    """For each agent the one of its hosts that is asked for most pages tonight; agents without pages have none."""
    wanted = set(slugs)
    with store.reading():
        pages = {agent.slug: agent.pages for agent in _known(store, settings) if agent.slug in wanted and agent.pages}
    asked: Counter[str] = Counter()
    for counts in pages.values():
        asked.update(counts)
    return {slug: max(counts, key=lambda host: (asked[host], host)) for slug, counts in pages.items()}


def _known(store: Store, settings: Settings) -> Iterator[Known]:
    for agent in store.listings.coverage():
        pages = agent.pages
        if agent.last_look is None and not pages:
            pages = expected(store.listings.get(agent.slug), settings.night)
        ended = AgentOutcome(agent.outcome) if agent.outcome is not None else None
        again = ended is not None and ended.comes_again
        passed_over = ended in _PASSED_OVER
        yield Known(agent.slug, pages, agent.last_look, agent.changed, again, passed_over, agent.first_seen)


def expected(listing: Listing, night: NightPart) -> dict[str, int]:
    """Host to pages that looking at a new agent will ask for: most of a repository's are on the forge's raw host."""
    forge = forge_of(night)
    hosts: Counter[str] = Counter()
    for url in filter(None, (listing.listing_url, listing.repository, listing.homepage, *listing.documents)):
        if forge.place(url) is not None:
            hosts[urlsplit(forge.api).hostname or ""] += 1
            hosts[urlsplit(forge.raw).hostname or ""] += night.pages_per_agent - night.pages_further
        else:
            hosts[urlsplit(url).hostname or ""] += 1
    return dict(hosts)
