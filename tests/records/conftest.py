"""One store a test, on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from records.store import Store
from tests.records.made import Clock, fill, publish, review

Open = Callable[..., Store]


def _administrator(server: str) -> sa.Engine:
    url = sa.make_url(server).set(drivername="postgresql+psycopg", database="postgres")
    return sa.create_engine(url, isolation_level="AUTOCOMMIT")


@pytest.fixture(scope="session")
def template(postgres: str) -> Iterator[str]:
    """A database with an empty store in it, from which those of the tests are copied."""
    name = f"assay_template_{uuid.uuid4().hex[:8]}"
    engine = _administrator(postgres)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        Store.open(f"{postgres}/{name}", blobs="memory://template").close()
        yield name
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store's file, to copy."""
    file = tmp_path_factory.mktemp("empty") / "assay.db"
    Store.open(file, clock=Clock()).close()
    return file


@pytest.fixture(scope="session")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two agents on SQLite, to copy."""
    folder = tmp_path_factory.mktemp("full")
    with Store.open(folder / "assay.db", clock=Clock()) as store:
        _fill_two(store)
    return folder


def _fill_two(store: Store) -> None:
    store.reviews.append(review(fill(store)))
    publish(store)
    fill(store, "heron", finding=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test's own: without tables if its module says `WITHOUT_TABLES`."""
    if request.param == "sqlite":
        if "full" in request.fixturenames:
            shutil.copytree(request.getfixturevalue("full_folder"), tmp_path, dirs_exist_ok=True)
        elif not getattr(request.module, "WITHOUT_TABLES", False):
            shutil.copy(request.getfixturevalue("empty_file"), tmp_path)
        yield f"sqlite:///{tmp_path}/assay.db"
        return
    server = request.getfixturevalue("postgres")
    template = "template0" if getattr(request.module, "WITHOUT_TABLES", False) else request.getfixturevalue("template")
    name = f"assay_{uuid.uuid4().hex[:12]}"
    engine = _administrator(server)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield f"{server}/{name}"
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_store(address: str, tmp_path: Path, clock: Clock) -> Iterator[Open]:
    """Opens the test's store again, as another process would."""
    opened: list[Store] = []

    def open_again(**more: object) -> Store:
        store = Store.open(address, **({"blobs": tmp_path / "blobs", "clock": clock} | more))  # type: ignore[arg-type]
        opened.append(store)
        return store

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Open) -> Store:
    return open_store()


@pytest.fixture
def full(store: Store) -> Store:
    """Two agents, one of them published."""
    if not store.database.is_sqlite:
        _fill_two(store)
    return store
