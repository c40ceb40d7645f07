"""One measured piece of work in a process of its own: `python -m benches.nights.night WHAT ARGUMENTS…` prints JSON."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flows.night.concurrency import run_bounded
from flows.night.night import begun, run_night
from flows.night.slices import crawl_in_slices, crawl_slice
from flows.report.night_summary import NightSummary
from flows.settings import Settings, load
from flows.store_access import open_store
from records.store import Store


def settings_for(base: str, home: str, model: str = "", in_flight: int = 8) -> Settings:
    os.environ |= {
        "ASSAY_HOME": home,
        "ASSAY_CRAWL__ALLOW_PRIVATE": json.dumps([base.removeprefix("http://")]),
        "ASSAY_CRAWL__PACE": "0",
        "ASSAY_CRAWL__LATENCY_FACTOR": "0",
        "ASSAY_CRAWL__PAGES_PER_HOST": str(10**9),
        "ASSAY_CRAWL__BYTES_PER_HOST": str(10**12),
        "ASSAY_MODEL__NAME": "scripted" if model else "",
        "ASSAY_MODEL__BASE_URL": model,
        "ASSAY_MODEL__IN_FLIGHT": str(in_flight),
    }
    return load()


def ready(settings: Settings, base: str) -> Store:
    store = open_store(settings)
    store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
    return store


def plain(base: str, home: str, again: str = "") -> dict[str, Any]:
    settings = settings_for(base, home)
    with ready(settings, base) as store:
        before = store.completions.usage().calls
        start = time.perf_counter()
        summary = asyncio.run(run_night(store, settings, again=bool(again)))
        seconds = time.perf_counter() - start
        calls = store.completions.usage().calls - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    outcomes = {outcome.value: count for outcome, count in summary.outcomes.items()}
    return {"seconds": seconds, "peak": peak, "due": summary.due, "calls": calls, "outcomes": outcomes}


def many_hosts(base: str, home: str, pace: str) -> dict[str, Any]:
    """A night over the hosts of `benches.nights.local_servers`, at a pace."""
    settings = settings_for(base, home)
    allowed = tuple(f"127.0.1.{number}" for number in range(1, 255))
    limits = {"pace": float(pace), "latency_factor": 2.0, "allow_private": (*settings.crawl.allow_private, *allowed)}
    settings = settings.model_copy(update={"crawl": settings.crawl.model_copy(update=limits)})
    with open_store(settings) as store:
        store.sources.add("made", "url_table", f"{base}/agents.csv", {})
        start = time.perf_counter()
        summary = asyncio.run(run_night(store, settings))
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak": peak, "due": summary.due, "complete": summary.complete}


def sliced(base: str, slices: str) -> dict[str, Any]:
    """A night of the settings in force in so many processes, this one included."""
    settings = load()
    with open_store(settings) as store:
        store.sources.add("made", "url_table", f"{base}/agents.csv", {})
        start = time.perf_counter()
        summary = asyncio.run(
            in_slices(store, settings, int(slices)) if int(slices) > 1 else run_night(store, settings)
        )
        seconds = time.perf_counter() - start
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    processor = sum(one.ru_utime + one.ru_stime for one in used)
    return {"seconds": seconds, "processor": processor, "due": summary.due, "complete": summary.complete}


async def in_slices(store: Store, settings: Settings, slices: int) -> NightSummary:
    processes: list[asyncio.subprocess.Process] = []
    async with begun(store, settings, slices=slices) as night:
        await night.list_sources()
        due = night.due()

        async def call(part: int) -> None:
            command = [sys.executable, "-m", "benches.nights.night", "slice", night.run.id, str(part)]
            processes.append(await asyncio.create_subprocess_exec(*command))

        await crawl_in_slices(night, due, slices, call)
        summary = night.finish(due)
    for process in processes:
        assert await process.wait() == 0
    return summary


def one_slice(run: str, part: str) -> dict[str, Any]:
    settings = load()
    with open_store(settings) as store:
        return {"agents": asyncio.run(crawl_slice(store, settings, run, int(part)))}


def with_prefect(base: str, home: str) -> dict[str, Any]:
    from flows.prefect.nightly_flow import nightly_crawl

    settings = settings_for(base, home)
    ready(settings, base).close()
    start = time.perf_counter()
    facts = asyncio.run(nightly_crawl())
    return {"seconds": time.perf_counter() - start, "due": facts["due"]}


def model_bound(base: str, home: str, model: str, in_flight: str, agents: str) -> dict[str, Any]:
    """Assessing stored pages with a model that takes a second."""
    settings = settings_for(base, home, model, int(in_flight))
    os.environ["OPENAI_API_KEY"] = "none"

    async def work(store: Store) -> float:
        async with begun(store, settings, again=True) as night:
            slugs = store.listings.slugs()[: int(agents)]
            start = time.perf_counter()
            await run_bounded(lambda slug: night.work.end(slug, night.work.assess), slugs, night.work.width)
            return time.perf_counter() - start

    with open_store(settings) as store:
        seconds = asyncio.run(work(store))
        calls = store.completions.usage().calls
    return {"seconds": seconds, "calls": calls}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    work: dict[str, Callable[..., dict[str, Any]]]
    work = {"plain": plain, "hosts": many_hosts, "prefect": with_prefect, "model": model_bound} | {
        "sliced": sliced,
        "slice": one_slice,
    }
    print(json.dumps(work[sys.argv[1]](*sys.argv[2:])), flush=True)
