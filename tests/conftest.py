"""The whole suite: no outside network, telemetry off, foreign data read in place."""

import gc
import ipaddress
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.testing
from hypothesis import HealthCheck, settings

from tests.postgres_server import FAST, PostgresServer, binaries

os.environ["DO_NOT_TRACK"] = "1"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):  # tests and commands start as they do where they are installed
    sys.pycache_prefix = str(Path(tempfile.gettempdir()) / f"assay-bytecode-{os.getuid()}")
    sys.dont_write_bytecode = False
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "OPENAI_API_KEY"):
    os.environ.pop(name, None)

settings.register_profile(
    "suite",
    max_examples=60,
    deadline=None,  # how long an example takes is no property: another process may have the core
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.register_profile("quick", settings.get_profile("suite"), max_examples=20)
settings.load_profile("suite")

typer.main.get_command = typer.testing._get_command = cache(typer.main.get_command)
"""The commands of a program are built once in a test process: it takes 40 ms."""

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ASSAY_SHARED", REPOSITORY.parent / "shared"))
MEMORY = Path("/dev/shm")
"""A folder in memory: no commit of a quick test waits for a disk."""


def pytest_configure(config: pytest.Config) -> None:
    """The quick run tries a third of the examples, in memory; the whole suite tries all, its long files first."""
    if config.option.markexpr == "not slow":
        settings.load_profile("quick")
        if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**31:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    config.option.loadscopereorder = False  # of xdist: files go out in our order, not by their number of tests
    if not getattr(config.option, "numprocesses", None):  # not where other processes run the tests
        gc.disable()  # what collecting the tests makes stays to the end
        from tests.statement_cache import share_compiled_statements  # SQLAlchemy is not loaded where no test runs

        share_compiled_statements()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(10_000)  # of what a test makes, little is left in cycles
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: a test that waits for a server or a browser leaves its core to another."""
    return (os.cpu_count() or 1) + (config.option.markexpr != "not slow")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that may take longest first, by their time limits, then those with slow tests: no core waits at the end."""
    longest: dict[Path, float] = {}
    for item in items:
        limit = item.get_closest_marker("timeout")
        seconds = limit.args[0] if limit else float(item.get_closest_marker("slow") is not None)
        longest[item.path] = max(seconds, longest.get(item.path, 0.0))
    items.sort(key=lambda item: -longest[item.path])


class OutsideNetworkError(AssertionError):
    """A test tried to reach an address that is not on this machine."""


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Any:
    """Connecting anywhere but loopback fails the test; nothing is sent."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address):
            raise OutsideNetworkError(f"outside network: {address}")
        return connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address):
            raise OutsideNetworkError(f"outside network: {address}")
        return connect_ex(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = guarded_ex  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of foreign test data, read in place; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"foreign test data is not at {SHARED} (set ASSAY_SHARED)")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a server: from the environment, else one of the suite's own; else skipped, which CI refuses."""
    given = os.environ.get("ASSAY_TEST_POSTGRES")
    if given:
        yield given.rstrip("/")
        return
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL: set ASSAY_TEST_POSTGRES, or `apt-get install postgresql`")
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-"))
    server = PostgresServer(folder, programs, FAST)
    yield server.url
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


REAL = ("chromium", "Nu checker", "PostgreSQL", "strace", "foreign test data")
"""What CI installs or is given: a test that is skipped for want of one of them fails there."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Names what CI lacks; `pytest_sessionfinish` turns it into a failure."""
    for reason in _lacking(terminalreporter):
        terminalreporter.write_line(f"CI lacks a real component: {reason}", red=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 0 and reporter is not None and _lacking(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _lacking(reporter: Any) -> list[str]:
    if not os.environ.get("CI"):
        return []
    reasons = {str(report.longrepr[2]) for report in reporter.stats.get("skipped", ()) if report.longrepr}
    return sorted(reason for reason in reasons if any(name in reason for name in REAL))
