"""Publishing as a Prefect flow. `python -m flows.prefect.publish_flow` runs it.

Invariants: a publication that the sanity gate holds is a failed run that changed no file; one that had to leave agents
out is a failed run too, which published the others.
"""

from __future__ import annotations

import asyncio
from typing import Any

import flows.prefect.environment  # noqa: F401  (before Prefect)

# isort: split
from prefect import flow, task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows.operations import publication
from flows.settings import load
from flows.store_access import open_store


@task(name="publish", cache_policy=NO_CACHE)
async def publish() -> publication.Publication:
    """One generation."""
    settings = load()
    with open_store(settings) as store:
        return publication.publish_site(store, settings, settings.site)


@flow(name="publish-site")
async def publish_site() -> dict[str, Any]:
    """Publishes every approved draft, atomically; raises when the gate holds it."""
    told = await publish()
    await acreate_markdown_artifact("\n\n".join((told.line, *told.skipped)), key="publication")
    if told.skipped:
        raise RuntimeError(
            f"generation {told.generation} went out without {len(told.skipped)} agents: {told.skipped[0]}"
        )
    return told._asdict()


if __name__ == "__main__":
    asyncio.run(publish_site())
