"""Lists of tools as a server gives them out, kept in a file: `{"tools": [{"name": …, "inputSchema": …}]}`."""

import json

from extractors.declarations.facts import LONGEST_PROSE, Declarations, DeclaredTool, Origin, first_line
from extractors.declarations.located import NOTHING, Document, Located
from extractors.declarations.program_text.collect import NAME
from scoring.tools.inventory import Annotations

MAX_TOOLS = 2_000


def applies(document: Document) -> bool:
    return document.name.endswith(".json") and (
        '"inputSchema"' in document.text or '"input_schema"' in document.text or '"tools"' in document.text
    )


def read(document: Document) -> Declarations:
    value = document.json
    if value.get("dxt_version", "manifest_version", "mcpb_version"):
        return Declarations()
    listed = value if isinstance(value.value, list) else value.get("tools") or value.at("result", "tools") or NOTHING
    if value.get("name") is not None and value.get("inputSchema", "input_schema") is not None:
        listed = Located([value], value.start, value.end)
    members = listed.members()
    described = [
        m for m in members if m.get("name") and m.get("inputSchema", "input_schema", "description", "parameters")
    ]
    if (
        not members
        or len(described) < len(members) * 0.9
        or not any(m.get("inputSchema", "input_schema") for m in members)
    ):
        return Declarations()
    return Declarations(tools=tools_of(document, listed, Origin.DUMP, "list of tools"))


def tools_of(document: Document, listed: Located, origin: Origin, idiom: str) -> tuple[DeclaredTool, ...]:
    names = ((entry, entry.string("name")) for entry in listed.members()[:MAX_TOOLS])
    return tuple(
        DeclaredTool(
            name=name.value,
            description=first_line(entry.text("description")),
            prose=entry.text("description")[:LONGEST_PROSE],
            annotations=_hints(entry) if entry.get("annotations") or origin is Origin.DUMP else None,
            schema_text=_schema_text(entry),
            origin=origin,
            idiom=idiom,
            place=document.place(name),
        )
        for entry, name in names
        if name is not None and NAME.fullmatch(name.value)
    )


def _schema_text(entry: Located) -> str:
    schema = entry.get("inputSchema", "input_schema", "parameters")
    return json.dumps(schema.plain(), sort_keys=True, default=str)[:20_000] if schema else ""


def _hints(entry: Located) -> Annotations:
    value = entry.get("annotations") or NOTHING
    return Annotations(
        read_only=value.flag("readOnlyHint"),
        destructive=value.flag("destructiveHint"),
        idempotent=value.flag("idempotentHint"),
        open_world=value.flag("openWorldHint"),
    )
