"""`assay restore`: from a backup folder back into an empty place, database first, then the page bytes.

Invariant: nothing that is there is overwritten; what was restored opens as a store.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from flows.keeping import open_store
from flows.settings import Settings
from records.blobs import Blobs
from records.engine import Database
from records.export import copy_blobs
from scoring.errors import BadInput, Refused, TransientError


def restore(folder: Path, settings: Settings) -> int:
    """Fills the store of the settings; gives the number of agents in it."""
    if (folder / "assay.db").is_file():
        _copy_sqlite(folder / "assay.db", settings)
    elif (folder / "assay.pgdump").is_file():
        _load_postgres(folder / "assay.pgdump", settings)
    elif (folder / "export" / "manifest.json").is_file():
        with open_store(settings) as store:
            store.import_(folder / "export")
    else:
        raise BadInput(
            "it holds no backup", subject=str(folder), step="restore", next_step="name a folder of `assay backup`"
        )
    if (folder / "blobs").is_dir():
        copy_blobs(Blobs(folder / "blobs"), Blobs(settings.blobs_url))
    with open_store(settings, create=False) as store:
        return store.listings.count()


def _copy_sqlite(source: Path, settings: Settings) -> None:
    database = Database(settings.store_url)
    if database.path is None:
        raise BadInput(
            "a backup of SQLite goes into SQLite", subject=str(source), step="restore", next_step="unset store.url"
        )
    if database.path.exists():
        raise _there(str(database.path))
    database.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = database.path.with_name(f".new-{database.path.name}")
    temporary.unlink(missing_ok=True)
    held, copy = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True), sqlite3.connect(temporary)
    try:
        held.backup(copy)
    finally:
        copy.close()
        held.close()
    temporary.replace(database.path)


def _load_postgres(source: Path, settings: Settings) -> None:
    database = Database(settings.store_url)
    if database.is_sqlite:
        raise BadInput(
            "a dump of PostgreSQL goes into PostgreSQL", subject=str(source), step="restore", next_step="set store.url"
        )
    if shutil.which("pg_restore") is None:
        raise BadInput("pg_restore is not installed", step="restore", next_step="apt-get install postgresql-client")
    environment = dict(os.environ) | ({"PGPASSWORD": settings.store_password} if settings.store_password else {})
    address = database.url.set(drivername="postgresql", password=None).render_as_string()
    command = [
        "pg_restore",
        "--no-owner",
        "--single-transaction",
        "--exit-on-error",
        f"--dbname={address}",
        str(source),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "already exists" in done.stderr:
        raise _there(database.label)
    if done.returncode:
        raise TransientError(
            f"pg_restore failed: {done.stderr.strip()[:200]}",
            subject=database.label,
            step="restore",
            next_step="make the database empty and run it again",
        )


def _there(what: str) -> Refused:
    return Refused("there is a store already", subject=what, step="restore", next_step="restore into an empty place")
