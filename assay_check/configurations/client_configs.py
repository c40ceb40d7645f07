"""Configurations of clients that name MCP servers: one reader a form, all of them over `servers.server_entry`.

A form is where its servers stand and what is switched off elsewhere in the file. The last reader takes any other file
by looking for server definitions at the places that clients use.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath

from assay_check.configurations.configuration import Form
from assay_check.configurations.servers import defines_server, server_entry, unfolded
from assay_check.configurations.tree import Node
from assay_check.subjects import Entry

Place = tuple[str, ...]


def _servers(
    form: str,
    places: tuple[Place, ...],
    file: str,
    gemini: bool = False,
    off: Callable[[Node, str], bool] = lambda root, name: False,
) -> Form[Node]:
    """A form whose servers stand below fixed keys, as a mapping by name or as a list with `name`."""

    def recognises(name: PurePath, root: Node) -> bool:
        return re.search(file, name.as_posix()) is not None and any(root.at(*place) for place in places)

    def entries(root: Node) -> list[Entry]:
        below = [(".".join(place), node) for place in places if (node := root.at(*place)) is not None]
        found = [server for path, node in below for server in container(node, path, partial(off, root), gemini=gemini)]
        return sorted(found, key=lambda entry: entry.line)

    return Form(form, recognises, entries)


def container(
    below: Node,
    path: str,
    off: Callable[[str], bool] = lambda name: False,
    *,
    gemini: bool = False,
    strict: bool = False,
) -> list[Entry]:
    """The entries of a mapping or list of servers. `strict` takes only what defines a command or an address."""
    return [
        server_entry(name, line, node, f"{path}.{name}", gemini=gemini, off=off(name))
        for name, line, node in _named(below)
        if node.is_mapping and (not strict or defines_server(unfolded(node)))
    ]


def _named(below: Node) -> Iterator[tuple[str, int, Node]]:
    """Name, line of the name and definition of each server."""
    yield from below.members()
    for number, node in enumerate(below.items()):
        for key in ("name", "id", "label", "serverName"):
            member = node.at(key)
            if member is not None and isinstance(member.value, str):
                yield member.value, member.line, node
                break
        else:
            inner = [m for m in node.members() if m[2].is_mapping]
            if len(inner) == 1 and not defines_server(node):
                yield inner[0]
            else:
                yield str(number), node.line, node


def _gemini_off(root: Node, name: str) -> bool:
    """Switched off by name: `mcp.excluded`, or a list `mcp.allowed` without it; case is ignored."""
    lowered = name.lower()
    excluded = _words(root, ("mcp", "excluded")) + _words(root, ("excludeMCPServers",))
    allowed = [root.at("mcp", "allowed"), root.at("allowMCPServers")]
    lists = [[str(item.value).lower() for item in node.items()] for node in allowed if node is not None]
    return lowered in excluded or any(lowered not in names for names in lists)


def _words(root: Node, place: Place) -> list[str]:
    return [str(item.value).lower() for item in root.items(*place)]


def _claude_off(root: Node, name: str) -> bool:
    return name.lower() in _words(root, ("disabledMcpjsonServers",)) + _words(root, ("disabledMcpServers",))


_PLAIN = (("mcpServers",),)
FORMS: tuple[Form[Node], ...] = (
    _servers(
        "Gemini CLI settings",
        _PLAIN,
        r"(?:^|/)\.(?:gemini|qwen)/|gemini-extension\.json$",
        True,
        _gemini_off,
    ),
    _servers("Claude Desktop config", _PLAIN, r"claude_desktop_config[^/]*\.json$"),
    _servers("Claude Code managed-mcp.json", _PLAIN, r"managed-mcp\.json$"),
    _servers("Cursor mcp.json", _PLAIN, r"\.cursor/"),
    _servers("Cline MCP settings", _PLAIN, r"cline_mcp_settings|\.cline/"),
    _servers("Roo mcp.json", _PLAIN, r"\.roo/|mcp_settings\.json$"),
    _servers("Windsurf mcp_config.json", _PLAIN, r"mcp_config\.json$|\.codeium/"),
    _servers("Amazon Q mcp.json", _PLAIN, r"\.amazonq/|\.aws/amazonq/"),
    _servers("Kiro mcp.json", _PLAIN, r"\.kiro/"),
    _servers("VS Code mcp.json", (("servers",), ("mcpServers",)), r"\.vscode/mcp\.jsonc?$|(?:^|/)User/mcp\.json$"),
    _servers(
        "VS Code settings.json, mcp.servers",
        (("mcp", "servers"), ("mcp.servers",)),
        r"settings\.json$|\.code-workspace$",
    ),
    _servers("Zed settings.json, context_servers", (("context_servers",),), r"settings\.jsonc?$"),
    _servers("opencode.json", (("mcp",),), r"(?:opencode|crush)[^/]*\.jsonc?$|\.opencode/|\.config/opencode/"),
    _servers("Codex config.toml", (("mcp_servers",),), r"\.toml$"),
    _servers("librechat.yaml", _PLAIN, r"librechat[^/]*\.ya?ml$"),
    _servers("Continue mcp.yaml", _PLAIN, r"\.continue/"),
    _servers("Goose config.yaml", (("extensions",),), r"(?:^|/)\.?goose"),
    _servers("mcp-agent YAML, mcp.servers", (("mcp", "servers"),), r"\.ya?ml$"),
    _servers(".mcp.json", (("mcpServers",), ("servers",)), r"(?:^|/)\.?mcp\.jsonc?$"),
)


def _is_claude_user(name: PurePath, root: Node) -> bool:
    projects = root.at("projects")
    return name.name.endswith(".claude.json") and projects is not None and projects.is_mapping


def _claude_user(root: Node) -> list[Entry]:
    """Servers of the user and of each project."""
    found: list[Entry] = []
    for path, holder in [("", root), *((f"projects.{key}.", node) for key, _, node in root.members("projects"))]:
        below = holder.at("mcpServers")
        if below is not None:
            found += container(below, f"{path}mcpServers", partial(_claude_off, holder))
    return found


CLAUDE_USER = Form("Claude Code user configuration", _is_claude_user, _claude_user)
_SURE = frozenset(("mcpservers", "mcp_servers", "context_servers", "mcp.servers", "modelcontextprotocolservers"))
_LIKELY = frozenset(("servers", "mcp", "extensions", "connectors", "mcp_config"))


def _any_servers(root: Node, *, named: bool) -> list[Entry]:
    """Any other file: known keys at any depth, a list of servers, or servers by name at the top.

    An address alone makes a server only where the name of the file or a key above it says MCP: authors, repositories
    and interfaces of other files have addresses too.
    """
    found = _walk(root, "", 0, named) or _likely(root, "", named)
    return sorted(found, key=lambda entry: entry.line)


ANY_SERVERS = (
    Form("mcpServers", lambda name, root: "mcp" in name.as_posix().lower(), partial(_any_servers, named=True)),
    Form("mcpServers", lambda name, root: True, partial(_any_servers, named=False)),
)


def _walk(node: Node, path: str, depth: int, named: bool) -> list[Entry]:
    found: list[Entry] = []
    if depth > 8:
        return found
    for key, _, below in node.members():
        lowered = key.lower()
        here = f"{path}.{key}".lstrip(".")
        known = named or "mcp" in here.lower()
        if lowered in _SURE or lowered.endswith(".mcpservers"):
            inner = container(below, here, strict=False)
        else:
            inner = _likely(below, here, known) if lowered in _LIKELY else []
        found += inner or _walk(below, here, depth + 1, known)
    for item in node.items():
        found += _walk(item, path, depth + 1, named)
    return found


def _likely(below: Node, path: str, named: bool) -> list[Entry]:
    """Servers of a container that may hold something else."""
    return [entry for entry in container(below, path, strict=True) if named or entry.argv]
