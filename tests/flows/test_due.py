"""What a night is for: new, changed, passed over, then the oldest, and never more than a host's page budget."""

from __future__ import annotations

from pathlib import Path

from flows.keeping import open_store
from flows.night import run_night
from flows.sample_site import serve
from records.runs import AgentOutcome
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import make_site  # type: ignore[import-not-found]

READ = (AgentOutcome.ASSESSED, AgentOutcome.UNCHANGED)


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
