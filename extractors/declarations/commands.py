"""A start command: what it fetches and runs, over which transport, and where.

Idea: `npx -y @scope/server@1.2`, `uvx --from … server`, `docker run -i image` each name the package in their own place.
Invariant: a path, a placeholder and a program that only carries others (a proxy, an inspector) are no package of the
product.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from extractors.declarations.facts import RunsAt
from extractors.declarations.subjects import image_purl, known_version, purl, split_npm, split_pypi, where

CARRIERS = {
    "mcp-remote",
    "supergateway",
    "@modelcontextprotocol/inspector",
    "@smithery/cli",
    "mcp-proxy",
    "mcpo",
    "add-mcp",
    "@anthropic-ai/mcpb",
    "@anthropic-ai/dxt",
    "mcp-get",
    "install-mcp",
    "tsx",
    "ts-node",
    "typescript",
    "skills",
    "mcp-inspector",
    "@mcp-get-community/mcp-get",
    "@composio/mcp",
    "nodemon",
    "tsc",
    "playwright",
    "@pipedream/mcp",
}
"""Programs that start, install or carry other servers."""
_DOCKER_VALUES = {
    "-e",
    "--env",
    "-v",
    "--volume",
    "--mount",
    "--name",
    "-p",
    "--publish",
    "--network",
    "--net",
    "--env-file",
    "-w",
    "--workdir",
    "-u",
    "--user",
    "--entrypoint",
    "--add-host",
    "-h",
    "--hostname",
    "--platform",
    "-l",
    "--label",
    "-m",
    "--memory",
    "--cpus",
    "--restart",
    "--pull",
    "--gpus",
    "--cap-add",
    "--cap-drop",
    "--security-opt",
    "--device",
    "--tmpfs",
    "--log-driver",
    "--log-opt",
    "--ipc",
    "--pid",
    "--shm-size",
    "--ulimit",
    "--dns",
    "--expose",
    "--init-path",
}
_UV_VALUES = {
    "--from",
    "--with",
    "--python",
    "-p",
    "--index-url",
    "--extra-index-url",
    "--directory",
    "--project",
    "--with-editable",
    "--index",
    "--refresh-package",
    "--with-requirements",
    "-w",
    "--env-file",
}
_TRANSPORT = re.compile(r"(?i)(?:^|[=:/_\s-])(streamable[-_]?http|http[-_]?stream|sse|stdio|https?)(?:$|[\s,])")
_WRAPPED = {"sh", "bash", "zsh", "cmd", "cmd.exe", "powershell", "pwsh", "env", "sudo"}


class Command(NamedTuple):
    ecosystem: str = ""
    name: str = ""
    version: str | None = None
    purl: str = ""
    url: str = ""
    """Of a server elsewhere that a carrier reaches."""
    transport: str = ""
    runs_at: RunsAt | None = None


def read_command(command: str, given: Sequence[str]) -> Command:
    """What `command given…` starts. A command that is not known runs on its user's machine all the same."""
    words = [command, *given]
    if len(words) == 1 and " " in command:
        try:
            words = shlex.split(command)
        except ValueError:
            words = command.split()
    while words and (_base(words[0]) in _WRAPPED or re.fullmatch(r"\A[A-Z_]\w*=.*", words[0])):
        wrapped = _base(words[0])
        words = words[1:]
        while words and (words[0].startswith("-") or words[0].lower() in ("/c", "/k")):
            words = words[1:]
        if wrapped in ("sh", "bash", "zsh") and len(words) == 1 and " " in words[0]:
            return read_command(words[0], ())
    if not words:
        return Command()
    base, rest = _base(words[0]), words[1:]
    found = _package(base, rest)
    transport = _transport(rest)
    if found is None:
        return Command(transport=transport or "", runs_at=RunsAt.LOCAL)
    ecosystem, name, version = found
    if (ecosystem == "npm" and name in CARRIERS) or (ecosystem == "pypi" and name in CARRIERS):
        url = next((word for word in rest if re.match(r"https?://", word)), "")
        return Command(url=url, transport="http" if url else "", runs_at=where(url) if url else None)
    if ecosystem == "oci":
        return Command(
            "oci", name, None, (image_purl(name) or "") if "/" in name else "", "", transport or "", RunsAt.LOCAL
        )
    value = purl(ecosystem, name, version)
    if value is None:
        return Command(transport=transport or "", runs_at=RunsAt.LOCAL)
    return Command(ecosystem, name, known_version(version), value, "", transport or "", RunsAt.LOCAL)


def _base(word: str) -> str:
    base = re.split(r"[\\/]", word)[-1].lower()
    return re.sub(r"\.(?:exe|cmd)$", "", base)


