"""Nights: what Prefect costs, growth, a model that takes its time, commands, two slices.

Every process has its libraries as bytecode, as an installation leaves them.
"""

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benches.figure import Figure
from benches.nights.local_servers import HERE, environment, postgres, running
from tests.flows.made_site import make_site
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

AGENTS = 1000
HOSTS = 16


def settings(home: Path, base: str, model: str = "", in_flight: int = 8, pace: float = 0.0) -> dict[str, str]:
    """Of a night at the servers of `local_servers`, as the environment says them."""
    allowed = [base.removeprefix("http://"), *(f"127.0.1.{number}" for number in range(1, HOSTS + 1))]
    return {
        "ASSAY_HOME": str(home),
        "ASSAY_CRAWL__ALLOW_PRIVATE": json.dumps(allowed),
        "ASSAY_CRAWL__PACE": str(pace),
        "ASSAY_CRAWL__LATENCY_FACTOR": "0",
        "ASSAY_CRAWL__PAGES_PER_HOST": str(10**9),
        "ASSAY_CRAWL__BYTES_PER_HOST": str(10**12),
        "ASSAY_MODEL__NAME": "scripted" if model else "",
        "ASSAY_MODEL__BASE_URL": model,
        "ASSAY_MODEL__API_KEY": "none",
        "ASSAY_MODEL__IN_FLIGHT": str(in_flight),
    }


