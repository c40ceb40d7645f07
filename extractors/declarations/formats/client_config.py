"""Configuration of MCP clients: `.mcp.json`, `mcp.json`, `gemini-extension.json`, and the blocks of READMEs.

Idea: a block that starts the product is written for a program, also where it stands in prose. Invariant: what a README
recommends to start is the product's own only if its own manifests or its repository name it; `own` is settled by
`read_declarations`.
"""

import re
import shlex
from bisect import bisect
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from assay_check.command_lines.options import Grammar, option_names, positionals
from extractors.declarations.facts import Declarations, Place, RunsAt, merged, place
from extractors.declarations.located import NOTHING, Document, Located, read_json, read_toml
from extractors.declarations.start_commands import canonical_transport, command_line, server_entry, servers, url_line
from extractors.declarations.subjects import where

_HOLDER = re.compile(
    r"\"(?:mcpServers|mcp_servers|servers|context_servers|mcp\.servers|mcpServer"
    r"|mcp)\"\s*:\s*(?=\{)"
)
_ENTRY = re.compile(r"\"(command|url|serverUrl|httpUrl|server_url)\"\s*:\s*(?=[\"\[{])")
_NAMED = re.compile(r"\"([^\"\n]{1,80})\"\s*:\s*$")
_FENCE = re.compile(r"^[ \t>]*(```+|~~~+)[ \t]*([\w=+.-]*)[^\n]*$", re.MULTILINE)
_LINE = re.compile(
    r"^[ \t]*(?:[$>%#][ \t]+)?((?:npx|bunx|uvx|uv tool run|uv tool install|uv pip install|pipx (?:run|install)"
    r"|pip3? install"
    r"|npm (?:install|i)|docker (?:run|pull)|podman (?:run|pull)|go (?:install|run)|cargo (?:install|binstall)"
    r"|dotnet tool install|dnx|claude mcp add(?:-json)?|codex mcp add|gemini mcp add|qwen mcp add|amp mcp add"
    r"|copilot mcp add"
    r"|droid mcp add|code --add-mcp|deno run)[ \t](?:[^\\\n]++|\\(?:[ \t]*+\r?\n)?)*+)",
    re.MULTILINE,
)
_INSTALLATION = re.compile(r"\A(?:\S+ (?:install|i)|docker pull|uv (?:tool|pip) install)(?!\S)")
_INLINE = re.compile(r"`((?:npx|uvx|docker run|pip install|npx -y) [^`\n]{3,200})`")
_URL = re.compile(
    r"https?://[\w.:-]+(?:/[\w./~{}-]*)?/(?:mcp|sse)/?(?=[\s`\"')\]<>,;?]|\.?$)"
    r"|https://mcp\.[\w.-]+\.\w+(?:/[\w./-]*)?",
    re.MULTILINE,
)
_PAGE = re.compile(
    r"(?i)//(?:docs?|learn|developers?|help|support|github|gitlab|www)\.|/(?:docs?|blog|guides?|learn)/|//[^/]*github\.com"
)
_SERVED = re.compile(r"mcp|/sse\b", re.IGNORECASE)
_TRANSPORTS = frozenset({"http", "sse", "streamable-http"})
_FILES = re.compile(
    r"(?:^|/)(?:\.?mcp|mcp[-_.]?(?:config|servers)?|claude_desktop_config|gemini-extension|settings"
    r"|cline_mcp_settings)\.json$"
    r"|(?:^|/)\.(?:vscode|cursor|roo|gemini|windsurf)/[\w-]*mcp[\w-]*\.json$",
    re.IGNORECASE,
)
_OPTIONS = Grammar(option_names("--transport -t --scope -s -e --env --header -H --url"))
"""Of `claude mcp add` and its like, that take a value."""
_ANYWHERE = re.compile(
    r"(?:\A|\0)(?:(?:--transport|-t)[\0=](stdio|sse|http|streamable-?http)|(?:--scope|-s)[\0=](?:local|user|project)"
    r"|(?:--env|-e)[\0=][A-Za-z_]\w*=[^\0]*(?:\0[A-Za-z_]\w*=[^\0]*)+)(?=\0|\Z)"
)
"""Options of the client wherever they stand before `--`, among words that are joined by NUL."""
_MARKDOWN = (".md", ".mdx", ".markdown", ".rst", ".txt")
_OPENING = 1_000
"""Characters in which a document names what it is about."""
_KEY = re.compile(r"(?i)\b(?:key|token|sign up|account|docs|documentation) (?:\w+ )?(?:at|from|on|in|here|see)\b")
MAX_LAUNCHES = 200
MAX_FAILED = 24
"""Blocks of one document that do not parse; after so many, only commands are looked for."""


