"""No value of a configuration that may be a secret reaches any output: planted in every given file, at every place."""

import json
from pathlib import Path
from typing import Any

import pytest

from assay_check.cli import CLIENTS, main
from assay_check.configurations import read_configuration
from assay_check.configurations.json_text import read_json
from assay_check.configurations.tree import Node

SECRET = "hunter2"
_ADDRESSES = ("url", "httpUrl", "serverUrl")


def _value(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _value(member) for key, member in node.value.items()}
    return [_value(item) for item in node.value] if isinstance(node.value, list) else node.value


def _planted(value: Any, key: str = "") -> Any:
    """The same configuration with a secret in each variable, header, user information, query and option."""
    if isinstance(value, dict):
        if key.lower() in ("env", "environment", "headers", "http_headers"):
            return dict.fromkeys(value, f"Bearer {SECRET}") | {"A_TOKEN": SECRET, "plain": SECRET}
        return {name: _planted(member, name) for name, member in value.items()}
    if isinstance(value, list) and key == "args":
        docker = ["-e", f"A_TOKEN={SECRET}"] if value[:1] == ["run"] else []
        options = [f"--api-key={SECRET}", "--token", SECRET, "--header", f"Authorization: Bearer {SECRET}"]
        planted = [_planted(word, "arg") for word in value]
        return [*planted[:1], *docker, *planted[1:], *options]
    if isinstance(value, list):
        return [_planted(item, key) for item in value]
    if isinstance(value, str) and value.startswith(("http://", "https://")) and key in (*_ADDRESSES, "arg"):
        scheme, _, rest = value.partition("://")
        return f"{scheme}://me:{SECRET}@{rest.partition('?')[0]}?api_key={SECRET}#{SECRET}"
    return value


def _files(shared: Path) -> list[tuple[str, str]]:
    """Path and planted text of each given JSON configuration."""
    found = []
    for line in (shared / "conformance/use/configs/sources.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["file"].endswith((".json", ".jsonc")):
            root = read_json((shared / "conformance/use/configs" / row["file"]).read_text("utf-8")).root
            assert root is not None
            found.append((row["path"], json.dumps(_planted(_value(root)), indent=1)))
    return found


@pytest.mark.slow
def test_no_output_holds_a_planted_secret(
    shared: Path, tmp_path: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "all.toml"
    policy.write_text('[limits]\npossible = 10\n[unlisted]\npublic = "allow"\nunnamed = "allow"\n')
    planted = 0
    for number, (path, text) in enumerate(_files(shared)):
        planted += text.count(SECRET)
        file = tmp_path / str(number) / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
        outputs = [[], ["--json"], ["--sarif"], *(["--for", client] for client in CLIENTS)]
        for output in outputs:
            main([str(file), "--records", str(site), "--policy", str(policy), "--today", "2026-11-27", *output])
            captured = capsys.readouterr()
            assert SECRET not in captured.out + captured.err, (path, output)
        assert SECRET not in repr(read_configuration(path, text.encode())), path
    assert planted > 300


YAML = f"""mcpServers:
  - name: a
    command: npx
    args: [left, --token={SECRET}]
    env: {{KEY: {SECRET}}}
  - name: b
    url: https://me:{SECRET}@a.example.com/x?y={SECRET}
    headers: {{Authorization: {SECRET}}}
"""
TOML = f"""[mcp_servers.a]
command = "npx"
args = ["left", "--password", "{SECRET}"]
bearer_token_env_var = "A_TOKEN"
[mcp_servers.a.env]
KEY = "{SECRET}"
[mcp_servers.b]
url = "https://{SECRET}:{SECRET}@a.example.com/x#{SECRET}"
http_headers = {{ Authorization = "{SECRET}" }}
"""
DOCKERFILE = (
    f'FROM node:20\nENV A={SECRET}\nRUN npm install -g left --token={SECRET}\nCMD ["npx", "left", "--key={SECRET}"]\n'
)
ARCHIVE, CLONE = f"https://u:{SECRET}@a.example.com/p-1.0.tgz", f"git+https://{SECRET}@github.com/o/r.git"
COMMAND = json.dumps(
    {
        "mcpServers": {
            "a": {"command": "npx", "args": ["-y", ARCHIVE]},
            "b": {"command": "npx", "args": ["-y", CLONE]},
            "c": {"command": "uvx", "args": ["--from", CLONE, "r"]},
            "d": {"command": f"{ARCHIVE}/x"},
            "e": {"command": "npx", "args": ["-y", "left"]},
        }
    }
)
ARCHIVES = (
    f"{ARCHIVE}\n{CLONE}\npkg:npm/left?x={SECRET}\npkg:generic/left?download_url=https://u:{SECRET}@a.example.com/x\n"
)
BUILD = f"ARG TOKEN={SECRET}\nFROM node:20\nRUN npm install -g {ARCHIVE} {CLONE} && pip install https://$TOKEN@a.example.com/b.tgz\n"
LOCKED = f"packages:\n  'a@{ARCHIVE}':\n    x: 1\n  'b@{CLONE}': {{}}\n"
LIST = f"https://me:{SECRET}@a.example.com/x?k={SECRET}\nleft @ git+https://{SECRET}@github.com/o/r\n--index-url https://{SECRET}@x/\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("a.yaml", YAML), ("config.toml", TOML), ("Dockerfile", DOCKERFILE), ("requirements.txt", LIST)),
        *(("mcp.json", COMMAND), ("packages.txt", ARCHIVES), ("b.Dockerfile", BUILD), ("pnpm-lock.yaml", LOCKED)),
    ],
)
def test_no_other_form_shows_a_planted_secret(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    file.write_text(text)
    policy = tmp_path / "policy.toml"
    policy.write_text('[unlisted]\npublic = "allow"\nunnamed = "allow"\n')
    for output in ([], ["--json"], ["--sarif"], *(["--for", client, "--policy", str(policy)] for client in CLIENTS)):
        assert main([str(file), *output]) in (0, 5) or "--for" in output
        captured = capsys.readouterr()
        assert SECRET not in captured.out + captured.err
    configuration = read_configuration(name, text.encode())
    assert configuration.entries and SECRET not in repr(configuration)


@pytest.mark.parametrize(
    "body", [f'{{"mcpServers": {{"a": {{"env": {{"A": "{SECRET}', f"[mcp_servers.a.env]\nA = {SECRET}\n"]
)
def test_an_error_quotes_nothing_of_the_file(body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / ("a.toml" if body.startswith("[") else "a.json")
    file.write_text(body)
    assert main([str(file)]) == 2
    captured = capsys.readouterr()
    assert "NOT READ" in captured.out and SECRET not in captured.out + captured.err


def test_a_token_in_the_path_of_an_address_is_masked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = "Zx81kQ0vN3pLr7TyUw2SaBc4"
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"mcpServers": {"a": {"url": f"https://a.example.com/s/{token}/mcp"}}}))
    for output in ([], ["--json"], ["--sarif"], ["--for", "vscode"]):
        main([str(file), *output])
        captured = capsys.readouterr()
        assert token not in captured.out + captured.err
        assert "a.example.com/s/***/mcp" in captured.out + captured.err or output == ["--for", "vscode"]
