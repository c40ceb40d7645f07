"""`server.json` of the MCP registry: name, packages, remotes, what has to be set."""

from __future__ import annotations

import re

from extractors.declarations.credentials import VARIABLE, credential
from extractors.declarations.document import Document
from extractors.declarations.facts import (
    Credential,
    Declarations,
    Endpoint,
    Launch,
    RunsAt,
    Subject,
    SubjectKind,
    merged,
)
from extractors.declarations.located import Located
from extractors.declarations.start_commands import canonical_transport
from extractors.declarations.subjects import image, known_version, named, package, stated_repository, where

_ECOSYSTEMS = {
    "npm": "npm",
    "pypi": "pypi",
    "nuget": "nuget",
    "cargo": "cargo",
    "crates": "cargo",
    "go": "golang",
    "golang": "golang",
    "mcpb": "mcpb",
    "maven": "maven",
}
_REPOSITORY = re.compile(r"\A@?[^:@]*(?::\d+/[^:@]*)?")
"""Of an image, without tag and digest: registries know it in lower case only."""
_RUNNERS = {"npm": "npx", "pypi": "uvx", "nuget": "dnx", "oci": "docker", "docker": "docker"}


def applies(document: Document) -> bool:
    return document.name.endswith("server.json") or (
        document.name.endswith(".json") and "modelcontextprotocol.io/schemas" in document.text[:2_000]
    )


def read(document: Document) -> Declarations:
    value = document.json
    if value is None:
        return Declarations()
    value = value.get("server") or value
    if not isinstance(value.value, dict) or not (
        value.get("packages", "remotes") or "modelcontextprotocol" in value.text("$schema")
    ):
        return Declarations()
    parts = [Declarations(subjects=tuple(_subjects(document, value)))]
    for entry in (value.get("packages") or Located([], 0, 0)).members():
        parts.append(_package(document, value, entry))
    for entry in (value.get("remotes") or Located([], 0, 0)).members():
        parts.append(_remote(document, value, entry))
    return merged(parts)


def _subjects(document: Document, value: Located) -> list[Subject]:
    found = []
    name, version = value.get("name"), value.text("version") or None
    if name is not None and isinstance(name.value, str) and name.value.strip():
        found.append(
            named(
                SubjectKind.REGISTRY_NAME,
                name.value.strip(),
                version,
                "mcp_registry",
                "server.json",
                document.place(name),
            )
        )
    holder = value.get("repository")
    url = holder.get("url") if holder else None
    if url is not None and isinstance(url.value, str):
        made = stated_repository(url.value, "server.json", document.place(url))
        found += [made] if made else []
    return found


def _package(document: Document, server: Located, entry: Located) -> Declarations:
    kind = entry.text("registryType", "registry_type", "registry_name").lower()
    identifier = entry.get("identifier", "name")
    if identifier is None or not isinstance(identifier.value, str):
        return Declarations()
    stands = document.place(identifier)
    version = entry.text("version") or None
    transport = entry.get("transport")
    kind_of_transport = canonical_transport(transport.text("type")) if transport else ""
    subject = None
    if kind in ("oci", "docker"):
        reference = _REPOSITORY.sub(lambda name: name[0].lower(), identifier.value)
        if version and ":" not in reference.rpartition("/")[2] and known_version(version):
            reference = f"{reference}:{version}"
        subject = image(reference, "server.json", stands)
    elif kind == "mcpb" or identifier.value.startswith("https://"):
        digest = entry.text("fileSha256", "file_sha256")
        subject = Subject(
            kind=SubjectKind.PACKAGE,
            value=_mcpb(server, identifier.value, digest),
            name=identifier.value,
            version=known_version(version or server.text("version")),
            ecosystem="mcpb",
            stated_by="server.json",
            place=stands,
        )
    elif kind in _ECOSYSTEMS:
        subject = package(_ECOSYSTEMS[kind], identifier.value, version, "server.json", stands)
    url = transport.text("url") if transport else ""
    variables = _inputs(document, entry.get("environmentVariables", "environment_variables"))
    launch = Launch(
        command=entry.text("runtimeHint", "runtime_hint") or _RUNNERS.get(kind, kind),
        arguments=(identifier.value,),
        transport=kind_of_transport,
        url=url,
        package=subject.value if subject else "",
        environment=tuple(each.name for each in variables),
        runs_at=RunsAt.LOCAL if kind_of_transport in ("stdio", "") else RunsAt.INTERNAL_NETWORK,
        stated_by="server.json",
        place=stands,
    )
    arguments = _arguments(document, entry)
    return Declarations(
        subjects=(subject,) if subject else (), launches=(launch,), credentials=(*variables, *arguments)
    )


def _mcpb(server: Located, url: str, digest: str) -> str:
    name = re.split(r"[/]", url.rstrip("/"))[-1].removesuffix(".mcpb").removesuffix(".dxt")
    qualifiers = f"?download_url={url}" if not digest else f"?checksum=sha256:{digest}&download_url={url}"
    version = known_version(server.text("version"))
    return f"pkg:generic/{name}{'@' + version if version else ''}{qualifiers}"


def _inputs(document: Document, holder: Located | None) -> list[Credential]:
    found = []
    for entry in holder.members() if holder else []:
        name = entry.get("name")
        if name is None or not isinstance(name.value, str):
            continue
        secret, required = entry.get("isSecret", "is_secret"), entry.get("isRequired", "is_required")
        made = credential(
            name.value,
            "server.json",
            document.place(name),
            secret.value if secret and isinstance(secret.value, bool) else None,
            required.value if required and isinstance(required.value, bool) else None,
        )
        if made:
            found.append(made)
    return found


def _arguments(document: Document, entry: Located) -> list[Credential]:
    """`-e NAME={token}` among the arguments of a runtime."""
    found = []
    for key in ("runtimeArguments", "packageArguments", "runtime_arguments", "package_arguments"):
        for argument in (entry.get(key) or Located([], 0, 0)).members():
            value = argument.get("value")
            if value is None or not isinstance(value.value, str):
                continue
            match = re.match(rf"({VARIABLE.pattern})=", value.value)
            variables = argument.get("variables")
            inner = [each for _, each in variables.items()] if variables else []
            secret = any((flag := each.get("isSecret")) is not None and flag.value is True for each in inner) or None
            if match and (made := credential(match.group(1), "server.json", document.place(value), secret)):
                found.append(made)
    return found


def _remote(document: Document, server: Located, entry: Located) -> Declarations:
    url = entry.get("url")
    runs_at = where(re.sub(r"\{[^{}]*\}", "x", url.value)) if url and isinstance(url.value, str) else None
    if url is None or runs_at is None:  # a placeholder, of which the place is not known
        unknown = Launch(url=entry.text("url"), stated_by="server.json", place=document.place(url or entry))
        return Declarations(launches=(unknown,))
    transport = canonical_transport(entry.text("type", "transport_type") or "http")
    stands = document.place(url)
    headers = _inputs(document, entry.get("headers"))
    return Declarations(
        subjects=(named(SubjectKind.ENDPOINT, url.value, None, "", "server.json", stands),),
        launches=(Launch(url=url.value, transport=transport, runs_at=runs_at, stated_by="server.json", place=stands),),
        endpoints=(
            Endpoint(url=url.value, transport=transport, runs_at=runs_at, stated_by="server.json", place=stands),
        ),
        credentials=tuple(headers),
    )
