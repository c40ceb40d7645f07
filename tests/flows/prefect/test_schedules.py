"""`assay serve schedules`: schedules that run, stop, survive, and tell Prefect the truth about what was killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.settings import REPOSITORY, Settings
from flows.settings_sections import SchedulePart
from flows.store_access import open_store
from records.store import Store
from tests.flows.made_site import make_site

World = tuple[str, Settings]
pytestmark = pytest.mark.timeout(400)
AGENTS = 120


@pytest.fixture(scope="module")
def prefect_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Prefect with the schema made: half of what the start of a server costs."""
    folder = tmp_path_factory.mktemp("prefect")
    variables = {"PREFECT_HOME": str(folder)}
    subprocess.run(
        [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"],
        env={**os.environ, **variables},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


@pytest.fixture
def scheduled(harbour: World, prefect_folder: Path) -> World:
    """The world of `harbour`, whose Prefect has its schema."""
    shutil.copytree(prefect_folder, harbour[1].home / "prefect")
    return harbour


@pytest.mark.parametrize(
    ("line", "good"),
    [
        ("0 2 * * *", True),
        ("*/5 0-4 1,15 jan-mar mon-fri", True),
        ("", True),
        ("60 2 * * *", False),
        ("0 2 * *", False),
        ("0 0 2 * * *", False),
        ("@daily", False),
        ("0 2 30-1 * *", False),
        ("0 2 31 2 *", False),
        ("0 2 LW * *", False),
        ("*/0 2 * * *", False),
    ],
)
def test_cron_lines_are_checked_when_settings_are_read(line: str, good: bool) -> None:
    with contextlib.nullcontext() if good else pytest.raises(ValueError, match="no cron line"):
        assert SchedulePart(nightly=line).nightly == line


FIELD = st.lists(
    st.sampled_from(["*", "0", "1", "7", "31", "59", "jan", "sun", "L", "LW", "W", "-", "/", ",", "#", "?", "H"]),
    min_size=1,
    max_size=3,
).map("".join)


@given(st.lists(FIELD, min_size=4, max_size=6).map(" ".join))
def test_what_the_settings_take_prefect_takes(line: str) -> None:
    from prefect.client.schemas.schedules import CronSchedule

    with contextlib.suppress(ValueError):
        CronSchedule(cron=SchedulePart(nightly=line).nightly)
        return
    with pytest.raises(ValueError, match="no cron line"):
        SchedulePart(nightly=line)


class Served:
    """`assay serve schedules` in a process of its own."""

    def __init__(self, home: Path, *command: str, **variables: str) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("ASSAY_", "PREFECT_"))}
        environment |= {"ASSAY_HOME": str(home), "ASSAY_SCHEDULE__PORT": "0", "ASSAY_LOG": "json", **variables}
        environment["PREFECT_RUNNER_POLL_FREQUENCY"] = "1"
        self.log = home.parent / "serve.log"
        self.out = self.log.open("ab")
        self._from = self.log.stat().st_size
        self.process = subprocess.Popen(
            [*command, sys.executable, "-m", "flows.cli", "serve"],
            env=environment,
            stdout=self.out,
            stderr=self.out,
            cwd=REPOSITORY,
        )

    def lines(self) -> list[str]:
        return self.log.read_bytes()[self._from :].decode().splitlines()

    def events(self, name: str) -> list[dict[str, Any]]:
        told = [json.loads(line) for line in self.lines() if line.startswith("{")]
        return [event for event in told if event["event"] == name]

    def wait(self, what: Callable[[], Any], seconds: float = 150) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            assert self.process.poll() is None, self.lines()[-20:]
            time.sleep(0.1)
        raise AssertionError(f"it did not happen: {self.lines()[-20:]}")

    def ready(self) -> str:
        """The address of its Prefect server, once it serves."""
        self.wait(lambda: self.events("serve.ready"))
        line = next(line for line in self.lines() if line.startswith("Prefect at "))
        return line.removeprefix("Prefect at ")

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def ask(address: str, path: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}/api/{path}", data, {"content-type": "application/json"})
    for _ in range(20):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != 503:  # Prefect's way to say that its SQLite is locked
                raise
            time.sleep(0.5)
    raise AssertionError(f"{path}: always busy")


