"""Opening: new, old, newer, foreign and missing databases; migrations with data, and killed half-way."""

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from records.database import schema
from records.database.column_types import METADATA
from records.database.engine import Database, make_engine
from records.database.tables.crawled import FLAGS
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import AssayError, NotFound, TerminalError
from tests.records.conftest import Open
from tests.records.made import amendment, assessed, extraction, fill, listing, put, review

WITHOUT_TABLES = True


def _tables(database: Database) -> dict[str, list[str]]:
    """Columns, keys and indices of every table, as the database tells them."""
    with database.reading() as connection:
        inspector = sa.inspect(connection)
        return {
            name: sorted(
                [
                    *(f"{c['name']} {c['type']} {c['nullable']} {bool(c.get('computed'))}"
                      for c in inspector.get_columns(name)),
                    *(json.dumps(i, sort_keys=True, default=str) for i in inspector.get_indexes(name)),
                    *(str(f["constrained_columns"]) for f in inspector.get_foreign_keys(name)),
                    *(str(u["column_names"]) for u in inspector.get_unique_constraints(name)),
                    str(inspector.get_pk_constraint(name)),
                ]
            )
            for name in inspector.get_table_names()
        }  # fmt: skip


def _at(address: str, target: str) -> Database:
    database = Database(address)
    schema.migrate(database, target)
    return database


def test_every_migration_in_turn_gives_the_schema_that_is_made_at_once(address: str, tmp_path: Path) -> None:
    migrated = _tables(_at(address, "head"))
    database = Database(address)
    with database.writing() as connection:
        METADATA.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
    database.close()
    Store.open(address, blobs=tmp_path).close()
    assert _tables(Database(address)) == migrated


def test_nothing_is_left_to_migrate(address: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = _at(address, "head")
    elsewhere = {"ix_agents_words"}  # where the server has the extension
    if database.is_sqlite:
        elsewhere |= {f"ix_agents_{column}" for column in ("source", "kind", "severity", *FLAGS)}
    compared = {"include_object": lambda _, name, *__: name not in elsewhere}
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=compared), METADATA) == []
    with database.reading() as connection:
        assert schema.version(connection) == schema.HEAD


def _old_store(address: str, open_store: Open) -> str:
    """A store of schema 0001 that holds a review with an amendment; gives the review's digest."""
    with open_store() as store:
        fill(store)
        kept = _rows(store.database)
        with store.database.writing() as connection:
            METADATA.drop_all(connection)
            connection.exec_driver_sql("DROP TABLE alembic_version")
    database = _at(address, "0001")
    with database.writing() as connection:
        old = sa.MetaData()
        old.reflect(connection)
        for table in old.sorted_tables:
            names = {column.name for column in table.c if column.computed is None}
            rows = [{name: row[name] for name in names & row.keys()} for row in kept.get(table.name, ())]
            if rows and table.name != "alembic_version":
                connection.execute(sa.delete(table))
                connection.execute(sa.insert(table), rows)
    from extractors.canonical_json import canonical_bytes
    from extractors.pages.snapshot import sha256
    from records.database.tables import agents, reviews

    found = review(assessed(extraction()), amendments=(amendment(),))
    body = canonical_bytes(found)
    with database.writing() as connection:  # as the version of that schema did
        row = {"slug": "otter", "assessment_digest": found.assessment_digest, "decision": "approve", "reviewer": "ada"}
        told = {"at": found.at, "automatic": False, "seconds": None, "digest": sha256(body), "body": body}
        number = connection.execute(sa.insert(reviews).values(**row, **told)).inserted_primary_key[0]  # type: ignore[index]
        heads = {"review_id": number, "decision": "approve", "reviewed_digest": found.assessment_digest}
        connection.execute(sa.update(agents).values(**heads, reviewed_at=found.at))
        told = {"review": sha256(body), "assessment": found.assessment_digest, "automatic": False}
        database.note("review.approve", "otter", told, "ada")
    database.close()
    return sha256(body)


def _rows(database: Database) -> dict[str, list[dict[str, object]]]:
    """Every row as the database holds it."""
    with database.reading() as connection:
        found = sa.MetaData()
        found.reflect(connection)
        return {t.name: [dict(row._mapping) for row in connection.execute(sa.select(t))] for t in found.sorted_tables}


def test_an_old_store_is_brought_up_with_its_data(address: str, open_store: Open) -> None:
    _old_store(address, open_store)
    with open_store() as store:
        assert store.reviews.effort().overridden == {"factors.self_modification": 1}
        assert store.assessments.current("otter") is not None
        assert verify(store).problems == ()


