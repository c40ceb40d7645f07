"""Who is looked at tonight, and for which host each waits: the crawl's own rule, over what the store knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from extractors.listing import Listing
from extractors.sources.git_forge import Forge
from flows.night.due_order import Due, Known, due
from flows.settings import Settings
from flows.settings_sections import NightPart
from records.database.runs import AgentOutcome
from records.store import Store

OVERDUE = 3
"""So many recrawl ages without a look, and an agent goes first. Missing one turn is ordinary (a night that was killed,
a host that asked to wait) and two may be chance; after three, others keep taking its place."""
_PASSED_OVER = (AgentOutcome.DEFERRED, AgentOutcome.NOT_REACHED, AgentOutcome.INTERRUPTED)


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
        again = ended is not None and not ended.is_terminal
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
