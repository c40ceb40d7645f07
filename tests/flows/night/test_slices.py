"""A night in slices: any number of processes, one host to one of them at a time, nothing lost and nothing twice."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.night import slices
from flows.night.night import begun, run_night
from flows.night.slice_limits import share
from flows.night.slices import crawl_in_slices, crawl_slice, slices_by_host
from flows.operations.sample_site import _Site, serve
from flows.report.night_summary import NightSummary
from flows.settings import REPOSITORY, Settings
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from records.store import Store
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import make_site
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies
from tests.records.made import is_held
from tests.records.store_dump import dump

pytestmark = pytest.mark.slow


AGENTS = 40
WITHOUT = {"hosts", "sources", "events", "looks"}


@given(
    st.dictionaries(st.text("abc", min_size=1), st.sampled_from(["a.example", "b.example", "c.example", ""])),
    st.integers(1, 5),
)
def test_every_agent_is_in_one_slice_and_all_of_a_host_in_the_same(host_of: dict[str, str], count: int) -> None:
    due = sorted(host_of)
    parts = slices_by_host(due, host_of, count)
    assert len(parts) == count and sorted(slug for part in parts for slug in part) == due
    assert all(list(part) == sorted(part) for part in parts), "the order is that of the due agents"
    for host in set(host_of.values()):
        assert sum(any(host_of[slug] == host for slug in part) for part in parts) == 1
        fewer = {slug: host for slug in due if host_of[slug] == host}
        assert [bool(part) for part in slices_by_host(sorted(fewer), fewer, count)] == [
            any(host_of[slug] == host for slug in part) for part in parts
        ], "where a host goes does not depend on what else is due"


@given(st.decimals(0, 50, places=2), st.decimals(0, 60, places=2), st.integers(0, 1000), st.integers(1, 7))
def test_all_shares_together_are_within_the_limits(budget: Decimal, spent: Decimal, rate: int, count: int) -> None:
    settings = settings_for("http://127.0.0.1")
    model = settings.model.model_copy(update={"budget": budget, "requests_per_minute": rate, "tokens_per_minute": rate})
    part = share(settings.model_copy(update={"model": model}), count, spent).model
    assert part.budget is not None and part.budget * count <= max(budget - spent, Decimal(0)) + Decimal("1e-20")
    assert part.requests_per_minute * count <= max(rate, count) and bool(part.requests_per_minute) == bool(rate)
    assert share(settings, count).model.budget is None, "no limit stays none"


class Busy:
    """How many requests of each kind of page were under way at once."""

    def __init__(self) -> None:
        self.now = self.most = self.all = 0
        self.lock = threading.Lock()

    def change(self, by: int) -> None:
        with self.lock:
            self.now += by
            self.all += by > 0
            self.most = max(self.most, self.now)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Busy:
    found, get = Busy(), _Site.do_GET

    def counted(self: BaseHTTPRequestHandler) -> None:
        found.change(1)
        time.sleep(0.002)
        try:
            get(self)  # type: ignore[arg-type]
        finally:
            found.change(-1)

    monkeypatch.setattr(_Site, "do_GET", counted)
    return found


@pytest.fixture
def made(tmp_path: Path, busy: Busy) -> Iterator[str]:
    make_site(tmp_path / "site", AGENTS)
    with serve(tmp_path / "site") as base:
        yield base


@pytest.fixture
def spread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agents of one host are dealt to all slices, so that several processes want it at once."""
    monkeypatch.setattr(slices, "slowest_hosts", lambda *_: {})


def ready(settings: Settings, base: str) -> Store:
    store = open_store(settings)
    store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
    return store


