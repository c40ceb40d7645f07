"""`assay sources`: where agents are listed."""

from typing import Annotated

import typer

from flows.commands.common import Json, opened
from flows.report.console import emit, say, table

group = typer.Typer(help="Where agents are listed.", no_args_is_help=True)


@group.command()
def add(
    name: Annotated[str, typer.Argument(help="Your name for it.")],
    kind: Annotated[str, typer.Option(help="directory_site, markdown_list, mcp_registry, url_table, repository, …")],
    location: Annotated[str, typer.Option(help="URL of its first page, list or registry; a folder for `folder`.")],
    option: Annotated[list[str] | None, typer.Option(help="KEY=VALUE of this kind, such as selectors=harbour.")] = None,
    show: Annotated[bool, typer.Option("--check/--no-check", help="Show what it would list.")] = True,
) -> None:
    """Add a source, or change one of the same name. docs/sources.md says what each kind reads."""
    from extractors.sources.source_kinds import kind_named, open_source
    from scoring.errors import BadInput

    options: dict[str, object] = {}
    for pair in option or ():
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"an option is KEY=VALUE, not {pair!r}", subject=name, step="sources")
        options[key] = [part.strip() for part in value.split(",")] if "," in value else value
    open_source(name, kind, location, options)
    if not kind_named(kind, name).local and "://" not in location:
        raise BadInput(f"not an address: {location}", subject=name, step="sources", next_step="give a full URL")
    with opened(create=True) as (store, _):
        store.sources.add(name, kind, location, options)
    say(f"{name}: {kind} at {location}. Next: assay night run")
    if show:
        _show(name)


@group.command()
def check(name: Annotated[str, typer.Argument(help="Name of the source.")]) -> None:
    """Show what a source would list: how many, the first ones, what is left out, and options that would fit better.

    Exit code 4 when a night would end with failures for it.
    """
    from flows.exit_codes import ExitCode

    if _show(name):
        raise typer.Exit(ExitCode.ALARM)


def _show(name: str) -> str:
    """Walks the source for its first pages and prints what it would list; gives the problem."""
    import asyncio

    from flows.fetching.source_walk import Preview, preview
    from flows.operations.single_agent import fetching

    async def walked() -> Preview:
        with opened() as (store, settings):
            source = store.sources.get(name)
            async with fetching(store, settings) as fetcher:
                return await preview(source, settings, fetcher)

    found = asyncio.run(walked())
    say(f"  {found.summary}")
    if found.problem:
        say(f"  problem: {found.problem}")
    for proposal in found.proposals:
        say(f"  try {proposal}")
    return found.problem


@group.command("list")
def list_(as_json: Json = False) -> None:
    """Every source, with the number of agents it listed last time and the nights that a whole pass of them needs."""
    from flows.report.crawl_plan import whole_passes

    with opened(create=True) as (store, settings):
        rows = store.sources.all()
        passes = whole_passes(store, settings)
    if as_json:
        needs = {name: whole_pass._asdict() for name, whole_pass in passes.items()}
        emit([{**row._asdict(), "whole_pass": needs.get(row.name)} for row in rows])
        return
    counts = ["never read" if row.last_count is None else str(row.last_count) for row in rows]
    waits = [passes[row.name].text if row.name in passes else "–" for row in rows]
    cells = [(row.name, row.kind, n, needs, row.location) for row, n, needs in zip(rows, counts, waits, strict=True)]
    none = "no sources yet. Next: assay sources add NAME --kind directory_site --location https://…"
    table(cells, ("source", "kind", "agents", "whole pass", "location"), none=none)


@group.command()
def remove(name: Annotated[str, typer.Argument(help="Name of the source.")]) -> None:
    """Forget a source; its agents and their records stay."""
    with opened() as (store, _):
        store.sources.remove(name)
    say(f"{name}: forgotten; its agents stay")