def applies(document: Document) -> bool:
    return bool(_FILES.search(document.path)) or (
        document.name.endswith(_MARKDOWN) and not document.name.startswith("requirements")
    )


def read(document: Document) -> Declarations:
    if document.name.endswith(".json"):
        return _file(document)
    return merged(
        [
            Declarations(),
            *islice(_blocks(document), MAX_LAUNCHES),
            *_tables(document),
            *islice(_lines(document), MAX_LAUNCHES),
            *_addresses(document),
        ]
    )


def _file(document: Document) -> Declarations:
    value = document.json
    holder = value.get("mcpServers", "servers", "context_servers", "mcp_servers") or value.at("mcp", "servers")
    if holder is None and all(
        isinstance(entry.value, dict) and entry.get("command", "url") for _, entry in value.items()
    ):
        holder = value
    return servers(document, holder, "client configuration", own=False) if holder else Declarations()


def _blocks(document: Document) -> Iterator[Declarations]:
    """JSON in a text: whole holders first, then single entries that stand in none."""
    text = document.text
    whole = [(0, 0)]
    failed = 0
    for match in _HOLDER.finditer(text):
        if match.start() < whole[-1][1]:
            continue
        value = read_json(text, match.end()) if failed < MAX_FAILED else None
        failed += value is None
        if value is not None:
            read = servers(document, value._replace(start=match.start()), "client block", own=False)
            whole += [(match.start(), value.end)] if read.launches else []
            yield read
    covered = 0
    for match in list(_ENTRY.finditer(text))[: 4 * MAX_LAUNCHES]:
        start = text.rfind("{", max(0, match.start() - 600), match.start())
        if start < 0 or match.start() < covered or match.start() < whole[bisect(whole, (match.start(),)) - 1][1]:
            continue
        value = read_json(text, start) if failed < MAX_FAILED else None
        if value is None:
            failed += 1
            value = _torn(text, match)
        if value is None or value.end <= match.start():
            continue
        if value.text("type") == "command" or not (value.get("command") or _is_served(value)):
            continue  # a line of a host's status, or an address of something else than a server
        covered = value.end
        name = _NAMED.search(text, max(0, start - 100), start)
        yield server_entry(document, name.group(1) if name else value.text("name"), value, "client block", own=False)


def _is_served(value: Located) -> bool:
    """Whether an entry with an address alone is of a server: by its transport, its key or its address."""
    url = value.text("url")
    transport = canonical_transport(value.text("type", "transport", "transportType"))
    return not _PAGE.search(url) and (not url or transport in _TRANSPORTS or _SERVED.search(url) is not None)


def _torn(text: str, match: re.Match[str]) -> Located | None:
    """An entry with an ellipsis or a slip in it: the command or address alone."""
    value = read_json(text, match.end())
    if value is None or not isinstance(value.value, str):
        return None
    return Located({match[1]: value._replace(start=match.start())}, match.start(), value.end)


