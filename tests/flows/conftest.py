"""A night's world: the sample directory over real HTTP, a store of its own, settings that allow the loopback host."""

import asyncio
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.night.night import run_night
from flows.operations.sample_site import serve
from flows.settings import REPOSITORY, Settings, load
from flows.store_access import open_store
from records.store import Store
from tests.model_endpoint import model_endpoint as model_endpoint
from tests.model_replies import replies as replies

SAMPLES = REPOSITORY / "data" / "samples"


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Each test keeps its things in a folder of its own."""
    monkeypatch.delenv("ASSAY_CONFIG", raising=False)
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def settings_for(base: str, **changes: object) -> Settings:
    """The settings in force, with a host on loopback that may be crawled without a pause."""
    settings = load()
    host = base.removeprefix("http://").rstrip("/")
    crawl = settings.crawl.model_copy(update={"allow_private": (host,), "pace": 0.0, "latency_factor": 0.0})
    return settings.model_copy(update={"crawl": crawl, **changes})


World = tuple[str, Settings]


@pytest.fixture(scope="session")
def sample_directory() -> Iterator[str]:
    """The address of the sample directory, served."""
    with serve(SAMPLES / "site", SAMPLES / "redirects.toml") as base:
        yield base


@pytest.fixture(scope="session")
def listed(sample_directory: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that knows the sample directory."""
    home = tmp_path_factory.mktemp("listed")
    with open_store(settings_for(sample_directory, home=home)) as store:
        store.sources.add("harbour", "directory_site", f"{sample_directory}/", {"selectors": "harbour"})
    return home


@pytest.fixture(scope="session")
def first_night(sample_directory: str, listed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store in which the sample directory was looked at once."""
    home = shutil.copytree(listed, tmp_path_factory.mktemp("first_night"), dirs_exist_ok=True)
    settings = settings_for(sample_directory, home=home)
    with open_store(settings) as store:
        asyncio.run(run_night(store, settings))
    return home


@pytest.fixture
def harbour(sample_directory: str, listed: Path) -> World:
    """The sample directory; its source is in the store."""
    settings = settings_for(sample_directory)
    shutil.copytree(listed, settings.home)
    return sample_directory, settings


@pytest.fixture
def looked_at(harbour: World, first_night: Path) -> World:
    """The world of `harbour` after its first night."""
    shutil.rmtree(harbour[1].home)
    shutil.copytree(first_night, harbour[1].home)
    return harbour


@pytest.fixture
def opened(harbour: World) -> Iterator[Callable[[], Store]]:
    """Opens the store of the world as often as wanted; closes all at the end."""
    stores: list[Store] = []

    def give() -> Store:
        stores.append(open_store(harbour[1]))
        return stores[-1]

    yield give
    for store in stores:
        store.close()


@contextmanager
def served_copy(target: Path) -> Iterator[str]:
    """A copy of the sample site that a test may change."""
    shutil.copytree(SAMPLES / "site", target)
    with serve(target, SAMPLES / "redirects.toml") as base:
        yield base


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    name = f"assay_{uuid.uuid4().hex[:12]}"
    address = sa.make_url(postgres).set(drivername="postgresql+psycopg", database="postgres")
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield f"{postgres}/{name}"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()
