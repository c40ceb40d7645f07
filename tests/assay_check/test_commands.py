"""What a command line starts: wrappers, runners, bridges, interpreters, and what must not be guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_check.command_lines.commands import read_command, split_line

STARTED = {
    "npx -y @a/b@1.2.3 --api-key x": "pkg:npm/%40a/b@1.2.3",
    "npx -p a -p b b": "pkg:npm/b",
    "npx --registry https://r.example left": "pkg:npm/left",
    "npm exec --yes --package=a -- b": "pkg:npm/a",
    "pnpm --package=a dlx b": "pkg:npm/a",
    "pnpm dlx left@1.0.0": "pkg:npm/left@1.0.0",
    "yarn dlx -q left": "pkg:npm/left",
    "bunx left": "pkg:npm/left",
    "bun x left@1.0.0": "pkg:npm/left@1.0.0",
    "deno run -A npm:@a/b@1.0.0": "pkg:npm/%40a/b@1.0.0",
    "deno run -A npm:@a/b@1.0.0/cli": "pkg:npm/%40a/b@1.0.0",
    "volta run --node 20 npx -y left": "pkg:npm/left",
    "dotenv -f .env run npx left": "pkg:npm/left",
    "conda run -n x uvx left": "pkg:pypi/left",
    "npx gitlab:o/r": "pkg:gitlab/o/r",
    "container run -i o/n:1": "pkg:oci/n?repository_url=docker.io%2Fo%2Fn&tag=1",
    "npx github:o/r": "pkg:github/o/r",
    "npx git+https://user:token@github.com/o/r.git": "pkg:github/o/r",
    "uvx --env-file .env left@1.2.3": "pkg:pypi/left@1.2.3",
    "uvx --from left==1.0 other": "pkg:pypi/left@1.0",
    "uvx --from git+https://github.com/o/r@main other": "pkg:github/o/r",
    "uvx --with right left[x]": "pkg:pypi/left",
    "uv tool run --from left other": "pkg:pypi/left",
    "uv run --with left left": "pkg:pypi/left",
    "pipx run --spec left other": "pkg:pypi/left",
    "python -m uv tool run left": "pkg:pypi/left",
    "dnx Left.Pad --version 1.0.0 --yes": "pkg:nuget/Left.Pad@1.0.0",
    "dotnet tool exec Left.Pad@1.0.0": "pkg:nuget/Left.Pad@1.0.0",
    "go run github.com/a/b/cmd/c@v1.0.0": "pkg:golang/github.com/a/b/cmd/c@v1.0.0",
    "nix run github:o/r": "pkg:github/o/r",
    "cmd /c npx -y left": "pkg:npm/left",
    'cmd.exe /d /s /c "npx -y left"': "pkg:npm/left",
    'bash -lc "exec npx -y left"': "pkg:npm/left",
    'sh -c "A=1 npx left"': "pkg:npm/left",
    'powershell -NoProfile -Command "npx left"': "pkg:npm/left",
    "env -i A=B npx left": "pkg:npm/left",
    "sudo -u me npx left": "pkg:npm/left",
    "timeout 30 npx left": "pkg:npm/left",
    'wsl -d Ubuntu bash -c "npx left"': "pkg:npm/left",
    "op run --env-file=x -- npx left": "pkg:npm/left",
    "docker run -it --rm -e A -eB=1 -v a:b --net=host o/n:1": "pkg:oci/n?repository_url=docker.io%2Fo%2Fn&tag=1",
    "docker --context x run --init node": "pkg:oci/node?repository_url=docker.io%2Flibrary%2Fnode",
    "docker run mcp/left:${TAG}": "pkg:oci/left?repository_url=docker.io%2Fmcp%2Fleft",
    "podman run ghcr.io/o/n@sha256:" + "a" * 64: "pkg:oci/n@sha256:" + "a" * 64 + "?repository_url=ghcr.io%2Fo%2Fn",
    "npx mcp-remote@latest https://a.example.com/sse --header X:Y": "https://a.example.com/sse",
    "npx mcp-remote --header https://b.example.com/ https://a.example.com/sse": "https://a.example.com/sse",
    "mcp-remote https://a.example.com/sse 8080": "https://a.example.com/sse",
    "uvx mcp-proxy https://a.example.com/sse": "https://a.example.com/sse",
    "npx -y supergateway --sse https://a.example.com/sse": "https://a.example.com/sse",
}
NOT_GUESSED = [
    "poetry run left",
    "uvx dist/left-1.0.whl",
    "npx file:///w/left",
    'bash -c "cd x && npx -y left"',
    "npx ${PKG}",
    "npx ./left",
    "npx file:../left",
    "nvx left",
    "python -m left",
    "python left.py",
    "node left.js",
    "npx tsx left.ts",
    "uv run left.py",
    "uv --directory x run left",
    "uv run --with mcp mcp run left.py",
    "npm run left",
    "go run ./left",
    "dotnet run --project left",
    "nix run",
    "nix run --impure",
    "docker compose run left",
    "docker exec left x",
    "docker run ${IMAGE}",
    "podman run localhost:5000/left",
    "npx mcp-remote ${URL}",
    "npx mcp-remote http://localhost:1/left",
    "npx mcp-remote http://192.168.1.1/left",
    "${workspaceFolder}/left",
    "left",
    "",
]
RANGES = {
    "npx left@1": ("1", None),
    "npx left@^1.2": ("^1.2", None),
    "npx left@latest": (None, "latest"),
    "npx left@next": (None, "next"),
    "npx left@1.x": ("1.x", None),
    "uvx left@latest": (None, "latest"),
    "uvx 'left>=1,<2'": (">=1,<2", None),
    "npx left@${V}": ("variable", None),
}


@pytest.mark.parametrize("line", STARTED)
def test_the_subject_of_a_command(line: str) -> None:
    subject = read_command(split_line(line)).subject
    assert subject.matchable
    assert (subject.purl or subject.endpoint) == STARTED[line]


@pytest.mark.parametrize("line", NOT_GUESSED)
def test_what_is_not_stated_matches_nothing(line: str) -> None:
    subject = read_command(split_line(line)).subject
    assert not subject.matchable and subject.why


@pytest.mark.parametrize("line", RANGES)
def test_only_an_exact_version_is_a_version(line: str) -> None:
    subject = read_command(split_line(line)).subject
    assert subject.version is None and "@" not in (subject.purl or "").replace("%40", "")
    assert (subject.range, subject.tag) == RANGES[line]


def test_a_second_program_stands_beside_the_first() -> None:
    found = read_command(split_line("npx -y @modelcontextprotocol/inspector uvx left"))
    assert found.subject.purl == "pkg:npm/%40modelcontextprotocol/inspector"
    assert found.also == ("pkg:pypi/left",)
    assert read_command(["npx", "supergateway", "--stdio", "npx -y left"]).also == ("pkg:npm/left",)


_WORDS = [
    "npx",
    "uvx",
    "docker",
    "run",
    "cmd",
    "/c",
    "bash",
    "-c",
    "-y",
    "--",
    "env",
    "A=B",
    "python",
    "-m",
    "x",
    "@a/b@1.0.0",
    "mcp-remote",
    "https://a.example.com/x",
    "${V}",
    "-e",
    "--from",
    "tsx",
    "",
    " ",
    "npx -y left",
    "uv",
    "tool",
    "go",
    "nix",
    "\\",
    "'",
]


@pytest.mark.slow
@given(st.lists(st.sampled_from(_WORDS) | st.text(max_size=8), max_size=12))
def test_no_command_line_raises_and_none_gives_a_false_purl(words: list[str]) -> None:
    subject = read_command(words).subject
    assert subject.matchable or subject.why
    assert not subject.matchable or subject.purl or subject.endpoint
