"""Publishing as a Prefect flow. `python -m flows.prefect.publish_flow` runs it.

Invariants: a publication that is held is a failed run that changed no file; one that had to leave agents
out is a failed run too, which published the others.
"""

import asyncio
from typing import Any

import flows.prefect.environment  # noqa: F401  (before Prefect)

# isort: split
from prefect import flow
from prefect.artifacts import acreate_markdown_artifact

from flows.operations import publication
from flows.settings import load
from flows.store_access import open_store


@flow(name="publish-site")
async def publish_site() -> dict[str, Any]:
    """Publishes every approved draft, atomically; raises when it is held."""
    settings = load()
    with open_store(settings) as store:
        result = publication.publish_site(store, settings, settings.site)
    await acreate_markdown_artifact("\n\n".join((result.line, *result.skipped)), key="publication")
    if result.skipped:
        raise RuntimeError(
            f"generation {result.generation} went out without {len(result.skipped)} agents: {result.skipped[0]}"
        )
    return result._asdict()


if __name__ == "__main__":
    asyncio.run(publish_site())
