"""One night in one process and in slices, on a PostgreSQL server of the bench's own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benches.nights.local_servers import HERE, environment, running
from tests.postgres_server import PostgresServer, binaries

HOSTS = 16


def measure(folder: Path, slices: int, agents: int, *, model: bool = False, pace: float = 0.0) -> dict[str, Any]:
    """A first night of `agents` agents of each of the hosts; with `model` one that takes a second."""
    programs = binaries()
    assert programs is not None, "no PostgreSQL"
    scratch = Path(tempfile.mkdtemp(prefix="assay-bench-"))
    server = PostgresServer(scratch, programs)
    home = folder / f"home-{slices}-{model}-{pace}"
    try:
        with running("hosts", str(HOSTS), str(agents)) as base, running("model", "1.0") as endpoint:
            allowed = [base.removeprefix("http://"), *(f"127.0.1.{number}" for number in range(1, HOSTS + 1))]
            told = {
                "ASSAY_HOME": str(home),
                "ASSAY_STORE__URL": f"{server.url}/postgres",
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
            done = subprocess.run(
                command, cwd=HERE, env=environment(told), stdout=subprocess.PIPE, text=True, check=True
            )
            result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
            assert result["complete"] and result["due"] == HOSTS * agents, result
            return result
    finally:
        server.stop()
        shutil.rmtree(scratch, ignore_errors=True)
