"""`assay config`: the settings in force."""

from __future__ import annotations

import typer

from flows.commands.common import Json
from flows.report.console import emit, say, table

group = typer.Typer(help="Settings: where each value comes from.", no_args_is_help=True)


@group.command()
def show(as_json: Json = False) -> None:
    """Every setting, its value, and where the value came from. Secrets are never shown."""
    from flows.settings import load, origins

    rows = origins(load())
    if as_json:
        emit({name: {"value": value, "from": origin} for name, value, origin in rows})
    else:
        table(rows, ("setting", "value", "from"))


@group.command()
def page() -> None:
    """Print docs/settings.md: every setting, its variable, its default and what it means."""
    from flows.report.settings_page import settings_page

    say(settings_page().rstrip())
