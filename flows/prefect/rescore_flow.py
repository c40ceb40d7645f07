"""Re-scoring as a Prefect flow: one agent, or all of them, from what is stored.

`python -m flows.prefect.rescore_flow [SLUG]` runs it. No network and no model is asked.
"""

import asyncio
import sys
from typing import Any

import flows.prefect.environment  # noqa: F401  (before Prefect)

# isort: split
from prefect import flow
from prefect.artifacts import acreate_table_artifact

from flows.operations.rescoring import adopt, band_rows, current_draft
from flows.settings import load
from flows.store_access import open_store
from records.adoptions import last_adoption
from scoring.formulas.table import profile_named


def rescore(slug: str | None, profile: str | None, reason: str) -> dict[str, Any]:
    """Stores the drafts that differ; gives how many, and whose band moved. Where a person adopts the formula slice by
    slice, stopped it or took it back, all agents are left to `assay adopt`."""
    settings = load()
    profile = profile_named(profile or settings.profile).id
    with open_store(settings) as store, store.locks.held("run:rescore"):
        adoption = last_adoption(store)
        if slug is None and adoption is not None and adoption.versions["formula"] == profile:
            return {"profile": profile, "moved": [], "drafts": 0}
        only = None if slug is None else current_draft(store, slug)[0].slug
        moved = [row._asdict() for row in band_rows(store, profile, only) if row.moved]
        return {"profile": profile, "moved": moved, "drafts": adopt(store, profile, reason, only)}


@flow(name="rescore-agent")
async def rescore_agent(
    slug: str | None = None, profile: str | None = None, reason: str = "scheduled re-scoring"
) -> dict[str, Any]:
    """Scores one agent again, or all when no slug is given; new drafts wait for review."""
    report = rescore(slug, profile, reason)
    rows = [{"agent": row["slug"], "before": row["before"], "after": row["after"]} for row in report["moved"]]
    await acreate_table_artifact(rows or [{"agent": "none moved", "before": "", "after": ""}], key="band-changes")
    return report


if __name__ == "__main__":
    asyncio.run(rescore_agent(sys.argv[1] if len(sys.argv) > 1 else None))
