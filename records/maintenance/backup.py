"""Backups while others write, and letting go of old page bytes.

Idea: page bytes first, then the database by its own online means, then the bytes that came meanwhile: what is let go
of in between is either copied already, or no longer named by the database's copy. Invariants: a backup of an SQLite
store is a folder that opens as a store; a folder holds one backup, the last; retention never drops a blob that a
published record, a current assessment or a current page needs.
"""

import shutil
import sqlite3
from pathlib import Path

from records.database import error_messages
from records.maintenance import postgres_programs
from records.maintenance.copy_destinations import refuse_own_folder
from records.maintenance.export import copy_blobs, export_tables, refuse_damaged
from records.pages.blobs import Blobs, sync
from records.store import Store
from scoring.errors import AssayError, TransientError

DATABASE, DUMP, EXPORT, UNDER_WAY = "assay.db", "assay.pgdump", "export", ".new-export"
MANIFEST = "manifest.json"
"""What the database's part of a backup is called, by how it was made."""


def backup(store: Store, folder: Path) -> Path:
    """Writes a backup into the folder and gives the file that holds the database.

    SQLite: `assay.db`. PostgreSQL: `assay.pgdump` for `pg_restore`, or an export when pg_dump is not installed.
    Repeating it into the same folder copies only new blobs. `BadInput` for the store's own folder; `Corrupt`, once all
    else is written, when page bytes are damaged.
    """
    refuse_own_folder(folder, store.database.path, store.blobs, "backup")
    copy = Blobs(folder / "blobs")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        copy_blobs(store.blobs, copy)
        if store.database.is_sqlite:
            written = _copy_sqlite(store, folder / DATABASE)
        elif postgres_programs.installed("pg_dump"):
            written = _dump_postgres(store, folder / DUMP)
        else:
            written = _export(store, folder)
        _, damaged = copy_blobs(store.blobs, copy)
        for older in (DATABASE, DUMP, EXPORT):
            if older != written.relative_to(folder).parts[0]:
                _remove(folder / older)
    except OSError as error:
        raise error_messages.of_disk(error, "backup") from error
    refuse_damaged(damaged, folder, "backup")
    return written


def _export(store: Store, folder: Path) -> Path:
    """An export in place of the one before; its blobs are the backup's."""
    new, target = folder / UNDER_WAY, folder / EXPORT
    _remove(new)
    export_tables(store, new)
    _remove(target)
    new.rename(target)
    return target / MANIFEST


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _copy_sqlite(store: Store, target: Path) -> Path:
    temporary = target.with_name(f".new-{target.name}")
    temporary.unlink(missing_ok=True)
    assert store.database.path is not None
    source = sqlite3.connect(store.database.path)
    copy = sqlite3.connect(temporary)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, no log beside it
    except sqlite3.Error as error:
        temporary.unlink(missing_ok=True)
        raise TransientError(
            f"the database could not be copied ({error})",
            subject=str(target),
            step="backup",
            next_step="free space and run `assay store backup` again",
        ) from error
    finally:
        copy.close()
        source.close()
    sync(temporary)
    for beside in ("-wal", "-shm"):  # of an older backup that was opened; they do not fit the new file
        target.with_name(target.name + beside).unlink(missing_ok=True)
    temporary.replace(target)
    return target


def _dump_postgres(store: Store, target: Path) -> Path:
    temporary = target.with_name(f".new-{target.name}")
    try:
        postgres_programs.run(
            "pg_dump", store.database, "--format=custom", "--no-owner", f"--file={temporary}", step="backup"
        )
    except AssayError:
        temporary.unlink(missing_ok=True)
        raise
    sync(temporary)
    temporary.replace(target)
    return target
