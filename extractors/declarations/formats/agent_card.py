"""A2A agent cards: skills, security schemes, addresses."""

from __future__ import annotations

from collections.abc import Iterator

from extractors.declarations.facts import (
    Declarations,
    DeclaredTool,
    Launch,
    Origin,
    RunsAt,
    Scheme,
    SubjectKind,
    first_line,
)
from extractors.declarations.located import NOTHING, Document, Located
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
    return card(document, document.json)


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
    name, by = value.get("name") or NOTHING, "agent card"
    name = name._replace(value=str(name.value))
    subjects = list(named(SubjectKind.AGENT, name, value.text("version"), "a2a", by, document))
    launches: list[Launch] = []
    for url, transport in _addresses(value):
        runs_at = where(url.value) or (RunsAt.LOCAL if "0.0.0.0" in url.value else None)
        if runs_at is not None and url.value not in [each.url for each in launches]:
            transport, place = canonical_transport(transport) if transport else "", document.place(url)
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
