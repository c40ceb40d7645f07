"""Claude Code settings: plugins switched on, the marketplaces they come from, and servers if any stand there."""

from collections.abc import Iterator
from pathlib import PurePath

from assay_check.command_lines import package_specifiers
from assay_check.configurations.client_configs import container
from assay_check.configurations.configuration import Form
from assay_check.configurations.tree import Node
from assay_check.redaction import shown
from assay_check.subjects import Entry, Subject, SubjectKind, local, unmatchable

RESERVED = frozenset(
    (
        "claude-plugins-official",
        "claude-code-plugins",
        "claude-code-marketplace",
        "anthropic-marketplace",
        "anthropic-plugins",
        "anthropic-agent-skills",
        "agent-skills",
        "knowledge-work-plugins",
        "life-sciences",
        "claude-community",
    )
)
"""Marketplace names that the client keeps for its own vendor."""

_SOURCES = ("github", "git", "url", "npm", "git-subdir")
_MARKS = (
    "enabledPlugins",
    "extraKnownMarketplaces",
    "strictKnownMarketplaces",
    "blockedMarketplaces",
    "permissions",
    "hooks",
    "enabledMcpjsonServers",
    "enableAllProjectMcpServers",
    "allowedMcpServers",
    "deniedMcpServers",
    "allowManagedHooksOnly",
)


def _is_settings(name: PurePath, root: Node) -> bool:
    place = name.as_posix()
    named = ".claude/" in place or "managed-settings" in name.name or name.name.startswith("settings")
    return named and any(root.at(mark) is not None for mark in _MARKS) and ".gemini/" not in place


def _settings(root: Node) -> list[Entry]:
    found = [] if (below := root.at("mcpServers")) is None else container(below, "mcpServers")
    for name, line, value in root.members("enabledPlugins"):
        subject, off = _plugin(name, root), value.value is False
        also = (subject.purl,) if subject.purl else ()
        found.append(
            Entry(shown(name), line, "plugin", subject, also=also, disabled=off, path=f"enabledPlugins.{name}")
        )
    return sorted(found, key=lambda entry: entry.line)


def _plugin(name: str, root: Node) -> Subject:
    plugin, _, marketplace = name.rpartition("@")
    value = shown(name)
    if not plugin:
        return unmatchable(SubjectKind.PLUGIN, "a plugin without a marketplace", value)
    if marketplace in RESERVED:
        return Subject(SubjectKind.PLUGIN, True, value=value)
    known = root.at("extraKnownMarketplaces", marketplace)
    source = None if known is None else known.at("source")
    if source is not None and source.value in _SOURCES:  # an older spelling, one level less
        source = known
    if source is None:
        return unmatchable(
            SubjectKind.PLUGIN, "a marketplace id is a name of the user; its source is not in the file", value
        )
    found = source_subject(source)
    if not found.matchable:
        return unmatchable(SubjectKind.PLUGIN, found.why or "the source of its marketplace names nothing public", value)
    return Subject(SubjectKind.PLUGIN, True, purl=found.purl, value=value, version=found.version)


def source_subject(source: Node) -> Subject:
    """Where a marketplace or plugin comes from: `{source: github, repo}`, `{source: git|url, url}`, npm, a folder."""
    if isinstance(source.value, str):
        return local(source.value) if package_specifiers.is_path(source.value) else package_specifiers.git(source.value)
    kind, reference = source.text("source", "type") or "", source.text("sha", "commit", "ref")
    if kind == "github":
        return package_specifiers.git(source.text("repo", "repository") or "", reference)
    if kind in ("git", "url", "git-subdir"):
        return package_specifiers.git(source.text("url") or "", reference)
    if kind == "npm":
        version = source.text("version")
        return package_specifiers.npm((source.text("package") or "") + (f"@{version}" if version else ""))
    if kind == "pip":
        return package_specifiers.pypi((source.text("package") or "") + (source.text("version") or ""))
    return local(None, "a folder or file of the buyer's own machine")


def _marketplace(root: Node) -> Iterator[Entry]:
    """Each plugin by its name, with the source from which it is fetched."""
    for node in root.items("plugins"):
        name, source = node.at("name"), node.at("source")
        if name is not None and isinstance(name.value, str):
            subject = local(None, "its source is not in the file") if source is None else source_subject(source)
            yield Entry(shown(name.value), name.line, "plugin", subject, path=f"plugins.{name.value}")


MARKETPLACE = Form(
    "plugin marketplace",
    lambda name, root: name.name == "marketplace.json" and root.at("plugins") is not None,
    _marketplace,
)
SETTINGS = Form("Claude Code settings", _is_settings, _settings)
