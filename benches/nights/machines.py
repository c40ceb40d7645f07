"""One night in one process and in slices, on a PostgreSQL server of the bench's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benches.nights.local_servers import HERE, environment, postgres, running

HOSTS = 16


def measure(folder: Path, slices: int, agents: int, *, model: bool = False, pace: float = 0.0) -> dict[str, Any]:
    """A first night of `agents` agents of each of the hosts; with `model` one that takes a second."""
    home = folder / f"home-{slices}-{model}-{pace}"
    with postgres() as server, running("hosts", str(HOSTS), str(agents)) as base, running("model", "1.0") as endpoint:
        assert server is not None, "no PostgreSQL"
        allowed = [base.removeprefix("http://"), *(f"127.0.1.{number}" for number in range(1, HOSTS + 1))]
        told = {
            "ASSAY_HOME": str(home),
            "ASSAY_STORE__URL": server,
            "ASSAY_STORE__BLOBS": (home / "blobs").as_uri(),
            "ASSAY_MODEL__NAME": "scripted" if model else "",
            "ASSAY_MODEL__BASE_URL": endpoint,
            "ASSAY_MODEL__API_KEY": "none",
            "ASSAY_MODEL__IN_FLIGHT": "8",
            "ASSAY_CRAWL__ALLOW_PRIVATE": json.dumps(allowed),
            "ASSAY_CRAWL__PACE": str(pace),
            "ASSAY_CRAWL__LATENCY_FACTOR": "0",
        }
        command = [sys.executable, "-m", "benches.nights.night", "sliced", base, str(slices)]
        done = subprocess.run(command, cwd=HERE, env=environment(told), stdout=subprocess.PIPE, text=True, check=True)
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        assert result["complete"] and result["due"] == HOSTS * agents, result
        return result
