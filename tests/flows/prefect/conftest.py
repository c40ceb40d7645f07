"""A Prefect whose schema is made once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.settings import Settings

World = tuple[str, Settings]


@pytest.fixture(scope="session")
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
