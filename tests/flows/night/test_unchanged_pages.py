"""A night in which nothing changed works nothing out; whatever changed is looked into; hosts are never hurried."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extractors.crawl.politeness.host_state import HostState, RobotsCopy, RobotsState
from extractors.pages.snapshot import FetchOutcome
from flows.fetching.agent_pages import crawl_agent
from flows.fetching.host_state_writer import REQUESTS, HostStateWriter
from flows.fetching.page_fetcher import Fetcher
from flows.night import unchanged_pages
from flows.night.night import begun, run_night
from flows.operations.publication import publish_site
from flows.operations.record_lifecycle import reinstate_record, withdraw_record
from flows.settings import Settings
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from records.store import Store
from review.services import decisions, draft
from scoring.reviews import Decision
from tests.flows.conftest import served_copy, settings_for

World = tuple[str, Settings]
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The agents whose pages were worked on."""
    slugs: list[str] = []

    async def told(store: Store, slug: str, fetcher: Fetcher, settings: Settings) -> None:
        slugs.append(slug)
        await crawl_agent(store, slug, fetcher, settings)

    monkeypatch.setattr("flows.night.agent_work.crawl_agent", told)
    return slugs


@pytest.mark.slow
async def test_what_has_not_changed_is_asked_for_and_not_worked_on(
    harbour: World, opened: Callable[[], Store], worked: list[str]
) -> None:
    await run_night(opened(), harbour[1])
    assert len(worked) == 9
    worked.clear()
    summary = await run_night(opened(), harbour[1], again=True)
    assert summary.outcomes == {AgentOutcome.UNCHANGED: 4, AgentOutcome.WITHHELD: 5} and set(
        summary.crawl.outcomes
    ) == {FetchOutcome.UNCHANGED}
    assert worked == []


