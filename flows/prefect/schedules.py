"""`assay serve schedules`: one machine, one process, with a Prefect server of its own where none is set.

Idea: deployments are served with the cron lines of the settings; the server is a child on loopback whose home lies
under ours. Invariants: SIGTERM and SIGINT stop all of it, however it was started; nothing is left running when it
was killed; stopping pauses no schedule; a night that was cut off goes on at the next start; what an earlier process
left in a state that holds a slot of a deployment is ended, also where its lock is another's for now.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flows.night.interrupted_nights import KIND, going_on
from flows.report import event_log
from flows.report.announcements import post
from flows.report.console import say
from flows.report.event_log import tell
from flows.report.status import alarms
from flows.settings import Settings, settings_file
from flows.store_access import now, open_store
from records.store import Store
from scoring.errors import AssayError, BadInput, TransientError, shown

STARTING = 120
"""Seconds that a cold server may take."""
WATCH = 600.0
"""Seconds between two looks for alarms."""
AGAIN = 60.0
"""Seconds between two looks whether somebody has ended."""
SERVING = "serve"
"""The lock of the one process that starts the runs of this store's deployments."""
OF_STORE = "store "
"""How the tag of a deployment begins that names the store whose runs it starts."""
FLOWS = {"nightly-crawl": f"run:{KIND}", "publish-site": "run:publish", "rescore-agent": "run:rescore"}
"""Flow to the lock that a run of it holds while it works."""


def serve(settings: Settings) -> None:
    """Runs until stopped."""
    event_log.listen(settings)
    file = settings_file()
    if file is not None:
        os.environ["ASSAY_CONFIG"] = str(file.absolute())  # flow runs start elsewhere
    with open_store(settings) as store:
        store.runs.reclaim()
        if not store.sources.all():
            say("no sources yet, so nights find nothing. Next: assay sources add NAME --kind … --location …")
        with prefect_server(settings) as (address, own):
            os.environ["PREFECT_API_URL"] = address
            asyncio.run(_serve(store, settings, own))


