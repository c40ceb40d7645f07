"""Every kind of source does its work in a night, on the real documents of the corpus."""

from pathlib import Path

import pytest

from flows.night.night import begun, run_night
from flows.operations.sample_site import serve
from flows.settings import load
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import ALSO, make_site  # type: ignore[import-not-found]


@pytest.mark.slow
async def test_lists_registries_cards_and_records_go_into_one_store(shared: Path) -> None:
    listings = shared / "corpus/listings"
    with serve(listings) as base:
        settings = settings_for(base)
        with open_store(settings) as store:
            sections = {"sections": ["official integrations", "community servers"]}
            store.sources.add("2026", "markdown_list", f"{base}/mcp-servers-readme/README.2026-02-24.md", sections)
            store.sources.add("registry", "mcp_registry", f"{base}/mcp-registry/seed_2025_05_16.json")
            cards = [f"{base}/a2a-agent-cards/{file.name}" for file in (listings / "a2a-agent-cards").glob("*.json")]
            store.sources.add("cards", "agent_cards", cards[0], {"locations": cards[1:]})
            store.sources.add("records", "oasf", f"{base}/oasf-records/record_100.json")
            async with begun(store, settings) as night:
                await night.list_sources()
                ends = {end.name: end for end in night.sources}
            assert not any(end.problem for end in ends.values())
            assert ends["2026"].listings == 1_395 and ends["2026"].new >= 1_390
            assert ends["registry"].listings > 460 and ends["registry"].new < 100, "most are in the list as well"
            assert ends["cards"].new == len(cards), "two of one name claim one provider, and have cards of their own"
            assert ends["records"].new == 1
            assert not any(end.changed for end in ends.values())


async def test_folders_are_agents_and_are_read_again_when_a_file_changes(tmp_path: Path) -> None:
    for name in ("otter", "heron"):
        (tmp_path / "agents" / name).mkdir(parents=True)
        (tmp_path / "agents" / name / "README.md").write_text(
            f"# {name.title()}\n\n{ALSO.replace('Made {n}', name.title())}\n"
        )
    (tmp_path / "agents" / "otter" / "logo.png").write_bytes(b"\x89PNG")
    settings = load()
    with open_store(settings) as store:
        store.sources.add("mine", "folder", str(tmp_path / "agents"), {"each": True})
        summary = await run_night(store, settings)
        assert summary.outcomes == {AgentOutcome.ASSESSED: 2} and summary.complete
        assert summary.crawl.sent == 0, "nothing leaves the machine"
        current = store.assessments.current("otter")
        assert current is not None
        assert [source.url for source in current.extraction.read] == ["file:otter/README.md"]
        assert [source.outcome for source in current.extraction.not_read] == ["unsupported_type"]
        again = await run_night(store, settings, again=True)
        assert again.outcomes == {AgentOutcome.UNCHANGED: 2}
        (tmp_path / "agents" / "otter" / "SECURITY.md").write_text("It asks a person before it sends anything.\n")
        changed = await run_night(store, settings, again=True)
        assert changed.outcomes == {AgentOutcome.ASSESSED: 1, AgentOutcome.UNCHANGED: 1}
        assert store.pages.urls("otter")[-2:] == ("file:otter/SECURITY.md", "file:otter/logo.png")
        assert verify(store).holds


async def test_one_link_further_names_every_page_that_was_tried(tmp_path: Path) -> None:
    make_site(tmp_path, 1)
    readme = tmp_path / "repos" / "made-0.md"
    links = "See [its plans](plans.md), [the audit log](audit.md) and [our other product](/elsewhere/plans.md).\n"
    readme.write_text(readme.read_text() + "\n" + links)
    (tmp_path / "repos" / "audit.md").write_text("# Audit\n\nMade 0 writes each step to a log that people read.\n")
    with serve(tmp_path) as base, open_store(settings_for(base)) as store:
        store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
        await run_night(store, settings_for(base))
        current = store.assessments.current("made-0")
        assert current is not None
        read = {source.url.removeprefix(base) for source in current.extraction.read}
        tried = {source.url.removeprefix(base): source.outcome for source in current.extraction.not_read}
        assert "/repos/audit.md" in read
        assert tried == {"/repos/plans.md": "not_found"}, "tried, and not there; never off the agent's own places"
        assert (await run_night(store, settings_for(base), again=True)).outcomes == {AgentOutcome.UNCHANGED: 1}
