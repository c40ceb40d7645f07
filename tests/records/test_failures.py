"""Locked, full, read-only, damaged, away, killed: one line for a person, and nothing is lost."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import AssayError, TerminalError, TransientError
from tests.records.conftest import Open
from tests.records.made import WRITER, extraction, fetched, fill, put
from tests.records.store_dump import dump

ROOT = Path(__file__).parents[2]


def test_a_locked_database_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.database.engine.BUSY_MILLISECONDS", 50)
    with Store.open(tmp_path / "a.db") as store:
        fill(store)
        before = dump(store)
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TransientError, match=r"a\.db.*another process.*Next: ") as told:
            put(store, extraction(value="0.1"))
        assert "\n" not in str(told.value)
        assert dump(store) == before, "reading goes on"
        other.rollback()
        put(store, extraction(value="0.1"))
        other.close()


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        fill(store)
        before = dump(store)
        with store.database.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        sa.event.listen(
            store.database.engine, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages}") and None
        )
        with pytest.raises(TransientError, match=r"disk is full.*free space"):
            for number in range(200):
                fill(store, f"a{number}")
        assert before.splitlines()[0] in dump(store)
        assert verify(store).problems == ()


def test_a_full_disk_under_the_blobs_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(TransientError, match="disk is full"):
        store.pages.keep(fetched())
    monkeypatch.undo()
    assert store.pages.state("https://otter.example/") is None
    assert list(store.blobs.all()) == []
    assert store.blobs.sweep() == 0


def test_a_read_only_database_is_told(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        fill(store)
    with Store.open(tmp_path / "a.db") as store:
        sa.event.listen(store.database.engine, "begin", lambda c: c.exec_driver_sql("PRAGMA query_only=ON") and None)
        with pytest.raises(TerminalError, match="read-only"):
            put(store, extraction(value="0.1"))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AssayError) as told:
        Store.open(tmp_path / "file" / "a.db")
    assert "\n" not in str(told.value)


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        for number in range(20):
            fill(store, f"a{number}")
    data = bytearray((tmp_path / "a.db").read_bytes())
    for start in range(4096 * 2, len(data) - 4096, 4096):
        data[start : start + 512] = b"\xff" * 512
    (tmp_path / "a.db").write_bytes(data)
    with pytest.raises(AssayError) as told, Store.open(tmp_path / "a.db") as store:
        dump(store)
    assert "\n" not in str(told.value)
    assert "assay" in str(told.value)


@pytest.mark.slow
@pytest.mark.parametrize("address", ["postgres"], indirect=True)
def test_a_server_that_goes_away_is_transient(address: str, open_store: Open) -> None:
    store = open_store()
    fill(store)
    name = store.database.url.database
    with pytest.raises(TransientError, match="server is away"), store.database.writing() as connection:
        other = sa.create_engine(
            store.database.url.set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT"
        )
        with other.connect() as admin:
            admin.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        other.dispose()
        connection.exec_driver_sql("SELECT 1")
    assert store.queue.status("otter") == "draft", "the next call connects again"


@pytest.mark.slow
def test_every_kept_page_has_its_bytes_after_a_kill_at_any_moment(tmp_path: Path) -> None:
    """Blobs first, rows after: checked by killing a writer at many moments."""
    command = [sys.executable, "-c", WRITER, str(tmp_path / "a.db"), str(tmp_path / "blobs")]
    for turn in range(4):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05 + 0.13 * turn)
        process.kill()
        process.wait()
        process.stdout.close()
    with Store.open(tmp_path / "a.db", blobs=tmp_path / "blobs", create=False) as store:
        assert verify(store).problems == ()