async def in_slices(store: Store, settings: Settings, count: int, others: int) -> NightSummary:
    """A coordinator and so many others, each with a store of its own, in this process."""

    async def other(run: str, part: int) -> None:
        with open_store(settings) as own:
            await crawl_slice(own, settings, run, part)

    at_work: list[asyncio.Task[None]] = []
    async with begun(store, settings, slices=count) as night:
        await night.list_sources()
        due = night.due()

        async def call(part: int) -> None:
            if part <= others:
                at_work.append(asyncio.create_task(other(night.run.id, part)))
                await asyncio.sleep(0.05)

        await crawl_in_slices(night, due, count, call)
        await asyncio.gather(*at_work)
        return night.finish(due)


@pytest.mark.usefixtures("spread")
@pytest.mark.parametrize("others", [0, 1, 2])
async def test_a_night_in_slices_leaves_what_a_whole_night_leaves(
    made: str, busy: Busy, tmp_path: Path, others: int
) -> None:
    def at(home: str) -> Settings:
        return settings_for(made).model_copy(update={"home": tmp_path / home})

    def contents(store: Store) -> list[tuple[str, str, str]]:
        return [
            (row.slug, row.outcome or "", str(row.score))
            for slug in store.listings.slugs()
            if (row := store.queue.get(slug))
        ]

    with ready(at("whole"), made) as whole, ready(at("slices"), made) as parts:
        await run_night(whole, at("whole"))
        before, busy.most = busy.all, 0
        summary = await in_slices(parts, at("slices"), 3, others)
        assert summary.complete and summary.outcomes == {AgentOutcome.ASSESSED: AGENTS}
        assert contents(parts) == contents(whole)
        assert busy.most == 1, "a host was asked by two processes at once"
        assert busy.all - before == before, "slices asked for more than one process would"
        assert not any(is_held(parts, name) for name in ("run:nightly", "host:127.0.0.1"))


@pytest.mark.usefixtures("spread")
async def test_pauses_hold_across_processes(made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, float]] = []
    get = _Site.do_GET

    def timed(self: BaseHTTPRequestHandler) -> None:
        begins = time.monotonic()
        get(self)  # type: ignore[arg-type]
        asked.append((begins, time.monotonic()))

    monkeypatch.setattr(_Site, "do_GET", timed)
    settings = settings_for(made)
    crawl = settings.crawl.model_copy(update={"pace": 0.05})
    settings = settings.model_copy(update={"crawl": crawl})
    with ready(settings, made) as store:
        assert (await in_slices(store, settings, 3, 2)).complete
    asked.sort()
    assert all(later[0] - earlier[1] > 0.04 for earlier, later in pairwise(asked))


@pytest.mark.usefixtures("spread")
async def test_a_slice_that_runs_twice_changes_nothing(made: str, busy: Busy) -> None:
    settings = settings_for(made)
    with ready(settings, made) as store:
        async with begun(store, settings, slices=2) as night:
            await night.list_sources()
            due = night.due()

            async def twice(part: int) -> None:
                assert await crawl_slice(store, settings, night.run.id, part) > 0
                before, asked = dump(store), busy.all
                assert await crawl_slice(store, settings, night.run.id, part) == 0
                assert dump(store) == before and busy.all == asked

            await crawl_in_slices(night, due, 2, twice)
            assert night.finish(due).complete
        assert await crawl_slice(store, settings, night.run.id, 1) == 0, "the night is over"


@pytest.fixture
def scripted(model_endpoint: ModelEndpoint, replies: Replies) -> ModelEndpoint:
    model_endpoint.answers = [Say(content=replies.text(), seconds=0.25)]
    return model_endpoint


def environment(settings: Settings, scripted: ModelEndpoint, **more: str) -> dict[str, str]:
    return {
        "ASSAY_HOME": str(settings.home),
        "ASSAY_STORE__URL": settings.store.url,
        "ASSAY_STORE__BLOBS": settings.store.blobs,
        "ASSAY_MODEL__NAME": "scripted",
        "ASSAY_MODEL__BASE_URL": scripted.url,
        "ASSAY_MODEL__API_KEY": "none",
        "ASSAY_MODEL__IN_FLIGHT": "4",
        "ASSAY_CRAWL__ALLOW_PRIVATE": f'["{settings.crawl.allow_private[0]}"]',
        "ASSAY_CRAWL__PACE": "0",
        "ASSAY_CRAWL__LATENCY_FACTOR": "0",
        **more,
    }


