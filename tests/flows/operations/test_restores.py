"""What is restored equals its source, on both databases, through an export, and after a second backup."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy as sa

from records.maintenance.verify import verify
from records.store import Store
from tests.flows.test_command import assay, one_line  # type: ignore[import-not-found]
from tests.postgres_server import FAST, PostgresServer, binaries
from tests.records.made import fill, publish, review
from tests.records.store_dump import dump

pytestmark = pytest.mark.slow
PASSWORD = "p@ss%40 :/#?&=+'\"\\ü"
WITHOUT_CLIENT = {"PATH": "/nowhere"}


class Home(NamedTuple):
    """A store and the settings by which a command finds it."""

    folder: Path
    url: str = ""

    @property
    def settings(self) -> dict[str, str]:
        told = {"ASSAY_STORE__URL": self.url, "ASSAY_STORE__BLOBS": str(self.folder / "blobs")} if self.url else {}
        return {key: value for key, value in told.items() if value}

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = assay(*arguments, home=self.folder, **{**self.settings, **variables})
        return done

    def open(self) -> Store:
        return Store.open(self.url or self.folder / "assay.db", blobs=self.folder / "blobs")

    def contents(self) -> tuple[bytes, tuple[str, ...]]:
        with self.open() as store:
            assert verify(store).problems == ()
            return dump(store), tuple(store.blobs.all())


@pytest.fixture(scope="module")
def scram() -> Iterator[PostgresServer]:
    """A server that asks for a password with every mark in it that means something in an address."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL: `apt-get install postgresql`")
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-scram-"))
    server = PostgresServer(folder, programs, FAST, password=PASSWORD)
    yield server
    server.stop("immediate")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_database(scram: PostgresServer) -> Iterator[object]:
    made: list[str] = []
    administrator = sa.create_engine(
        sa.make_url(scram.url).set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT"
    )

    def make() -> str:
        made.append(f"ferry-{len(made)}-{os.urandom(4).hex()}")
        with administrator.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{made[-1]}"')
        return f"{scram.url}/{made[-1]}"

    yield make
    with administrator.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    administrator.dispose()


def some(store: Store) -> None:
    store.reviews.append(review(fill(store)))
    publish(store)
    fill(store, "heron", finding=True)


def more(store: Store) -> None:
    """What a second backup has to bring along; of what the first held, some is let go of."""
    store.reviews.append(review(fill(store, "newt")))
    publish(store, "newt")


@pytest.mark.parametrize("way", ["once", "twice"])
@pytest.mark.parametrize("kind", ["sqlite", "postgres", "postgres without pg_dump"])
def test_a_restored_store_equals_its_source(kind: str, way: str, tmp_path: Path, new_database: object) -> None:
    server = kind != "sqlite"
    variables = WITHOUT_CLIENT if "without" in kind else {}
    source = Home(tmp_path / "one", new_database() if server else "")  # type: ignore[operator]
    with source.open() as store:
        some(store)
    copy = str(tmp_path / "copy")
    done = source.run("store", "backup", copy, **variables)
    assert done.returncode == 0, done.stderr
    if way == "twice":
        before = {file: file.stat().st_mtime_ns for file in (tmp_path / "copy" / "blobs").glob("??/*")}
        with source.open() as store:
            more(store)
        done = source.run("store", "backup", copy, **variables)
        assert done.returncode == 0, done.stderr
        assert all(file.stat().st_mtime_ns == then for file, then in before.items()), "only what is new is copied"
        assert len(list((tmp_path / "copy" / "blobs").glob("??/*"))) == len(before) + 1
    restored = Home(tmp_path / "two", new_database() if server else "")  # type: ignore[operator]
    done = restored.run("store", "restore", copy, **variables)
    assert done.returncode == 0, done.stderr
    assert restored.contents() == source.contents()
    refused = one_line(restored.run("store", "restore", copy, **variables), 1)
    assert "there is a store already" in refused or "the store is not empty" in refused
    assert restored.contents() == source.contents()


