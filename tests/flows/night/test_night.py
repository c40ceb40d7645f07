"""A night over real HTTP: everything assessed, nothing twice, failures named, nothing lost."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractors.lexical import LexicalAssessor
from extractors.model.completion import CompletionRequest
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import FetchOutcome
from extractors.pages.text_extraction import PARSER
from extractors.prompting.reply import Reply
from flows.night import night
from flows.night.night import run_night
from flows.operations.sample_site import serve
from flows.reading import tasks
from flows.reading.time_limited_pool import READERS
from flows.settings import Settings
from flows.store_access import open_store
from records.agents.review_queue import AgentStatus
from records.database.runs import AgentOutcome, Runs
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import Refused
from scoring.vocabulary import FindingKind
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import make_site
from tests.records.made import vanished_slugs
from tests.records.test_locks import lose

World = tuple[str, Settings]


@pytest.mark.slow
async def test_every_sample_agent_becomes_a_draft_with_its_sentences(
    harbour: World, opened: Callable[[], Store]
) -> None:
    summary = await run_night(opened(), harbour[1])
    assert summary.complete and summary.due == 9
    assert sum(summary.outcomes.values()) == 9 and set(summary.outcomes) <= {
        AgentOutcome.ASSESSED,
        AgentOutcome.WITHHELD,
    }
    store = opened()
    for slug in store.listings.slugs():
        current = store.assessments.current(slug)
        assert current is not None and store.queue.status(slug) is AgentStatus.DRAFT
        for claim in (*current.extraction.factors, *current.extraction.exposure):
            for evidence in claim.evidence:
                page = store.texts.get(evidence.text_digest)
                assert page.text[evidence.start : evidence.end] == evidence.quote
    assert verify(store).holds


@pytest.mark.slow
async def test_a_first_night_reads_each_page_once_and_assesses_each_agent_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[str] = Counter()
    assessed: Counter[str] = Counter()
    page_text, reply = tasks.page_text, LexicalAssessor.reply

    def reading(body: bytes, *, url: str, **more: Any) -> PageText:
        read[url] += 1
        return page_text(body, url=url, **more)

    def assessing(self: LexicalAssessor, request: CompletionRequest) -> Reply:
        assessed[request.slug] += 1
        return reply(self, request)

    monkeypatch.setattr(READERS, "share", lambda: False)  # all is read in this process, where it is counted
    monkeypatch.setattr(tasks, "page_text", reading)
    monkeypatch.setattr(LexicalAssessor, "reply", assessing)
    make_site(tmp_path / "site", 12)
    with serve(tmp_path / "site") as base:
        settings = settings_for(base)
        with open_store(settings) as store:
            store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
            assert (await run_night(store, settings)).outcomes == {AgentOutcome.ASSESSED: 12}
    assert set(assessed.values()) == {1} and len(assessed) == 12
    assert set(read.values()) == {1} and len(read) == 24


@pytest.mark.slow
async def test_a_second_night_asks_no_model_and_writes_no_assessment(
    looked_at: World, opened: Callable[[], Store]
) -> None:
    store = opened()
    before = {slug: store.assessments.history(slug) for slug in store.listings.slugs()}
    calls = store.completions.usage().calls
    summary = await run_night(opened(), looked_at[1], again=True)
    assert summary.outcomes == {AgentOutcome.UNCHANGED: 4, AgentOutcome.WITHHELD: 5}
    assert set(summary.crawl.outcomes) == {FetchOutcome.UNCHANGED}
    assert {slug: opened().assessments.history(slug) for slug in before} == before
    assert opened().completions.usage().calls == calls


async def test_an_agent_looked_at_a_short_while_ago_is_not_due(looked_at: World, opened: Callable[[], Store]) -> None:
    assert (await run_night(opened(), looked_at[1])).due == 0


async def test_a_page_that_talks_to_models_is_reported_and_moves_nothing(
    looked_at: World, opened: Callable[[], Store]
) -> None:
    current = opened().assessments.current("harbor-helper")
    assert current is not None
    kinds = {finding.kind for finding in current.extraction.findings}
    assert {FindingKind.HIDDEN_TEXT, FindingKind.ADDRESSES_THE_ASSESSOR} <= kinds
    quotes = [e.quote for f in current.extraction.factors for e in f.evidence]
    assert not any("AI systems" in quote or "safest" in quote for quote in quotes)


async def test_a_moved_page_is_followed_and_stays_the_same_agent(looked_at: World, opened: Callable[[], Store]) -> None:
    store = opened()
    state = store.pages.state(f"{looked_at[0]}/agents/ledgerline.html")
    assert state is not None and state.digest is not None
    assert store.pages.snapshot(state.url).final_url.endswith("/agents/ledgerline-books.html")


async def test_a_source_that_is_away_touches_nothing(
    tmp_path: Path, looked_at: World, opened: Callable[[], Store]
) -> None:
    with serve(tmp_path) as empty:
        settings = looked_at[1]
        crawl = settings.crawl.model_copy(
            update={"allow_private": (*settings.crawl.allow_private, empty.removeprefix("http://"))}
        )
        store = opened()
        store.sources.add("harbour", "directory_site", f"{empty}/", {"selectors": "harbour"})
        summary = await run_night(store, settings.model_copy(update={"crawl": crawl}), again=True)
    assert not summary.complete and "no source could be read" in summary.problem
    assert vanished_slugs(opened()) == ()


async def test_two_nights_at_once_one_works_the_other_leaves(harbour: World, opened: Callable[[], Store]) -> None:
    working = opened().runs.begin("nightly")
    with pytest.raises(Refused, match="another run is at work"):
        await run_night(opened(), harbour[1])
    opened().runs.finish(working)


async def test_what_the_desk_asked_for_is_fetched_by_the_next_night(
    looked_at: World, opened: Callable[[], Store]
) -> None:
    store = opened()
    url = f"{looked_at[0]}/repos/pexo/README.md?again"
    store.requests.add("pexo", "correction", url, actor="vendor")
    store.requests.add("pexo", "refetch", f"{looked_at[0]}/absent.html", actor="ada")
    await run_night(store, looked_at[1], again=True)
    assert store.requests.open() == ()
    state = opened().pages.state(url)
    assert state is not None and state.digest is not None
    assert store.texts.derived(url, state.digest, parser=PARSER) is not None


def take_over(store: Store) -> str:
    """Another machine's night, after this one's lock was lost unseen; gives its run."""
    lose(store)
    return store.runs.begin("nightly").id


@pytest.mark.slow
@pytest.mark.parametrize("when", ["while it works", "while it counts", "as it ends"])
async def test_a_night_whose_lock_another_took_announces_nothing(
    harbour: World, opened: Callable[[], Store], when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other: list[str] = []

    def steal(*_: object) -> None:
        if not other:
            other.append(take_over(opened()))

    if when == "while it counts":
        count = night.summarise
        monkeypatch.setattr(night, "summarise", lambda *told: (count(*told), steal())[0])
    if when == "as it ends":
        finish = Runs.finish
        monkeypatch.setattr(Runs, "finish", lambda self, *told: (steal(), finish(self, *told))[1])
    with pytest.raises(Refused, match="taken over"):
        await run_night(opened(), harbour[1], progress=steal if when == "while it works" else None)
    mine, others = sorted(opened().runs.recent("nightly"), key=lambda run: run.id in other)
    assert others.status == "running" and mine.status == "interrupted" and not mine.summary
    assert not list(harbour[1].home.glob("mornings/*"))
