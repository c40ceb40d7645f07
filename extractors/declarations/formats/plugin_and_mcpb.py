"""Manifests of plugins, marketplaces and MCP bundles (MCPB, formerly DXT), and hooks: which command runs on which event
of the host."""

from extractors.declarations.facts import Declarations, DeclaredTool, Origin, SubjectKind, first_line, merged
from extractors.declarations.formats.dump import tools_of
from extractors.declarations.formats.environment_variables import credential
from extractors.declarations.located import NOTHING, Document, Located
from extractors.declarations.start_commands import server_entry, servers
from extractors.declarations.subjects import registered, stated_repository


def applies(document: Document) -> bool:
    return document.name in ("plugin.json", "marketplace.json", "manifest.json", "hooks.json", "settings.json") or (
        document.name.endswith(".json") and "/hooks/" in f"/{document.path}"
    )


def read(document: Document) -> Declarations:
    value = document.json
    parts = [_hooks(document, value.get("hooks") or NOTHING)]
    if document.name == "plugin.json":
        parts.append(_plugin(document, value))
    elif document.name == "marketplace.json":
        subjects = registered(SubjectKind.MARKETPLACE, value, "claude_marketplace", "marketplace manifest", document)
        parts.append(Declarations(subjects=subjects))
    elif value.get("dxt_version", "manifest_version", "mcpb_version") and value.get("server"):
        parts.append(_bundle(document, value))
    return merged(parts)


def _bundle(document: Document, value: Located) -> Declarations:
    """Its tools, its start, what its user has to set."""
    by = "MCPB manifest"
    subjects = registered(SubjectKind.REGISTRY_NAME, value, "mcpb", by, document)
    start, listed = value.at("server", "mcp_config"), value.get("tools")
    found = Declarations(
        subjects=(*subjects, *stated_repository(value, by, document)),
        credentials=tuple(
            made
            for key, entry in value.items("user_config")
            for made in credential(key, by, document.place(entry), entry.flag("sensitive") or None)
        ),
        gaps=("tools are made at run time",) if value.flag("tools_generated") else (),
        tools=tools_of(document, listed, Origin.MANIFEST, by) if listed else (),
    )
    return merged([found, server_entry(document, value.text("name"), start, by, own=True)]) if start else found


def _plugin(document: Document, value: Located) -> Declarations:
    by = "plugin manifest"
    subjects = registered(SubjectKind.PLUGIN, value, "claude_plugin", by, document)
    subjects = (*subjects, *stated_repository(value, by, document)) if subjects else ()
    holder = value.get("mcpServers") or NOTHING
    tools = tuple(
        DeclaredTool(name=name, origin=Origin.MANIFEST, idiom="plugin's server", place=document.place(entry))
        for name, entry in holder.items()
    )
    return merged([Declarations(subjects=subjects, tools=tools), servers(document, holder, by, own=False)])


def _hooks(document: Document, value: Located) -> Declarations:
    """`{event: [{matcher, hooks: [{type, command}]}]}`, or flat `{event: [{command}]}`."""
    return Declarations(
        tools=tuple(
            DeclaredTool(
                name=event,
                description=first_line(runs.value),
                origin=Origin.HOOK,
                idiom="hook",
                place=document.place(runs),
            )
            for event, groups in value.items()
            for group in groups.members() or ([groups] if isinstance(groups.value, dict) else [])
            for entry in (group.members("hooks") if group.get("hooks") else [group])
            if (runs := entry.get("command", "prompt", "url", "bash", "script")) and isinstance(runs.value, str)
        )
    )
