"""How a product is started: what a command fetches and runs, over which transport, and where; and one server entry of
a client's configuration with its command or address, environment and headers.

Idea: Assay Check knows wrappers, runners and their options; here an installation counts as a start of the same package.
Invariant: a path, a placeholder and a program that only carries others (a proxy, an inspector) are no package of the
product.
"""

import re
from collections.abc import Container, Sequence
from typing import NamedTuple

from packageurl import PackageURL

from assay_check.command_lines import commands
from assay_check.subjects import SubjectKind
from extractors.declarations.facts import Declarations, Launch, Place, RunsAt, Subject, merged
from extractors.declarations.formats.environment_variables import VARIABLE, credential
from extractors.declarations.located import NOTHING, Document, Located
from extractors.declarations.subjects import image, image_purl, known_version, package, purl, where

WIRING = 300
"""Characters of an entry that are quoted."""
CARRIERS = {
    *("mcp-remote", "supergateway", "@modelcontextprotocol/inspector", "@smithery/cli", "mcp-proxy", "mcpo", "add-mcp"),
    *("@anthropic-ai/mcpb", "@anthropic-ai/dxt", "mcp-get", "install-mcp", "tsx", "ts-node", "typescript", "skills"),
    *("mcp-inspector", "@mcp-get-community/mcp-get", "@composio/mcp", "nodemon", "tsc", "playwright", "@pipedream/mcp"),
}
"""Programs that start, install or carry other servers."""
_CONTAINER_VARIABLE = re.compile(rf"(?:\A|\0)(?:--env[=\0]|-e\0?)[= ]*({VARIABLE.pattern})")
_TRANSPORT = re.compile(
    r"(?i)(?:\A|\0)(?:(?:--transports?|--mode|-t)\0|(?:--transport|--mode|(?:mcp_)?transport)="
    r"|(?:--)?(?=(?:stdio|sse|(?:streamable-)?http)(?:\0|\Z)))([^\0]*)"
)
"""Among words that are joined by NUL."""
_INSTALLS = {
    "npm install": "npx",
    "npm i": "npx",
    "npm add": "npx",
    "pip install": "uvx",
    "pip3 install": "uvx",
    "python -m pip install": "uvx",
    "python3 -m pip install": "uvx",
    "py -m pip install": "uvx",
    "uv tool install": "uvx",
    "uv pip install": "uvx",
    "pipx install": "uvx",
    "go install": "go run",
    "dotnet tool install": "dnx",
    "docker pull": "docker run",
    "podman pull": "podman run",
}
"""What installs a package, and what starts the same one."""


class Command(NamedTuple):
    ecosystem: str = ""
    name: str = ""
    version: str | None = None
    purl: str = ""
    url: str = ""
    """Of a server elsewhere that a carrier reaches."""
    transport: str = ""
    runs_at: RunsAt | None = None


def read_command(command: str, arguments: Sequence[str]) -> Command:
    """What a command starts with its arguments. A command that is not known runs on its user's machine all the same."""
    words = _started(commands.words_of(command, arguments))
    if not words:
        return Command()
    if words[0] == "cargo":
        return _crate(words)
    found = commands.read_command(words)
    subject = found.subject
    fetched = [PackageURL.from_string(text) for text in (subject.purl, *found.also) if text]
    if found.runner in CARRIERS or any(_name(each) in CARRIERS for each in fetched):
        url = next((word for word in words if re.match(r"https?://", word)), "")
        return Command(url=url, transport="http" if url else "", runs_at=where(url) if url else None)
    chosen = _TRANSPORT.search("\0".join(words[1:]))
    transport = canonical_transport(chosen[1]) if chosen else ""
    if subject.kind is SubjectKind.IMAGE and subject.image is not None:
        reference = subject.image.repository.removeprefix("docker.io/").removeprefix("library/")
        reference += f":{subject.image.tag}" if subject.image.tag else ""
        reference += f"@{subject.image.digest}" if subject.image.digest else ""
        value = (image_purl(reference) or "") if "/" in reference else ""
        return Command("oci", reference, None, value, "", transport, RunsAt.LOCAL)
    if found.runner == "uv":  # what `uv run --with PACKAGE` brings, but for the library that servers are made with
        fetched = [each for each in fetched if _name(each) not in ("mcp", "fastmcp")]
    if not fetched or (subject.kind is not SubjectKind.PACKAGE and found.runner != "uv"):
        return Command(transport=transport, runs_at=RunsAt.LOCAL)
    ecosystem, name, version = fetched[0].type, _name(fetched[0]), known_version(fetched[0].version)
    return Command(ecosystem, name, version, purl(ecosystem, name, version) or "", "", transport, RunsAt.LOCAL)


def _started(words: list[str]) -> list[str]:
    """The words that start what these words install."""
    if len(words) == 1:
        words = commands.split_line(words[0])
    if words[:1] == ["sudo"]:
        words = words[1:]
    for installs, starts in _INSTALLS.items():
        size = installs.count(" ") + 1
        if " ".join(words[:size]) == installs:
            return words if {"-e", "-r", "."} & set(words) else [*starts.split(), *words[size:]]
    return words


