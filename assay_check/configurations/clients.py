"""Configurations of clients that name MCP servers: one reader a form, all of them over `servers.server_entry`.

A form is where its servers stand and what is switched off elsewhere in the file. The last reader takes any other file
by looking for server definitions at the places that clients use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath

from assay_check.configurations.servers import Habits, defines_server, server_entry, unfolded
from assay_check.configurations.tree import Node
from assay_check.subjects import Entry

Place = tuple[str, ...]


@dataclass(frozen=True)
class Servers:
    """A form whose servers stand below fixed keys, as a mapping by name or as a list with `name`."""

    form: str
    places: tuple[Place, ...]
    file: str
    habits: Habits = field(default_factory=Habits)
    off: Callable[[Node, str], bool] = lambda root, name: False

    def recognises(self, name: PurePath, root: Node) -> bool:
        return re.search(self.file, name.as_posix()) is not None and any(root.at(*place) for place in self.places)

    def entries(self, root: Node) -> list[Entry]:
        found: list[Entry] = []
        for place in self.places:
            below = root.at(*place)
            if below is not None:
                found += container(below, ".".join(place), self.habits, lambda name: self.off(root, name))
        return sorted(found, key=lambda entry: entry.line)


def container(
    below: Node,
    path: str,
    habits: Habits | None = None,
    off: Callable[[str], bool] = lambda name: False,
    *,
    strict: bool = False,
) -> list[Entry]:
    """The entries of a mapping or list of servers. `strict` takes only what defines a command or an address."""
    found = []
    for name, line, node in _named(below):
        if node.is_mapping and (not strict or defines_server(unfolded(node))):
            found.append(server_entry(name, line, node, f"{path}.{name}", habits, off=off(name)))
    return found


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
    node = root.at(*place)
    return [] if node is None else [str(item.value).lower() for item in node.items()]


def _claude_off(root: Node, name: str) -> bool:
    return name.lower() in _words(root, ("disabledMcpjsonServers",)) + _words(root, ("disabledMcpServers",))


_PLAIN = (("mcpServers",),)
FORMS: tuple[Servers, ...] = (
    Servers(
        "Gemini CLI settings",
        _PLAIN,
        r"(?:^|/)\.(?:gemini|qwen)/|gemini-extension\.json$",
        Habits(True, "sse"),
        _gemini_off,
    ),
    Servers("Claude Desktop config", _PLAIN, r"claude_desktop_config[^/]*\.json$"),
    Servers("Claude Code managed-mcp.json", _PLAIN, r"managed-mcp\.json$"),
    Servers("Cursor mcp.json", _PLAIN, r"\.cursor/"),
    Servers("Cline MCP settings", _PLAIN, r"cline_mcp_settings|\.cline/"),
    Servers("Roo mcp.json", _PLAIN, r"\.roo/|mcp_settings\.json$"),
    Servers("Windsurf mcp_config.json", _PLAIN, r"mcp_config\.json$|\.codeium/"),
    Servers("Amazon Q mcp.json", _PLAIN, r"\.amazonq/|\.aws/amazonq/"),
    Servers("Kiro mcp.json", _PLAIN, r"\.kiro/"),
    Servers("VS Code mcp.json", (("servers",), ("mcpServers",)), r"\.vscode/mcp\.jsonc?$|(?:^|/)User/mcp\.json$"),
    Servers(
        "VS Code settings.json, mcp.servers",
        (("mcp", "servers"), ("mcp.servers",)),
        r"settings\.json$|\.code-workspace$",
    ),
    Servers("Zed settings.json, context_servers", (("context_servers",),), r"settings\.jsonc?$"),
    Servers("opencode.json", (("mcp",),), r"(?:opencode|crush)[^/]*\.jsonc?$|\.opencode/|\.config/opencode/"),
    Servers("Codex config.toml", (("mcp_servers",),), r"\.toml$"),
    Servers("librechat.yaml", _PLAIN, r"librechat[^/]*\.ya?ml$"),
    Servers("Continue mcp.yaml", _PLAIN, r"\.continue/"),
    Servers("Goose config.yaml", (("extensions",),), r"(?:^|/)\.?goose"),
    Servers("mcp-agent YAML, mcp.servers", (("mcp", "servers"),), r"\.ya?ml$"),
    Servers(".mcp.json", (("mcpServers",), ("servers",)), r"(?:^|/)\.?mcp\.jsonc?$"),
)


class ClaudeUser:
    """`~/.claude.json`: servers of the user and of each project, and settings files with servers in them."""

    form = "Claude Code user configuration"

    def recognises(self, name: PurePath, root: Node) -> bool:
        projects = root.at("projects")
        return name.name.endswith(".claude.json") and projects is not None and projects.is_mapping

    def entries(self, root: Node) -> list[Entry]:
        found: list[Entry] = []
        holders = [("", root), *((f"projects.{key}.", node) for key, _, node in _members(root.at("projects")))]
        for path, holder in holders:
            below = holder.at("mcpServers")
            if below is not None:
                found += container(below, f"{path}mcpServers", None, partial(_claude_off, holder))
        return found


def _members(node: Node | None) -> list[tuple[str, int, Node]]:
    return [] if node is None else list(node.members())


_SURE = frozenset(("mcpservers", "mcp_servers", "context_servers", "mcp.servers", "modelcontextprotocolservers"))
_LIKELY = frozenset(("servers", "mcp", "extensions", "connectors", "mcp_config"))


@dataclass(frozen=True)
class AnyServers:
    """Any other file: known keys at any depth, a list of servers, or servers by name at the top.

    An address alone makes a server only where the name of the file or a key above it says MCP: authors, repositories
    and interfaces of other files have addresses too.
    """

    named: bool
    form: str = "mcpServers"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return not self.named or "mcp" in name.as_posix().lower()

    def entries(self, root: Node) -> list[Entry]:
        found = _walk(root, "", 0, self.named)
        if not found:
            found = _likely(root, "", self.named)
        return sorted(found, key=lambda entry: entry.line)


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
