"""Prefect's view of our runs, kept true: a flow run whose process is gone keeps no slot of its deployment.

Idea: our locks say who is at work; Prefect does not know, and a run in a state that holds a slot keeps every later
run of its deployment waiting. Invariant: only runs of this store's own deployment are touched (another store may share
the server), and never the run that asks.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import flows.prefect.environment  # noqa: F401  (before Prefect)

# isort: split
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.runtime import flow_run
from prefect.states import Crashed

from flows.report.event_log import tell

AT_WORK = ("RUNNING", "CANCELLING")
BEGINNING = ("PENDING",)
"""A runner has taken the run and starts its process. These three states hold a slot."""


async def mark_killed(
    deployment: UUID | str,
    *,
    states: Collection[str] = AT_WORK,
    of_pools: bool = True,
    before: datetime | None = None,
) -> int:
    """Marks the deployment's runs that Prefect takes for being in these states, but for this one; gives how many.

    To be called by who knows that no other is at work: the holder of the night's lock. `of_pools=False` leaves out
    runs that a work pool gives to its workers, `before` those that are in their state since then.
    """
    own = str(flow_run.get_id() or "")
    count = 0
    async with get_client() as client:
        running = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter.model_validate(
                {"deployment_id": {"any_": [str(deployment)]}, "state": {"type": {"any_": list(states)}}}
            )
        )
        for run in running:
            if str(run.id) == own:
                continue
            since = run.state.timestamp if run.state is not None else None
            if (run.work_pool_name and not of_pools) or (before is not None and since is not None and since >= before):
                continue
            await client.set_flow_run_state(run.id, Crashed(message="its process was killed"), force=True)
            tell("flow_run.crashed", flow_run=str(run.id))
            count += 1
    return count