def _tables(document: Document) -> Iterator[Declarations]:
    """TOML of a client in a fence: `[mcp_servers.name]`."""
    named = "mcp_servers" in document.text or "mcpServers." in document.text
    marks = list(_FENCE.finditer(document.text)) if named else []
    for opening, closing in zip(marks[::2], marks[1::2], strict=False):
        text = document.text[opening.end() : closing.start()]
        is_table = opening.group(2).lower() in ("toml", "") and "[mcp" in text
        value = (read_toml(text, opening.end()) if is_table else None) or NOTHING
        if holder := value.get("mcp_servers", "mcpServers"):
            yield servers(document, holder, "client block", own=False)


def _lines(document: Document) -> Iterator[Declarations]:
    found = sorted([*_LINE.finditer(document.text), *_INLINE.finditer(document.text)], key=lambda match: match.start(1))
    done = 0
    for match in found:
        if match.start(1) >= done:
            done = match.end(1)
            words = _words(re.sub(r"\\\s*\n\s*", " ", match.group(1)))
            yield _line(words, place(document.file, match.start(1), match.start(1) + 1)) if words else Declarations()


def _words(line: str) -> list[str]:
    line = re.split(r"\s(?:&&|\|\||[|;>#])\s", line)[0]
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def _line(words: list[str], where: Place) -> Declarations:
    if words[1:3] in (["mcp", "add"], ["mcp", "add-json"]) or words[:2] == ["code", "--add-mcp"]:
        return _client_line(words, where)
    result = command_line("", words[0], tuple(words[1:]), "", "command line", where)
    if _INSTALLATION.match(" ".join(words)):
        return Declarations(subjects=result.subjects)
    return result if result.subjects or any(launch.url for launch in result.launches) else Declarations()


def _client_line(words: list[str], where: Place) -> Declarations:
    value = next((word for word in words if word.startswith("{")), "")
    if value:
        entry = read_json(value) or NOTHING
        if command := entry.text("command"):
            arguments = tuple(str(member.value) for member in entry.members("args"))
            return command_line(entry.text("name"), command, arguments, "", "client command", where)
        return url_line(entry.text("name"), entry.text("url"), entry.text("type") or "http", "client command", where)
    end = words.index("--") if "--" in words else len(words)
    joined = "\0".join(words[3:end])
    named = positionals(list(filter(None, _ANYWHERE.sub("", joined).split("\0"))), _OPTIONS)
    started = positionals(named.words[1:], _OPTIONS)
    transports = [
        *filter(None, (match[1] for match in _ANYWHERE.finditer(joined))),
        *named.all("--transport", "-t"),
        *started.all("--transport", "-t"),
    ]
    transport = canonical_transport(transports[0]) if transports else ""
    operands = [*named.words[:1], *named.all("--url"), *started.all("--url"), *started.words, *words[end + 1 :]]
    if len(operands) < 2:
        return Declarations()
    name, *rest = operands
    if re.match(r"https?://", rest[0]):
        return url_line(name, rest[0], transport or "http", "client command", where)
    return command_line(name, rest[0], tuple(rest[1:]), transport, "client command", where)


def _addresses(document: Document) -> Iterator[Declarations]:
    """Addresses of servers in prose and code: `https://host/mcp`, `https://mcp.host`."""
    for match in islice(_URL.finditer(document.text), 40):
        url = match.group(0).rstrip(".,")
        is_page = _PAGE.search(url) or document.text[max(0, match.start() - 2) : match.start()] == "]("
        if not is_page and (where(url) is not RunsAt.HOSTED or _is_its_own(document, url, match.start())):
            transport = "sse" if url.rstrip("/").endswith("/sse") else "http"
            yield url_line("", url, transport, "address", place(document.file, match.start(), match.end()))


def _is_its_own(document: Document, url: str, start: int) -> bool:
    """Whether the document opens with the name of the host, and the line does not send its reader there for a key."""
    line = document.text.rfind("\n", 0, start) + 1
    host = (urlsplit(url).hostname or "").split(".")[-2:][0]
    opening = re.sub(r"[\W_]", "", document.text[: min(line, _OPENING)]).lower()
    return host.replace("-", "") in opening and not _KEY.search(document.text[max(line, start - 120) : start])