@pytest.mark.slow
async def test_other_versions_other_settings_and_another_assessment_are_looked_into(
    looked_at: World, opened: Callable[[], Store], worked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = looked_at[1]
    fewer = settings.model_copy(update={"night": settings.night.model_copy(update={"pages_further": 0})})
    await run_night(opened(), fewer, again=True)
    assert len(worked) == 9
    worked.clear()
    await run_night(opened(), fewer, again=True)
    assert worked == []
    with opened() as store:
        slug = store.listings.slugs()[0]
        extraction = store.assessments.current(slug)
        assert extraction is not None
        other = extraction.assessment.model_copy(
            update={"provenance": extraction.assessment.provenance.model_copy(update={"rubric": "another"})}
        )
        assert store.assessments.put(extraction.extraction, other)
    await run_night(opened(), fewer, again=True)
    assert worked == [slug], "its current assessment is not the one that its last look led to"
    monkeypatch.setattr(unchanged_pages, "VISIT", "look@another")
    worked.clear()
    await run_night(opened(), fewer, again=True)
    assert len(worked) == 9


@pytest.mark.slow
async def test_a_page_that_changed_or_went_is_looked_into_and_the_rest_is_not(
    tmp_path: Path, own_home: Path, worked: list[str]
) -> None:
    with served_copy(tmp_path / "site") as base, open_store(settings_for(base)) as store:
        settings = settings_for(base)
        store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
        await run_night(store, settings)
        first, second = store.listings.slugs()[:2]
        for slug, change in ((first, "changed"), (second, "gone")):
            file = tmp_path / "site" / store.pages.urls(slug)[0].removeprefix(f"{base}/")
            if change == "changed":
                file.write_text(file.read_text().replace("</p>", " It also keeps a diary.</p>", 1))
            else:
                file.unlink()
        worked.clear()
        await run_night(store, settings, again=True)
        assert sorted(worked) == [first, second]


@pytest.mark.slow
async def test_bytes_that_nothing_needs_go_after_so_many_days(tmp_path: Path, own_home: Path) -> None:
    with served_copy(tmp_path / "site") as base:
        settings = settings_for(base)
        with open_store(settings) as store:
            store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
            await run_night(store, settings)
            kept, left = store.listings.slugs()[:2]
            old = {}
            decisions.conclude(
                store, draft.read(store, kept), Decision.APPROVE, reviewer="ada", role="reviewer", note="read"
            )
            publish_site(store, settings, tmp_path / "published", released_by="ada")
            for slug in (kept, left):
                url = store.pages.urls(slug)[0]
                old[slug] = store.pages.snapshot(url).digest
                file = tmp_path / "site" / url.removeprefix(f"{base}/")
                file.write_text(file.read_text().replace("</p>", " It also keeps a diary.</p>", 1))
        keeping = settings.model_copy(update={"night": settings.night.model_copy(update={"keep_days": 30})})
        later = datetime.now(UTC) + timedelta(days=31)
        with open_store(keeping, clock=lambda: later) as store:
            assert (await run_night(store, keeping, again=True)).complete
            assert store.blobs.has(old[kept]), "a published record rests on it"
            assert not store.blobs.has(old[left])
            assert verify(store).holds


def test_a_host_is_told_ahead_so_that_a_killed_night_is_no_less_polite(opened: Callable[[], Store]) -> None:
    store = opened()
    book = HostStateWriter(store)

    def kept() -> HostState:
        return HostState.model_validate(store.pages.host_state("a.example"))

    real = HostState(host="a.example", night="n", asked=1, last_asked_at=NOW)
    book(real)
    for asked in range(1, 3 * REQUESTS):
        real = real.model_copy(
            update={"asked": asked, "received": 900 * asked, "last_ended_at": NOW, "last_latency": 0.01 * asked}
        )
        book(real)
        assert kept().last_ended_at is None, "a run that goes on waits for a whole pause"
        assert kept().asked >= asked and kept().received >= 900 * asked and kept().last_latency >= 0.01 * asked
    demand = real.model_copy(update={"not_before": NOW + timedelta(hours=1), "not_before_reason": "HTTP 429"})
    book(demand)
    assert kept().not_before == demand.not_before
    rules = RobotsCopy(origin="http://a.example", state=RobotsState.RULES, body="Disallow: /x", fetched_at=NOW)
    book(demand.model_copy(update={"robots": (rules,), "crawl_delay": 7.0}))
    assert kept().robots == (rules,) and kept().crawl_delay == 7.0
    book.close()
    assert kept() == demand.model_copy(update={"robots": (rules,), "crawl_delay": 7.0})


ANEW = "<!doctype html><h1>Crewyard</h1><p>All of this page about Crewyard is written anew today.</p>"


@asynccontextmanager
async def published_and_quoted(folder: Path) -> AsyncIterator[tuple[Store, Settings, str, Path]]:
    """After a night and a publication: the slug of a published agent, and the served file that it quotes."""
    with served_copy(folder / "site") as base, open_store(settings_for(base)) as store:
        settings = settings_for(base)
        store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
        await run_night(store, settings)
        slug = next(s for s in store.listings.slugs() if quoted(store, s))
        decisions.conclude(store, draft.read(store, slug), Decision.APPROVE, reviewer="ada", role="reviewer", note="")
        publish_site(store, settings, folder / "published", released_by="ada")
        yield store, settings, slug, folder / "site" / quoted(store, slug)[0].removeprefix(f"{base}/")


@pytest.mark.slow
async def test_a_published_quote_that_went_is_missed_until_it_stands_again(tmp_path: Path, own_home: Path) -> None:
    async with published_and_quoted(tmp_path) as (store, settings, slug, file):
        before = file.read_text()
        file.write_text(ANEW)
        for _ in range(2):  # the second night finds nothing new, and still misses it
            assert (await run_night(store, settings, again=True)).evidence_lost == (slug,)
        file.write_text(before)
        assert (await run_night(store, settings, again=True)).evidence_lost == ()


@pytest.mark.slow
async def test_a_quote_that_went_in_a_killed_night_is_missed_though_the_record_changed_since(
    tmp_path: Path, own_home: Path
) -> None:
    async with published_and_quoted(tmp_path) as (store, settings, slug, file):
        file.write_text(ANEW)
        async with begun(store, settings, again=True) as night:
            await night.list_sources()
            await night.work.crawl(slug) or await night.work.assess(
                slug
            )  # killed before the published quotes are looked up
        store.runs.finish(night.run, "interrupted")
        withdraw_record(store, slug, "asked")
        reinstate_record(store, slug, "settled")
        assert (await run_night(store, settings, again=True)).evidence_lost == (slug,)


def quoted(store: Store, slug: str) -> list[str]:
    """The addresses of an agent's own pages that its assessment quotes."""
    current = store.assessments.current(slug)
    assert current is not None
    urls = set(store.pages.urls(slug))
    return [quote.url for claim in current.extraction.factors for quote in claim.evidence if quote.url in urls]
