"""`assay serve schedules`: schedules that run, stop and survive."""

import contextlib
import json
import os
import signal
import sqlite3
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
from tests.flows.made_site import make_site

World = tuple[str, Settings]
pytestmark = pytest.mark.timeout(400)
AGENTS = 120


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
        return self.process.wait(90)


def ask(address: str, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}/api/{path}", data, {"content-type": "application/json"}, method=method)
    for _ in range(20):
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return json.loads(answer.read() or "null")
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


def eventually(what: Callable[[], Any], seconds: float = 120) -> Any:
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
        with urllib.request.urlopen(f"{address}/ui-settings", timeout=90) as settings:
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
        for time_killed in (1, 2):
            with served(home, **crawling(base)) as one:
                address = one.ready()
                if time_killed == 1:  # the other goes on with it
                    deployment = ask(address, "deployments/name/nightly-crawl/nightly")
                    ask(address, f"deployments/{deployment['id']}/create_flow_run", {})
                one.wait(lambda least=10 * time_killed: len(one.events("agent.ended")) > least)
                kill(one)
            wait_long(home)
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


def kill(one: Served) -> None:
    """As the kernel does it: the process, its Prefect server and its flow runs."""
    for process in (*children(one.process.pid), one.process.pid):
        os.kill(process, signal.SIGKILL)
    one.process.wait()


def wait_long(home: Path) -> None:
    """As if time had gone by while the server was down: what its automations wait for is overdue."""
    with contextlib.closing(sqlite3.connect(home / "prefect" / "prefect.db", timeout=30)) as database, database:
        assert database.execute('UPDATE automation_bucket SET "end" = start').rowcount


def running(address: str) -> list[str]:
    wanted = {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}
    return [run["id"] for run in ask(address, "flow_runs/filter", wanted)]
