"""What the crawl still needs, over several hosts: a plan from measured pages, who waits for which host, and nights."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from extractors.listing import Listing
from flows.night.due_agents import HostPageCounts, expected, known_agents
from flows.night.night import run_night
from flows.report.crawl_plan import whole_passes, why_waiting
from flows.report.morning_report import morning_lines, morning_markdown
from flows.report.status import last_night
from flows.settings import Settings, load
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from records.database.tables import sightings
from records.store import Store
from tests.flows.answering_site import Answer, Site, answering  # type: ignore[import-not-found]
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import ALSO  # type: ignore[import-not-found]
from tests.flows.test_command import assay  # type: ignore[import-not-found]

pytestmark = pytest.mark.slow
API, RAW, LIST = "127.0.0.2", "127.0.0.3", "127.0.0.4"
FILES = ("README.md", "SECURITY.md", "package.json")
"""What each repository has: three pages of the raw host, where eight are set aside while nothing is measured."""


class World(NamedTuple):
    """A list, a forge's API and its raw host, each a host of its own."""

    store: Store
    settings: Settings
    api: Site
    raw: Site
    list: Site

    def lists(self, repositories: int) -> None:
        """From now on the list names so many repositories."""
        web = self.settings.night.github_web
        rows = "".join(f"Made {n},{web}/made/made-{n}\n" for n in range(repositories))
        self.list.answers["/list.csv"] = Answer(200, f"name,url\n{rows}", media_type="text/csv")

    def pages_per_host(self, most: int) -> Settings:
        return self.settings.model_copy(
            update={"crawl": self.settings.crawl.model_copy(update={"pages_per_host": most})}
        )


@pytest.fixture
def world() -> Iterator[World]:
    with answering(API) as api, answering(RAW) as raw, answering(LIST) as listing:
        hosts = tuple(site.base.removeprefix("http://") for site in (api, raw, listing))
        settings = settings_for(listing.base)
        crawl = settings.crawl.model_copy(update={"allow_private": hosts})
        forge = {"github_web": "https://forge.example", "github_api": api.base, "github_raw": raw.base}
        night = settings.night.model_copy(update=forge)
        settings = settings.model_copy(update={"crawl": crawl, "night": night})
        tree = [{"path": path, "type": "blob", "mode": "100644", "size": 300} for path in FILES]
        api.otherwise = lambda path: Answer(200, json.dumps({"tree": tree}), media_type="application/json")
        raw.otherwise = lambda path: Answer(200, f"# {path}\n\n{ALSO.format(n=path)}", media_type="text/plain")
        with open_store(settings) as store:
            store.sources.add("made", "url_table", f"{listing.base}/list.csv")
            yield World(store, settings, api, raw, listing)


async def test_a_night_is_planned_by_measured_pages_and_says_who_waits_for_which_host(world: World) -> None:
    world.lists(2)
    assert (await run_night(world.store, world.settings)).due == 2
    world.lists(14)
    narrow = world.pages_per_host(13)
    summary = await run_night(world.store, narrow)
    assert summary.due == 4, "twelve pages of three each, where eight would be one agent"
    assert summary.outcomes.keys() <= {AgentOutcome.ASSESSED, AgentOutcome.WITHHELD}, "and none was deferred"
    assert summary.left_over == 8 and summary.full_hosts == {RAW: 8}
    [told] = [line for line in morning_lines(summary) if line.startswith("  waiting  8 agents for another night")]
    assert told.endswith(f"{RAW} (8)") and RAW in morning_markdown(summary)

    looks = {
        slug: why_waiting(world.store, narrow, slug, last_night(world.store)) for slug in world.store.listings.slugs()
    }
    left_out = [
        slug for slug, why in looks.items() if why.startswith("due in the next night; left out of the last one")
    ]
    later = [slug for slug, why in looks.items() if why.startswith("waits for a later night") and RAW in why]
    assert (len(left_out), len(later)) == (4, 4), looks
    assert sum(why.startswith("not due: looked at") for why in looks.values()) == 6
    found = whole_passes(world.store, narrow)["made"]
    assert (found.host, found.pages, found.nights) == (RAW, 14 * 3, 4)


def recounted(store: Store, settings: Settings) -> dict[str, tuple[str, int]]:
    """The busiest host of each source and its pages, from the plan of every agent."""
    known = {agent.slug: agent.pages for agent in known_agents(store, settings)}
    found = {}
    for source in store.sources.all():
        pages: Counter[str] = Counter()
        listed = sa.select(sightings.c.slug).where(sightings.c.source == source.name)
        for slug in store.database.scalars(listed.distinct()):
            pages.update(known.get(slug, {}))
        if pages:
            found[source.name] = max(pages.items(), key=lambda one: (one[1], one[0]))
    return found


