"""A store with people and one draft; a desk that answers over HTTP; a browser."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from records.store import Store
from review.access import COOKIE
from review.desk_options import DeskOptions
from tests.browser_context import PATIENCE, new_context
from tests.records.made import Clock
from tests.review.windows import SIZE, Window
from tests.review.world import Visitor, fill, people, visitor

CHROMIUM = os.environ.get("ASSAY_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of stores to copy: with people alone, and with one draft beside them."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("people", "otter")}
    for name, folder in folders.items():
        with Store.open(folder / "assay.db", clock=Clock()) as opened:
            people(opened)
            if name == "otter":
                fill(opened, "otter")
    return folders


@pytest.fixture
def store(request: pytest.FixtureRequest, prepared: dict[str, Path], tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """With people; with the otter's draft where a test asks for `otter`."""
    shutil.copytree(prepared["otter" if "otter" in request.fixturenames else "people"], tmp_path, dirs_exist_ok=True)
    with Store.open(tmp_path / "assay.db", clock=clock) as opened:
        yield opened


@pytest.fixture
def otter(store: Store) -> Store:
    """A store with one draft."""
    return store


@pytest.fixture
def sit(store: Store) -> Callable[..., Visitor]:
    """Sits somebody down at the desk, by name."""
    return lambda name="", options=None: visitor(store, name, options)


def skip_or_fail(reason: str) -> None:
    """A tool that is absent skips a test here and fails it in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def served(store: Store) -> Iterator[Callable[..., str]]:
    """Serves the desk over HTTP; gives its address."""
    import uvicorn

    from review.desk import create_desk

    servers: list[tuple[Any, threading.Thread]] = []

    def serve(options: DeskOptions | None = None) -> str:
        app, _ = create_desk(store, options)
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + 90
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        servers.append((server, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for server, thread in servers:
        server.should_exit = True
        thread.join(60)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser. While it is open its event loop runs in this thread, so that no other can: one a module."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        skip_or_fail("playwright is not installed")
    with sync_playwright() as playwright:
        path = CHROMIUM if Path(CHROMIUM).exists() else None
        try:
            browser = playwright.chromium.launch(executable_path=path, timeout=PATIENCE, args=list(ARGUMENTS))
        except Exception as error:
            skip_or_fail(f"no Chromium to start: {error}")
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Any, served: Callable[..., str], store: Store) -> Iterator[Callable[..., Window]]:
    base = served()
    contexts = []

    def opened(name: str = "paul", **more: Any) -> Window:
        context = new_context(chromium, viewport=SIZE, **more)
        contexts.append(context)
        if name:
            context.add_cookies([{"name": COOKIE, "value": store.people.issue("session", name, 3600), "url": base}])
        return Window(context, base)

    yield opened
    for context in contexts:
        context.close()
