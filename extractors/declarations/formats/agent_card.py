"""A2A agent cards: skills, security schemes, streaming, push notifications, extensions, addresses."""

from __future__ import annotations

from extractors.declarations.document import Document
from extractors.declarations.facts import (
    Capability,
    Declarations,
    DeclaredTool,
    Endpoint,
    Launch,
    Origin,
    RunsAt,
    Scheme,
    SubjectKind,
    merged,
)
from extractors.declarations.located import Located
from extractors.declarations.place import first_line
from extractors.declarations.start_commands import canonical_transport
from extractors.declarations.subjects import named, where

_SCHEMES = {
    "apiKeySecurityScheme": "apiKey",
    "httpAuthSecurityScheme": "http",
    "oauth2SecurityScheme": "oauth2",
    "openIdConnectSecurityScheme": "openIdConnect",
    "mtlsSecurityScheme": "mutualTLS",
}


def applies(document: Document) -> bool:
    return document.name.endswith(".json") and '"skills"' in document.text


def read(document: Document) -> Declarations:
    return card(document, document.json) if document.json is not None else Declarations()


def is_card(value: Located) -> bool:
    return bool(
        value.get("skills")
        and value.get("name")
        and value.get("capabilities", "protocolVersion", "protocolVersions", "supportedInterfaces", "defaultInputModes")
    )


def card(document: Document, value: Located) -> Declarations:
    """The facts of a card, also where it stands inside a record."""
    if not is_card(value):
        return Declarations()
    name = value.get("name")
    assert name is not None
    subjects = [
        named(SubjectKind.AGENT, str(name.value), value.text("version"), "a2a", "agent card", document.place(name))
    ]
    endpoints = _endpoints(document, value)
    parts = [
        Declarations(
            subjects=(
                *subjects,
                *(named(SubjectKind.ENDPOINT, each.url, None, "", "agent card", each.place) for each in endpoints),
            ),
            tools=_skills(document, value.get("skills")),
            endpoints=tuple(endpoints),
            launches=tuple(
                Launch(
                    url=each.url,
                    transport=each.transport,
                    runs_at=each.runs_at,
                    stated_by="agent card",
                    place=each.place,
                )
                for each in endpoints
            ),
            schemes=_schemes(document, value.get("securitySchemes", "security_schemes")),
            capabilities=_capabilities(document, value.get("capabilities")),
        )
    ]
    extended = value.get("supportsAuthenticatedExtendedCard", "supportsExtendedAgentCard")
    if extended is not None and extended.value is True:
        parts.append(
            Declarations(capabilities=(Capability(name="extended card", value="true", place=document.place(extended)),))
        )
    legacy = value.at("authentication", "schemes")
    for each in legacy.members() if legacy else []:
        if isinstance(each.value, str):
            parts.append(Declarations(schemes=(Scheme(name=each.value, kind=each.value, place=document.place(each)),)))
    return merged(parts)


def _skills(document: Document, skills: Located | None) -> tuple[DeclaredTool, ...]:
    found = []
    for skill in skills.members() if skills else []:
        identifier = skill.get("id", "name")
        if identifier is None or not str(identifier.value).strip():
            continue
        found.append(
            DeclaredTool(
                name=str(identifier.value).strip(),
                title=skill.text("name")[:200],
                description=first_line(skill.text("description")),
                origin=Origin.CARD,
                idiom="agent card",
                place=document.place(identifier),
            )
        )
    return tuple(found)


def _endpoints(document: Document, value: Located) -> list[Endpoint]:
    found: list[Endpoint] = []
    entries = [(value.get("url"), value.text("preferredTransport"))]
    interfaces = [
        *(value.get("supportedInterfaces") or Located([], 0, 0)).members(),
        *(value.get("additionalInterfaces") or Located([], 0, 0)).members(),
    ]
    entries += [(each.get("url"), each.text("protocolBinding", "transport")) for each in interfaces]
    for url, transport in entries:
        if url is None or not isinstance(url.value, str):
            continue
        runs_at = where(url.value) or (RunsAt.LOCAL if "0.0.0.0" in url.value else None)
        if runs_at is not None and url.value not in [each.url for each in found]:
            found.append(
                Endpoint(
                    url=url.value,
                    transport=canonical_transport(transport) if transport else "",
                    runs_at=runs_at,
                    stated_by="agent card",
                    place=document.place(url),
                )
            )
    return found


def _schemes(document: Document, value: Located | None) -> tuple[Scheme, ...]:
    found = []
    for name, entry in value.items() if value else ():
        kind = entry.text("type")
        if not kind:
            kind = next((_SCHEMES[key] for key, _ in entry.items() if key in _SCHEMES), "")
        if kind:
            found.append(Scheme(name=name, kind=kind, place=document.place(entry)))
    return tuple(found)


def _capabilities(document: Document, value: Located | None) -> tuple[Capability, ...]:
    found = []
    for name, entry in value.items() if value else ():
        if name == "extensions":
            for extension in entry.members():
                uri = extension.get("uri") or extension
                if isinstance(uri.value, str):
                    found.append(Capability(name="extension", value=uri.value, place=document.place(uri)))
        elif isinstance(entry.value, bool):
            found.append(Capability(name=name, value="true" if entry.value else "false", place=document.place(entry)))
    return tuple(found)
