"""Worker processes on one night in pieces, on a PostgreSQL server of the bench's own."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benches.flows_world import HERE, environment, running
from flows.night.night import Night
from flows.settings import Settings, load
from flows.store_access import open_store
from records.store import Store
from tests.flows.made_site import make_site
from tests.postgres_server import PostgresServer, binaries

AGENTS = 192


def measure(folder: Path, workers: int) -> float:
    """Seconds from the first agent ended to the last, and the second that the first answer takes."""
    programs = binaries()
    assert programs is not None, "no PostgreSQL"
    scratch = Path(tempfile.mkdtemp(prefix="assay-bench-"))
    server = PostgresServer(scratch, programs)
    try:
        make_site(folder / "site", AGENTS, readme=False)
        with running("site", str(folder / "site")) as base, running("model", "1.0") as endpoint:
            home = folder / f"home-{workers}"
            return asyncio.run(_measure(home, f"{server.url}/postgres", base, endpoint, workers))
    finally:
        server.stop()
        shutil.rmtree(scratch, ignore_errors=True)


async def _measure(home: Path, url: str, base: str, endpoint: str, workers: int) -> float:
    told = {
        "ASSAY_HOME": str(home),
        "ASSAY_STORE__URL": url,
        "ASSAY_STORE__BLOBS": (home / "blobs").as_uri(),
        "ASSAY_MODEL__NAME": "scripted",
        "ASSAY_MODEL__BASE_URL": endpoint,
        "ASSAY_MODEL__API_KEY": "none",
        "ASSAY_MODEL__IN_FLIGHT": "8",
        "ASSAY_CRAWL__ALLOW_PRIVATE": f'["{base.removeprefix("http://")}"]',
        "ASSAY_CRAWL__PACE": "0",
        "ASSAY_CRAWL__LATENCY_FACTOR": "0",
    }
    os.environ.update(told)
    settings = load()
    with open_store(settings) as store:
        store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
        await _crawled(store, settings)
        async with Night.begin(store, settings, again=True) as night:
            due = store.listings.slugs()
            pieces = {f"assess {n}": due[n : n + 16] for n in range(0, len(due), 16)}
            since = night.since.isoformat()
            work = {key: {"do": "assess", "slugs": list(part), "since": since} for key, part in pieces.items()}
            store.shards.add(night.run.id, work)
            command = [sys.executable, "-m", "flows.prefect.workers", night.run.id]
            there = environment(told)
            machines = [
                subprocess.Popen(command, cwd=HERE, env=there, stderr=subprocess.DEVNULL) for _ in range(workers)
            ]
            for process in machines:
                assert await asyncio.to_thread(process.wait, 300) == 0
            last = max(ending.at for ending in store.runs.endings(night.run.id))
            first = min(ending.at for ending in store.runs.endings(night.run.id))
            store.runs.finish(night.run, "interrupted")
            return (last - first).total_seconds() + 1.0  # the first answer takes its second


async def _crawled(store: Store, settings: Settings) -> None:
    from flows.night.night import run_night

    lexical = settings.model_copy(update={"model": settings.model.model_copy(update={"name": ""})})
    await run_night(store, lexical)