def _package(base: str, rest: list[str]) -> tuple[str, str, str | None] | None:
    if base in ("npx", "bunx", "pnpx", "vpx"):
        return _npm(rest)
    if base in ("pnpm", "yarn", "bun", "npm") and rest[:1] and rest[0] in ("dlx", "x", "exec"):
        return _npm(rest[1:])
    if base == "npm" and rest[:1] and rest[0] in ("install", "i", "add"):
        return _npm([word for word in rest[1:] if word not in ("-g", "--global")])
    if base == "deno":
        spec = next((word for word in rest if word.startswith("npm:")), "")
        return ("npm", *split_npm(spec.removeprefix("npm:"))) if spec else None
    if base in ("uvx", "pipx", "uv", "pip", "pip3", "rye", "poetry"):
        return _python(base, rest)
    if base in ("python", "python3", "py") and rest[:3] == ["-m", "pip", "install"]:
        return _python("pip", rest[2:])
    if base in ("docker", "podman", "nerdctl") and rest[:1] and rest[0] in ("run", "pull", "create"):
        return _docker(rest[1:])
    if base == "go" and rest[:1] and rest[0] in ("run", "install"):
        spec = next((word for word in rest[1:] if "." in word and "/" in word and not word.startswith((".", "/"))), "")
        name, _, version = spec.partition("@")
        return ("golang", name, version or None) if name else None
    if (
        base == "cargo"
        and rest[:1]
        and rest[0] in ("install", "binstall")
        and "--path" not in rest
        and "--git" not in rest
    ):
        spec = next((word for word in rest[1:] if not word.startswith("-")), "")
        name, _, version = spec.partition("@")
        return ("cargo", name, version or None) if name else None
    if base == "dnx" or (base == "dotnet" and rest[:2] == ["tool", "install"]):
        words = rest if base == "dnx" else rest[2:]
        spec = next((word for word in words if not word.startswith("-")), "")
        name, _, version = spec.partition("@")
        if "--version" in words[:-1]:
            version = words[words.index("--version") + 1]
        return ("nuget", name, version or None) if name else None
    return None


def _npm(words: list[str]) -> tuple[str, str, str | None] | None:
    spec = ""
    position = 0
    while position < len(words):
        word = words[position]
        if word in ("-p", "--package") and position + 1 < len(words):
            spec = words[position + 1]
            break
        if word.startswith("--package="):
            spec = word.partition("=")[2]
            break
        if word in ("-c", "--call", "--prefix", "--registry"):
            position += 1
        elif not word.startswith("-"):
            spec = word
            break
        position += 1
    if (
        not spec
        or spec.startswith((".", "/", "~", "$", "<", "git", "http", "github:"))
        or spec.endswith((".js", ".ts", ".tgz"))
    ):
        return None
    return ("npm", *split_npm(spec))


def _python(base: str, rest: list[str]) -> tuple[str, str, str | None] | None:
    words = list(rest)
    if (
        (base == "uv" and words[:2] == ["tool", "run"])
        or (base == "uv" and words[:2] == ["tool", "install"])
        or (base == "uv" and words[:2] == ["pip", "install"])
    ):
        words = words[2:]
    elif base == "pipx" and words[:1] and words[0] in ("run", "install"):
        words = words[1:]
    elif base in ("pip", "pip3") and words[:1] == ["install"]:
        words = words[1:]
        if {"-e", "-r", "."} & set(words):
            return None
    elif base == "uv":
        if "--with" in words[:-1]:
            spec = words[words.index("--with") + 1]
            name, version = split_pypi(spec)
            return ("pypi", name, version) if name and name not in ("mcp", "fastmcp") else None
        return None
    elif base not in ("uvx",):
        return None
    if "--from" in words[:-1] or "--spec" in words[:-1]:
        flag = "--from" if "--from" in words else "--spec"
        spec = words[words.index(flag) + 1]
    else:
        spec, position = "", 0
        while position < len(words):
            if words[position] in _UV_VALUES:
                position += 1
            elif not words[position].startswith("-"):
                spec = words[position]
                break
            position += 1
    name, version = split_pypi(spec)
    if not name or spec.startswith((".", "/", "git+", "http")) or spec.endswith(".py"):
        return None
    return ("pypi", name, version)


def _docker(words: list[str]) -> tuple[str, str, str | None] | None:
    position = 0
    while position < len(words):
        word = words[position]
        if word in _DOCKER_VALUES:
            position += 2
        elif word.startswith("-"):
            position += 1
        else:
            return ("oci", word, None) if image_purl(word) else None
    return None


def _transport(words: Sequence[str]) -> str | None:
    for position, word in enumerate(words):
        lower = word.lower()
        if lower in ("--transport", "-t", "--mode", "--transports") and position + 1 < len(words):
            return canonical_transport(words[position + 1])
        if lower.startswith(("--transport=", "--mode=", "mcp_transport=", "transport=")):
            return canonical_transport(word.partition("=")[2])
        if lower in ("stdio", "--stdio", "sse", "--sse", "--http", "http", "--streamable-http", "streamable-http"):
            return canonical_transport(lower.lstrip("-"))
    return None


def canonical_transport(text: str) -> str:
    """`streamableHttp`, `streamable_http` and `http-stream` are one transport."""
    folded = re.sub(r"[^a-z]", "", text.lower())
    if folded in ("streamablehttp", "httpstream", "streamable", "httpstreamable"):
        return "streamable-http"
    return (
        folded
        if folded in ("stdio", "sse", "http", "websocket", "ws", "jsonrpc", "grpc", "httpjson")
        else text.lower()[:40]
    )
