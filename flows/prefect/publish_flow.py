"""Publishing as a Prefect flow. `python -m flows.prefect.publish_flow` runs it.

Invariants: a publication that is held is a failed run that changed no file; one that had to leave agents
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
    """Publishes every approved draft, atomically; raises when it is held."""
    result = await publish()
    await acreate_markdown_artifact("\n\n".join((result.line, *result.skipped)), key="publication")
    if result.skipped:
        raise RuntimeError(
            f"generation {result.generation} went out without {len(result.skipped)} agents: {result.skipped[0]}"
        )
    return result._asdict()


if __name__ == "__main__":
    asyncio.run(publish_site())
