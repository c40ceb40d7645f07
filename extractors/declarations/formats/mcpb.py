"""`manifest.json` of an MCP bundle (MCPB, formerly DXT): its tools, its start, what its user has to set."""

from __future__ import annotations

from extractors.declarations.credentials import credential
from extractors.declarations.document import Document
from extractors.declarations.facts import Capability, Declarations, Origin, SubjectKind, merged
from extractors.declarations.formats.dump import tools_of
from extractors.declarations.launches import server_entry
from extractors.declarations.subjects import named, stated_repository


def applies(document: Document) -> bool:
    return document.name == "manifest.json" and '"server"' in document.text


def read(document: Document) -> Declarations:
    value = document.json
    if value is None or not value.get("dxt_version", "manifest_version", "mcpb_version") or not value.get("server"):
        return Declarations()
    subjects = []
    name = value.get("name")
    if name is not None and isinstance(name.value, str):
        subjects.append(
            named(
                SubjectKind.REGISTRY_NAME,
                name.value,
                value.text("version"),
                "mcpb",
                "MCPB manifest",
                document.place(name),
            )
        )
    holder = value.get("repository")
    url = holder.get("url") if holder else None
    if url is not None and isinstance(url.value, str):
        found = stated_repository(url.value.removesuffix("/tree/main"), "MCPB manifest", document.place(url))
        subjects += [found] if found else []
    credentials = []
    settings = value.get("user_config")
    for key, entry in settings.items() if settings else ():
        sensitive, required = entry.get("sensitive"), entry.get("required")
        made = credential(
            key,
            "MCPB manifest",
            document.place(entry),
            True if sensitive is not None and sensitive.value is True else None,
            required.value if required is not None and isinstance(required.value, bool) else None,
        )
        if made:
            credentials.append(made)
    start = value.at("server", "mcp_config")
    launch = server_entry(document, value.text("name"), start, "MCPB manifest", own=True) if start else Declarations()
    generated = value.get("tools_generated")
    capabilities = (
        [Capability(name="tools_generated", value="true", place=document.place(generated))]
        if generated and generated.value is True
        else []
    )
    listed = value.get("tools")
    return merged(
        [
            Declarations(
                subjects=tuple(subjects),
                credentials=tuple(credentials),
                capabilities=tuple(capabilities),
                tools=tools_of(document, listed, Origin.MANIFEST, "MCPB manifest") if listed else (),
            ),
            launch,
        ]
    )
