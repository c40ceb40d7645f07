"""One database, SQLite or PostgreSQL, with the same promises on both.

Idea: a unit of work is one transaction: `with database.writing() as connection`. Inside it, every other call
that writes joins it, so that callers can make several calls one unit. Events noted in a unit are chained and
written just before its commit, which keeps the chain's lock short.

Invariant: on SQLite a unit that writes begins with BEGIN IMMEDIATE, so a read in it is still true when it
writes; on PostgreSQL callers lock the rows they read for writing (`locked=True`). Nothing is awaited in a unit.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from records.database import error_messages
from records.database.event_chain import UnchainedEvent, write_events
from scoring.errors import TerminalError

BUSY_MILLISECONDS = 10_000
"""How long a writer waits for another one before it gives up as transient."""


def utc_now() -> datetime:
    return datetime.now(UTC)


Values = Mapping[str, Any] | None
"""Of the parameters of a query."""
RowT = TypeVar("RowT")
Identity = tuple[int, int]
"""Device and number of a file."""


class UnitOfWork:
    """An open transaction that writes, and the events noted in it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.noted: list[UnchainedEvent] = []


class Database:
    """Connections, transactions and the clock of one store."""

    def __init__(self, url: str, clock: Callable[[], datetime] = utc_now, actor: str = "assay") -> None:
        self.url = sa.make_url(url)
        self.now = clock
        self.actor = actor
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.label = self.url.database or "memory" if self.is_sqlite else _shown(self.url)
        """How messages name this database; never with its password."""
        self._file: Identity | None = None
        self._unit: ContextVar[UnitOfWork | None] = ContextVar("unit", default=None)
        self._view: ContextVar[sa.Connection | None] = ContextVar("view", default=None)
        self.engine = make_engine(self.url)
        self._writer = self.engine.execution_options(assay_writes=True)
        self._quick_writer = self.engine.execution_options(assay_writes=True, assay_quick=True)
        self._reader = self.engine if self.is_sqlite else self.engine.execution_options(**_SNAPSHOT)

    @cached_property
    def path(self) -> Path | None:
        """The SQLite file; None for a server."""
        name = self.url.database if self.is_sqlite else None
        return Path(name) if name and name != ":memory:" else None

    @property
    def in_unit(self) -> bool:
        """Whether a unit of work is open in this task or thread."""
        return self._unit.get() is not None

    @contextlib.contextmanager
    def writing(self, *, quick: bool = False) -> Iterator[sa.Connection]:
        """One transaction, all or nothing. Joins the unit that is already open in this task or thread.

        A `quick` one outlives any kill of this process, but when the power fails the last of them may be gone
        (never a part of one, never one that a later durable one followed): for what can be fetched again.
        """
        outer = self._unit.get()
        if outer is not None:
            yield outer.connection
            return
        writer = self._quick_writer if quick else self._writer
        with error_messages.translated(self.label, "store"), writer.connect() as connection, connection.begin():
            if quick and not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            self._check_file(connection)
            unit = UnitOfWork(connection)
            token = self._unit.set(unit)
            try:
                yield connection
                write_events(connection, unit.noted, locked=not self.is_sqlite)
                self._check_file(connection)
            finally:
                self._unit.reset(token)

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One consistent view. Inside a unit of work it sees that unit's own writes."""
        outer = self._unit.get()
        joined = outer.connection if outer is not None else self._view.get()
        if joined is not None:
            yield joined
            return
        with error_messages.translated(self.label, "read"), self._reader.connect() as connection, connection.begin():
            yield connection

    def rows(self, query: sa.Executable, values: Values = None) -> Sequence[sa.Row[Any]]:
        """All rows of a query, read as `reading` does."""
        with self.reading() as connection:
            return connection.execute(query, values).all()

    def row(self, query: sa.Executable, values: Values = None) -> sa.Row[Any] | None:
        """The one row of a query, if there is one."""
        with self.reading() as connection:
            return connection.execute(query, values).one_or_none()

    def read(self, kind: Callable[..., RowT], query: sa.Executable, values: Values = None) -> tuple[RowT, ...]:
        """All rows of a query that gives the fields of this kind in their order."""
        return tuple(kind(*row) for row in self.rows(query, values))

    def first(self, kind: Callable[..., RowT], query: sa.Executable, values: Values = None) -> RowT | None:
        """The first row of such a query, if there is one."""
        return next(iter(self.read(kind, query, values)), None)

    def scalars(self, query: sa.Executable, values: Values = None) -> Sequence[Any]:
        """The first column of all rows."""
        return [row[0] for row in self.rows(query, values)]

    def scalar(self, query: sa.Executable, values: Values = None) -> Any:
        """The first column of the first row; None where there is none."""
        with self.reading() as connection:
            return connection.execute(query, values).scalar()

    @contextlib.contextmanager
    def viewing(self) -> Iterator[sa.Connection]:
        """One consistent view that every `reading` inside joins."""
        with self.reading() as connection:
            token = self._view.set(connection)
            try:
                yield connection
            finally:
                self._view.reset(token)

    def _check_file(self, connection: sa.Connection) -> None:
        """Nothing is written into a file that is no longer the one at its path, or whose log is not."""
        if self.path is None:
            return
        opened, log = connection.info["files"]
        self._file = self._file or opened
        now, log_now = identities(self.path)
        if not opened == now == self._file or (log is not None and log != log_now):
            raise TerminalError(
                "the database file was replaced or removed while it was open; nothing was written",
                subject=self.label,
                step="store",
                next_step="stop this process, run `assay store verify`, then start it again",
            )

    def write(self, statement: sa.Executable, *, quick: bool = False) -> int:
        """One statement as a unit of work of its own, or in the open one; gives the number of rows that it met."""
        with self.writing(quick=quick) as connection:
            return int(connection.execute(statement).rowcount)

    def note(self, kind: str, slug: str = "", payload: dict[str, Any] | None = None, actor: str | None = None) -> None:
        """Adds an event to the open unit of work; it is chained when the unit commits."""
        unit = self._unit.get()
        if unit is None:
            raise RuntimeError("an event is noted inside a unit of work")
        unit.noted.append(UnchainedEvent(self.now(), actor or self.actor, kind, slug, payload or {}))

    def add(self, table: sa.Table, **values: Any) -> int:
        """Inserts a row whose number the database gives, and gives it."""
        with self.writing() as connection:
            key = connection.execute(sa.insert(table).values(**values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def put(
        self,
        table: sa.Table,
        values: dict[str, Any] | list[dict[str, Any]],
        *,
        replace: bool = True,
        quick: bool = False,
        key: tuple[str, ...] = (),
    ) -> bool:
        """Inserts a row, or several; where its key (the primary one, unless said) is taken replaces the other columns,
        or leaves all as it is.

        True when something was written.
        """
        with self.writing(quick=quick) as connection:
            names = tuple(values if isinstance(values, dict) else values[0])
            return connection.execute(_upsert(table, names, replace, key), values).rowcount > 0

    def each(self, values: Sequence[str]) -> sa.Select[tuple[str]]:
        """Any number of texts as a query, which an IN takes: bound as one value."""
        parameter = sa.bindparam(None, json.dumps(list(values)), sa.Text)
        rows = (
            sa.func.json_each(parameter)
            if self.is_sqlite
            else sa.func.json_array_elements_text(sa.cast(parameter, sa.JSON))
        )
        return sa.select(rows.table_valued("value").c.value)

    def close(self) -> None:
        self.engine.dispose()


@lru_cache(maxsize=256)
def _upsert(table: sa.Table, names: tuple[str, ...], replace: bool, key: tuple[str, ...]) -> sa.TextClause:
    """INSERT … ON CONFLICT, which both dialects write alike. As a construct it is compiled anew at every call, which
    takes ten times as long as writing the row; a text is compiled once."""
    keys = key or tuple(column.name for column in table.primary_key)
    rest = [name for name in names if name not in keys]
    assignments = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
    here = ", ".join(f'"{name}"' for name in keys)
    columns, places = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
    action = f"DO UPDATE SET {assignments}" if replace and rest else "DO NOTHING"
    words = f'INSERT INTO "{table.name}" ({columns}) VALUES ({places}) ON CONFLICT ({here}) {action}'
    return sa.text(words).bindparams(*(sa.bindparam(name, type_=table.c[name].type) for name in names))


def identities(path: Path) -> tuple[Identity | None, Identity | None]:
    """Which file lies at the path of a database, and which is its log; None for one that is not there."""
    return _identity(path), _identity(path.with_name(f"{path.name}-wal"))


def _identity(path: Path) -> Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _shown(url: sa.URL) -> str:
    """An address without its passwords, of which one can also follow the `?`."""
    return url.difference_update_query(("password", "sslpassword")).render_as_string(hide_password=True)


_SNAPSHOT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def make_engine(url: sa.URL) -> sa.Engine:
    """An engine whose SQLite connections are durable, wait for each other and begin on our word only."""
    if url.get_backend_name() != "sqlite":
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        return sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN loses updates
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    file = next(row[2] for row in cursor.execute("PRAGMA database_list") if row[1] == "main")
    cursor.execute("PRAGMA schema_version")  # reads, which opens the log
    cursor.close()
    record.info["files"] = identities(Path(file))


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get("assay_writes", False):
        level = "NORMAL" if options.get("assay_quick") else "FULL"
        if connection.info.get("synchronous", "FULL") != level:
            connection.exec_driver_sql(f"PRAGMA synchronous={level}")
            connection.info["synchronous"] = level
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")
