"""The nightly as a Prefect flow: a few tasks over the plain night.

Idea: Prefect says when, shows and records; the work is `flows.night.night`, and where a night has several slices each
further one is another run of the same deployment. Invariants: a few tasks a run, never one an agent, and all agents in
one, since at the end of a batch hosts would idle; tasks have no retries of their own (the HTTP and the model seam have
theirs); outcomes are rows in our database, not task states; settings, which hold secrets, are no parameters: every
flow run loads them from the file and the environment of its process.
"""

import asyncio
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import flows.prefect.environment  # noqa: F401  (before Prefect)

# isort: split
from prefect import flow, task
from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.deployments import arun_deployment
from prefect.runtime import deployment

from flows.night.night import Night, begun
from flows.night.slices import crawl_in_slices, crawl_slice
from flows.report import event_log
from flows.report.event_log import log_event
from flows.report.morning_report import morning_markdown
from flows.report.night_summary import NightSummary
from flows.settings import load
from flows.store_access import open_store
from scoring.errors import TransientError

NAME = "nightly-crawl"
SHOWN_EVERY = 15.0
"""Seconds between two looks at the progress, which is drawn when it has changed."""
_night: ContextVar[Night] = ContextVar("night")
_due: ContextVar[tuple[str, ...]] = ContextVar("due")
"""The night at work and who is looked at: neither is a parameter of a task, which Prefect walks through and shows."""


@task(name="list sources", cache_policy=NO_CACHE)
async def list_sources(source: str | None) -> None:
    """Walks the sources."""
    await _night.get().list_sources(source)


@task(name="look at agents", cache_policy=NO_CACHE)
async def look_at_agents(slices: int) -> None:
    """Crawls and assesses all agents side by side, in all slices, and draws how far it is."""
    night, due = _night.get(), _due.get()
    shown = await acreate_progress_artifact(progress=0.0, key="night", description="agents looked at")

    async def draw() -> None:
        drawn = 0
        while True:
            await asyncio.sleep(SHOWN_EVERY)
            with suppress(TransientError):
                ended = sum(night.store.runs.counts(night.run.id).values())
                if ended != drawn:
                    drawn = ended
                    await aupdate_progress_artifact(artifact_id=shown, progress=min(100.0, 100 * drawn / len(due)))

    drawing = asyncio.create_task(draw())
    try:
        if slices > 1:
            await crawl_in_slices(night, due, slices, lambda part: call(night.run.id, part))
        else:
            await night.look_at_all(due)
    finally:
        drawing.cancel()
    await aupdate_progress_artifact(artifact_id=shown, progress=100.0)


async def call(run: str, part: int) -> None:
    """Asks Prefect for another run of this deployment; where that cannot be had, this process does its part as well."""
    name = deployment.get_id() or f"{NAME}/nightly"
    try:
        await arun_deployment(name, parameters={"run": run, "part": part}, timeout=0, as_subflow=False)
    except Exception as error:  # Prefect has no error of its own for an absent deployment
        log_event("slice.not_called", run=run, part=part, why=f"{type(error).__name__}: prefect deploy --all")


@task(name="finish", cache_policy=NO_CACHE)
async def finish() -> NightSummary:
    """Counts the night and ends it."""
    return _night.get().finish(_due.get())


@flow(name=NAME)
async def nightly_crawl(
    source: str | None = None, again: bool = False, slices: int = 1, run: str = "", part: int = 0
) -> dict[str, Any]:
    """One night. Fails when the night is not complete or a source failed; what was done is kept.

    `source`: only this one; `again`: also agents that were looked at a short while ago; `slices`: so many processes
    share its hosts. `run` and `part` are given by a night to the runs that do one slice of it.
    """
    settings = load()
    event_log.listen(settings)
    with open_store(settings) as store:
        if run:
            return {"agents": await crawl_slice(store, settings, run, part)}
        async with begun(store, settings, again=again, slices=slices) as night:
            _night.set(night)
            await list_sources(source)
            _due.set(night.due(again=again))
            await look_at_agents(slices)
            summary = await finish()
    return await show(summary)


async def show(summary: NightSummary) -> dict[str, Any]:
    """Draws the artifacts, and fails the flow run of a night that failed or had failures."""
    await acreate_markdown_artifact(morning_markdown(summary), key="morning")
    failed = [source for source in summary.sources if source.problem]
    failures = [{"slug": f"source {source.name}", "outcome": "source", "reason": source.problem} for source in failed]
    failures += [failure.model_dump(mode="json") for failure in summary.failures[:1000]]
    await acreate_table_artifact(failures or [{"slug": "", "outcome": "none failed", "reason": ""}], key="failures")
    costs = [{"calls": summary.calls, "tokens": summary.tokens, "cost_usd": str(summary.cost)}]
    await acreate_table_artifact(costs, key="costs")
    if not summary.complete:
        raise RuntimeError(f"night {summary.run} failed: {summary.problem}")
    if summary.with_failures:
        raise RuntimeError(f"night {summary.run}: {summary.verdict}")
    return summary.facts


if __name__ == "__main__":
    asyncio.run(nightly_crawl())
