"""`assay site`: what the public gets."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.common import By, Json, acting, opened
from flows.exit_codes import ExitCode
from flows.report.console import emit, say

group = typer.Typer(help="The public site: publish, or go back a generation.", no_args_is_help=True)

Out = Annotated[Path | None, typer.Option(help="Folder of the site; the one of the settings when left out.")]


@group.command()
def publish(
    out: Out = None,
    released_by: Annotated[str, typer.Option(help="Your name: publish although it is held.")] = "",
    as_json: Json = False,
    before: Annotated[bool, typer.Option("--back", hidden=True)] = False,
) -> None:
    """Publish every approved record: one generation of the site, switched in at once."""
    from flows.operations.publication import publish_site

    if before:
        back(out, released_by)
        return
    with opened() as (store, settings):
        if released_by:
            acting(store, released_by, least="publisher", step="publish")
        publication = publish_site(store, settings, out or settings.site, released_by=released_by)
    if as_json:
        emit(publication._asdict())
    else:
        say(publication.line)
        for line in publication.skipped:
            say(f"SKIPPED: {line}")
    if publication.skipped:
        raise typer.Exit(ExitCode.ALARM)


@group.command()
def back(out: Out = None, by: By = "") -> None:
    """Serve the generation before again, and publish nothing."""
    from flows.operations.publication import serve_previous_generation

    with opened() as (store, settings):
        acting(store, by, least="publisher", step="publish")
        number = serve_previous_generation(store, out or settings.site)
    say(f"site generation {number} is served again. Next: correct what was wrong, then assay site publish")
