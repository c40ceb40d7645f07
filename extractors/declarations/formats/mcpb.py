"""`manifest.json` of an MCP bundle (MCPB, formerly DXT): its tools, its start, what its user has to set."""

from __future__ import annotations

from extractors.declarations.facts import Declarations, Origin, SubjectKind, merged
from extractors.declarations.formats.dump import tools_of
from extractors.declarations.formats.environment_variables import credential
from extractors.declarations.located import Document
from extractors.declarations.start_commands import server_entry
from extractors.declarations.subjects import registered, stated_repository


def applies(document: Document) -> bool:
    return document.name == "manifest.json" and '"server"' in document.text


def read(document: Document) -> Declarations:
    value = document.json
    if not value.get("dxt_version", "manifest_version", "mcpb_version") or not value.get("server"):
        return Declarations()
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
