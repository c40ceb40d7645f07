"""`assay serve schedules`: one machine, one process, with a Prefect server of its own where none is set.

Idea: deployments are served with the cron lines of the settings; the server is a child on loopback whose home lies
under ours. Invariants: SIGTERM and SIGINT stop all of it, however it was started; nothing is left running when it
was killed; stopping pauses no schedule; a night that was cut off goes on at the next start, once the server has ended
the flow run that was killed.
"""

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

from flows.night.interrupted_nights import interrupted_night_start
from flows.report import event_log
from flows.report.alarms import watch
from flows.report.console import say
from flows.report.event_log import log_event
from flows.settings import Settings, settings_file
from flows.store_access import open_store
from records.store import Store
from scoring.errors import BadInput, TransientError, shown

STARTING = 120
"""Seconds that a cold server may take."""


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
        with prefect_server(settings) as address:
            os.environ["PREFECT_API_URL"] = address
            asyncio.run(_serve(store, settings))


@contextlib.contextmanager
def prefect_server(settings: Settings) -> Iterator[str]:
    """The address of the operator's server, or of a child of ours."""
    import flows.prefect.environment  # noqa: F401  (telemetry off, before anything of Prefect starts)

    named = os.environ.get("PREFECT_API_URL")
    if named:
        answers(named)
        yield named
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
        yield f"http://127.0.0.1:{port}/api"
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


async def _serve(store: Store, settings: Settings) -> None:
    import flows.prefect.environment  # noqa: F401  (before Prefect)

    # isort: split
    from prefect.client.orchestration import get_client
    from prefect.runner import Runner

    from flows.prefect.deployments import cron_lines, prepare, served

    tag = await prepare(store)
    runner = Runner(name="assay", pause_on_shutdown=False, webserver=False)
    nightly, *_ = [await runner.aadd_deployment(deployment) for deployment in await served(settings, tag)]
    if interrupted_night_start(store, settings) is not None:
        async with get_client() as client:
            await client.create_flow_run_from_deployment(nightly)
        log_event("night.goes_on")
    running = asyncio.create_task(runner.start())
    watching = asyncio.create_task(watch(settings))
    stopping = asyncio.Event()
    await asyncio.sleep(0)  # the runner sets its own handlers first
    for number in (signal.SIGTERM, signal.SIGINT):  # also where SIGINT was ignored, as with `assay serve schedules &`
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    log_event("serve.ready", **cron_lines(settings), timezone=settings.schedule.timezone)
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    log_event("serve.stopping")
    for task in (watching, stopped, running):
        task.cancel()
    [result] = await asyncio.gather(running, return_exceptions=True)
    if isinstance(result, Exception):
        raise result
