"""What a night is for: new, changed, passed over, then the oldest, and never more than a host's page budget."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.night.night import begun, run_night
from flows.operations.sample_site import serve
from flows.settings import Settings
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import make_site  # type: ignore[import-not-found]

READ = (AgentOutcome.ASSESSED, AgentOutcome.UNCHANGED)


@pytest.mark.slow
async def test_a_small_budget_reaches_every_agent_in_some_nights_and_is_never_passed(tmp_path: Path) -> None:
    make_site(tmp_path, 7)
    with serve(tmp_path) as base:
        settings = settings_for(base)
        settings = settings.model_copy(update={"crawl": settings.crawl.model_copy(update={"pages_per_host": 8})})
        read: set[str] = set()
        waited = 0
        with open_store(settings) as store:
            store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
            for _ in range(4):
                summary = await run_night(store, settings, again=True)
                assert summary.crawl.sent <= 8
                counted = summary.crawl
                parts = (counted.fetched, counted.not_modified, counted.deferred, counted.not_reached)
                assert sum(parts) == counted.due and counted.asked == counted.sent
                assert summary.due + summary.left_over == 7
                waited += summary.left_over
                read |= {end.slug for end in store.runs.endings(summary.run) if end.outcome in READ}
            assert len(read) == 7 and waited > 0


async def test_an_agent_of_which_its_source_says_something_new_is_due_at_once(tmp_path: Path) -> None:
    make_site(tmp_path, 3)
    with serve(tmp_path) as base:
        settings = settings_for(base)
        with open_store(settings) as store:
            store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
            await run_night(store, settings)
            assert (await run_night(store, settings)).due == 0
            index = tmp_path / "index.html"
            index.write_text(index.read_text().replace(">Made 1<", ">Made One<"))
            summary = await run_night(store, settings)
            assert [end.slug for end in store.runs.endings(summary.run)] == ["made-1"]
            assert (await run_night(store, settings)).due == 0


def weekly(base: str, *, pages_per_host: int = 100) -> Settings:
    """Settings by which an agent is looked at once a week, if nothing is new."""
    settings = settings_for(base)
    crawl = settings.crawl.model_copy(update={"pages_per_host": pages_per_host})
    return settings.model_copy(
        update={"crawl": crawl, "night": settings.night.model_copy(update={"recrawl_hours": 168.0})}
    )


def rename(folder: Path, *numbers: int) -> None:
    """The directory calls these agents something else from now on."""
    index = folder / "index.html"
    text = index.read_text()
    for number in numbers:
        assert f">Made {number}<" in text
        text = text.replace(f">Made {number}<", f">Made Number {number}<")
    index.write_text(text)


async def test_a_change_that_a_killed_night_heard_of_is_due_in_the_next(tmp_path: Path) -> None:
    make_site(tmp_path, 3)
    now = datetime.now(UTC)
    with serve(tmp_path) as base, open_store(weekly(base), clock=lambda: now) as store:
        settings = weekly(base)
        store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
        await run_night(store, settings)
        now += timedelta(days=1)
        rename(tmp_path, 1)
        async with begun(store, settings) as night:
            await night.list_sources()
            assert night.due() == ("made-1",)
        store.runs.finish(night.run, "interrupted")
        now += timedelta(minutes=5)
        async with begun(store, settings) as night:
            await night.list_sources()
            assert night.since < night.run.started_at and night.due()[0] == "made-1", "it goes on"
        store.runs.finish(night.run, "interrupted")
        now += timedelta(days=1)
        summary = await run_night(store, settings)
        assert [end.slug for end in store.runs.endings(summary.run)] == ["made-1"]
        now += timedelta(days=1)
        assert (await run_night(store, settings)).due == 0


async def test_a_change_for_which_a_host_had_no_budget_is_due_in_the_next_night(tmp_path: Path) -> None:
    make_site(tmp_path, 3)
    now = datetime.now(UTC)
    with serve(tmp_path) as base, open_store(weekly(base), clock=lambda: now) as store:
        store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
        await run_night(store, weekly(base))
        rename(tmp_path, 0, 2)
        looked_at = []
        for _ in range(3):
            now += timedelta(days=1)
            summary = await run_night(store, weekly(base, pages_per_host=3))
            looked_at.append([end.slug for end in store.runs.endings(summary.run)])
        assert looked_at == [["made-0"], ["made-2"], []]
