"""The whole store as plain files, and back; between SQLite and PostgreSQL as well.

Idea: `tables/<name>.jsonl` (one row a line, documents readable), `blobs/` as they are, `manifest.json` with the
digest of each file; both go row by row, so that a large store needs no more memory than a small one. Invariant: what
is imported is what was exported, or nothing is.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from records.database import error_messages, schema
from records.database.column_types import METADATA, CanonicalJson, Moment, Packed, Scaled, stamp
from records.database.engine import Database
from records.maintenance.copy_destinations import refuse_own_folder
from records.pages.blobs import Blobs
from records.store import Store
from scoring.claims import Digest
from scoring.errors import BadInput, Corrupt, NotFound, Refused

_BATCH = 100
COPIED_TOGETHER = 8
"""Page versions."""
Columns = Callable[[sa.Table], list[sa.Column[Any]]]
"""The columns of a table that a database has."""
Lines = Callable[[sa.Table], Iterable[bytes]]
"""The rows of a table as lines of JSON."""


def export(store: Store, folder: Path) -> dict[str, int]:
    """Writes everything into a new or empty folder; gives the number of rows a table, and of blobs.

    `BadInput` for the store's own folder; `Corrupt`, once all else is written, when page bytes are damaged.
    """
    refuse_own_folder(folder, store.database.path, store.blobs, "export")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BadInput("the folder is not empty", subject=str(folder), step="export", next_step="name a new one")
        copy = Blobs(folder / "blobs")
        copy_blobs(store.blobs, copy)  # before and after the rows, see `records.maintenance.backup`
        counts = export_tables(store, folder)
        counts["blobs"], damaged = copy_blobs(store.blobs, copy)
    except OSError as error:
        raise error_messages.of_disk(error, "export") from error
    refuse_damaged(damaged, folder, "export")
    return counts


def refuse_damaged(digests: Sequence[Digest], folder: Path, step: str) -> None:
    """`Corrupt` when page bytes could not be copied into the folder."""
    if digests:
        raise Corrupt(
            f"{len(digests)} page versions are damaged and were not copied, {digests[0]} first; all else is written",
            subject=str(folder),
            step=step,
            next_step="assay store verify",
        )


def export_tables(store: Store, folder: Path) -> dict[str, int]:
    """The rows of every table and, last, the manifest: a folder without it is not an export."""
    (folder / "tables").mkdir(parents=True)
    counts: dict[str, int] = {}
    files: dict[str, str] = {}
    with store.reading():
        for table in METADATA.sorted_tables:
            found = hashlib.sha256()
            counts[table.name] = 0
            with (folder / "tables" / f"{table.name}.jsonl").open("wb") as written:
                for line in _lines(store.database, table):
                    written.write(line)
                    found.update(line)
                    counts[table.name] += 1
            files[table.name] = f"sha256:{found.hexdigest()}"
    manifest = {"format": 1, "schema": schema.HEAD, "files": files, "counts": counts}
    with (folder / "manifest.json").open("w") as file:
        file.write(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return counts


def import_(store: Store, folder: Path) -> dict[str, int]:
    """Fills an empty store from an export; `Corrupt` when a file does not match the manifest."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        files = {name: folder / "tables" / f"{name}.jsonl" for name in manifest["files"]}
        digests = {name: _file_digest(file) for name, file in files.items()}
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            "it is not a finished export",
            subject=str(folder),
            step="import",
            next_step="make one with `assay store export FOLDER`",
        ) from error
    if manifest["schema"] not in schema.KNOWN:
        raise BadInput(
            f"it was made by schema {manifest['schema']}, this is {schema.HEAD}",
            subject=str(folder),
            step="import",
            next_step="export again with this version of Assay",
        )
    for name, digest in digests.items():
        if digest != manifest["files"][name] or name not in {*METADATA.tables, *schema.DROPPED}:
            raise Corrupt("the file does not match the manifest", subject=f"{name}.jsonl", step="import")
    with ExitStack() as stack:
        lines = partial(_read_lines, files)
        if manifest["schema"] != schema.HEAD:
            lines = partial(_lines, stack.enter_context(_brought_up(lines, manifest["schema"])))
        return _import(store, Blobs(folder / "blobs"), lines)


