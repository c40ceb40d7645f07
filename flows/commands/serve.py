"""`assay serve`: what runs until it is stopped: the schedules, the desk, the records API."""

from typing import Annotated

import typer

from flows.commands.common import Host, Port

group = typer.Typer(help="Run until stopped: the schedules, the desk in the browser, or the records API.")


@group.callback(invoke_without_command=True)
def _without_name(context: typer.Context) -> None:
    """`assay serve` alone meant the schedules."""
    if context.invoked_subcommand is None:
        schedules()


@group.command()
def schedules() -> None:
    """Run the nightly, re-scoring and publishing schedules until stopped (SIGTERM or Ctrl-C)."""
    from flows.prefect.schedules import serve
    from flows.settings import load

    serve(load())


@group.command()
def desk(host: Host = "", port: Port = -1) -> None:
    """Serve the review desk in the browser."""
    from flows.operations.web_servers import serve_desk
    from flows.settings import load

    settings = load()
    serve_desk(settings, host or settings.desk.host, settings.desk.port if port < 0 else port)


@group.command()
def api(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8766,
) -> None:
    """Serve the published records as a small read-only JSON API."""
    from flows.operations.web_servers import serve_records
    from flows.settings import load

    serve_records(load(), host, port)
