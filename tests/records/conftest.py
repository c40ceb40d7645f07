"""One store a test, on SQLite and on a real PostgreSQL server."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa

from records.store import Store
from scoring.vocabulary import RiskFactor
from tests.records.made import Clock, extraction, fill, listing, publish, put, review

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


def _fill_two(store: Store, clock: Clock) -> None:
    store.reviews.append(review(fill(store)))
    publish(store)
    fill(store, "heron", finding=True)


def _fill_zoo(store: Store, clock: Clock) -> None:
    fill(store, "otter")
    clock.go(hours=1)
    fill(store, "heron", finding=True)
    clock.go(hours=1)
    fill(store, "newt", known=tuple(RiskFactor), value="0.1")
    clock.go(hours=1)
    store.reviews.append(review(fill(store, "toad")))
    publish(store, "toad")
    clock.go(hours=1)
    put(store, extraction("toad", value="0.2"))
    store.publications.set_lost_evidence("toad", ["summary"])
    store.listings.put(listing("crane", source="registry"))


FILLED: dict[str, Callable[[Store, Clock], None]] = {"full": _fill_two, "zoo": _fill_zoo}
"""What a store holds, by the fixture that gives it."""


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folders of stores on SQLite to copy, each made once: an empty one, or one of `FILLED`."""

    @cache
    def made(name: str) -> Path:
        folder, clock = tmp_path_factory.mktemp("prepared"), Clock()
        with Store.open(folder / "assay.db", clock=clock) as store:
            if name:
                FILLED[name](store, clock)
        return folder

    return made


@pytest.fixture(scope="session")
def empty_file(prepared: Callable[[str], Path]) -> Path:
    """An empty store's file, to copy."""
    return prepared("") / "assay.db"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test's own: without tables if its module says `WITHOUT_TABLES`."""
    if request.param == "sqlite":
        name = next((name for name in FILLED if name in request.fixturenames), "")
        if name or not getattr(request.module, "WITHOUT_TABLES", False):
            shutil.copytree(request.getfixturevalue("prepared")(name), tmp_path, dirs_exist_ok=True)
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
def full(store: Store, clock: Clock) -> Store:
    """Two agents, one of them published."""
    if not store.database.is_sqlite:
        _fill_two(store, clock)
    return store


@pytest.fixture
def zoo(store: Store, clock: Clock) -> Store:
    """Drafts of different weight, one published and changed, one listed only."""
    if not store.database.is_sqlite:
        _fill_zoo(store, clock)
    return store
