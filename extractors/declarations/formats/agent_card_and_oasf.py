"""A2A agent cards (skills, security schemes, addresses), and OASF records: their modules carry a card, a server or a
skill, their locators say what runs.
"""

import base64
from collections.abc import Iterable, Iterator

from extractors.declarations.facts import (
    Declarations,
    DeclaredTool,
    Launch,
    Origin,
    RunsAt,
    Scheme,
    SourceFile,
    Subject,
    SubjectKind,
    first_line,
    merged,
)
from extractors.declarations.formats import front_matter
from extractors.declarations.formats.dump import tools_of
from extractors.declarations.located import NOTHING, Document, Located, read_json
from extractors.declarations.start_commands import canonical_transport, server_entry
from extractors.declarations.subjects import image, named, registered, repository_at, where

MAX_EMBEDDED = 200_000
_SCHEMES = {
    "apiKeySecurityScheme": "apiKey",
    "httpAuthSecurityScheme": "http",
    "oauth2SecurityScheme": "oauth2",
    "openIdConnectSecurityScheme": "openIdConnect",
    "mtlsSecurityScheme": "mutualTLS",
}


def applies(document: Document) -> bool:
    return document.name.endswith(".json") and ('"skills"' in document.text or '"schema_version"' in document.text)


def read(document: Document) -> Declarations:
    value = document.json
    if not value.get("schema_version") or not value.get("modules", "extensions", "locators", "skills"):
        return _card(document, value)
    subjects = registered(SubjectKind.REGISTRY_NAME, value, "oasf", "OASF record", document)
    parts = [Declarations(subjects=(*subjects, *_located(document, value.members("locators"))))]
    for module in (*value.members("modules"), *value.members("extensions")):
        data = module.get("data") or module.at("artifact", "data")
        if data is not None:
            parts.append(_module(document, data, module))
    return merged([*parts, _card(document, value)])


def _is_card(value: Located) -> bool:
    return bool(
        value.get("skills")
        and value.get("name")
        and value.get("capabilities", "protocolVersion", "protocolVersions", "supportedInterfaces", "defaultInputModes")
    )


def _card(document: Document, value: Located) -> Declarations:
    """The facts of a card, also where it stands inside a record."""
    if not _is_card(value):
        return Declarations()
    name, by = value.get("name") or NOTHING, "agent card"
    name = name._replace(value=str(name.value))
    subjects = list(named(SubjectKind.AGENT, name, value.text("version"), "a2a", by, document))
    launches: list[Launch] = []
    for url, transport in _addresses(value):
        runs_at = where(url.value) or (RunsAt.LOCAL if "0.0.0.0" in url.value else None)
        if runs_at is not None and url.value not in [each.url for each in launches]:
            transport, place = canonical_transport(transport), document.place(url)
            launches.append(Launch(url=url.value, transport=transport, runs_at=runs_at, stated_by=by, place=place))
            subjects += named(SubjectKind.ENDPOINT, url, "", "", by, document)
    return Declarations(
        subjects=tuple(subjects),
        tools=tuple(
            DeclaredTool(
                name=str(identifier.value).strip(),
                description=first_line(skill.text("description")),
                origin=Origin.CARD,
                idiom=by,
                place=document.place(identifier),
            )
            for skill in value.members("skills")
            if (identifier := skill.get("id", "name")) and str(identifier.value).strip()
        ),
        launches=tuple(launches),
        schemes=tuple(_schemes(document, value)),
    )


def _addresses(value: Located) -> Iterator[tuple[Located, str]]:
    """Each with its transport."""
    interfaces = (*value.members("supportedInterfaces"), *value.members("additionalInterfaces"))
    entries = [(entry, entry.text("protocolBinding", "transport")) for entry in interfaces]
    for entry, transport in ((value, value.text("preferredTransport")), *entries):
        if url := entry.string("url"):
            yield url, transport


def _schemes(document: Document, value: Located) -> Iterator[Scheme]:
    for name, entry in value.items("securitySchemes", "security_schemes"):
        kind = entry.text("type") or next((_SCHEMES[key] for key, _ in entry.items() if key in _SCHEMES), "")
        if kind:
            yield Scheme(name=name, kind=kind, place=document.place(entry))
    for scheme in (value.get("authentication") or NOTHING).members("schemes"):  # cards before A2A 0.2.1
        if isinstance(scheme.value, str):
            yield Scheme(name=scheme.value, kind=scheme.value, place=document.place(scheme))


def _located(document: Document, locators: Iterable[Located]) -> Iterator[Subject]:
    for locator in locators:
        single = locator.get("url")
        for url in (*locator.members("urls"), *([single] if single else [])):
            if not isinstance(url.value, str):
                continue
            if locator.text("type") in ("container_image", "docker_image", "docker-image"):
                yield from image(url.value.removeprefix("http://"), "OASF record", document.place(url))
            elif locator.text("type") in ("source_code", "source-code"):
                yield from repository_at(url.value, "OASF record", document.place(url))


def _module(document: Document, data: Located, module: Located) -> Declarations:
    if isinstance(data.value, str):
        data = _embedded(data) or data
    parts = [_card(document, data.get("card_data", "agent_card") or data)]
    manifest = data.get("skill_manifest")
    if manifest is not None and (name := manifest.string("name")) is not None:
        text = first_line(manifest.text("description"))
        at = document.place(name)
        skill = DeclaredTool(name=name.value, description=text, origin=Origin.SKILL, idiom="OASF module", place=at)
        parts.append(Declarations(tools=(skill,)))
    elif "agentskills" in module.text("name") and isinstance(data.value, str):
        parts.append(_skill_text(document, data))
    connections = data.get("connections") or data.at("mcp_data", "connections") or NOTHING
    for holder, entry in (
        *((data, entry) for entry in connections.members()),
        *((server, server) for server in data.members("servers")),
    ):
        parts.append(server_entry(document, holder.text("name"), _with_environment(entry), "OASF record", own=False))
    parts.append(Declarations(tools=tools_of(document, data.get("tools") or NOTHING, Origin.CARD, "OASF module")))
    parts += [
        _card(document, entry)
        for key, entry in module.items()
        if key not in ("data", "artifact", "name") and isinstance(entry.value, dict)
    ]
    return merged(parts)


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
    except ValueError:
        return ""


def _skill_text(document: Document, data: Located) -> Declarations:
    """The tool of a `SKILL.md` in base64, with the line of the artifact."""
    here = document.place(data)
    found = front_matter.read(Document(SourceFile(document.file.url, "SKILL.md", _decoded(data)))).tools
    tools = (tool.model_copy(update={"place": here, "allowed_at": here if tool.allowed_at else None}) for tool in found)
    return Declarations(tools=tuple(tools))


def _moved(value: Located, to: Located) -> Located:
    inner = value.value
    if isinstance(inner, dict):
        inner = {key: _moved(member, to) for key, member in inner.items()}
    elif isinstance(inner, list):
        inner = [_moved(member, to) for member in inner]
    return Located(inner, to.start, to.end)


def _with_environment(entry: Located) -> Located:
    """`env_vars: [{name}]` as the mapping that client configurations have."""
    listed = entry.get("env_vars", "environment_variables")
    if listed is None or not isinstance(entry.value, dict):
        return entry
    members = {each.text("name"): each for each in listed.members() if each.text("name")}
    return Located({**entry.value, "env": Located(members, listed.start, listed.end)}, entry.start, entry.end)
