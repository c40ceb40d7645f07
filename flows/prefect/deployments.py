"""The deployments of a store: three flows with the schedules of the settings.

Idea: `assay serve schedules` serves them from here, and `prefect deploy --all` asks here too, by the build step of
`prefect.yaml`; so schedules come from the settings either way. Invariant: a Prefect server holds the deployments of
one store, whose name their tag carries.
"""

import contextlib
from typing import Any

import flows.prefect.environment  # noqa: F401  (before Prefect)

# isort: split
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.prefect.nightly_flow import nightly_crawl
from flows.prefect.publish_flow import publish_site
from flows.prefect.rescore_flow import rescore_agent
from flows.prefect.stuck_runs import heartbeat, set_up
from flows.settings import Settings, load
from flows.store_access import open_store
from records.store import Store
from scoring.errors import BadInput

FLOWS: dict[str, Flow[..., Any]] = {"nightly": nightly_crawl, "rescore": rescore_agent, "publish": publish_site}
"""Name of the deployment, which is that of its cron line in the settings, to its flow."""
OF_STORE = "store "
"""How the tag begins that names the store."""
NEVER = "0 0 1 1 *"
"""Stands for no cron line where a schedule has to have one: it is not active."""


async def prepare(store: Store) -> str:
    """The tag for this store's deployments, with what the server needs for them.

    Raises `BadInput` where the server holds those of another store: its runs would be started for this one.
    """
    tag = f"{OF_STORE}{store.database.label}"
    async with get_client() as client:
        for name in (f"{flow.name}/{deployment}" for deployment, flow in FLOWS.items()):
            with contextlib.suppress(ObjectNotFound):
                deployed = await client.read_deployment_by_name(name)
                others = [other for other in deployed.tags if other.startswith(OF_STORE) and other != tag]
                if others:
                    raise BadInput(
                        f"the deployment {name} there runs for another {others[0]}",
                        subject="PREFECT_API_URL",
                        step="serve",
                        next_step=f"use a Prefect server of its own; if it is the same one moved: "
                        f"prefect deployment delete {name}",
                    )
    await set_up(tag)
    return tag


def cron_lines(settings: Settings) -> dict[str, str]:
    """By the name of the deployment; empty where it has no schedule."""
    return {name: getattr(settings.schedule, name) for name in FLOWS}


async def served(settings: Settings, tag: str) -> list[RunnerDeployment]:
    """Those that this process runs."""
    lines = cron_lines(settings)
    return [
        await flow.ato_deployment(
            name,
            schedules=[Cron(lines[name], timezone=settings.schedule.timezone)] if lines[name] else [],
            concurrency_limit=1,
            tags=[tag],
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for name, flow in FLOWS.items()
    ]


async def from_settings() -> dict[str, Any]:
    """What `prefect.yaml` leaves open: the tag, the schedules, the seconds between heartbeats."""
    settings = load()
    with open_store(settings) as store:
        tag = await prepare(store)
    lines = cron_lines(settings).items()
    schedules = {name: {"cron": line or NEVER, "active": bool(line)} for name, line in lines}
    return {"tags": [tag], "timezone": settings.schedule.timezone, "heartbeat": str(heartbeat()), **schedules}