def test_tools_that_contradict_themselves_are_counted_in_drafts_that_stand(address: str, open_store: Open) -> None:
    from records.agents.agent_lists import Filter
    from scoring.vocabulary import FindingKind

    with open_store() as store:
        fill(store, "heron", finding=True)
        found = extraction("heron", finding=True)
        kind = {"kind": FindingKind.TOOL_CONTRADICTS_ITSELF}
        put(store, found.model_copy(update={"findings": (found.findings[0].model_copy(update=kind),)}))
        with store.database.writing() as connection:
            connection.exec_driver_sql("UPDATE agents SET findings_tools = 0")
            for table in ("queue", "by_score", "by_name", "by_age", "by_slug"):
                connection.exec_driver_sql(f"DROP INDEX ix_agents_{table}")
            connection.exec_driver_sql("ALTER TABLE agents DROP COLUMN findings_tools")
            for table in ("queue", "by_score", "by_name", "by_age", "by_slug"):
                connection.exec_driver_sql(f"CREATE INDEX ix_agents_{table} ON agents (slug)")
            for table in ("questions", "batches", "second_reviews"):
                connection.exec_driver_sql(f"DROP TABLE {table}")
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0008'")
    with open_store() as store:
        assert store.queue.count(Filter(finding=FindingKind.TOOL_CONTRADICTS_ITSELF)) == 1
        assert verify(store).holds


def test_tables_that_nothing_reads_are_dropped_with_their_rows(address: str, open_store: Open) -> None:
    database = _at(address, "0005")
    with database.writing() as connection:
        moment = "'2026-11-01 00:00:00.000000'" if not database.is_sqlite else "0"
        connection.exec_driver_sql(f"INSERT INTO leases VALUES ('run:nightly', 'a|1|2|b', {moment}, 300, {moment})")
    assert set(_tables(database)) >= schema.DROPPED
    database.close()
    with open_store() as store:
        assert not schema.DROPPED & set(_tables(store.database))
        assert store.runs.begin("nightly").status == "running"


def _migrate_until(address: str, statement: int) -> int:
    """Migrates in a process that is killed before its n-th statement; gives how it ended."""
    process = os.fork()
    if process == 0:
        left = itertools.count(1)

        def stop(*_: object) -> None:
            if next(left) == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        sa.event.listen(sa.Engine, "before_cursor_execute", stop)
        done = False
        try:
            schema.migrate(Database(address))
            done = True
        finally:
            os._exit(0 if done else 1)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


@pytest.mark.slow
def test_a_migration_killed_half_way_leaves_the_old_store_whole(address: str, open_store: Open) -> None:
    _old_store(address, open_store)
    before = _tables(Database(address))
    killed = 0
    for statement in range(1, 40):
        ended = _migrate_until(address, statement)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        killed += 1
        database = Database(address)
        assert _tables(database) == before
        database.close()
    assert killed >= 5
    with open_store() as store:
        assert store.reviews.effort().overridden == {"factors.self_modification": 1}
        assert verify(store).problems == ()


@pytest.mark.slow
def test_opening_twice_loads_no_migration_code(tmp_path: Path) -> None:
    code = (
        "import sys; from records.store import Store; s = Store.open(sys.argv[1]); s.close();"
        "s = Store.open(sys.argv[1]); print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'alembic', 'fsspec', 'psycopg', 'prefect', 'openai', 'httpx'}))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"


def test_a_newer_schema_is_told_in_one_line_and_left_alone(address: str, open_store: Open) -> None:
    store = open_store()
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(AssayError, match=r"9999, newer than this version.*assay doctor") as told:
        open_store()
    assert "\n" not in str(told.value)


def test_a_store_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="assay doctor"):
        Store.open(tmp_path / "none.db", create=False)
    assert not (tmp_path / "none.db").exists()


def test_a_database_of_something_else_is_refused(address: str, tmp_path: Path) -> None:
    engine = make_engine(sa.make_url(address)).execution_options(assay_writes=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE cats (name VARCHAR(10))")
    engine.dispose()
    with pytest.raises(TerminalError, match="other tables"):
        Store.open(address, blobs=tmp_path)


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("These are my shopping notes, not a database at all. " * 40)
    with pytest.raises(TerminalError, match="not an SQLite database") as told:
        Store.open(tmp_path / "a.db")
    assert "\n" not in str(told.value)


def test_a_password_is_never_told(tmp_path: Path) -> None:
    with pytest.raises(AssayError) as told:
        Store.open("postgresql://ada:s3cret@127.0.0.1:9/assay", blobs=tmp_path)
    assert "s3cret" not in str(told.value)
    assert "ada" in str(told.value)


@pytest.mark.slow
def test_two_processes_that_make_a_store_at_once_make_one(address: str, tmp_path: Path) -> None:
    code = "import sys; from records.store import Store; Store.open(sys.argv[1], blobs=sys.argv[2])"
    command = [sys.executable, "-c", code, address, str(tmp_path / "blobs")]
    started = [subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE) for _ in range(3)]
    for process in started:
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors.decode()
    with Store.open(address, blobs=tmp_path / "blobs") as store:
        store.listings.put(listing())
        assert len(store.events.all()) == 1
