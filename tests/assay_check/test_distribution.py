"""The second distribution: builds, installs into an empty environment without network, starts, and its recipes hold."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from assay_check.allowlists import allow_list
from assay_check.allowlists.registry import NGINX
from assay_check.checking import check
from assay_check.cli import _parser
from assay_check.command_lines.commands import split_line
from assay_check.configurations import read_configuration
from assay_check.lookup.site_lookup import Site
from assay_check.policy import Policy
from tests.assay_check.conftest import BUYER, TODAY

DISTRIBUTION = Path(__file__).resolve().parents[2] / "distributions/assay-check"
RECIPES = DISTRIBUTION / "recipes"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make dist` builds."""
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "-w", str(folder), str(DISTRIBUTION)],
        capture_output=True,
        text=True,
    )
    if built.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"no package index to build from: {built.stderr.strip().splitlines()[-1:]}"
        )
    return folder


@pytest.mark.slow
def test_it_installs_alone_without_network_and_runs(wheels: Path, tmp_path: Path, site: Path, buyer: Path) -> None:
    environment = tmp_path / "empty"
    venv.create(environment, with_pip=True)
    pip = [str(environment / "bin/python"), "-m", "pip"]
    quiet = {"PATH": os.environ["PATH"], "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    install = [*pip, "install", "-q", "--no-index", "--find-links", str(wheels), "assay-check"]
    subprocess.run(install, check=True, env=quiet, cwd=tmp_path)
    listed = subprocess.run([*pip, "list", "--format=json"], check=True, env=quiet, capture_output=True).stdout
    names = {package["name"].lower() for package in json.loads(listed)} - {"pip", "setuptools", "wheel"}
    assert "assay-check" in names and len(names) <= 10
    assert not names & {"prefect", "sqlalchemy", "openai", "httpx", "fastapi"}
    command = [str(environment / "bin/assay-check"), str(buyer), "--records", str(site), "--today", "2026-11-27"]
    ran = subprocess.run(command, env=quiet, cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (4, "")
    assert "3 entries: 1 allow, 1 ask, 1 deny" in ran.stdout
    shown = subprocess.run([*command[:1], "--default-policy"], env=quiet, cwd=tmp_path, capture_output=True, text=True)
    assert "assay-policy-1" in shown.stdout


def test_it_imports_no_other_room_and_no_large_library() -> None:
    program = (
        "import sys; import assay_check.cli, assay_check.checking, assay_check.configurations, assay_check.outputs, "
        "assay_check.lookup.site_lookup, assay_check.allowlists, assay_check.clients; print('\\n'.join(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=DISTRIBUTION.parents[1]
    )
    rooms = {name.partition(".")[0] for name in loaded.stdout.split()}
    assert not rooms & {"flows", "review", "publishing", "records", "extractors", "scoring"}
    assert not rooms & {"prefect", "sqlalchemy", "openai", "httpx", "yaml", "rich", "typer"}


def _commands() -> list[str]:
    """Every call of `assay-check` in the recipes."""
    pre_commit = yaml.safe_load((RECIPES / "pre-commit-config.yaml").read_text())
    actions = yaml.safe_load((RECIPES / "actions-step.yaml").read_text())
    hooks = json.loads((RECIPES / "claude-code-settings.json").read_text())["hooks"]
    steps = [step["run"] for step in actions["jobs"]["check"]["steps"] if step.get("run", "").startswith("assay-check")]
    started = [hook["command"] for event in hooks.values() for group in event for hook in group["hooks"]]
    return [pre_commit["repos"][0]["hooks"][0]["entry"] + " .mcp.json", *steps, *started]


@pytest.mark.parametrize("command", _commands())
def test_a_recipe_calls_the_command_as_it_is(command: str) -> None:
    words = split_line(command.split(" ||")[0].replace(" >&2", ""))
    options = _parser().parse_args(words[1:])
    assert words[0] == "assay-check" and options.records and options.configurations


def test_the_hook_is_valid_settings(shared: Path) -> None:
    schema = json.loads((shared / "conformance/use/schemas/claude_code/claude-code-settings.json").read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(json.loads((RECIPES / "claude-code-settings.json").read_text()))


@pytest.fixture
def registry(tmp_path: Path, site: Path) -> Iterator[str]:
    """The registry folder behind nginx with the documented snippet."""
    program = shutil.which("nginx")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no nginx")
    checked = check(
        [read_configuration(".mcp.json", BUYER.encode())],
        Site(str(site)),
        Policy.model_validate({"limits": {"possible": 8.0}}),
        TODAY,
    )
    folder = tmp_path / "registry"
    for name, body in allow_list("registry", checked).files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configuration = tmp_path / "nginx.conf"
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error; events {{}} http {{ access_log off; {temporary}"
        f" server {{ listen 127.0.0.1:{port}; root {folder};\n{NGINX}}} }}"
    )
    tmp_path.chmod(0o755)
    server = subprocess.Popen([program, "-e", f"{tmp_path}/error", "-c", str(configuration), "-g", "user root;"])
    until = time.monotonic() + 90
    while server.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait()


def _answer(address: str, method: str = "GET") -> tuple[int, Any, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method=method)) as answer:
            body = answer.read()
            return answer.status, json.loads(body) if body else None, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, None, error.headers


@pytest.mark.slow
def test_the_registry_stands_the_habits_of_clients_behind_a_plain_file_server(registry: str) -> None:
    for prefix in ("/v0.1", "/v0", ""):
        for query in ("", "?limit=1", "?limit=50&version=latest", "?search=x&cursor="):
            status, listed, headers = _answer(f"{registry}{prefix}/servers{query}")
            assert status == 200 and listed["metadata"]["count"] == 2
            assert headers["Access-Control-Allow-Origin"] == "*" and headers["Content-Type"] == "application/json"
        for server in (answer["server"] for answer in listed["servers"]):
            for name in (server["name"], server["name"].replace("/", "%2F"), server["name"].replace("/", "%2f")):
                for version in ("latest", server["version"]):
                    status, answer, _ = _answer(f"{registry}{prefix}/servers/{name}/versions/{version}?x=1")
                    assert status == 200
                    assert {key: answer["server"][key] for key in ("name", "description", "version")} == {
                        key: server[key] for key in ("name", "description", "version")
                    }
    status, _, headers = _answer(f"{registry}/v0.1/servers", "OPTIONS")
    assert status == 204 and headers["Access-Control-Allow-Methods"] == "GET, OPTIONS"
    assert _answer(f"{registry}/v0.1/servers/assay.local%2Fnone/versions/latest")[0] == 404
