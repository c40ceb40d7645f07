"""`assay store restore`: from a backup folder back into an empty place, database first, then the page bytes.

Invariant: nothing that is there is overwritten; what was restored opens as a store.
"""

import sqlite3
from pathlib import Path

from flows.settings import Settings
from flows.store_access import open_store, refuse_home
from records.database.engine import Database
from records.database.schema import version
from records.maintenance import postgres_programs
from records.maintenance.backup import DATABASE, DUMP, EXPORT, MANIFEST, UNDER_WAY
from records.maintenance.copy_destinations import refuse_own_folder
from records.maintenance.export import copy_blobs, import_
from records.pages.blobs import Blobs
from scoring.errors import BadInput, Corrupt, Refused, required


def restore(folder: Path, settings: Settings) -> int:
    """Fills the store of the settings; gives the number of agents in it."""
    database, blobs = Database(settings.store_url), Blobs(settings.blobs_url)
    refuse_own_folder(folder, database.path, blobs, "restore")
    refuse_home(folder, settings, "restore")
    kinds = (folder / DATABASE, folder / DUMP, folder / EXPORT / MANIFEST, folder / UNDER_WAY / MANIFEST)
    written = required(
        max((file for file in kinds if file.is_file()), key=lambda file: file.stat().st_mtime_ns, default=None),
        BadInput(
            "it holds no backup", subject=str(folder), step="restore", next_step="name a folder of `assay store backup`"
        ),
    )
    if written.name == DATABASE:
        _copy_sqlite(written, database)
    elif written.name == DUMP:
        _load_postgres(written.absolute(), database)
    else:
        with open_store(settings) as store:
            import_(store, written.parent)
    if (folder / "blobs").is_dir():
        _, damaged = copy_blobs(Blobs(folder / "blobs"), blobs)
        if damaged:
            raise Corrupt(
                f"{len(damaged)} page versions of it are damaged, {damaged[0]} first; all else is restored",
                subject=str(folder),
                step="restore",
                next_step="assay store verify",
            )
    with open_store(settings, create=False) as store:
        return store.listings.count()


def _copy_sqlite(source: Path, database: Database) -> None:
    if database.path is None:
        raise BadInput(
            "a backup of SQLite goes into SQLite", subject=str(source), step="restore", next_step="unset store.url"
        )
    if database.path.exists():
        raise _there(str(database.path))
    database.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = database.path.with_name(f".new-{database.path.name}")
    temporary.unlink(missing_ok=True)
    original, copy = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True), sqlite3.connect(temporary)
    try:
        original.backup(copy)
    finally:
        copy.close()
        original.close()
    temporary.replace(database.path)


def _load_postgres(source: Path, database: Database) -> None:
    if database.is_sqlite:
        raise BadInput(
            "a dump of PostgreSQL goes into PostgreSQL", subject=str(source), step="restore", next_step="set store.url"
        )
    with database.reading() as connection:
        there = version(connection)
    database.close()
    if there is not None:
        raise _there(database.label)
    options = ("--no-owner", "--single-transaction", "--exit-on-error")
    postgres_programs.run("pg_restore", database, *options, source, step="restore")


def _there(what: str) -> Refused:
    return Refused("there is a store already", subject=what, step="restore", next_step="restore into an empty place")
