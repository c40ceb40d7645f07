"""Forms with servers or skills elsewhere than in a map of servers: Smithery, bundles, dotagents, compose files."""

from __future__ import annotations

import re
from pathlib import PurePath

from assay_check.command_lines import specifiers
from assay_check.command_lines.commands import read_command
from assay_check.configurations.clients import container
from assay_check.configurations.servers import server_entry
from assay_check.configurations.tree import Node
from assay_check.redaction import is_credential, shown
from assay_check.subjects import Entry, Subject, SubjectKind, local, unmatchable

_JS_COMMAND = re.compile(r"command:\s*(['\"])([^'\"\n]{1,300})\1")
_JS_ARGUMENTS = re.compile(r"args:\s*\[([^\]]{0,4000})\]")
_JS_TEXT = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"")


class Smithery:
    """`smithery.yaml`: the command stands in a JavaScript function, so it is read by pattern or called *not read*."""

    form = "smithery.yaml"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.name.startswith("smithery.") and (
            root.at("startCommand") is not None or root.at("runtime") is not None
        )

    def entries(self, root: Node) -> list[Entry]:
        start = root.at("startCommand")
        if start is None or not start.is_mapping:
            line = root.key_lines.get("runtime", root.line)
            return [
                Entry("runtime", line, None, local("smithery.yaml", "a server that is built from its working folder"))
            ]
        line = root.key_lines.get("startCommand", start.line)
        schema = start.at("configSchema", "properties")
        names = tuple(
            shown(key) for key, _, _ in (schema.members() if schema is not None else ()) if is_credential(key)
        )
        code = start.text("commandFunction") or ""
        command, arguments = _JS_COMMAND.search(code), _JS_ARGUMENTS.search(code)
        if command is None:
            if start.text("command") is not None:
                return [server_entry("startCommand", line, start, "startCommand")]
            kind = start.text("type") or ""
            why = (
                "the command stands in program code that was not read"
                if code
                else "a server built from its working folder"
            )
            subject = unmatchable(SubjectKind.NONE, why) if code else local("smithery.yaml", why)
            return [Entry("startCommand", line, "http" if "http" in kind else "stdio", subject, credentials=names)]
        words = [a or b for a, b in _JS_TEXT.findall(arguments.group(1))] if arguments else []
        found = read_command([command.group(2), *words])
        return [
            Entry(
                "startCommand",
                line,
                "stdio",
                found.subject,
                found.runner,
                found.also,
                credentials=names,
                path="startCommand",
            )
        ]


class Bundle:
    """The `manifest.json` of an MCP bundle: one server, whose program is shipped inside."""

    form = "MCP bundle manifest"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.name == "manifest.json" and root.at("server", "mcp_config") is not None

    def entries(self, root: Node) -> list[Entry]:
        server, name = root.at("server"), root.at("name")
        if server is None or name is None or not isinstance(name.value, str):
            return []
        return [server_entry(name.value, name.line, server, "server.mcp_config")]


class Dotagents:
    """`agents.toml`: skills by repository, and servers in a list."""

    form = "dotagents agents.toml"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.suffix == ".toml" and (bool(root.items_at("skills")) or bool(root.items_at("mcp")))

    def entries(self, root: Node) -> list[Entry]:
        found = []
        for node in root.items_at("skills"):
            name = node.at("name")
            source = node.text("source", "repository", "repo", "url", "path")
            if source is not None:
                subject = _skill_source(source, node.text("ref", "commit", "rev"))
                title = name.value if name is not None and isinstance(name.value, str) else source
                found.append(
                    Entry(shown(title), name.line if name else node.line, "skill", subject, path=f"skills.{title}")
                )
        below = root.at("mcp")
        if below is not None:
            found += container(below, "mcp")
        return found


def _skill_source(source: str, reference: str | None) -> Subject:
    bare, _, at = source.partition("@") if not source.startswith("git@") and "://" not in source else (source, "", "")
    return (
        local(source)
        if specifiers.is_path(source) or source.startswith("path:")
        else specifiers.git(bare, reference or at or None)
    )


class Compose:
    """Images of the services of a compose file."""

    form = "compose file"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.suffix in (".yaml", ".yml") and "compose" in name.name and root.at("services") is not None

    def entries(self, root: Node) -> list[Entry]:
        found = []
        services = root.at("services")
        for name, line, node in services.members() if services is not None else ():
            image = node.text("image")
            subject = (
                local(None, "an image that is built from a folder")
                if image is None
                else specifiers.container(_default(image))
            )
            found.append(Entry(shown(name), line, "image", subject, path=f"services.{name}"))
        return found


def _default(reference: str) -> str:
    """`${TAG:-1.2}` as its default."""
    return re.sub(r"\$\{\w+:?-([^}]*)\}", r"\1", reference)
