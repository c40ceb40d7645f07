"""Backups while others write, and letting go of old page bytes.

Idea: the database first, by its own online means, then the blobs: every blob that the copied rows name was there
before them. Invariants: a backup of an SQLite store is a folder that opens as a store; retention never drops a
blob that a published record, a current assessment or a current page needs.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from records import failures
from records.blobs import Blobs
from records.export import copy_blobs, export
from records.tables import agents, extractions, pages, publications, snapshots
from scoring.claims import Extraction
from scoring.errors import TransientError
from scoring.outcomes import PublishedRecord

if TYPE_CHECKING:
    from records.store import Store


def backup(store: Store, folder: Path) -> Path:
    """Writes a backup into the folder and gives the file that holds the database.

    SQLite: `assay.db`. PostgreSQL: `assay.pgdump` for `pg_restore`, or an export when pg_dump is not installed.
    Repeating it into the same folder copies only new blobs; an export needs a folder of its own.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if store.database.is_sqlite:
            written = _copy_sqlite(store, folder / "assay.db")
        elif shutil.which("pg_dump"):
            written = _dump_postgres(store, folder / "assay.pgdump")
        else:
            export(store, folder / "export")
            return folder / "export" / "manifest.json"
    except OSError as error:
        raise failures.of_disk(error, "backup") from error
    copy_blobs(store.blobs, Blobs(folder / "blobs"))
    return written


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
            next_step="free space and run `assay backup` again",
        ) from error
    finally:
        copy.close()
        source.close()
    _sync(temporary)
    for beside in ("-wal", "-shm"):  # of an older backup that was opened; they do not fit the new file
        target.with_name(target.name + beside).unlink(missing_ok=True)
    temporary.replace(target)
    return target


def _dump_postgres(store: Store, target: Path) -> Path:
    url = store.database.url
    temporary = target.with_name(f".new-{target.name}")
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)  # never on a command line
    address = url.set(drivername="postgresql", password=None).render_as_string()
    command = ["pg_dump", "--format=custom", "--no-owner", f"--file={temporary}", f"--dbname={address}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        temporary.unlink(missing_ok=True)
        raise TransientError(
            f"pg_dump failed: {done.stderr.strip()[:200]}",
            subject=store.database.label,
            step="backup",
            next_step="check that pg_dump is not older than the server",
        )
    _sync(temporary)
    temporary.replace(target)
    return target


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def needed_pages(connection: sa.Connection) -> set[str]:
    """Digests of the pages that must stay: published, current evidence, and the last version of every page."""
    needed: set[str] = {row[0] for row in connection.execute(sa.select(pages.c.digest)) if row[0]}
    for (body,) in connection.execute(sa.select(publications.c.body)).yield_per(200):
        record = PublishedRecord.model_validate_json(body)
        needed |= {source.page_digest for source in record.sources}
        needed |= {source.page_digest for source in record.extraction.read}
    current = sa.select(extractions.c.body).join(agents, agents.c.extraction_digest == extractions.c.digest)
    for (body,) in connection.execute(current).yield_per(200):
        needed |= {source.page_digest for source in Extraction.model_validate_json(body).read}
    return needed


def drop_old_pages(store: Store, before: datetime) -> int:
    """Drops the bytes of page versions fetched before, unless they are needed; gives the number of blobs.

    Rows and texts stay, so that every quote can still be checked. Rows are marked first: a kill in between
    leaves bytes that nothing names, never a name without its bytes. A version that came back meanwhile stays.
    """
    dropped: list[str] = []
    with store.database.writing() as connection:
        needed = needed_pages(connection)
        newest = sa.func.max(snapshots.c.fetched_at)
        query = sa.select(snapshots.c.digest).where(snapshots.c.blob_dropped_at.is_(None))
        for (digest,) in connection.execute(query.group_by(snapshots.c.digest).having(newest < before)).all():
            if digest not in needed:
                update = sa.update(snapshots).where(snapshots.c.digest == digest)
                connection.execute(update.values(blob_dropped_at=store.now()))
                dropped.append(digest)
        if dropped:
            store.database.note("pages.dropped", payload={"count": len(dropped)})
    back = sa.select(snapshots.c.blob_dropped_at).with_for_update()
    for digest in dropped:
        with store.database.writing() as connection:
            marks = connection.scalars(back.where(snapshots.c.digest == digest)).all()
            if all(mark is not None for mark in marks):
                store.blobs.drop(digest)
    return len(dropped)
