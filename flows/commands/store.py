"""`assay store`: what is kept, over years: copied, moved, checked, made smaller."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.common import Json, opened
from flows.commands.record import print_verified
from flows.report.console import emit, say, table

group = typer.Typer(help="The database and the page bytes: back up, move, verify, prune.", no_args_is_help=True)


@group.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="Folder to write; a later backup into it copies only what is new.")],
) -> None:
    """Write a consistent copy of the database and the page bytes, while work goes on."""
    from flows.store_access import refuse_home
    from records.maintenance import backup as backups

    with opened() as (store, settings):
        refuse_home(folder, settings, "backup")
        written = backups.backup(store, folder)
    say(f"{written}. Back from it, into an empty place: assay store restore {folder}, then assay store verify")


@group.command()
def restore(folder: Annotated[Path, typer.Argument(help="Folder that `assay store backup` wrote.")]) -> None:
    """Fill an empty store (the one of the settings) from a backup."""
    from flows.operations.restore import restore as restore_backup
    from flows.settings import load

    say(f"{restore_backup(folder, load())} agents restored. Next: assay store verify")


@group.command()
def verify(
    against: Annotated[
        str, typer.Option(help="File or URL with an earlier head of the log: a published site, or what `log` printed.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Re-derive every digest, offset, score and the event chain; --against proves that the log was not rewritten."""
    from flows.operations.verification import verify_store

    print_verified(verify_store(against), as_json)


@group.command()
def log(
    agent: Annotated[str, typer.Option(help="Slug, name or URL of an agent.")] = "",
    person: Annotated[str, typer.Option(help="Who did it, by name.")] = "",
    since: Annotated[datetime | None, typer.Option(help="Day or moment (UTC).")] = None,
    as_json: Json = False,
) -> None:
    """The audit trail: what was decided, changed and published, by whom, oldest first."""
    with opened() as (store, _):
        slug = store.listings.find(agent) if agent else ""
        found = store.events.all(slug=slug, actor=person, since=since and since.replace(tzinfo=since.tzinfo or UTC))
    if as_json:
        emit([event._asdict() for event in found])
        return
    rows = [(str(e.sequence), f"{e.at:%Y-%m-%d %H:%M}", e.actor, e.kind, e.slug, e.detail) for e in found]
    table(rows, ("event", "at", "who", "what", "agent", "more"), none="no such event")


@group.command()
def prune(days: Annotated[int, typer.Option(help="Page versions fetched longer ago than this.", min=1)] = 180) -> None:
    """Drop the bytes of old page versions that no published record and no current draft needs; texts stay."""
    from records.maintenance.retention import drop_old_pages

    with opened() as (store, _):
        dropped = drop_old_pages(store, store.now() - timedelta(days=days))
        left = store.blobs.sweep()
    say(f"{dropped} page versions dropped, {left} unfinished files removed")


@group.command()
def export(folder: Annotated[Path, typer.Argument(help="Folder to write; must be empty or new.")]) -> None:
    """Write the whole store as JSON lines and blobs, independent of the database."""
    from flows.store_access import refuse_home
    from records.maintenance import export as exports

    with opened() as (store, settings):
        refuse_home(folder, settings, "export")
        exports.export(store, folder)
    say(f"{folder}. Into another store: assay store import {folder}")


@group.command("import")
def import_(folder: Annotated[Path, typer.Argument(help="Folder that `assay store export` wrote.")]) -> None:
    """Read an export into an empty store."""
    from records.maintenance import export as exports

    with opened(create=True) as (store, _):
        exports.import_(store, folder)
    say("imported. Next: assay store verify")
