"""The schema's version: made in one go for a new database, brought up by migrations for an older one.

Idea: opening looks at one row; alembic is loaded only when there is something to migrate. Invariant: a schema
made at once and one made by every migration are the same (tested), and an upgrade is one transaction.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from records.database import error_messages, tables
from records.database.column_types import METADATA
from records.database.engine import Database, make_engine
from records.database.event_chain import FIRST_PREVIOUS
from scoring.errors import AssayError, NotFound, TerminalError

HEAD = "0012"
"""The newest migration in `records/migrations/versions`."""

DROPPED = frozenset({"leases", "shards", "budget_blocks"})
"""Tables of earlier schemas that nothing reads."""

KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012")
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String(32)))
_LOCK = 7_241_015


def version(connection: sa.Connection) -> str | None:
    """The schema's version; None for a database without one."""
    names = sa.inspect(connection).get_table_names()
    if "alembic_version" not in names:
        if names:
            raise TerminalError(
                "it holds other tables and no store",
                subject="database",
                step="open",
                next_step="check the `database` setting (`assay config show`)",
            )
        return None
    found = connection.scalar(sa.select(_VERSION.c.version_num))
    return None if found is None else str(found)


def ensure(database: Database, *, create: bool) -> None:
    """Leaves the database at `HEAD`, or says in one line why not."""
    path = database.path
    if path is not None and not path.exists():
        if not create:
            raise NotFound(
                "there is no store yet",
                subject=database.label,
                step="open",
                next_step="`assay doctor`, or `assay demo` to see one",
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise error_messages.of_disk(error, "open") from error
    with database.reading() as connection:
        found = version(connection)
    if found == HEAD:
        return
    if found is not None and found not in KNOWN:
        raise AssayError(
            f"its schema is {found}, newer than this version of Assay ({HEAD})",
            subject=database.label,
            step="open",
            next_step="install the newer version again; `assay doctor` tells more",
        )
    if found is None and not create:
        raise NotFound("there is no store in it yet", subject=database.label, step="open", next_step="`assay doctor`")
    if found is None:
        _create(database)
    else:
        migrate(database)


def _create(database: Database) -> None:
    """Everything at once. Of two processes that do it at once, the second finds it done."""
    with database.writing() as connection:
        _lock(connection)
        if version(connection) is not None:
            return
        METADATA.create_all(connection, checkfirst=False)
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        connection.execute(sa.insert(_VERSION).values(version_num=HEAD))
        begin_chain(connection)


def begin_chain(connection: sa.Connection) -> None:
    """The head row of an empty event chain."""
    connection.execute(sa.insert(tables.event_head).values(id=1, sequence=0, digest=FIRST_PREVIOUS))


def _lock(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def configuration() -> Any:
    """alembic's configuration; also for `alembic` by hand."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    return config


def migrate(database: Database, target: str = "head") -> None:
    """Runs the missing migrations in one transaction: a kill half-way leaves the old schema whole."""
    from alembic import command

    engine = make_engine(database.url).execution_options(assay_writes=True)
    try:
        with error_messages.translated(database.label, "migrate"), engine.connect() as connection:
            if (
                database.is_sqlite
            ):  # outside a transaction, or it does nothing: tables are rebuilt under their references
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            with connection.begin():
                _lock(connection)
                config = configuration()
                config.attributes["connection"] = connection
                command.upgrade(config, target)
    finally:
        engine.dispose()
