"""`assay config`: the settings in force."""

import typer

from flows.commands.common import Json
from flows.report.console import emit, printable, say

group = typer.Typer(help="Settings: where each value comes from.", no_args_is_help=True)


@group.command()
def show(as_json: Json = False) -> None:
    """Every setting that a file accepts: its value and where that came from, its default, what it means. Secrets are
    never shown."""
    from flows.report.settings_page import settings_in_force
    from flows.settings import load

    rows = list(settings_in_force(load()))
    if as_json:
        emit(
            {
                name: {"value": value, "from": origin, "default": known.default, "meaning": known.meaning}
                for name, value, origin, known in rows
            }
        )
        return
    for name, value, origin, known in rows:
        came = origin if origin == "default" else f"{origin}; default {known.default or 'empty'}"
        say(f"{name} = {printable(value) or 'empty'}  ({came})\n    {known.meaning}")


@group.command()
def page() -> None:
    """Print docs/settings.md: every setting, its variable, its default and what it means."""
    from flows.report.settings_page import settings_page

    say(settings_page().rstrip())
