"""A night in pieces: any number of workers, one host to one worker at a time, nothing lost and nothing twice."""

from __future__ import annotations

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
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.night.night import Night, run_night
from flows.operations.sample_site import _Site, serve
from flows.prefect.shards import Worker, cut
from flows.prefect.shared_limits import SharedBudget, SharedRates
from flows.report.night_summary import NightSummary
from flows.settings import REPOSITORY, Settings
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from records.database.tables import shards
from records.store import Store
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import make_site
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

AGENTS = 40
WITHOUT = {"hosts", "sources", "events"}


class Busy:
    """How many requests were under way at once."""

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


def ready(settings: Settings, base: str) -> Store:
    store = open_store(settings)
    store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
    return store


async def by_shards(store: Store, settings: Settings, workers: int) -> NightSummary:
    """A coordinator and workers, each with a store of its own, in this process."""
    async with Night.begin(store, settings) as night:
        await night.list_sources()
        due = night.due()
        cut(store, night.run, night.since, due)

        async def work() -> int:
            with open_store(settings) as own:
                async with Worker(own, settings, night.run.id) as worker:
                    return await worker.work()

        done = await asyncio.gather(*(work() for _ in range(workers)))
        assert sum(done) == len(store.shards.all(night.run.id))
        return night.finish(due)


async def test_a_night_in_pieces_leaves_what_a_whole_night_leaves(made: str, busy: Busy, tmp_path: Path) -> None:
    def at(home: str) -> Settings:
        return settings_for(made).model_copy(update={"home": tmp_path / home})

    def contents(store: Store) -> list[tuple[str, str, str]]:
        return [
            (row.slug, row.outcome or "", str(row.score))
            for slug in store.listings.slugs()
            if (row := store.queue.get(slug))
        ]

    with ready(at("whole"), made) as whole, ready(at("pieces"), made) as pieces:
        await run_night(whole, at("whole"))
        before, busy.most = busy.all, 0
        summary = await by_shards(pieces, at("pieces"), 3)
        assert summary.complete and summary.outcomes == {AgentOutcome.ASSESSED: AGENTS}
        assert contents(pieces) == contents(whole)
        assert busy.most == 1, "a host was asked by two workers at once"
        assert busy.all - before == before, "workers asked for more than one would"
        assert not pieces.leases.all()


async def test_a_piece_done_twice_changes_nothing(made: str, busy: Busy) -> None:
    settings = settings_for(made)
    with ready(settings, made) as store:
        summary = await by_shards(store, settings, 2)
        with store.database.writing() as connection:
            connection.execute(sa.text("UPDATE runs SET status = 'running'"))
            connection.execute(sa.update(shards).values(state="open"))
        before, ends, asked = store.dump(without=WITHOUT), store.runs.endings(summary.run), busy.all
        async with Worker(store, settings, summary.run) as worker:
            assert await worker.work() > 1
        assert store.dump(without=WITHOUT) == before and store.runs.endings(summary.run) == ends
        assert busy.all == asked


async def test_a_piece_that_kills_its_workers_ends_and_counts(made: str) -> None:
    settings = settings_for(made)
    with ready(settings, made) as store:
        async with Night.begin(store, settings) as night:
            await night.list_sources()
            due = night.due()
            cut(store, night.run, night.since, due)
            for _ in range(3):
                assert store.shards.take(night.run.id, "elsewhere~1|1|1|x", 120) is not None
                with store.database.writing() as connection:
                    connection.execute(sa.update(shards).values(until=store.now()))
            async with Worker(store, settings, night.run.id) as worker:
                await worker.work()
            summary = night.finish(due)
    assert not summary.complete and summary.outcomes == {AgentOutcome.NOT_REACHED: AGENTS}


def test_workers_together_stay_within_the_budget(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        purses = [SharedBudget(store, "night:1", Decimal(1)) for _ in range(3)]
        for _ in range(20):
            for purse in purses:
                if purse.reserve(Decimal("0.07")):
                    purse.settle(Decimal("0.07"), Decimal("0.05"))
        spent = sum((purse.spent for purse in purses), Decimal(0))
        assert Decimal("0.8") <= spent <= 1, "what is left is less than one call a worker"
        assert spent <= store.budget.gone("night:1") <= 1
        for purse in purses:
            purse.close()
        assert store.budget.gone("night:1") == spent


async def test_workers_together_stay_within_the_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(tmp_path / "a.db") as store:
        clock = [60.0 * 1000]
        monkeypatch.setattr("flows.prefect.shared_limits.time.time", lambda: clock[0])

        async def sleep(seconds: float) -> None:
            clock[0] += seconds

        monkeypatch.setattr("flows.prefect.shared_limits.asyncio.sleep", sleep)
        rates = [SharedRates(store, "m", 40, 10_000) for _ in range(2)]
        for _ in range(35):
            await rates[0].admit(100)
        minute = int(clock[0] // 60)
        for _ in range(10):
            await rates[1].admit(100)
        assert minute == 1000 and int(clock[0] // 60) == 1001


@pytest.fixture
def scripted(model_endpoint: ModelEndpoint, replies: Replies) -> ModelEndpoint:
    model_endpoint.answers = [Say(content=replies.text(), seconds=0.25)]
    return model_endpoint


def worker_process(settings: Settings, scripted: ModelEndpoint, run: str) -> subprocess.Popen[bytes]:
    """A worker as another machine would start it: told by its environment only."""
    environment = {
        **os.environ,
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
    }
    return subprocess.Popen([sys.executable, "-m", "flows.prefect.workers", run], env=environment, cwd=REPOSITORY)


@pytest.mark.slow
async def test_on_postgres_a_worker_killed_in_the_middle_loses_nothing(
    made: str, scripted: ModelEndpoint, database: str, tmp_path: Path
) -> None:
    kept = {"url": database, "blobs": (tmp_path / "blobs").as_uri()}
    settings = settings_for(made)
    settings = settings.model_copy(update={"store": settings.store.model_copy(update=kept)})
    with ready(settings, made) as store:
        async with Night.begin(store, settings) as night:
            await night.list_sources()
            due = night.due()
            cut(store, night.run, night.since, due)
            first, second = (worker_process(settings, scripted, night.run.id) for _ in range(2))
            deadline = time.monotonic() + 120
            while (
                len(
                    {
                        shard.holder.split("|")[1]
                        for shard in store.shards.all(night.run.id)
                        if shard.holder and shard.key.startswith("assess")
                    }
                )
                < 2
            ):
                assert time.monotonic() < deadline and first.poll() is None and second.poll() is None
                await asyncio.sleep(0.1)
            stored = store.completions.usage().calls
            first.send_signal(signal.SIGKILL)
            assert await asyncio.to_thread(second.wait, 180) == 0
            first.wait()
            summary = night.finish(due)
        assert summary.complete and summary.due == AGENTS, summary.problem
        holders = [shard.holder.split("|")[1] for shard in store.shards.all(summary.run)]
        assert {shard.state for shard in store.shards.all(summary.run)} == {"done"} and str(second.pid) in holders
        calls = store.completions.usage().calls
        assert calls == AGENTS and stored < AGENTS
        assert len(scripted.requests) <= AGENTS + 4, "only calls under way in the killed worker are made again"
        assert store.verify().holds
