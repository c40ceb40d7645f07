"""OASF records: the modules that carry a card, an MCP server or a skill, and the locators of what runs."""

from __future__ import annotations

import base64
import binascii

from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, DeclaredTool, Origin, SourceFile, SubjectKind, merged
from extractors.declarations.formats.agent_card import card
from extractors.declarations.formats.dump import tools_of
from extractors.declarations.launches import server_entry
from extractors.declarations.located import Located, read_json
from extractors.declarations.place import first_line
from extractors.declarations.subjects import image, named, stated_repository

MAX_EMBEDDED = 200_000


def applies(document: Document) -> bool:
    return document.name.endswith(".json") and '"schema_version"' in document.text


def read(document: Document) -> Declarations:
    value = document.json
    if value is None or not value.get("schema_version") or not value.get("modules", "extensions", "locators", "skills"):
        return Declarations()
    parts = []
    name = value.get("name")
    if name is not None and isinstance(name.value, str):
        subject = named(
            SubjectKind.REGISTRY_NAME, name.value, value.text("version"), "oasf", "OASF record", document.place(name)
        )
        parts.append(Declarations(subjects=(subject,)))
    for locator in (value.get("locators") or Located([], 0, 0)).members():
        parts.append(_locator(document, locator))
    for module in [
        *(value.get("modules") or Located([], 0, 0)).members(),
        *(value.get("extensions") or Located([], 0, 0)).members(),
    ]:
        data = module.get("data") or module.at("artifact", "data")
        if data is not None:
            parts.append(_module(document, module.text("name"), data, module))
    return merged([Declarations(), *parts])


def _locator(document: Document, locator: Located) -> Declarations:
    kind = locator.text("type")
    urls = [each for each in (locator.get("urls") or Located([], 0, 0)).members() if isinstance(each.value, str)]
    single = locator.get("url")
    urls += [single] if single is not None and isinstance(single.value, str) else []
    subjects = []
    for url in urls:
        if kind in ("container_image", "docker_image", "docker-image"):
            made = image(url.value.removeprefix("http://"), "OASF record", document.place(url))
            subjects += [made] if made else []
        elif kind in ("source_code", "source-code"):
            made = stated_repository(url.value, "OASF record", document.place(url))
            subjects += [made] if made else []
    return Declarations(subjects=tuple(subjects))


def _module(document: Document, name: str, data: Located, module: Located) -> Declarations:
    if isinstance(data.value, str):
        data = _embedded(data) or data
    parts = []
    held = data.get("card_data", "agent_card") or data
    parts.append(card(document, held))
    manifest = data.get("skill_manifest")
    if manifest is not None and (named_by := manifest.get("name")) is not None and isinstance(named_by.value, str):
        parts.append(Declarations(tools=(_skill(document, named_by.value, manifest.text("description"), named_by),)))
    elif "agentskills" in name and isinstance(data.value, str):
        parts.append(_skill_text(document, data))
    connections = data.get("connections")
    if connections is None:
        connections = data.at("mcp_data", "connections")
    for entry in connections.members() if connections else []:
        parts.append(server_entry(document, data.text("name"), _with_environment(entry), "OASF record", own=False))
    for server in (data.get("servers") or Located([], 0, 0)).members():
        parts.append(server_entry(document, server.text("name"), _with_environment(server), "OASF record", own=False))
    listed = data.get("tools")
    if listed is not None and listed.members():
        parts.append(Declarations(tools=tools_of(document, listed, Origin.CARD, "OASF module")))
    inner = [
        entry
        for key, entry in module.items()
        if key not in ("data", "artifact", "name") and isinstance(entry.value, dict)
    ]
    parts += [card(document, entry) for entry in inner]
    return merged([Declarations(), *parts])


def _embedded(data: Located) -> Located | None:
    """A JSON artifact in base64: its values have the line of the artifact."""
    text = _decoded(data)
    value = read_json(text) if text.lstrip()[:1] == "{" else None
    return _moved(value, data) if value is not None else None


def _decoded(data: Located) -> str:
    if len(data.value) > MAX_EMBEDDED:
        return ""
    try:
        return base64.b64decode(data.value, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _moved(value: Located, to: Located) -> Located:
    if isinstance(value.value, dict):
        return Located({key: _moved(member, to) for key, member in value.value.items()}, to.start, to.end)
    if isinstance(value.value, list):
        return Located([_moved(member, to) for member in value.value], to.start, to.end)
    return Located(value.value, to.start, to.end)


def _skill_text(document: Document, data: Located) -> Declarations:
    from extractors.declarations.formats import front_matter

    inner = Document(SourceFile(document.file.url, "SKILL.md", _decoded(data)))
    read = front_matter.read(inner)
    tools = tuple(tool.model_copy(update={"place": document.place(data)}) for tool in read.tools)
    permissions = tuple(each.model_copy(update={"place": document.place(data)}) for each in read.permissions)
    return Declarations(tools=tools, permissions=permissions)


def _skill(document: Document, name: str, text: str, at: Located) -> DeclaredTool:
    return DeclaredTool(
        name=name, description=first_line(text), origin=Origin.SKILL, idiom="OASF module", place=document.place(at)
    )


def _with_environment(entry: Located) -> Located:
    """`env_vars: [{name}]` as the mapping that client configurations have."""
    listed = entry.get("env_vars", "environment_variables")
    if listed is None or not isinstance(entry.value, dict):
        return entry
    members = {each.text("name"): each for each in listed.members() if each.text("name")}
    return Located({**entry.value, "env": Located(members, listed.start, listed.end)}, entry.start, entry.end)