def answers(address: str) -> bool:
    try:
        ask(address, "health")
    except OSError:
        return False
    return True


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(line) for line in found.split()]


@contextmanager
def served(home: Path, *command: str, **variables: str) -> Iterator[Served]:
    one = Served(home, *command, **variables)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        one.out.close()


def eventually(what: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.2)
    return what()


def crawling(base: str) -> dict[str, str]:
    return {
        "ASSAY_CRAWL__ALLOW_PRIVATE": f'["{base.removeprefix("http://")}"]',
        "ASSAY_CRAWL__PACE": "0",
        "ASSAY_CRAWL__LATENCY_FACTOR": "0",
    }


@pytest.mark.slow
def test_serve_schedules_and_stops(harbour: World) -> None:
    """On an empty folder, as after installing: the server makes its own schema."""
    home = harbour[1].home
    with served(home, ASSAY_SCHEDULE__NIGHTLY="30 1 * * *", ASSAY_SCHEDULE__TIMEZONE="Europe/Berlin") as first:
        address = first.ready()
        found = {one["name"]: one for one in ask(address, "deployments/filter", {})}
        assert set(found) == {"nightly", "publish", "rescore"}
        [schedule] = found["nightly"]["schedules"]
        assert schedule["active"] and schedule["schedule"]["cron"] == "30 1 * * *"
        assert schedule["schedule"]["timezone"] == "Europe/Berlin"
        planned = eventually(
            lambda: ask(address, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})
        )
        assert planned, "Prefect's scheduler planned nothing"
        assert ask(address, "admin/settings")["server"]["analytics_enabled"] is False
        with urllib.request.urlopen(f"{address}/ui-settings", timeout=10) as settings:
            assert json.load(settings)["api_url"] == "/api"
        assert first.stop(signal.SIGTERM) == 0
        assert not answers(address), "the server outlives its parent"
    # As a shell starts it in the background: SIGINT ignored.
    with served(home, "sh", "-c", 'trap "" INT; exec "$@"', "sh") as second:
        address = second.ready()
        assert all(one["active"] for d in ask(address, "deployments/filter", {}) for one in d["schedules"])
        assert second.stop(signal.SIGINT) == 0
        assert not answers(address)


@pytest.mark.slow
def test_a_night_cut_off_with_serve_goes_on_and_prefect_is_told(tmp_path: Path, scheduled: World) -> None:
    from flows.operations.sample_site import serve as serve_site

    home = tmp_path / "home"
    make_site(tmp_path / "many", AGENTS)
    with serve_site(tmp_path / "many") as base, open_store(scheduled[1]) as store:
        store.sources.remove("harbour")
        store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
        for kill in (1, 2):
            with served(home, **crawling(base)) as one:
                address = one.ready()
                if kill == 1:  # the other goes on with it
                    deployment = ask(address, "deployments/name/nightly-crawl/nightly")
                    ask(address, f"deployments/{deployment['id']}/create_flow_run", {})
                one.wait(lambda least=10 * kill: len(one.events("agent.ended")) > least)
                for child in children(one.process.pid):
                    os.kill(child, signal.SIGKILL)
                one.process.kill()
                one.process.wait()
        ended = sum(1 for row in store.queue.page(limit=1000).rows if row.outcome)
        assert 0 < ended < AGENTS
        with served(home, **crawling(base)) as last:
            address = last.ready()
            last.wait(lambda: last.events("night.finished"))
            assert last.events("night.goes_on")
            last.wait(lambda: not running(address))
            states = [
                run["state_type"]
                for run in ask(address, "flow_runs/filter", {"flows": {"name": {"any_": ["nightly-crawl"]}}})
            ]
            assert states.count("CRASHED") >= 2 and "COMPLETED" in states
            mornings = list((home / "mornings").glob("*.md"))
            assert last.stop(signal.SIGTERM) == 0
        assert all(run.status != "running" for run in store.runs.recent())
        assert {row.outcome for row in store.queue.page(limit=1000).rows} == {"assessed"}
        assert mornings and "complete" in mornings[-1].read_text()