@contextlib.contextmanager
def prefect_server(settings: Settings) -> Iterator[tuple[str, bool]]:
    """The address of the operator's server, or of a child of ours; whether it is ours."""
    import flows.prefect.environment  # noqa: F401  (telemetry off, before anything of Prefect starts)

    given = os.environ.get("PREFECT_API_URL")
    if given:
        answers(given)
        yield given, False
        return
    home = settings.home / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    os.environ["PREFECT_HOME"] = str(home)
    port = settings.schedule.port or _free_port()
    refuse_taken(port)
    command = [sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--timeout-keep-alive", "5", "--log-level", "warning"]
    environment = {**os.environ, "PREFECT__SERVER_FINAL": "1", "PREFECT_SERVER_LOGGING_LEVEL": "WARNING"}
    child = subprocess.Popen(command, env=environment, preexec_fn=_die_with_parent, start_new_session=True)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/health", child)
        say(f"Prefect at http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}/api", True
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def answers(address: str) -> None:
    """Raises unless the operator's server is there: the flows themselves would only say so much later."""
    if not address.startswith(("http://", "https://")):
        raise BadInput(
            f"{shown(address)} is no http(s) address", subject="PREFECT_API_URL", step="serve", next_step="correct it"
        )
    try:
        with urllib.request.urlopen(f"{address.rstrip('/')}/health", timeout=10):
            return
    except (OSError, ValueError) as error:
        raise TransientError(
            f"no Prefect server answers at {address} ({getattr(error, 'reason', error)})",
            subject="PREFECT_API_URL",
            step="serve",
            next_step="prefect server start, or unset PREFECT_API_URL",
        ) from error


def refuse_taken(port: int) -> None:
    """Raises where the port of a server of our own is taken."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise BadInput(
                f"port {port} of the Prefect server is taken ({error.strerror})",
                subject="schedule.port",
                step="serve",
                next_step="stop what uses it, or set ASSAY_SCHEDULE__PORT (0 takes a free one)",
            ) from error


def _die_with_parent() -> None:
    """Linux: the server gets SIGTERM when this process is gone, also by SIGKILL."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(url: str, child: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTING
    while time.monotonic() < end:
        if child.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    raise TransientError(
        "the Prefect server did not start", subject=url, step="serve", next_step="see its lines above; assay doctor"
    )


def deployments(settings: Settings, store: str) -> list[Any]:
    """The three deployments of a store (what messages call it) with the schedules of the settings."""
    import flows.prefect.environment  # noqa: F401  (before Prefect)

    # isort: split
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from flows.prefect.nightly_flow import nightly_crawl
    from flows.prefect.publish_flow import publish_site
    from flows.prefect.rescore_flow import rescore_agent

    schedule = settings.schedule
    served = (
        (nightly_crawl, "nightly", schedule.nightly),
        (rescore_agent, "rescore", schedule.rescore),
        (publish_site, "publish", schedule.publish),
    )
    return [
        flow.to_deployment(
            name,
            schedules=[Cron(cron, timezone=schedule.timezone)] if cron else [],
            concurrency_limit=1,
            tags=[f"{OF_STORE}{store}"],
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for flow, name, cron in served
    ]


async def _serve(store: Store, settings: Settings, own: bool) -> None:
    from prefect.runner import Runner

    serving = store.locks.try_acquire(SERVING)  # until the store is closed
    runner = Runner(name="assay", pause_on_shutdown=False, webserver=False)
    served = await asyncio.to_thread(deployments, settings, store.database.label)
    await _refuse_anothers(served)
    ours = {one.flow_name: await runner.aadd_deployment(one) for one in served}
    waiting = await _after_a_kill(store, settings, ours, own=own, alone=own or serving is not None)
    running = asyncio.create_task(runner.start())
    watching = asyncio.create_task(watch(settings))
    stopping = asyncio.Event()
    await asyncio.sleep(0)  # the runner sets its own handlers first
    for number in (signal.SIGTERM, signal.SIGINT):  # also where SIGINT was ignored, as with `assay serve schedules &`
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    schedule = settings.schedule
    times = {"nightly": schedule.nightly, "rescore": schedule.rescore, "publish": schedule.publish}
    tell("serve.ready", **times, timezone=schedule.timezone)
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    tell("serve.stopping")
    for task in (watching, stopped, running, *waiting):
        task.cancel()
    for result in await asyncio.gather(running, *waiting, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


async def _refuse_anothers(served: list[Any]) -> None:
    """Two stores cannot share deployments: the runs of one would be started for the other."""
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    async with get_client() as client:
        for one in served:
            name = f"{one.flow_name}/{one.name}"
            with contextlib.suppress(ObjectNotFound):
                kept = await client.read_deployment_by_name(name)
                others = [tag for tag in kept.tags if tag.startswith(OF_STORE) and tag not in one.tags]
                if others:
                    raise BadInput(
                        f"the deployment {name} there runs for another {others[0]}",
                        subject="PREFECT_API_URL",
                        step="serve",
                        next_step=f"use a Prefect server of its own; if it is the same one moved: "
                        f"prefect deployment delete {name}",
                    )


async def _after_a_kill(
    store: Store, settings: Settings, ours: dict[str, Any], *, own: bool, alone: bool
) -> list[asyncio.Task[None]]:
    """Flow runs that died with an earlier process are marked; a night that they left goes on now.

    Gives what waits for those who are at work.
    """
    from prefect.client.orchestration import get_client

    from flows.prefect.flow_runs import AT_WORK, BEGINNING, mark_killed

    began = now()
    busy = {flow for flow, lock in FLOWS.items() if store.locks.is_held(lock)}
    left = "nightly-crawl" not in busy and going_on(store, settings) is not None
    for flow in FLOWS:
        if alone:
            await mark_killed(ours[flow], states=BEGINNING, of_pools=own)
        if flow not in busy:
            await mark_killed(ours[flow], states=AT_WORK, of_pools=own)
    if left:
        async with get_client() as client:
            await client.create_flow_run_from_deployment(ours["nightly-crawl"])
        tell("night.goes_on")
    return [asyncio.create_task(_when_free(store, flow, ours[flow], began)) for flow in busy]


async def _when_free(store: Store, flow: str, deployment: Any, began: datetime) -> None:
    """Marks the flow's runs from before this start once nobody is at work: the lock may be a terminal's."""
    from flows.prefect.flow_runs import AT_WORK, mark_killed

    while True:
        await asyncio.sleep(AGAIN)
        with contextlib.suppress(TransientError):
            if not store.locks.is_held(FLOWS[flow]):
                await mark_killed(deployment, states=AT_WORK, before=began)
                return


async def watch(settings: Settings) -> None:
    """Posts each alarm to the webhook once while it holds, and once more when all is well again."""
    told: set[str] = set()
    while settings.alarm.webhook.get_secret_value():
        await asyncio.sleep(WATCH)
        told = await told_alarms(settings, told)


async def told_alarms(settings: Settings, told: set[str]) -> set[str]:
    """One look. An alarm is known by its first words, since its numbers change."""
    try:
        with open_store(settings) as store:
            raised = {line.split(":")[0]: line for line in alarms(store, settings, now())}
    except AssayError as error:
        raised = {"store": str(error)}
    new = [line for name, line in raised.items() if name not in told]
    if new:
        await post(settings, {"event": "alarm", "text": "\n".join(new), "alarms": new})
    elif told and not raised:
        await post(settings, {"event": "all clear", "text": "no alarm holds any more", "alarms": []})
    return set(raised)