@pytest.mark.parametrize("way", ["sqlite to postgres", "postgres to sqlite"])
def test_an_export_brings_a_store_to_the_other_database(way: str, tmp_path: Path, new_database: object) -> None:
    url = new_database()  # type: ignore[operator]
    lite, post = Home(tmp_path / "lite"), Home(tmp_path / "post", url)
    source, target = (lite, post) if way.startswith("sqlite") else (post, lite)
    with source.open() as store:
        some(store)
    assert source.run("store", "export", str(tmp_path / "export")).returncode == 0
    done = target.run("store", "import", str(tmp_path / "export"))
    assert done.returncode == 0, done.stderr
    assert target.contents() == source.contents()


def test_the_last_backup_counts_however_it_was_made(tmp_path: Path, new_database: object) -> None:
    """With pg_dump, then where there is none, then with it again: never an older one from beside it."""
    source = Home(tmp_path / "one", new_database())  # type: ignore[operator]
    with source.open() as store:
        some(store)
    for variables, add in (({}, some), (WITHOUT_CLIENT, more)):
        with source.open() as store:
            if add is more:
                add(store)
        assert source.run("store", "backup", str(tmp_path / "copy"), **variables).returncode == 0
    restored = Home(tmp_path / "two", new_database())  # type: ignore[operator]
    assert restored.run("store", "restore", str(tmp_path / "copy")).returncode == 0
    assert restored.contents() == source.contents()
    assert source.run("store", "backup", str(tmp_path / "copy")).returncode == 0
    assert sorted(p.name for p in (tmp_path / "copy").iterdir()) == ["assay.pgdump", "blobs"]


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A folder for PATH whose `pg_dump` and `pg_restore` write down their command line, then do their work."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("pg_dump", "pg_restore"):
        real = shutil.which(name)
        (folder / name).write_text(f'#!/bin/sh\nprintf "%s\\n" "$0" "$@" >> {tmp_path}/lines\nexec {real} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


def test_no_command_line_holds_the_password(tmp_path: Path, new_database: object, watched: Path) -> None:
    path = f"{watched}:{os.environ['PATH']}"
    source, target = (Home(tmp_path / name, new_database()) for name in ("one", "two"))  # type: ignore[operator]
    with source.open() as store:
        some(store)
    assert source.run("store", "backup", str(tmp_path / "copy"), PATH=path).returncode == 0
    assert target.run("store", "restore", str(tmp_path / "copy"), PATH=path).returncode == 0
    lines = (tmp_path / "lines").read_text()
    assert "pg_dump" in lines and "pg_restore" in lines
    assert PASSWORD not in lines and quote(PASSWORD, safe="") not in lines and "p@ss" not in lines


def test_a_hint_says_what_was_said(scram: PostgresServer, tmp_path: Path, new_database: object) -> None:
    """A refused password is not an old pg_dump; whoever has only a right too few is told that."""
    source = Home(tmp_path / "one", new_database())  # type: ignore[operator]
    with source.open() as store:
        some(store)
    wrong = Home(source.folder, source.url.replace(quote(PASSWORD, safe=""), "wrong"))
    told = one_line(wrong.run("store", "backup", str(tmp_path / "copy")), 1)
    assert "refused" in told and "wrong" not in told and "pg_dump" not in told.split("Next:")[1]
    name = sa.make_url(source.url).database
    with psycopg.connect(source.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE weak LOGIN PASSWORD 'weak'")
        connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO weak')
        connection.execute("GRANT SELECT ON alembic_version TO weak")
    weak = Home(source.folder, source.url.replace(f"postgres:{quote(PASSWORD, safe='')}", "weak:weak"))
    told = one_line(weak.run("store", "backup", str(tmp_path / "copy")), 1)
    assert "lacks a right" in told and "permission denied" in told
    assert not (tmp_path / "copy" / "assay.pgdump").exists()
    doctor = wrong.run("doctor").stdout
    assert "FIX  database" in doctor and "FIX  backup" in doctor
    assert "ok   backup: pg_dump" in source.run("doctor").stdout
    assert "FIX  backup: pg_dump and pg_restore not installed" in source.run("doctor", **WITHOUT_CLIENT).stdout
