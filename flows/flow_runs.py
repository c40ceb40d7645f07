"""Prefect's view of our runs, kept true: a flow run whose process was killed does not stay "Running".

Idea: our lease says who is at work; Prefect does not know. Invariant: only runs of our own flows are touched, and
never the run that asks.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import flows.quiet  # noqa: F401  (before Prefect)

# isort: split
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
from prefect.runtime import flow_run
from prefect.states import Crashed

from flows.journal import tell

_AT_WORK = {"type": {"any_": ["RUNNING", "CANCELLING"]}}


async def mark_killed(flow: str, *, parameters: dict[str, Any] | None = None, besides: Collection[str] = ()) -> int:
    """Marks the flow's runs that Prefect takes for running, but for this one; gives how many.

    To be called by who knows that no other is at work: the holder of the night's lease.
    """
    own = {str(flow_run.get_id() or ""), *besides}
    count = 0
    async with get_client() as client:
        running = await client.read_flow_runs(
            flow_filter=FlowFilter.model_validate({"name": {"any_": [flow]}}),
            flow_run_filter=FlowRunFilter.model_validate({"state": _AT_WORK}),
        )
        for run in running:
            if str(run.id) in own or (parameters and not parameters.items() <= run.parameters.items()):
                continue
            await client.set_flow_run_state(run.id, Crashed(message="its process was killed"), force=True)
            tell("flow_run.crashed", flow=flow, flow_run=str(run.id))
            count += 1
    return count
