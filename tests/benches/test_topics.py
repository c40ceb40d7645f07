"""Each topic of `make bench` starts on a machine that has what the README asks for, and nothing else."""

import ast
import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from benches import __main__ as benches
from benches.crawl import bench_crawl

SECONDS = 4
FOLDER = Path(benches.__file__).parent


@pytest.mark.parametrize("topic", benches.topics())
def test_a_topic_is_imported_and_can_be_run(topic: str) -> None:
    assert callable(importlib.import_module(benches.topics()[topic]).run)


def commands(file: Path) -> list[str]:
    """The first words of the commands that a module names as lists, where they are written out."""
    lists = (node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.List))
    first = [node.elts[0].value for node in lists if len(node.elts) > 1 and isinstance(node.elts[0], ast.Constant)]
    return [word for word in first if isinstance(word, str) and not word.startswith("-")]


def test_no_program_is_started_that_nothing_declares() -> None:
    programs = ("uv", "pip", "pipx", "poetry", "conda", "docker", "npm", "curl", "git")
    for file in FOLDER.rglob("*.py"):
        assert not set(commands(file)) & set(programs), file.name


@pytest.mark.slow
@pytest.mark.parametrize("topic", benches.topics())
def test_a_topic_starts(topic: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Runs it for a few seconds on a machine without further programs and data: it ends well, or it still measures."""
    room = tempfile.mkdtemp(prefix="assay-topic-")
    Path(room).chmod(0o755)  # a database server runs as a user of its own, who has to get there
    request.addfinalizer(lambda: shutil.rmtree(room, ignore_errors=True))
    request.addfinalizer(lambda: subprocess.run(["pkill", "-f", room], check=False))
    environment = {
        **os.environ,
        "PATH": "/usr/bin:/bin",
        "ASSAY_SHARED": str(tmp_path / "none"),
        "TMPDIR": room,
    }
    code = f"from benches.__main__ import measured; measured({topic!r})"
    with (tmp_path / "said").open("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=FOLDER.parent,
            env=environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            assert process.wait(SECONDS) == 0, Path(said.name).read_text()
        except subprocess.TimeoutExpired:
            pass
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.slow
def test_an_environment_is_made_once_and_anew_for_other_requirements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "benches").mkdir()
    monkeypatch.setattr(bench_crawl, "ROOT", tmp_path)
    made: list[str] = []
    run = subprocess.run

    def counted(command: list[str], **more: Any) -> Any:
        made.append(command[2])
        return run(command, **more)

    monkeypatch.setattr(subprocess, "run", counted)
    requirements = tmp_path / "requirements-none.txt"
    requirements.write_text("# nothing\n")
    python = bench_crawl.python_with(requirements)
    assert bench_crawl.python_with(requirements) == python and made == ["venv", "pip"]
    prefix = run([str(python), "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True).stdout.strip()
    assert Path(prefix) == python.parents[1]
    requirements.write_text("# nothing more\n")
    made.clear()
    monkeypatch.setattr(subprocess, "run", lambda command, **more: made.append(command[2]))
    with pytest.raises(FileNotFoundError):  # nothing was made where the mark goes
        bench_crawl.python_with(requirements)
    assert made == ["venv", "pip"]
