"""One MCP server definition of a configuration, in any client's spelling, as an entry.

Invariant: no value of `env`, `headers` or an argument is kept in what is shown; only names of credentials are.
"""

import re
from dataclasses import replace

from assay_check.command_lines.commands import read_command, split_line, words_of
from assay_check.command_lines.package_specifiers import has_variable
from assay_check.configurations.tree import Node
from assay_check.redaction import is_credential, is_literal, secret_arguments, shown, variables
from assay_check.subjects import Entry, Subject, SubjectKind, of_url, unmatchable, variable

_URL_FIELDS = ("httpUrl", "url", "serverUrl", "server_url", "uri", "endpoint", "baseUrl", "base_url", "sseUrl")
_COMMAND_FIELDS = ("command", "cmd", "executable")
_ENVIRONMENT_FIELDS = ("env", "environment", "envs", "env_vars", "envVars")
_HEADER_FIELDS = ("headers", "http_headers", "requestInit", "env_http_headers", "requestOptions")
_REMOTE = re.compile(r"http|sse|stream|remote|ws|websocket", re.IGNORECASE)
_LOCAL_TYPES = ("stdio", "local", "command", "process")
_DEFINING = (*_URL_FIELDS, *_COMMAND_FIELDS)


def defines_server(node: Node) -> bool:
    """Whether a mapping is a server definition: it names a command or an address."""
    return node.is_mapping and any(node.at(name) is not None for name in _DEFINING)


def server_entry(name: str, line: int, node: Node, path: str, *, gemini: bool = False, off: bool = False) -> Entry:
    """The entry of a definition; one with neither command nor address is of kind `none`. `gemini`: as the Gemini CLI
    reads it, where an address comes before a command, and a bare `url` means server-sent events."""
    node = unfolded(node)
    command, url = _words(node), node.text(*_URL_FIELDS)
    transport = node.at("transport") or node
    kind = (node.text("type", "transport", "transportType") or transport.text("type") or "").lower()
    started = bool(command) and not (gemini or _REMOTE.search(kind))
    remote = bool(url) and not started and not (command and kind in _LOCAL_TYPES)
    credentials, literal = _credentials(node, command)
    entry = Entry(
        name=shown(name),
        line=line,
        transport=None,
        subject=unmatchable(SubjectKind.NONE, "neither a command nor an address"),
        disabled=off or _is_off(node),
        credentials=credentials,
        literal_secret=literal,
        path=path,
    )
    if remote:
        return replace(
            entry, transport=_transport(kind, node, "sse" if gemini else "http"), subject=_addressed(url or ""), url=url
        )
    found = read_command(words_of(command[0], command[1:]) if command else ()) if command is not None else None
    if found is None:
        return replace(entry, transport="stdio" if kind in _LOCAL_TYPES else None)
    return replace(
        entry,
        transport="stdio",
        subject=_shown(found.subject),
        runner=found.runner,
        also=tuple(purl for purl in found.also if purl),
        argv=tuple(command or ()),
    )


def unfolded(node: Node) -> Node:
    """Definitions with the command one level deeper (`command: {path, args}`, `transport: {type, url}`)."""
    for name in ("command", "transport", "server", "mcp_config"):
        inner = node.at(name)
        if inner is not None and inner.is_mapping and isinstance(node.value, dict):
            members = dict(node.value)
            members.pop(name)
            below = {("command" if key == "path" else key): value for key, _, value in inner.members()}
            return Node(node.line, below | {k: v for k, v in members.items() if k not in below}, node.key_lines)
    return node


def _words(node: Node) -> list[str] | None:
    """Program and arguments as the file spells them, or None when no command is named."""
    for name in _COMMAND_FIELDS:
        command = node.at(name)
        if command is None:
            continue
        if isinstance(command.value, list):
            return [*node.texts(name), *node.texts("args")]
        if isinstance(command.value, str):
            arguments = node.text("args")
            return [command.value, *(split_line(arguments) if arguments else node.texts("args"))]
    return None


def _transport(kind: str, node: Node, bare_url: str) -> str:
    if "sse" in kind:
        return "sse"
    if kind or node.text("httpUrl"):
        return "http"
    return bare_url


def _addressed(url: str) -> Subject:
    address = re.split(r"[?#]", url.strip(), maxsplit=1)[0]
    if not address:
        return unmatchable(SubjectKind.NONE, "empty address")
    if has_variable(address) or re.search(r"[<{][^/]*[>}]", address):
        return variable()
    return of_url(url)


def _shown(subject: Subject) -> Subject:
    return replace(
        subject,
        value=shown(subject.value) if subject.value is not None else None,
        tag=shown(subject.tag, 60) if subject.tag is not None else None,
        range=shown(subject.range, 60) if subject.range is not None else None,
    )


def _is_off(node: Node) -> bool:
    switches = [(node.at(name), True) for name in ("disabled", "disable")]
    switches += [(node.at(name), False) for name in ("enabled", "isActive", "active")]
    return any(member is not None and member.value in (off, str(off).lower()) for member, off in switches)


def _credentials(node: Node, command: list[str] | None) -> tuple[tuple[str, ...], bool]:
    """Names of the credentials that a definition wants, and whether the file itself holds one of them."""
    names: list[str] = []
    literal = False
    for name, value, header in _settings(node):
        inside = variables(value)
        if inside and header:
            names += inside
        elif is_credential(name) or any(is_credential(part) for part in inside):
            names += [part for part in inside if is_credential(part) or is_credential(name)] or [name]
            literal = literal or (bool(value) and is_literal(value))
    for option, value in secret_arguments(command or ()):
        names.append(f"argument {option}")
        literal = literal or is_literal(value)
    for field in ("inherits", "env_vars", "envVars", "env_keys"):
        names += [name for name in node.texts(field) if is_credential(name)]
    for field in ("bearer_token_env_var", "apiKeyEnv"):
        names += [found for found in [node.text(field)] if found]
    return tuple(dict.fromkeys(shown(name, 60) for name in names)), literal


def _settings(node: Node) -> list[tuple[str, str, bool]]:
    """Name and value of each environment variable and header, and whether it is a header."""
    found: list[tuple[str, str, bool]] = []
    for fields, header in ((_ENVIRONMENT_FIELDS, False), (_HEADER_FIELDS, True)):
        for field in fields:
            below = node.at(field)
            if below is None:
                continue
            inner = below.at("headers")
            for key, _, value in (inner if inner is not None else below).members():
                found.append((key, value.value if isinstance(value.value, str) else "", header))
            for word in below.items():
                if isinstance(word.value, str) and "=" in word.value:
                    key, _, value_text = word.value.partition("=")
                    found.append((key, value_text, header))
    return found