def night(variables: dict[str, str], *arguments: str) -> dict[str, Any]:
    """One piece of work of `benches.nights.night` in a process of its own."""
    command = [sys.executable, "-m", "benches.nights.night", *arguments]
    done = subprocess.run(command, env=environment(variables), cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def slow_model() -> Iterator[str]:
    """The address of a model that takes a second."""
    with closing(ModelEndpoint()) as endpoint:
        endpoint.answers = [Say(content=Replies().text(), seconds=1.0)]
        yield endpoint.url


def prefect(folder: Path) -> list[Figure]:
    """First nights without, with and without Prefect; the unchanged night after the first."""
    from flows.prefect.schedules import prefect_server
    from flows.settings import load

    make_site(folder / "site", AGENTS)
    os.environ["ASSAY_HOME"], os.environ["ASSAY_SCHEDULE__PORT"] = str(folder / "server"), "0"
    with running("site", str(folder / "site")) as base, prefect_server(load()) as address:
        server = {"PREFECT_API_URL": address, "PREFECT_LOGGING_LEVEL": "WARNING"}
        off = [night(settings(folder / "off-0", base), "crawl", f"{base}/")]
        on = [night(settings(folder / "on", base) | server, "prefect", f"{base}/")]
        off.append(night(settings(folder / "off-1", base), "crawl", f"{base}/"))
        again = night(settings(folder / "off-0", base), "crawl", f"{base}/", "1", "again")
    first, flow = (statistics.mean(run["seconds"] for run in runs) for runs in (off, on))
    assert all(run["due"] == AGENTS for run in (*off, *on, again))
    rate = 3600 * AGENTS / first
    share = again["seconds"] / first
    changed = sum(count for outcome, count in again["outcomes"].items() if outcome != "unchanged")
    spread = ", ".join(f"{run['seconds']:.1f}" for run in (*off, *on))
    return [
        Figure(
            "Prefect on / off",
            f"{flow / first:.3f}",
            "≤ 1.05",
            flow / first <= 1.05,
            f"{AGENTS:,} agents, warm server, a night without Prefect before and after (off, off, on: {spread} s)",
        ),
        Figure(
            "agents an hour without model time",
            f"{rate:,.0f}",
            "≥ 7,000",
            rate >= 7000,
            f"{AGENTS:,} agents, {first:.1f} s: 2 pages each over HTTP, lexical claims, scores, SQLite",
        ),
        Figure(
            "unchanged night / first night",
            f"{share:.3f}",
            "≤ 0.10",
            share <= 0.10,
            f"{again['seconds']:.1f} s, every page asked for again with its validators",
        ),
        Figure("model calls of the unchanged night", str(again["calls"]), "0", again["calls"] == 0, "same run"),
        Figure("new assessments of the unchanged night", str(changed), "0", changed == 0, "same run"),
    ]


def growth(folder: Path) -> list[Figure]:
    """First nights of 500, 2,000 and 5,000 agents of one short page each: memory, time and what is kept of each."""
    sizes, runs = (500, 2000, 5000), []
    for size in sizes:
        make_site(folder / f"site-{size}", size, readme=False)
        with running("site", str(folder / f"site-{size}")) as base:
            runs.append(night(settings(folder / f"grown-{size}", base), "crawl", f"{base}/"))
    memory = runs[-1]["peak"] / runs[0]["peak"]
    points = [(math.log(size), math.log(run["seconds"])) for size, run in zip(sizes, runs, strict=True)]
    slope = statistics.linear_regression(*zip(*points, strict=True)).slope
    how = ", ".join(f"{s:,}: {r['seconds']:.0f} s, {r['peak']:.0f} MiB" for s, r in zip(sizes, runs, strict=True))
    stored = sum(file.stat().st_size for file in (folder / "grown-5000").rglob("*") if file.is_file()) / 5000 / 1000
    return [
        Figure("peak memory, 5,000 / 500 agents", f"{memory:.2f}", "≤ 1.2", memory <= 1.2, how),
        Figure("growth of wall time, exponent", f"{slope:.2f}", "≤ 1.05", slope <= 1.05, how),
        Figure("kept of one agent", f"{stored:.0f} kB", "none set", True, "database and bytes of one short page"),
    ]


def model(folder: Path) -> list[Figure]:
    """Stored pages, a model of one second: what of the ideal rate is reached."""
    runs = ((8, 96), (32, 1152), (128, 512))
    make_site(folder / "site", max(agents for _, agents in runs), readme=False)
    figures = []
    with running("site", str(folder / "site")) as base, slow_model() as endpoint:
        night(settings(folder / "pages", base), "crawl", f"{base}/")
        for in_flight, agents in runs:
            home = folder / f"model-{in_flight}"
            shutil.copytree(folder / "pages", home)
            done = night(settings(home, base, endpoint, in_flight), "model", str(agents))
            assert done["calls"] == agents
            ideal = agents / in_flight * 1.0
            share = ideal / done["seconds"]
            aim, met = ("≥ 0.95", share >= 0.95) if in_flight < 128 else ("reported", True)
            how = f"{agents} agents, {done['seconds']:.1f} s for an ideal {ideal:.1f} s, first call to last draft"
            figures.append(Figure(f"model-bound, {in_flight} in flight", f"{share:.3f}", aim, met, how))
    return figures


def commands(folder: Path) -> list[Figure]:
    """From start to finished output, and from start to the first request of the model."""
    make_site(folder / "few", 20)
    first: list[float] = []

    def answer(_: dict[str, Any]) -> Say:
        first.append(time.perf_counter())
        return Say(content=Replies().text())

    with running("site", str(folder / "few")) as base, closing(ModelEndpoint()) as model:
        model.answer = answer
        night(settings(folder / "few-home", base), "crawl", f"{base}/")
        built_in, with_model = (settings(folder / "few-home", base, url) for url in ("", model.url))
        rescore, assess = [], []
        for number in range(8):
            begun = time.perf_counter()
            _run(["agents", "rescore", f"made-{number}"], built_in)
            rescore.append(time.perf_counter() - begun)
            first.clear()
            begun = time.perf_counter()
            _run(["agents", "assess", f"made-{number}"], with_model)
            assess.append(first[0] - begun)
    del rescore[0], assess[0]  # they wrote the bytecode
    return [
        _start("agents rescore SLUG, to its end", rescore),
        _start("agents assess SLUG, to the first request", assess),
    ]


def _start(name: str, took: list[float]) -> Figure:
    middle = statistics.median(took)
    how = "median of 7 processes: " + ", ".join(f"{seconds:.2f}" for seconds in took)
    return Figure(f"assay {name}", f"{middle:.2f} s", "≤ 1.5 s", middle <= 1.5, how)


def _run(arguments: list[str], variables: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flows.cli", *arguments]
    subprocess.run(command, env=environment(variables), cwd=HERE, check=True, stdout=subprocess.DEVNULL)


def machines(folder: Path) -> list[Figure]:
    """One process, then two slices, on PostgreSQL: bound by the hosts, by the processor, and by a model of a second."""

    figures = []
    bounds: dict[str, tuple[int, float, dict[str, Any]]] = {
        "hosts, pace 0.5 s": (20, 1.0, {"pace": 0.5}),
        "processor, lexical claims": (20, 1.0, {}),
        "model of 1 s, 8 in flight a process": (12, 1.5, {"model": True}),
    }
    for bound, (agents, aim, more) in bounds.items():
        one, two = (measure(folder, slices, agents, **more) for slices in (1, 2))
        faster = one["seconds"] / two["seconds"]
        how = f"PostgreSQL, {HOSTS} hosts × {agents} agents; "
        how += ", ".join(f"{run['seconds']:.1f} s ({run['processor']:.1f} s of processor)" for run in (one, two))
        figures.append(Figure(f"two slices / one process: {bound}", f"{faster:.2f}", f"≥ {aim}", faster >= aim, how))
    return figures


def measure(folder: Path, slices: int, agents: int, *, model: bool = False, pace: float = 0.0) -> dict[str, Any]:
    """A first night of `agents` agents of each of the hosts; with `model` one that takes a second."""
    home = folder / f"home-{slices}-{model}-{pace}"
    with postgres() as server, running("hosts", str(HOSTS), str(agents)) as base, slow_model() as endpoint:
        assert server is not None, "no PostgreSQL"
        store = {"ASSAY_STORE__URL": server, "ASSAY_STORE__BLOBS": (home / "blobs").as_uri()}
        variables = settings(home, base, endpoint if model else "", pace=pace) | store
        result = night(variables, "crawl", f"{base}/agents.csv", str(slices))
        assert result["complete"] and result["due"] == HOSTS * agents, result
        return result


def run() -> list[Figure]:
    figures = []
    for part in (prefect, growth, model, commands, machines):
        with tempfile.TemporaryDirectory() as folder:
            figures += part(Path(folder))
    return figures