def _import(store: Store, blobs: Blobs, lines: Lines) -> dict[str, int]:
    with store.database.writing() as connection:
        if connection.scalar(sa.select(METADATA.tables["events"].c.sequence).limit(1)) is not None:
            raise Refused(
                "the store is not empty", subject=store.database.label, step="import", next_step="import into a new one"
            )
        counts = {"blobs": copy_blobs(blobs, store.blobs)[0]}
        counts |= _fill(connection, lines, _columns)
        if not store.database.is_sqlite:
            for table in METADATA.sorted_tables:
                _continue_numbers(connection, table)
    return counts


def _file_digest(file: Path) -> str:
    with file.open("rb") as opened:
        return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"


def _read_lines(files: Mapping[str, Path], table: sa.Table) -> Iterator[bytes]:
    if table.name in files:
        with files[table.name].open("rb") as opened:
            yield from opened


def _fill(connection: sa.Connection, lines: Lines, columns_of: Columns) -> dict[str, int]:
    """Writes the rows of every table into an empty database; gives their number."""
    connection.execute(sa.delete(METADATA.tables["event_head"]))
    counts: dict[str, int] = {}
    for table in METADATA.sorted_tables:
        counts[table.name] = 0
        rest = iter(lines(table))
        while batch := [json.loads(line) for line in islice(rest, _BATCH)]:
            columns = columns_of(table)
            into = sa.insert(sa.table(table.name, *(sa.column(column.name, column.type) for column in columns)))
            typed = [{column.name: _typed(column, row[column.name]) for column in columns} for row in batch]
            connection.execute(into, typed)
            counts[table.name] += len(batch)
    return counts


def copy_blobs(source: Blobs, target: Blobs) -> tuple[int, tuple[Digest, ...]]:
    """Copies what the target lacks, some at a time: most of it is waiting for the disk, or for a bucket. How many are
    there; and which are damaged in the source, and are not.

    What retention drops meanwhile is left out.
    """
    count = 0
    damaged: list[Digest] = []

    def copied(digest: Digest) -> bool:
        try:
            if not target.has(digest):
                target.put(source.get(digest))
        except NotFound:
            return False
        except Corrupt:
            damaged.append(digest)
            return False
        return True

    rest = source.all()
    with ThreadPoolExecutor(COPIED_TOGETHER) as threads:
        while digests := list(islice(rest, _BATCH)):
            count += sum(threads.map(copied, digests))
    return count, tuple(sorted(damaged))


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if column.computed is None]


@contextmanager
def _brought_up(lines: Lines, version: str) -> Iterator[Database]:
    """A database with the rows of an older schema as this one has them: one of that schema, filled and migrated."""
    with TemporaryDirectory() as folder, closing(Database(f"sqlite:///{folder}/older.db")) as older:
        schema.migrate(older, version)
        with older.writing() as connection:
            there = sa.inspect(connection)

            def columns_of(table: sa.Table) -> list[sa.Column[Any]]:
                known = {column["name"] for column in there.get_columns(table.name)}
                return [column for column in _columns(table) if column.name in known]

            _fill(connection, lines, columns_of)
        schema.migrate(older)
        yield older


def _lines(database: Database, table: sa.Table) -> Iterator[bytes]:
    columns = _columns(table)
    query = sa.select(*columns).order_by(*table.primary_key)
    with database.reading() as connection:
        for row in connection.execute(query).yield_per(_BATCH):
            values = {column.name: _plain(value) for column, value in zip(columns, row, strict=True)}
            yield canonical_bytes(values) + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, bytes):
        return value.decode()
    return str(value) if isinstance(value, Decimal) else value


def _typed(column: sa.Column[Any], value: Any) -> Any:
    if value is None or isinstance(column.type, CanonicalJson):
        return value
    if isinstance(column.type, Moment):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Packed):
        return value.encode()
    return Decimal(value) if isinstance(column.type, Scaled) else value


def _continue_numbers(connection: sa.Connection, table: sa.Table) -> None:
    """PostgreSQL counts row numbers apart from the rows."""
    column = table.autoincrement_column
    if column is not None and column.autoincrement is True:
        highest = connection.scalar(sa.select(sa.func.max(column)))
        if highest:
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(sa.select(sa.func.setval(sequence, highest)))
