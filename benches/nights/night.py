"""One measured piece of work in a process of its own: `python -m benches.nights.night WHAT ARGUMENTS…` prints JSON.

The settings stand in the environment (`bench_flows.settings`).
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from flows.night.concurrency import run_bounded
from flows.night.night import begun, run_night
from flows.night.slices import crawl_in_slices, crawl_slice
from flows.report.night_summary import NightSummary
from flows.settings import Settings, load
from flows.store_access import open_store
from records.store import Store


def add_source(store: Store, base: str) -> None:
    """A site of `local_servers.site` ends in a slash, the list of `local_servers.hosts` is a table."""
    if base.endswith("/"):
        store.sources.add("made", "directory_site", base, {"selectors": "harbour"})
    else:
        store.sources.add("made", "url_table", base, {})


def crawl(base: str, slices: str = "1", again: str = "") -> dict[str, Any]:
    """A night in so many processes, this one included; with `again` every agent is looked at again."""
    settings = load()
    with open_store(settings) as store:
        add_source(store, base)
        before = store.completions.usage().calls
        start = time.perf_counter()
        if slices == "1":
            summary = asyncio.run(run_night(store, settings, again=bool(again)))
        else:
            summary = asyncio.run(in_slices(store, settings, int(slices)))
        seconds = time.perf_counter() - start
        calls = store.completions.usage().calls - before
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": seconds,
        "processor": sum(usage.ru_utime + usage.ru_stime for usage in used),
        "peak": used[0].ru_maxrss / 1024,
        "due": summary.due,
        "complete": summary.complete,
        "calls": calls,
        "outcomes": {outcome.value: count for outcome, count in summary.outcomes.items()},
    }


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


def with_prefect(base: str) -> dict[str, Any]:
    from flows.prefect.nightly_flow import nightly_crawl

    with open_store(load()) as store:
        add_source(store, base)
    start = time.perf_counter()
    facts = asyncio.run(nightly_crawl())
    return {"seconds": time.perf_counter() - start, "due": facts["due"]}


def model_bound(agents: str) -> dict[str, Any]:
    """Assessing stored pages with a model that takes a second."""
    settings = load()

    async def work(store: Store) -> float:
        async with begun(store, settings, again=True) as night:
            slugs = store.listings.slugs()[: int(agents)]
            start = time.perf_counter()
            await run_bounded(lambda slug: night.work.end(slug, night.work.assess), slugs, night.work.width)
            return time.perf_counter() - start

    with open_store(settings) as store:
        seconds = asyncio.run(work(store))
        return {"seconds": seconds, "calls": store.completions.usage().calls}


WORK: dict[str, Callable[..., dict[str, Any]]] = {
    "crawl": crawl,
    "slice": one_slice,
    "prefect": with_prefect,
    "model": model_bound,
}

if __name__ == "__main__":
    print(json.dumps(WORK[sys.argv[1]](*sys.argv[2:])), flush=True)
