"""Many machines: the coordinator's flow cuts the night, workers' flow runs take pieces; see `flows.prefect.shards`.

Idea: `nightly-by-shards` starts `workers` runs of the deployment `night-worker/night-worker` on the work pool and
works itself; so a night ends with any number of workers, none included. Invariant: a worker that was killed is
noticed by its lease, its piece is taken by another, and its flow run is marked.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import flows.prefect.environment  # noqa: F401  (before Prefect)

# isort: split
from prefect import flow, task
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.deployments.flow_runs import arun_deployment

from flows.night.night import HEARTBEAT, Night
from flows.prefect.flow_runs import mark_killed
from flows.prefect.nightly_flow import in_force, list_sources, show
from flows.prefect.shards import Worker, cut
from flows.report.event_log import tell
from flows.settings import Settings
from flows.store_access import open_store
from records.store import Store
from scoring.errors import AssayError

NAME = "nightly-by-shards"
WORKER = "night-worker"
DEPLOYMENT = f"{WORKER}/{WORKER}"


async def work_on(settings: Settings, run: str) -> int:
    """One worker process on one night, without Prefect; gives the pieces it did."""
    with open_store(settings) as store:
        async with Worker(store, settings, run) as worker:
            return await worker.work()


@flow(name=WORKER)
async def night_worker(run: str) -> int:
    """Takes pieces of the night `run` until none is left."""
    return await work_on(in_force(), run)


@task(name="work on pieces", cache_policy=NO_CACHE)
async def work(store: Store, settings: Settings, run: str) -> None:
    """The coordinator's own hands, until every piece is done or failed."""
    async with Worker(store, settings, run) as worker:
        await worker.work()


@flow(name=NAME)
async def nightly_by_shards(workers: int = 1, source: str | None = None, again: bool = False) -> dict[str, Any]:
    """One night on `workers` further workers of the pool; the coordinator works as well."""
    settings = in_force()
    with open_store(settings) as store:
        async with Night.begin(store, settings, again=again) as night:
            await mark_killed(NAME)
            await mark_killed(WORKER)
            try:
                await list_sources(night, source)
                due = night.due(again=again)
                cut(store, night.run, night.since, due)
                await _call(workers, night.run.id)
                watching = asyncio.create_task(_watch(store, night.run.id))
                await work(store, settings, night.run.id)
                watching.cancel()
                summary = night.finish(due)
            except BaseException as error:
                night.interrupted(error)
                raise
    await asyncio.sleep(2)  # the others see the end, and end
    await mark_killed(WORKER, parameters={"run": summary.run})
    return await show(summary, settings)


async def _call(workers: int, run: str) -> None:
    """Asks the pool for workers. Without the deployment the coordinator works alone, and says so."""
    for _ in range(workers):
        try:
            await arun_deployment(DEPLOYMENT, parameters={"run": run}, timeout=0, as_subflow=False)
        except Exception as error:  # Prefect has no error of its own for an absent deployment
            tell("workers.none", run=run, why=f"{type(error).__name__}: deploy {DEPLOYMENT} (prefect deploy --all)")
            return


async def _watch(store: Store, run: str) -> None:
    """Progress by pieces."""
    shown = await acreate_progress_artifact(progress=0.0, key="night", description="pieces done")
    while True:
        await asyncio.sleep(HEARTBEAT / 4)
        try:
            pieces = store.shards.all(run)
        except AssayError:
            continue
        ended = sum(piece.state in ("done", "failed") for piece in pieces)
        await aupdate_progress_artifact(artifact_id=shown, progress=100 * ended / max(len(pieces), 1))


if __name__ == "__main__":
    asyncio.run(work_on(in_force(), sys.argv[1]))
