"""`assay config`: the settings in force."""

from __future__ import annotations

import typer

from flows.commands.common import Json
from flows.report.console import emit, table

group = typer.Typer(help="Settings: where each value comes from.", no_args_is_help=True)


@group.callback()
def _group() -> None:
    """Keeps `show` a command of its own while it is the only one."""


@group.command()
def show(as_json: Json = False) -> None:
    """Every setting, its value, and where the value came from. Secrets are never shown."""
    from flows.settings import load, origins

    rows = origins(load())
    if as_json:
        emit({name: {"value": value, "from": origin} for name, value, origin in rows})
    else:
        table(rows, ("setting", "value", "from"))
