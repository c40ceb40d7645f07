"""`server.json` of the MCP registry: name, packages, remotes, what has to be set."""

import re
from collections.abc import Iterable, Iterator

from packageurl import PackageURL

from extractors.declarations.facts import (
    Credential,
    Declarations,
    Launch,
    Place,
    RunsAt,
    Subject,
    SubjectKind,
    merged,
)
from extractors.declarations.formats.environment_variables import VARIABLE, credential
from extractors.declarations.located import NOTHING, Document, Located
from extractors.declarations.start_commands import canonical_transport
from extractors.declarations.subjects import image, known_version, named, package, registered, stated_repository, where

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
_REPOSITORY = re.compile(r"\A[^:@]*(?::\d+/[^:@]*)?")
"""Of an image, without tag and digest: registries know it in lower case only."""
_RUNNERS = {"npm": "npx", "pypi": "uvx", "nuget": "dnx", "oci": "docker", "docker": "docker"}


def applies(document: Document) -> bool:
    return document.name.endswith("server.json") or (
        document.name.endswith(".json") and "modelcontextprotocol.io/schemas" in document.text[:2_000]
    )


def read(document: Document) -> Declarations:
    value = document.json.get("server") or document.json
    if not isinstance(value.value, dict) or not (
        value.get("packages", "remotes") or "modelcontextprotocol" in value.text("$schema")
    ):
        return Declarations()
    subjects = registered(SubjectKind.REGISTRY_NAME, value, "mcp_registry", "server.json", document)
    return merged(
        [
            Declarations(subjects=(*subjects, *stated_repository(value, "server.json", document))),
            *(_package(document, value, entry) for entry in value.members("packages")),
            *(_remote(document, entry) for entry in value.members("remotes")),
        ]
    )


def _package(document: Document, server: Located, entry: Located) -> Declarations:
    kind = entry.text("registryType", "registry_type", "registry_name").lower()
    identifier = entry.string("identifier", "name")
    if identifier is None:
        return Declarations()
    place = document.place(identifier)
    version = entry.text("version")
    transport = entry.get("transport") or NOTHING
    kind_of_transport = canonical_transport(transport.text("type"))
    subjects: tuple[Subject, ...] = ()
    if kind in ("oci", "docker"):
        reference = _REPOSITORY.sub(lambda name: name[0].lower(), identifier.value)
        if version and ":" not in reference.rpartition("/")[2] and known_version(version):
            reference = f"{reference}:{version}"
        subjects = image(reference, "server.json", place)
    elif kind == "mcpb" or identifier.value.startswith("https://"):
        subjects = _bundle(identifier.value, version or server.text("version"), server, entry, place)
    elif kind in _ECOSYSTEMS:
        subjects = package(_ECOSYSTEMS[kind], identifier.value, version, "server.json", place)
    launch = Launch(
        command=entry.text("runtimeHint", "runtime_hint") or _RUNNERS.get(kind, kind),
        arguments=(identifier.value,),
        transport=kind_of_transport,
        url=transport.text("url"),
        package=subjects[0].value if subjects else "",
        runs_at=RunsAt.LOCAL if kind_of_transport in ("stdio", "") else RunsAt.INTERNAL_NETWORK,
        stated_by="server.json",
        place=place,
    )
    variables = _inputs(document, entry.members("environmentVariables", "environment_variables"))
    return Declarations(subjects=subjects, launches=(launch,), credentials=(*variables, *_arguments(document, entry)))


def _bundle(url: str, version: str, server: Located, entry: Located, place: Place) -> tuple[Subject, ...]:
    """A download; it has no type of package URL yet, and is matched by its address."""
    name = url.rstrip("/").rpartition("/")[2].removesuffix(".mcpb").removesuffix(".dxt")
    digest, released = entry.text("fileSha256", "file_sha256"), known_version(server.text("version"))
    checksum = f"checksum=sha256:{digest}&" if digest else ""
    value = f"pkg:generic/{name}{'@' + released if released else ''}?{checksum}download_url={url}"
    try:
        PackageURL.from_string(value)
    except ValueError:
        return ()
    return (
        Subject(
            kind=SubjectKind.PACKAGE,
            value=value,
            name=url,
            version=known_version(version),
            ecosystem="mcpb",
            stated_by="server.json",
            place=place,
        ),
    )


def _inputs(document: Document, entries: Iterable[Located]) -> tuple[Credential, ...]:
    return tuple(
        made
        for entry in entries
        if (name := entry.string("name")) is not None
        for made in credential(name.value, "server.json", document.place(name), entry.flag("isSecret", "is_secret"))
    )


def _arguments(document: Document, entry: Located) -> Iterator[Credential]:
    """`-e NAME={token}` among the arguments of a runtime."""
    for key in ("runtimeArguments", "packageArguments", "runtime_arguments", "package_arguments"):
        for argument in entry.members(key):
            value = argument.string("value")
            match = re.match(rf"({VARIABLE.pattern})=", value.value) if value else None
            if value and match:
                secret = any(each.flag("isSecret") for _, each in argument.items("variables")) or None
                yield from credential(match.group(1), "server.json", document.place(value), secret)


def _remote(document: Document, entry: Located) -> Declarations:
    url = entry.string("url")
    runs_at = where(re.sub(r"\{[^{}]*\}", "x", url.value)) if url else None
    if url is None or runs_at is None:  # a placeholder, of which the place is not known
        unknown = Launch(url=entry.text("url"), stated_by="server.json", place=document.place(url or entry))
        return Declarations(launches=(unknown,))
    transport = canonical_transport(entry.text("type", "transport_type") or "http")
    place = document.place(url)
    return Declarations(
        subjects=named(SubjectKind.ENDPOINT, url, "", "", "server.json", document),
        launches=(Launch(url=url.value, transport=transport, runs_at=runs_at, stated_by="server.json", place=place),),
        credentials=_inputs(document, entry.members("headers")),
    )