def stuck(address: str, deployment: str, *states: str) -> str:
    """A run of the deployment that has come through these states and has nobody who works on it."""
    found = next(one for one in ask(address, "deployments/filter", {}) if one["name"] == deployment)
    later = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2100-01-01T00:00:00Z"}}
    run = ask(address, f"deployments/{found['id']}/create_flow_run", {"state": later})["id"]
    for state in states:
        ask(address, f"flow_runs/{run}/set_state", {"state": {"type": state}, "force": state != "PENDING"})
    assert state_of(address, run) == states[-1] and slots(address)[deployment] == 1
    return str(run)


def state_of(address: str, run: str) -> str:
    return str(ask(address, f"flow_runs/{run}")["state_type"])


def slots(address: str) -> dict[str, int]:
    """Slots in use by deployment."""
    found = ask(address, "deployments/filter", {})
    return {one["name"]: one["global_concurrency_limit"]["active_slots"] for one in found}


def night_runs(one: Served, address: str) -> bool:
    """Whether a night that is asked for now comes to its end."""
    deployment = ask(address, "deployments/name/nightly-crawl/nightly")
    run = ask(address, f"deployments/{deployment['id']}/create_flow_run", {})["id"]
    return bool(one.wait(lambda: state_of(address, run) == "COMPLETED"))


@pytest.mark.slow
def test_no_run_that_a_killed_serve_left_keeps_its_slot(scheduled: World) -> None:
    home, told = scheduled[1].home, crawling(scheduled[0])
    states = {
        "nightly": ("PENDING",),
        "rescore": ("PENDING", "RUNNING"),
        "publish": ("PENDING", "RUNNING", "CANCELLING"),
    }
    with served(home, **told) as one:
        address = one.ready()
        runs = [stuck(address, name, *passed) for name, passed in states.items()]
        one.process.kill()
        one.process.wait()
        assert eventually(lambda: not answers(address)), "a killed serve leaves its server behind"
    with served(home, **told) as two:
        address = two.ready()
        assert {state_of(address, run) for run in runs} == {"CRASHED"} and not any(slots(address).values())
        assert night_runs(two, address)


@pytest.mark.slow
def test_on_a_shared_server_only_what_our_locks_show_dead_is_ended(
    scheduled: World, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.prefect.schedules import SERVING, prefect_server

    settings, store = scheduled[1], opened()
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", "")
    shared = settings.model_copy(update={"schedule": settings.schedule.model_copy(update={"port": 0})})
    with prefect_server(shared) as (api, _):
        address, told = api.removesuffix("/api"), {"PREFECT_API_URL": api, **crawling(scheduled[0])}

        def serving() -> Any:
            return served(settings.home, **told)

        with serving() as one:
            one.wait(lambda: one.events("serve.ready"))
            assert one.stop(signal.SIGTERM) == 0
        pending = stuck(address, "nightly", "PENDING")
        publishing = stuck(address, "publish", "PENDING", "RUNNING")
        rescoring = stuck(address, "rescore", "PENDING", "RUNNING")
        locks = [store.locks.try_acquire(name) for name in (SERVING, "run:publish")]
        assert all(locks)  # another machine serves this store, and somebody publishes
        with serving() as two:
            two.wait(lambda: two.events("serve.ready"))
            assert state_of(address, rescoring) == "CRASHED"
            assert (state_of(address, pending), state_of(address, publishing)) == ("PENDING", "RUNNING")
            assert two.stop(signal.SIGTERM) == 0
        for lock in filter(None, locks):
            lock.release()
        with serving() as three:
            three.wait(lambda: three.events("serve.ready"))
            assert {state_of(address, run) for run in (pending, publishing)} == {"CRASHED"}
            assert not any(slots(address).values()) and night_runs(three, address)
            assert three.stop(signal.SIGTERM) == 0
        assert not store.locks.is_held(SERVING)
        of_the_first = stuck(address, "nightly", "PENDING", "RUNNING")
        with served(settings.home.parent / "another", PREFECT_API_URL=api) as four:
            assert four.process.wait(150) == 2 and "runs for another store" in four.lines()[-1], four.lines()
        assert state_of(address, of_the_first) == "RUNNING"


def running(address: str) -> list[str]:
    wanted = {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}
    return [run["id"] for run in ask(address, "flow_runs/filter", wanted)]