async def test_a_whole_pass_is_counted_as_the_plan_has_it(world: World) -> None:
    """New, looked at, deferred, opted out, and listed by two sources."""

    def agrees() -> bool:
        passes = whole_passes(world.store, world.settings)
        return {name: (one.host, one.pages) for name, one in passes.items()} == recounted(world.store, world.settings)

    assert agrees(), "nothing is listed"
    world.lists(3)
    world.raw.answers["/made/made-1/HEAD/README.md"] = Answer(429, "", {"Retry-After": "86400"})
    await run_night(world.store, world.settings)
    assert agrees()
    world.store.sources.add("also", "url_table", f"{world.list.base}/list.csv")
    world.lists(9)
    await run_night(world.store, world.pages_per_host(6))
    assert agrees() and len(recounted(world.store, world.settings)) == 2
    world.store.listings.opt_out("made-0", "asked")
    assert agrees()


async def test_the_commands_say_who_waits_and_what_a_whole_pass_needs(world: World) -> None:
    world.lists(6)
    await run_night(world.store, world.pages_per_host(9))
    night, home = world.settings.night, world.settings.home
    forge = {"WEB": night.github_web, "API": night.github_api, "RAW": night.github_raw}
    given = {f"ASSAY_NIGHT__GITHUB_{name}": url for name, url in forge.items()} | {"ASSAY_CRAWL__PAGES_PER_HOST": "9"}
    shown = assay("agents", "show", "made-5", home=home, **given)
    assert shown.returncode == 5 and "never assessed" in shown.stderr and RAW in shown.stderr, shown
    shown = assay("agents", "show", "made-0", home=home, **given)
    assert "next look: not due" in shown.stdout, shown
    told = assay("sources", "list", home=home, **given).stdout
    assert f"at least 2 nights (18 pages of {RAW}, 9 a night)" in told
    [one] = json.loads(assay("sources", "list", "--json", home=home, **given).stdout)
    assert one["whole_pass"] == {"host": RAW, "pages": 18, "a_night": 9, "nights": 2}
    status = assay("status", home=home, **given).stdout
    assert "pass     made: at least 2 nights" in status and "waiting  5 agents" in status and RAW in status


async def test_a_forge_whose_api_is_away_is_named_with_every_agent_behind_it(world: World) -> None:
    world.lists(3)
    world.api.otherwise = lambda path: Answer(429, "", {"Retry-After": "86400"})
    summary = await run_night(world.store, world.settings)
    [away] = summary.hosts
    assert away.host == API and len(away.agents) == 3, summary.hosts
    assert any(
        line.startswith(f"  host     {API}: ") and "(3 agents behind it)" in line for line in morning_lines(summary)
    )


def looked(source: str, *agents: dict[str, int]) -> list[tuple[str, str, int, int]]:
    """Counts over agents of a source: host to pages of each."""
    hosts = sorted({host for pages in agents for host in pages})
    rows = ((h, [pages[h] for pages in agents if h in pages]) for h in hosts)
    return [(source, "", len(agents), 0), *((source, host, len(pages), sum(pages)) for host, pages in rows)]


def test_a_new_agent_is_expected_to_need_what_others_of_its_source_needed() -> None:
    night = load().night
    raw, api = "raw.githubusercontent.com", "api.github.com"
    new = Listing(slug="new", name="New", source="list", repository="https://github.com/acme/new")
    assert expected(new, night, HostPageCounts()) == {api: 1, raw: 8}, "nothing is measured"
    mine, theirs = looked("list", {raw: 3}, {raw: 4}, {raw: 4}), looked("other", *[{raw: 9}] * 10)
    assert expected(new, night, HostPageCounts([*mine, *theirs]))[raw] == 4
    assert expected(new, night, HostPageCounts(theirs))[raw] == 9, "another source of the same host, better than none"


def test_hosts_that_a_directory_names_only_on_the_pages_of_its_agents_are_expected_too() -> None:
    night = load().night
    new = Listing(slug="new", name="New", source="site", listing_url="https://site.example/new")
    most, one = {"site.example": 1, "raw.example": 3}, {"site.example": 1, "own.example": 4}
    assert expected(new, night, HostPageCounts(looked("site", most, most, one))) == most
    assert expected(new, night, HostPageCounts(looked("site", one))) == {"site.example": 1}, (
        "one agent says nothing of most"
    )
