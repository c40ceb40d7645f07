"""Killed anywhere and begun again, a night leaves what an undisturbed one leaves, and pays for nothing twice.

The night runs on a site of its own under a clock that stands; strace kills it at its writes, fsyncs, renames and
unlinks: at some 60 of them spread evenly, or at all (at most 600) with ASSAY_KILL_SWEEP=all.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from flows.operations.sample_site import _Site
from flows.operations.sample_site import serve as serve_site
from flows.settings import REPOSITORY
from flows.store_access import open_store
from records.maintenance.verify import verify
from records.store import Store
from scoring.reviews import Decision
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import make_site
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies
from tests.records.made import is_held
from tests.records.store_dump import dump

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat"
AGENTS = 3
ALL = os.environ.get("ASSAY_KILL_SWEEP") == "all"


class Nights:
    """The process that forks nights."""

    def __init__(self, base: str, model: str, scratch: Path) -> None:
        self.base, self.model, self.scratch = base, model, scratch
        self.alone = True
        """In one thread: each call of the night can be hit."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.night.forked_nights"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        self._tell(scratch / "warm", "night", None)
        assert self._answer()["code"] == 0

    def _tell(self, home: Path, what: str, hold: Path | None) -> None:
        order = {"what": what, "home": str(home), "base": self.base, "model": self.model, "alone": self.alone}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order | {"hold": str(hold) if hold else ""}) + "\n")
        self._process.stdin.flush()

    def _ask(self, home: Path, what: str, hold: Path | None) -> int:
        self._tell(home, what, hold)
        return int(self._answer()["pid"])

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def run(self, home: Path, what: str = "night") -> int:
        """Undisturbed; gives the exit code."""
        self._ask(home, what, None)
        return int(self._answer()["code"])

    def traced(self, home: Path, what: str, *strace: str) -> int:
        """Under strace; gives the exit code."""
        go = self.scratch / "go"
        go.unlink(missing_ok=True)
        pid = self._ask(home, what, go)
        tracer = subprocess.Popen(
            ["strace", "-f", "-p", str(pid), *strace], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        assert tracer.stderr is not None
        first = tracer.stderr.readline()
        go.touch()
        assert "attached" in first, first
        code = int(self._answer()["code"])
        tracer.communicate()
        return code

    def calls(self, home: Path, what: str) -> int:
        """How many of the calls the busiest thread makes; strace counts for each thread."""
        log = self.scratch / "calls"
        assert self.traced(home, what, "-e", f"trace={CALLS}", "-o", str(log)) == 0
        lines = [
            line.split()[0]
            for line in log.read_text().splitlines()
            if re.match(rf"\d+ +({CALLS.replace(',', '|')})\(", line)
        ]
        return max(lines.count(thread) for thread in set(lines))

    def killed_at(self, home: Path, what: str, number: int) -> int:
        return self.traced(
            home, what, "-e", f"trace={CALLS}", "-e", f"inject={CALLS}:signal=KILL:when={number}", "-o", "/dev/null"
        )

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(90)


class World:
    """A site that counts what it is asked, a model that counts what it is asked, and nights."""

    def __init__(self, nights: Nights, asked: list[str], model: ModelEndpoint, scratch: Path) -> None:
        self.nights, self.asked, self.model, self.scratch = nights, asked, model, scratch

    def forget(self) -> None:
        self.asked.clear()
        self.model.requests.clear()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if shutil.which("strace") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("strace is not installed: apt-get install strace")
    scratch = tmp_path_factory.mktemp("killed")
    make_site(scratch / "site", AGENTS)
    asked: list[str] = []
    lock = threading.Lock()
    get = _Site.do_GET

    def counted(self: BaseHTTPRequestHandler) -> None:
        with lock:
            asked.append(self.path)
        get(self)  # type: ignore[arg-type]

    model = ModelEndpoint()
    model.answers = [Say(content=Replies().text())]
    with pytest.MonkeyPatch.context() as patch, serve_site(scratch / "site") as base:
        patch.setattr(_Site, "do_GET", counted)
        for name in ("ASSAY_CONFIG", "OPENAI_BASE_URL"):
            patch.delenv(name, raising=False)
        nights = Nights(base, model.url, scratch)
        world = World(nights, asked, model, scratch)
        world.forget()  # the warming up
        yield world
        nights.close()
        model.close()


@contextlib.contextmanager
def store_of(world: World, home: Path) -> Iterator[Store]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_HOME", str(home))
        with open_store(settings_for(world.nights.base), actor="night") as store:
            yield store


def spread(calls: int, least: int) -> list[int]:
    """Where to kill: everywhere, at most 600 times, or at `least` places evenly."""
    wanted = min(calls, 600 if ALL else least)
    return sorted({1 + (calls - 1) * place // max(wanted - 1, 1) for place in range(wanted)})


def files(folder: Path) -> dict[str, bytes]:
    """All but the head of the log: a run that was killed stands there."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "audit.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_a_night_killed_at_every_write_and_begun_again(world: World) -> None:
    clean = world.scratch / "clean"
    assert world.nights.run(clean) == 0
    with store_of(world, clean) as store:
        expected = dump(store, without={"hosts"})
        assert store.completions.usage().calls == AGENTS
    fetched = len(world.asked)
    counted = world.scratch / "counted"
    calls = world.nights.calls(counted, "night")
    points = spread(calls * 9 // 10, 66)  # how many there are differs a little from night to night
    print(f"{calls} calls, killed at {len(points)}")
    assert len(points) >= 60
    killed = 0
    threads = [(point, False) for point in spread(calls // 2, 10)]
    for point, world.nights.alone in [*((point, True) for point in points), *threads]:
        world.forget()
        home = world.scratch / f"night-{point}"
        killed += world.nights.killed_at(home, "night", point) == -9
        before = len(world.model.requests)
        answered = 0
        if (home / "assay.db").exists():
            with store_of(world, home) as store:
                answered = store.completions.usage().calls
        assert world.nights.run(home) == 0, f"killed at {point}"
        with store_of(world, home) as store:
            assert dump(store, without={"hosts"}) == expected, f"killed at {point}"
            assert verify(store).holds, f"killed at {point}"
            assert not [run for run in store.runs.recent() if run.status == "running"]
            assert not is_held(store, "run:nightly")
            assert store.completions.usage().calls == AGENTS
        assert len(world.model.requests) - before == AGENTS - answered, f"a stored answer was paid for twice ({point})"
        assert len(world.asked) <= fetched + 1, f"more was fetched again than was under way ({point})"
        shutil.rmtree(home)
    assert killed >= 60


def approved(world: World, home: Path) -> None:
    """A night's drafts, approved by a person under the clock that stands."""
    from datetime import timedelta

    from review.services import decisions, draft
    from tests.flows.night.forked_nights import NOW

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_HOME", str(home))
        with open_store(settings_for(world.nights.base), clock=lambda: NOW + timedelta(0), actor="night") as store:
            for slug in store.listings.slugs():
                claims = draft.read(store, slug)
                decisions.conclude(store, claims, Decision.APPROVE, reviewer="ada", role="reviewer", note="read")


def test_a_publication_killed_at_every_write_and_begun_again(world: World) -> None:
    base = world.scratch / "approved"
    assert world.nights.run(base) == 0
    approved(world, base)
    clean = world.scratch / "published"
    shutil.copytree(base, clean)
    assert world.nights.run(clean, "publish") == 0
    expected = files((clean / "site" / "current").resolve())
    with store_of(world, clean) as store:
        told = dump(store, without={"hosts", "generations", "events"})
    counted = world.scratch / "counted-publish"
    shutil.copytree(base, counted)
    calls = world.nights.calls(counted, "publish")
    points = [*spread(calls // 2, 16), *spread(calls, 12)[6:]]
    print(f"{calls} calls, killed at {points}")
    killed = 0
    for point in points:
        home = world.scratch / f"publish-{point}"
        shutil.copytree(base, home)
        killed += world.nights.killed_at(home, "publish", point) == -9
        site = home / "site" / "current"
        if site.exists():
            assert files(site.resolve()) == expected, f"a half-made generation is served ({point})"
        assert world.nights.run(home, "publish") == 0, f"killed at {point}"
        assert files(site.resolve()) == expected, f"killed at {point}"
        with store_of(world, home) as store:
            assert dump(store, without={"hosts", "generations", "events"}) == told, f"killed at {point}"
            assert verify(store).holds, f"killed at {point}"
            assert not [run for run in store.runs.recent() if run.status == "running"]
        shutil.rmtree(home)
    assert killed >= 16
