"""`assay sources` and `assay crawl`: what is crawled, and one night now."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from flows.exit_codes import ExitCode

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Where agents are listed.", no_args_is_help=True)
    group.command()(add)
    group.command(name="list")(list_)
    group.command()(remove)
    app.add_typer(group, name="sources")
    app.command()(crawl)


def add(
    name: Annotated[str, typer.Argument(help="Your name for it.")],
    kind: Annotated[str, typer.Option(help="directory_site, markdown_list, mcp_registry, url_table, repository, …")],
    location: Annotated[str, typer.Option(help="URL of its first page, list or registry; a folder for `folder`.")],
    option: Annotated[list[str] | None, typer.Option(help="KEY=VALUE of this kind, such as selectors=harbour.")] = None,
) -> None:
    """Add a source, or change one of the same name."""
    from extractors.sources.source_kinds import open_source
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import open_store
    from scoring.errors import BadInput

    options: dict[str, object] = {}
    for pair in option or ():
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"an option is KEY=VALUE, not {pair!r}", subject=name, step="sources")
        options[key] = [part.strip() for part in value.split(",")] if "," in value else value
    open_source(name, kind, location, options)
    if kind != "folder" and "://" not in location:
        raise BadInput(f"not an address: {location}", subject=name, step="sources", next_step="give a full URL")
    with open_store(load()) as store:
        store.sources.add(name, kind, location, options)
    say(f"{name}: {kind} at {location}. Next: assay crawl")


def list_(as_json: Json = False) -> None:
    """Every source, with the number of agents it listed last time."""
    from flows.report.console import emit, say, table
    from flows.settings import load
    from flows.store_access import open_store

    with open_store(load()) as store:
        rows = store.sources.all()
    if as_json:
        emit([row._asdict() for row in rows])
        return
    counts = ["never read" if row.last_count is None else str(row.last_count) for row in rows]
    cells = [(row.name, row.kind, count, row.location) for row, count in zip(rows, counts, strict=True)]
    table(cells, ("source", "kind", "agents", "location"))
    if not rows:
        say("no sources yet. Next: assay sources add NAME --kind directory_site --location https://…")


def remove(name: Annotated[str, typer.Argument(help="Name of the source.")]) -> None:
    """Forget a source; its agents and their records stay."""
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import open_store

    with open_store(load(), create=False) as store:
        store.sources.remove(name)
    say(f"{name}: forgotten; its agents stay")


def crawl(
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    again: Annotated[bool, typer.Option(help="Also agents that were looked at a short while ago.")] = False,
    budget: Annotated[str, typer.Option(help="US dollars; stops before the call that would exceed it.")] = "",
    accept_fewer: Annotated[bool, typer.Option(help="A source may list far fewer agents than last time.")] = False,
    with_prefect: Annotated[bool, typer.Option("--prefect/--no-prefect", help="As a Prefect flow run.")] = False,
    report: Annotated[Path | None, typer.Option(help="Also write the summary to this file.")] = None,
    as_json: Json = False,
) -> None:
    """One night, now: crawl, assess, keep drafts for review. Killed and started again it goes on.

    Exit code 4 when a source failed or gave nothing it should, 1 when the night is not complete otherwise.
    """
    import asyncio

    from flows.report.console import emit, say
    from flows.report.morning_report import morning_lines
    from flows.report.progress_bar import bar
    from flows.settings import load
    from scoring.errors import BadInput

    settings = load()
    if budget:
        try:
            model = settings.model.model_copy(update={"budget": Decimal(budget)})
        except ArithmeticError as error:
            raise BadInput(f"{budget!r} is no amount", subject="--budget", step="crawl") from error
        settings = settings.model_copy(update={"model": model})
    if accept_fewer:
        alarm = settings.alarm.model_copy(update={"least_share_of_listings": 0.0})
        settings = settings.model_copy(update={"alarm": alarm})
    if with_prefect:
        from flows.prefect.nightly_flow import run_flow

        summary = run_flow(settings, again=again, source=source or None)
    else:
        from flows.night.night import run_night
        from flows.store_access import open_store

        with open_store(settings) as store, bar("agents") as progress:
            summary = asyncio.run(run_night(store, settings, again=again, source=source or None, progress=progress))
    if as_json:
        emit(summary)
    else:
        for line in morning_lines(summary):
            say(line)
    if report is not None:
        report.write_text("\n".join(morning_lines(summary)) + "\n", encoding="utf-8")
    if summary.with_failures or not summary.complete:
        raise typer.Exit(ExitCode.ALARM if summary.with_failures else ExitCode.FAILED)
