"""What the crawl still needs: nights for a whole pass of a source, and why an agent waits.

Idea: both are read off what the plan of a night is made of; a pass is counted by the database, so it takes no more
memory for more agents. Invariant: a pass is never said to take fewer nights than the budget of its busiest host allows.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import NamedTuple

from flows.night.due_agents import PASSED_OVER, HostPageCounts, expected, known_agents, tonight
from flows.report.night_summary import NightSummary
from flows.settings import Settings
from records.store import Store


class WholePass(NamedTuple):
    """What looking once at each agent of a source needs of the host that is asked for most."""

    host: str
    pages: int
    a_night: int
    """Pages that the host gives in a night: its budget, or what its pace leaves time for."""
    nights: int

    @property
    def text(self) -> str:
        counted = "one night" if self.nights == 1 else f"at least {self.nights} nights"
        return f"{counted} ({self.pages} pages of {self.host}, {self.a_night} a night)"


def whole_passes(store: Store, settings: Settings) -> dict[str, WholePass]:
    """Source to what a whole pass needs; a source whose agents need no host is absent."""
    a_night = settings.crawl.pages_per_host
    if settings.crawl.pace:
        a_night = max(1, min(a_night, int(settings.night.hours * 3600 / settings.crawl.pace)))
    new: defaultdict[str, Counter[str]] = defaultdict(Counter)
    measured: HostPageCounts | None = None
    for source, listing in store.listings.bare(PASSED_OVER):
        measured = measured or HostPageCounts(store.listings.measured(PASSED_OVER))
        new[source].update(expected(listing, settings.night, measured))
    most: dict[str, tuple[int, str]] = {}
    for source, host, pages in store.listings.rests_on():
        most[source] = max(most.get(source, (0, "")), (pages + new[source].pop(host, 0), host))
    for source, hosts in new.items():
        most[source] = max([most.get(source, (0, "")), *((pages, host) for host, pages in hosts.items())])
    counts = {source.name: most[source.name] for source in store.sources.all() if any(most.get(source.name, ()))}
    return {name: WholePass(host, pages, a_night, -(-pages // a_night)) for name, (pages, host) in counts.items()}


def why_waiting(store: Store, settings: Settings, slug: str, night: NightSummary | None) -> str:
    """When an agent is due, and which host had no room for it, in the last `night` or in the next one; empty for one
    that is never looked at."""
    known = known_agents(store, settings)
    agent = next((candidate for candidate in known if candidate.slug == slug), None)
    if agent is None:
        return ""
    before = store.now() - timedelta(hours=settings.night.recrawl_hours)
    plan = tonight(store, settings, before=before, known=known)
    budget = f"{settings.crawl.pages_per_host} pages a night (crawl.pages_per_host)"
    if (host := plan.left_over.get(slug)) is not None:
        needs = f"planned for agents before it; it needs {agent.pages[host]}"
        return f"waits for a later night than the next: {host} gives {budget}, {needs}"
    last = agent.last_look
    if slug in plan.waiting:
        return f"not due: looked at {last:%Y-%m-%d %H:%M}"
    passed = night is not None and (last is None or last < night.started_at)
    full = next((host for host in agent.pages if host in night.full_hosts), None) if night and passed else None
    left_out = f"; left out of the last one: {full} gives {budget}, planned for agents before it" if full else ""
    return f"due in the next night{left_out}"