SLICE = """
import asyncio, sys
from flows.night.slices import crawl_slice
from flows.settings import load
from flows.store_access import open_store
settings = load()
with open_store(settings) as store:
    print(asyncio.run(crawl_slice(store, settings, sys.argv[1], int(sys.argv[2]))))
"""


def slice_process(told: dict[str, str], run: str, part: int) -> subprocess.Popen[bytes]:
    """A slice as another machine would start it: told by its environment only."""
    command = [sys.executable, "-c", SLICE, run, str(part)]
    return subprocess.Popen(command, env={**os.environ, **told}, cwd=REPOSITORY, stdout=subprocess.PIPE)


@pytest.mark.slow
@pytest.mark.usefixtures("spread")
async def test_the_agents_of_a_killed_slice_are_looked_at_in_the_same_night(
    made: str, scripted: ModelEndpoint, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = (tmp_path / "blobs").as_uri()
    settings = settings_for(made)
    settings = settings.model_copy(
        update={"store": settings.store.model_copy(update={"url": database, "blobs": blobs})}
    )
    told = environment(settings, scripted)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    model = settings_for(made).model
    settings = settings.model_copy(update={"model": model})
    processes: list[subprocess.Popen[bytes]] = []
    with ready(settings, made) as store:
        async with begun(store, settings, slices=3) as night:
            await night.list_sources()
            due = night.due()

            async def call(part: int) -> None:
                processes.append(slice_process(told, night.run.id, part))
                if part == 2:
                    first = set(slices.SlicePlan.model_validate(store.runs.get(night.run.id).summary).slices[1])
                    deadline = time.monotonic() + 120
                    while not first & {ending.slug for ending in store.runs.endings(night.run.id)}:
                        assert time.monotonic() < deadline and processes[0].poll() is None
                        await asyncio.sleep(0.05)
                    processes[0].send_signal(signal.SIGKILL)

            await crawl_in_slices(night, due, 3, call)
            assert await asyncio.to_thread(processes[1].wait, 150) == 0
            processes[0].wait()
            summary = night.finish(due)
        assert summary.complete and summary.outcomes == {AgentOutcome.WITHHELD: AGENTS}, summary.problem
        assert store.completions.usage().calls == AGENTS
        assert len(scripted.requests) <= AGENTS + 4, "only calls under way in the killed process are made again"
        assert verify(store).holds
    for process in processes:
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.usefixtures("spread")
@pytest.mark.parametrize("others", [0, 2])
async def test_what_the_others_left_unspent_is_spent_at_the_end_and_no_more(
    made: str, scripted: ModelEndpoint, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    scripted.answers = [Say(content=scripted.answers[0].content)]
    monkeypatch.setattr(slices, "PATIENCE", 0.0)
    budget = Decimal("0.03")  # a call may cost about half of it: no share is enough for one
    told = environment(settings_for(made), scripted, ASSAY_MODEL__NAME="example-small", ASSAY_MODEL__BUDGET=str(budget))
    for name, value in {**told, "ASSAY_MODEL__IN_FLIGHT": "1"}.items():
        monkeypatch.setenv(name, value)
    settings = settings_for(made)
    with ready(settings, made) as store:
        summary = await in_slices(store, settings, 3, others)
    queued, read = (summary.outcomes.get(end, 0) for end in (AgentOutcome.QUEUED, AgentOutcome.WITHHELD))
    assert queued + read == AGENTS and queued and read, summary.outcomes
    assert budget - Decimal("0.016") < summary.cost <= budget, (summary.cost, summary.calls)
