"""`assay serve`, `doctor`, `backup`, `restore`, `prune`, `export`, `import`, `config`: running it for years."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.exit_codes import ExitCode

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    for command in (serve, doctor, backup, restore, prune):
        app.command()(command)
    app.command(name="export")(export)
    app.command(name="import")(import_)
    group = typer.Typer(help="Settings: where each value comes from.", no_args_is_help=True)
    group.command(name="show")(config_show)
    group.callback()(lambda: None)
    app.add_typer(group, name="config")


def serve() -> None:
    """Run the nightly, re-scoring and publishing schedules until stopped (SIGTERM or Ctrl-C)."""
    from flows.prefect.schedules import serve as serve_schedules
    from flows.settings import load

    serve_schedules(load())


def doctor(as_json: Json = False) -> None:
    """Check settings, versions, keys, contact, disk, database and Prefect, with the fix for each."""
    from flows.operations.doctor import examine
    from flows.report.console import emit, say

    checks = examine()
    if as_json:
        emit([check._asdict() for check in checks])
    else:
        for check in checks:
            say(f"{'ok  ' if check.ok else 'FIX '} {check.name}: {check.found}")
            if not check.ok:
                say(f"     → {check.fix}")
    if not all(check.ok for check in checks):
        raise typer.Exit(ExitCode.FAILED)


def backup(
    folder: Annotated[Path, typer.Argument(help="Folder to write; a later backup into it copies only what is new.")],
) -> None:
    """Write a consistent copy of the database and the page bytes, while work goes on."""
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import open_store, refuse_home

    settings = load()
    with open_store(settings, create=False) as store:
        refuse_home(folder, settings, "backup")
        written = store.backup(folder)
    say(f"{written}. Back from it, into an empty place: assay restore {folder}, then assay verify")


def restore(folder: Annotated[Path, typer.Argument(help="Folder that `assay backup` wrote.")]) -> None:
    """Fill an empty store (the one of the settings) from a backup."""
    from flows.operations.restore import restore as restore_backup
    from flows.report.console import say
    from flows.settings import load

    say(f"{restore_backup(folder, load())} agents restored. Next: assay verify")


def prune(days: Annotated[int, typer.Option(help="Page versions fetched longer ago than this.", min=1)] = 180) -> None:
    """Drop the bytes of old page versions that no published record and no current draft needs; texts stay."""
    from datetime import timedelta

    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import open_store

    with open_store(load(), create=False) as store:
        dropped = store.drop_old_pages(store.now() - timedelta(days=days))
        left = store.blobs.sweep()
    say(f"{dropped} page versions dropped, {left} unfinished files removed")


def export(folder: Annotated[Path, typer.Argument(help="Folder to write; must be empty or new.")]) -> None:
    """Write the whole store as JSON lines and blobs, independent of the database."""
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import open_store, refuse_home

    settings = load()
    with open_store(settings, create=False) as store:
        refuse_home(folder, settings, "export")
        store.export(folder)
    say(f"{folder}. Into another store: assay import {folder}")


def import_(folder: Annotated[Path, typer.Argument(help="Folder that `assay export` wrote.")]) -> None:
    """Read an export into an empty store."""
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import open_store

    with open_store(load()) as store:
        store.import_(folder)
    say("imported. Next: assay verify")


def config_show(as_json: Json = False) -> None:
    """Every setting, its value, and where the value came from. Secrets are never shown."""
    from flows.report.console import emit, table
    from flows.settings import load, origins

    rows = origins(load())
    if as_json:
        emit({name: {"value": value, "from": origin} for name, value, origin in rows})
    else:
        table(rows, ("setting", "value", "from"))
