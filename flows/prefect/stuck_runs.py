"""Automations of Prefect's server that end the flow runs on which nobody works any more.

Idea: a flow run says every half minute that it is alive (Prefect's heartbeats), and each change of its state is an
event. The server marks a run whose events stop as Crashed, which frees its slot: it was killed, nobody began it, or
it waited past half a day. (Prefect ends what nobody cancels without being asked.) Invariants: an automation reads only
runs with the tag of one store, so that stores on one server leave each other alone; one that is as it should be stays
untouched, since the server forgets with it the runs that it waits for.
"""

import os
from datetime import timedelta

import flows.prefect.environment  # noqa: F401  (before Prefect)

# isort: split
from prefect.automations import AutomationCore, ChangeFlowRunState, EventTrigger, Posture
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType

BEATS = 3
"""Heartbeats that may be missed."""
BEGINNING = timedelta(minutes=5)
"""A process may take so long to start; so long Prefect lends a slot to it."""
LATE = timedelta(hours=12)
"""After so long without a worker the next run by the schedule is nearer than this one."""
COMPARED = {"trigger", "actions"}


def heartbeat() -> int:
    """Seconds between two heartbeats of a flow run."""
    return int(os.environ["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"])


def automations(tag: str) -> list[AutomationCore]:
    """Those of the flow runs with this tag."""
    kinds = (
        ("killed", {"heartbeat", "Running"}, timedelta(seconds=BEATS * heartbeat())),
        ("not begun", {"Pending", "Submitting", "InfrastructurePending"}, BEGINNING),
        ("late", {"Late"}, LATE),
    )
    return [
        AutomationCore(
            name=f"{name} runs of {tag}",
            description="Made by Assay, which sets its trigger and its action.",
            trigger=EventTrigger(
                after={f"prefect.flow-run.{event}" for event in after},
                expect={"prefect.flow-run.*"},
                match={"prefect.resource.id": "prefect.flow-run.*"},
                match_related={"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{tag}"},
                for_each={"prefect.resource.id"},
                posture=Posture.Proactive,
                within=within,
            ),
            actions=[ChangeFlowRunState(state=StateType.CRASHED, message=f"{name}: nothing came for {within}")],
        )
        for name, after, within in kinds
    ]


async def set_up(tag: str) -> None:
    """Makes the automations of a store's tag, or brings them up to date."""
    async with get_client() as client:
        for wanted in automations(tag):
            existing = await client.read_automations_by_name(wanted.name)
            if not existing:
                await client.create_automation(wanted)
            elif existing[0].model_dump(include=COMPARED) != wanted.model_dump(include=COMPARED):
                await client.update_automation(
                    existing[0].id, wanted.model_copy(update={"enabled": existing[0].enabled})
                )
