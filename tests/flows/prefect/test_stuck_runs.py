"""A flow run on which nobody works any more is ended by Prefect's server, and only by its own store's automations."""

from pathlib import Path
from typing import Any

import pytest

from flows.prefect.schedules import prefect_server
from flows.settings import Settings
from tests.flows.prefect.test_schedules import (  # type: ignore[import-not-found]
    answers,
    ask,
    crawling,
    eventually,
    kill,
    served,
    wait_long,
)

World = tuple[str, Settings]
pytestmark = [pytest.mark.timeout(400), pytest.mark.slow]


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


def night(address: str) -> str:
    """A run of the nightly, asked for now."""
    deployment = ask(address, "deployments/name/nightly-crawl/nightly")
    return str(ask(address, f"deployments/{deployment['id']}/create_flow_run", {})["id"])


def automations(address: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in ask(address, "automations/filter", {})}


def versions(address: str) -> dict[str, tuple[str, str]]:
    """When each automation was last changed, with its number."""
    return {name: (one["id"], one["updated"]) for name, one in automations(address).items()}


def shorten(address: str, name: str) -> None:
    """The shortest window that Prefect takes, so that nobody has to wait for the real one."""
    one = next(one for key, one in automations(address).items() if key.startswith(name))
    one["trigger"]["within"] = 10
    body = {key: one[key] for key in ("name", "description", "enabled", "trigger", "actions")}
    ask(address, f"automations/{one['id']}", body, "PUT")


def test_no_run_that_a_killed_serve_left_keeps_its_slot(scheduled: World) -> None:
    home, told = scheduled[1].home, crawling(scheduled[0])
    states = {
        "nightly": ("PENDING",),
        "rescore": ("PENDING", "RUNNING"),
    }
    with served(home, **told) as one:
        address = one.ready()
        runs = [stuck(address, name, *passed) for name, passed in states.items()]
        made = versions(address)
        kill(one)
        assert eventually(lambda: not answers(address)), "a killed serve leaves its server behind"
    wait_long(home)
    with served(home, **told) as two:
        address = two.ready()
        assert versions(address) == made, "the server forgets what a changed automation waits for"
        assert two.wait(lambda: {state_of(address, run) for run in runs} == {"CRASHED"})
        assert not any(slots(address).values())
        again = night(address)
        assert two.wait(lambda: state_of(address, again) == "COMPLETED")


def test_two_stores_on_one_server_and_a_killed_machine(
    scheduled: World, prefect_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server outlives the machine: a real run and a real kill, by the server's own clock."""
    base, settings = scheduled
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", "")
    monkeypatch.setenv("PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY", "PT1S")
    shared = settings.model_copy(update={"schedule": settings.schedule.model_copy(update={"port": 0})})
    with prefect_server(shared) as api:
        address, told = api.removesuffix("/api"), {"PREFECT_API_URL": api, **crawling(base)}
        with served(settings.home, **{**told, "ASSAY_CRAWL__PACE": "5"}) as one:
            one.wait(lambda: one.events("serve.ready"))
            made = automations(address)
            assert len(made) == 3 and all(str(settings.home) in name for name in made)
            flow = ask(address, "deployments/name/nightly-crawl/nightly")["flow_id"]
            others = {"name": "another", "flow_id": flow, "concurrency_limit": 1, "tags": ["store of another"]}
            ask(address, "deployments/", others)
            shorten(address, "killed")
            of_another = stuck(address, "another", "PENDING", "RUNNING")
            killed = night(address)
            one.wait(lambda: state_of(address, killed) == "RUNNING")
            kill(one)
        shorten(address, "not begun")
        pending = stuck(address, "publish", "PENDING")
        assert eventually(lambda: {state_of(address, run) for run in (killed, pending)} == {"CRASHED"}, 60)
        assert slots(address) == {"nightly": 0, "rescore": 0, "publish": 0, "another": 1}
        assert state_of(address, of_another) == "RUNNING"
        with served(settings.home, **told) as two:
            two.wait(lambda: two.events("serve.ready"))
            next_night = night(address)
            assert two.wait(lambda: state_of(address, next_night) == "COMPLETED")
            again = automations(address)
            assert {name: one["id"] for name, one in again.items()} == {name: one["id"] for name, one in made.items()}
            assert [one["trigger"]["within"] for one in again.values()] == [
                one["trigger"]["within"] for one in made.values()
            ]
        with served(tmp_path / "another", PREFECT_API_URL=api) as three:
            assert three.process.wait(150) == 2 and "runs for another store" in three.lines()[-1], three.lines()
        assert {one["id"] for one in automations(address).values()} == {one["id"] for one in again.values()}
