"""Many machines as an operator runs them: `prefect deploy`, a work pool, two workers, PostgreSQL behind everything."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from flows.operations.sample_site import serve
from flows.prefect.schedules import prefect_server
from flows.settings import REPOSITORY, load
from flows.store_access import open_store
from records.maintenance.verify import verify
from records.store import Store
from tests.flows.made_site import make_site
from tests.flows.prefect.test_schedules import ask, children, eventually  # type: ignore[import-not-found]
from tests.flows.prefect.test_stuck_runs import versions  # type: ignore[import-not-found]
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

AGENTS = 45
"""Of each of two hosts, which are one server by two names; of three slices one is localhost's, one 127.0.0.1's."""


def test_every_deployment_names_a_flow_that_exists() -> None:
    told = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text())
    for deployment in told["deployments"]:
        module, _, name = deployment["entrypoint"].rpartition(".")
        file = REPOSITORY / f"{module.replace('.', '/')}.py"
        assert f"async def {name}(" in file.read_text(), deployment["entrypoint"]
        assert deployment["work_pool"]["name"] == "assay"


def prefect(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def workers(environment: dict[str, str], folder: Path, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "assay", "--limit", "1"]
    started = []
    for number in range(count):
        with (folder / f"worker-{number}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [*command, "--name", f"machine-{number}"],
                    env=environment,
                    cwd=folder,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
    try:
        yield started
    finally:
        for process in started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_machines_share_a_night_and_one_may_die(
    database: str,
    postgres: str,
    tmp_path: Path,
    model_endpoint: ModelEndpoint,
    replies: Replies,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model_endpoint.answers = [Say(content=replies.text(), seconds=2.0)]
    make_site(tmp_path / "site", AGENTS)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    second = f"{database}_prefect"
    subprocess.run(
        ["psql", "-q", f"{postgres}/postgres", "-c", f"CREATE DATABASE {second.rpartition('/')[2]}"], check=True
    )
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", second.replace("postgresql:", "postgresql+asyncpg:"))
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    monkeypatch.setenv("ASSAY_SCHEDULE__PORT", "0")
    with serve(tmp_path / "site") as base:
        other_name = base.replace("127.0.0.1", "localhost")
        told = {
            "ASSAY_HOME": str(tmp_path / "home"),
            "ASSAY_STORE__URL": database,
            "ASSAY_STORE__BLOBS": (tmp_path / "blobs").as_uri(),
            "ASSAY_MODEL__NAME": "scripted",
            "ASSAY_MODEL__BASE_URL": model_endpoint.url,
            "ASSAY_MODEL__API_KEY": "none",
            "ASSAY_MODEL__IN_FLIGHT": "4",
            "ASSAY_CRAWL__ALLOW_PRIVATE": json.dumps([place.removeprefix("http://") for place in (base, other_name)]),
            "ASSAY_CRAWL__PACE": "0",
            "ASSAY_CRAWL__LATENCY_FACTOR": "0",
            "ASSAY_SCHEDULE__NIGHTLY": "30 1 * * *",
            "ASSAY_SCHEDULE__PUBLISH": "",
            "ASSAY_SCHEDULE__TIMEZONE": "Europe/Berlin",
        }
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        settings = load()
        with open_store(settings) as store, prefect_server(settings) as address:
            for name, place in (("made", base), ("other", other_name)):
                store.sources.add(name, "directory_site", f"{place}/", {"selectors": "harbour"})
            environment = {**os.environ, "PREFECT_API_URL": address, "PREFECT_LOGGING_LEVEL": "WARNING"}
            environment["PREFECT_WORKER_QUERY_SECONDS"] = "1"
            del environment["PREFECT_API_DATABASE_CONNECTION_URL"]
            server = address.removesuffix("/api")
            prefect(environment, "work-pool", "create", "assay", "--type", "process")
            prefect(environment, "deploy", "--all")
            made = versions(server)
            tag = f"store {store.database.label}"
            prefect(environment, "deploy", "--all")
            assert versions(server) == made and len(made) == 3
            schedules = {one["name"]: one["schedules"][0] for one in ask(server, "deployments/filter", {})}
            crons = {name: (one["schedule"]["cron"], one["active"]) for name, one in schedules.items()}
            assert crons["nightly"] == ("30 1 * * *", True) and crons["rescore"] == ("0 5 1 * *", True)
            assert len(crons) == 3 and not crons["publish"][1]
            assert {one["schedule"]["timezone"] for one in schedules.values()} == {"Europe/Berlin"}
            with workers(environment, tmp_path, 2) as machines:
                prefect(environment, "deployment", "run", "nightly-crawl/nightly", "-p", "slices=3")
                run = eventually(lambda: next(iter(store.runs.recent("nightly")), None), 120)
                assert run is not None, logs(tmp_path)
                begun = eventually(lambda: len(ended(store, run.id, 2)) > 2, 120)
                assert begun, logs(tmp_path)
                coordinator = int(run.holder.split("|")[1])  # which did its own slice, then that of localhost
                [other] = [machine for machine in machines if coordinator not in children(machine.pid)]
                os.killpg(other.pid, signal.SIGKILL)
                for process in children(other.pid):
                    os.kill(process, signal.SIGKILL)
                over = eventually(lambda: store.runs.get(run.id).status != "running", 150)
                assert over, logs(tmp_path)
                beats = ask(server, "events/filter", {"filter": {"event": {"name": ["prefect.flow-run.heartbeat"]}}})
                tags = {one["prefect.resource.id"] for beat in beats["events"] for one in beat["related"]}
                assert f"prefect.tag.{tag}" in tags, tags
            last = store.runs.get(run.id)
            assert last.status == "finished" and last.summary["outcomes"] == {"withheld": 2 * AGENTS}, last.summary
            assert store.completions.usage().calls == 2 * AGENTS
            assert len(model_endpoint.requests) <= 2 * AGENTS + 4
            assert verify(store).holds
    subprocess.run(
        ["psql", "-q", f"{postgres}/postgres", "-c", f"DROP DATABASE {second.rpartition('/')[2]} WITH (FORCE)"],
        check=True,
    )


def ended(store: Store, run: str, part: int) -> set[str]:
    """Agents of a slice that have ended."""
    plan = store.runs.get(run).summary
    slugs = set(plan["slices"][part]) if "slices" in plan else set()
    return slugs & {ending.slug for ending in store.runs.endings(run)}


def logs(folder: Path) -> str:
    time.sleep(1)
    return "\n".join(file.read_text()[-3000:] for file in folder.glob("worker-*.log"))
