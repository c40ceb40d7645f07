"""Forms with servers or skills elsewhere than in a map of servers: Smithery, bundles, dotagents, compose files."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from assay_check.command_lines import package_specifiers
from assay_check.command_lines.commands import read_command
from assay_check.configurations.client_configs import container
from assay_check.configurations.configuration import Form
from assay_check.configurations.servers import server_entry
from assay_check.configurations.tree import Node
from assay_check.redaction import is_credential, shown
from assay_check.subjects import Entry, Subject, SubjectKind, local, unmatchable

_JS_COMMAND = re.compile(r"command:\s*(['\"])([^'\"\n]{1,300})\1")
_JS_ARGUMENTS = re.compile(r"args:\s*\[([^\]]{0,4000})\]")
_JS_TEXT = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"")


def _is_smithery(name: PurePath, root: Node) -> bool:
    return name.name.startswith("smithery.") and (root.at("startCommand") is not None or root.at("runtime") is not None)


def _smithery(root: Node) -> Iterator[Entry]:
    """The command is in a JavaScript function, so it is read by pattern or called *not read*."""
    start = root.at("startCommand")
    if start is None or not start.is_mapping:
        line = root.key_lines.get("runtime", root.line)
        yield Entry("runtime", line, None, local("smithery.yaml", "a server that is built from its working folder"))
        return
    line = root.key_lines.get("startCommand", start.line)
    names = tuple(shown(key) for key, _, _ in start.members("configSchema", "properties") if is_credential(key))
    code = start.text("commandFunction") or ""
    command, arguments = _JS_COMMAND.search(code), _JS_ARGUMENTS.search(code)
    if command is not None:
        words = [a or b for a, b in _JS_TEXT.findall(arguments.group(1))] if arguments else []
        found = read_command([command.group(2), *words])
        yield Entry(
            "startCommand",
            line,
            "stdio",
            found.subject,
            found.runner,
            found.also,
            credentials=names,
            path="startCommand",
        )
    elif start.text("command") is not None:
        yield server_entry("startCommand", line, start, "startCommand")
    else:
        why = (
            "the command stands in program code that was not read" if code else "a server built from its working folder"
        )
        subject = unmatchable(SubjectKind.NONE, why) if code else local("smithery.yaml", why)
        kind = "http" if "http" in (start.text("type") or "") else "stdio"
        yield Entry("startCommand", line, kind, subject, credentials=names)


def _bundle(root: Node) -> Iterator[Entry]:
    """One server, whose program is shipped inside."""
    server, name = root.at("server"), root.at("name")
    if server is not None and name is not None and isinstance(name.value, str):
        yield server_entry(name.value, name.line, server, "server.mcp_config")


def _dotagents(root: Node) -> Iterator[Entry]:
    """Skills by repository, and servers in a list."""
    for node in root.items("skills"):
        name, source = node.at("name"), node.text("source", "repository", "repo", "url", "path")
        if source is not None:
            subject = _skill_source(source, node.text("ref", "commit", "rev"))
            title = name.value if name is not None and isinstance(name.value, str) else source
            yield Entry(shown(title), name.line if name else node.line, "skill", subject, path=f"skills.{title}")
    if (below := root.at("mcp")) is not None:
        yield from container(below, "mcp")


def _skill_source(source: str, reference: str | None) -> Subject:
    bare, _, at = source.partition("@") if not source.startswith("git@") and "://" not in source else (source, "", "")
    is_local = package_specifiers.is_path(source) or source.startswith("path:")
    return local(source) if is_local else package_specifiers.git(bare, reference or at or None)


def _compose(root: Node) -> Iterator[Entry]:
    """Images of the services."""
    for name, line, node in root.members("services"):
        image = re.sub(r"\$\{\w+:?-([^}]*)\}", r"\1", node.text("image") or "")  # a variable as its default
        built = local(None, "an image that is built from a folder")
        subject = package_specifiers.container(image) if image else built
        yield Entry(shown(name), line, "image", subject, path=f"services.{name}")


TREES: tuple[Form[Node], ...] = (
    Form("smithery.yaml", _is_smithery, _smithery),
    Form(
        "MCP bundle manifest",
        lambda name, root: name.name == "manifest.json" and root.at("server", "mcp_config") is not None,
        _bundle,
    ),
    Form(
        "compose file",
        lambda name, root: (
            name.suffix in (".yaml", ".yml") and "compose" in name.name and root.at("services") is not None
        ),
        _compose,
    ),
    Form(
        "dotagents agents.toml",
        lambda name, root: name.suffix == ".toml" and bool(root.items("skills") or root.items("mcp")),
        _dotagents,
    ),
)