def _crate(words: list[str]) -> Command:
    """`cargo install NAME`: Rust's packages have no runner."""
    spec = next((word for word in words[2:] if not word.startswith("-")), "")
    name, _, version = spec.partition("@")
    value = purl("cargo", name, version) if words[1:2] in (["install"], ["binstall"]) else None
    if value is None or {"--path", "--git"} & set(words):
        return Command(runs_at=RunsAt.LOCAL)
    return Command("cargo", name, known_version(version), value, runs_at=RunsAt.LOCAL)


def _name(package: PackageURL) -> str:
    return f"{package.namespace}/{package.name}" if package.namespace else package.name


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


def server_entry(document: Document, name: str, entry: Located, stated_by: str, own: bool) -> Declarations:
    """What `{"command": …, "args": …, "env": …}` or `{"url": …}` says; nothing if it is neither."""
    listed = entry.get("command") or NOTHING
    if isinstance(listed.value, dict) and not entry.text("command", "cmd"):  # Zed: {"command": {"path": …, "args": …}}
        inner = {**listed.value, "command": listed.get("path", "command") or NOTHING}
        return server_entry(document, name, listed._replace(value=inner), stated_by, own)
    command = entry.text("command", "cmd")
    arguments = entry.members("args", "arguments", "envs_args")
    words = tuple(member.value for member in arguments if isinstance(member.value, str))
    if not command and listed.members():
        command, *first = (str(member.value) for member in listed.members())
        words = (*first, *words)
    url = entry.text("url", "serverUrl", "httpUrl", "server_url", "uri", "endpoint")
    variables = dict(entry.items("env", "environment", "envs"))
    place = document.place(entry.get("command", "url", "serverUrl", "httpUrl", "server_url", "uri") or entry)
    transport = canonical_transport(entry.text("type", "transport", "transportType"))
    headers = (made for key, at in entry.items("headers") for made in credential(key, stated_by, document.place(at)))
    credentials = [made for key, at in variables.items() for made in credential(key, stated_by, document.place(at))]
    credentials += [made for made in headers if made.secret is not False]
    found = (
        command_line(name, command, words, transport, stated_by, place, own, variables)
        if command
        else url_line(name, url, transport or "http", stated_by, place)
    )
    whole = document.place(entry._replace(end=min(entry.end, entry.start + WIRING)))
    launches = tuple(launch.model_copy(update={"wiring": whole}) for launch in found.launches)
    return found._replace(launches=launches, credentials=(*credentials, *found.credentials))


def command_line(
    name: str,
    command: str,
    words: tuple[str, ...],
    transport: str,
    stated_by: str,
    place: Place,
    own: bool = False,
    known: Container[str] = (),
) -> Declarations:
    """What a command starts. `known`: variables that are declared elsewhere."""
    read = read_command(command, words)
    if read.url:
        return url_line(name, read.url, read.transport, stated_by, place)
    if read.runs_at is None:
        return Declarations()
    transport = read.transport or transport
    runs_at = read.runs_at
    if runs_at is RunsAt.LOCAL and transport.startswith(("sse", "http", "streamable")):
        runs_at = RunsAt.INTERNAL_NETWORK
    launch = Launch(
        server=name,
        command=command,
        arguments=words[:60],
        transport=transport,
        package=read.purl,
        runs_at=runs_at,
        stated_by=stated_by,
        place=place,
    )
    variables = [variable for variable in _CONTAINER_VARIABLE.findall("\0".join(words)) if variable not in known]
    subjects: tuple[Subject, ...] = ()
    if read.ecosystem == "oci":  # a name without an owner is an image that its user builds
        subjects = image(read.name, stated_by, place, own) if "/" in read.name else ()
    elif read.name:
        subjects = package(read.ecosystem, read.name, read.version, stated_by, place, own)
    credentials = tuple(made for variable in variables for made in credential(variable, stated_by, place))
    return Declarations(subjects=subjects, launches=(launch,), credentials=credentials)


def url_line(name: str, url: str, transport: str, stated_by: str, place: Place) -> Declarations:
    """A server that is reached at its address."""
    runs_at = where(url)
    if runs_at is None:
        return Declarations()
    launch = Launch(server=name, url=url, transport=transport, runs_at=runs_at, stated_by=stated_by, place=place)
    return Declarations(launches=(launch,))


def servers(document: Document, holder: Located, stated_by: str, own: bool) -> Declarations:
    """All entries of `mcpServers`; the first is quoted with the key that holds them."""
    entries = list(holder.items())
    if entries and entries[0][1].start - holder.start < WIRING // 3:
        entries[0] = (entries[0][0], entries[0][1]._replace(start=holder.start))
    return merged([Declarations(), *(server_entry(document, name, entry, stated_by, own) for name, entry in entries)])
