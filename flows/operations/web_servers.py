"""Web servers on this machine: the review desk, and the read-only records API."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from flows.report.console import note, say
from flows.settings import Settings
from flows.store_access import open_store
from scoring.errors import BadInput

if TYPE_CHECKING:
    from fastapi import FastAPI

    from review.desk_options import DeskOptions

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run_server(app: FastAPI, host: str, port: int, ready: str) -> None:
    """Serves until stopped; `ready` is printed with the address once the port is taken."""
    import uvicorn

    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise BadInput(
            f"cannot listen on {host}:{port} ({error.strerror})", step="serve", next_step="choose another --port"
        ) from error
    # asyncio sets this only on sockets that name their protocol; without it each answer waits 40 ms for an ACK
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    bound = listener.getsockname()[1]
    say(ready.format(url=f"http://{host}:{bound}"))
    config = uvicorn.Config(
        app, log_level="warning", server_header=False, date_header=True, proxy_headers=False
    )  # the desk itself asks whether the other end is a trusted proxy, before any header is read
    uvicorn.Server(config).run(sockets=[listener])


def serve_desk(settings: Settings, host: str, port: int) -> None:
    """The review desk. Away from loopback it needs a reverse proxy that signs people in, or local accounts."""
    from review.desk import create_desk

    if host not in LOOPBACK and not settings.desk.user_header:
        note(f"{host} is reachable from other machines; put a reverse proxy with TLS before the desk")
    with open_store(settings) as store:
        app, first_steps = create_desk(store, desk_options(settings))
        ready = "\n".join(("review desk at {url} (Ctrl-C stops it)", *first_steps))
        run_server(app, host, port, ready)


def desk_options(settings: Settings) -> DeskOptions:
    """What the desk needs of the settings."""
    from review.desk_options import DeskOptions

    return DeskOptions(
        **settings.desk.model_dump(exclude={"host", "port"}),  # every other one is an option, so none is dropped
        automatic_approval=settings.approval.automatic,
        two_people=settings.approval.two_people,
        limits=settings.limits,
    )


def serve_records(settings: Settings, host: str, port: int) -> None:
    """The read-only API over the served generation of the site."""
    from publishing.formats.api import create_app

    run_server(create_app(settings.site), host, port, "records API at {url} (Ctrl-C stops it)")
