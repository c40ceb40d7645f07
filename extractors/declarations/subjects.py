"""Names by which a machine matches a product: canonical package URLs, images, addresses.

Invariant: only what a file states; a version that is a placeholder or a range is no version.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from packageurl import PackageURL

from extractors.declarations.document import Document
from extractors.declarations.facts import Place, RunsAt, Subject, SubjectKind
from extractors.declarations.located import NOTHING, Located

_VERSION = re.compile(r"v?\d[\w.+!-]*|[0-9a-f]{40}")
_IMAGE = re.compile(
    r"\A(?:(?P<host>[\w-]+(?:\.[\w-]+)+(?::\d+)?|localhost(?::\d+)?)/)?(?P<path>@?[a-z0-9][\w.-]*(?:/[\w.-]+)*)"
    r"(?::(?P<tag>[\w.-]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_NPM = re.compile(r"(?:@(?P<scope>[\w.~-]+)/)?(?P<name>[\w.~-]+)(?:@(?P<version>[^\s@]+))?")
_PLACEHOLDER = re.compile(
    r"[$<>{}*]|your[-_]|path[-_/]to|example\.(?:com|org|net)|\b(?:(?:my|your|the)(?:company|corp|org|domain|app|host|server|site)|company|domain|contoso|acme)\.",
    re.IGNORECASE,
)
_DOCKER_HUB = {"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}


def known_version(version: str | None) -> str | None:
    """The version or commit if it names one: `latest`, ranges and placeholders do not."""
    return version if version and _VERSION.fullmatch(version) else None


def purl(ecosystem: str, name: str, version: str | None = None) -> str | None:
    """The canonical package URL; None if the name is none of its ecosystem."""
    version = known_version(version)
    name = name.strip()
    if not name or _PLACEHOLDER.search(name) or len(name) > 214:
        return None
    if ecosystem == "npm":
        found = _NPM.fullmatch(name)
        if not found or found.group("version"):
            return None
        scope = "@" + found.group("scope") if found.group("scope") else None
        return PackageURL("npm", scope, found.group("name").lower(), version).to_string()
    if ecosystem == "pypi":
        if not re.fullmatch(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", name):
            return None
        return PackageURL("pypi", None, re.sub(r"[-_]+", "-", name).lower(), version).to_string()
    if ecosystem == "golang":
        space, _, last = name.rpartition("/")
        if "." not in name.split("/")[0] or not re.fullmatch(r"[\w.~/-]+", name):
            return None
        return PackageURL("golang", space or None, last, version).to_string()
    if ecosystem == "maven":
        group, _, artifact = name.partition(":")
        return PackageURL("maven", group, artifact, version).to_string() if artifact else None
    if ecosystem in ("cargo", "nuget", "mcpb"):
        if not re.fullmatch(r"[\w.-]+", name):
            return None
        # mcpb has no registered type yet: a download is matched by its address.
        return PackageURL("generic" if ecosystem == "mcpb" else ecosystem, None, name, version).to_string()
    return None


def image_purl(reference: str) -> str | None:
    """Of `ghcr.io/owner/name:tag@sha256:…`; images of Docker's registry have a type of their own."""
    reference = reference.removeprefix("docker://").removeprefix("https://")
    if _PLACEHOLDER.search(reference.replace(":${", ":").replace("$", "", 0)) and "${" not in reference:
        return None
    reference = re.sub(r":\$\{[^{}]*\}$", "", reference)
    found = _IMAGE.fullmatch(reference)
    if not found or "$" in reference:
        return None
    host, path, tag, digest = found.group("host"), found.group("path"), found.group("tag"), found.group("digest")
    space, _, name = path.rpartition("/")
    if (
        host is None and "." in space.partition("/")[0] and not space.startswith("@")
    ):  # a registry of whose name the pattern made a folder
        return None
    if host is None or host in _DOCKER_HUB:
        return PackageURL("docker", space or "library", name, digest or tag).to_string()
    qualifiers = {"repository_url": f"{host}/{path}"} | ({"tag": tag} if tag else {})
    return PackageURL("oci", None, name.lower(), digest, qualifiers).to_string()


def package(
    ecosystem: str, name: str, version: str | None, stated_by: str, place: Place, own: bool = True
) -> tuple[Subject, ...]:
    """Nothing where the name is none of its ecosystem."""
    value, version = purl(ecosystem, name, version), known_version(version)
    kind = SubjectKind.PACKAGE
    return _subject(kind, value, name, version, ecosystem, stated_by, place, own) if value else ()


def image(reference: str, stated_by: str, place: Place, own: bool = True) -> tuple[Subject, ...]:
    """Nothing where it is no reference."""
    value = image_purl(reference)
    if value is None:
        return ()
    parsed = PackageURL.from_string(value)
    tag = parsed.version or (parsed.qualifiers or {}).get("tag")
    return _subject(SubjectKind.IMAGE, value, reference, tag, parsed.type, stated_by, place, own)


def named(
    kind: SubjectKind, name: Located | None, version: str, ecosystem: str, stated_by: str, document: Document
) -> tuple[Subject, ...]:
    """Nothing where there is no name."""
    if name is None or not name.value:
        return ()
    known = known_version(version)
    return _subject(kind, name.value, name.value, known, ecosystem, stated_by, document.place(name))


def stated_repository(value: Located, stated_by: str, document: Document, commit: str = "") -> tuple[Subject, ...]:
    """A manifest's `repository`: an address, or an object that holds it."""
    url = value.string("repository") or (value.get("repository") or NOTHING).string("url")
    return repository_at(url.value, stated_by, document.place(url), commit) if url else ()


def repository_at(url: str, stated_by: str, place: Place, commit: str = "") -> tuple[Subject, ...]:
    """Nothing where it is no address of a repository's page."""
    page, known = repository(url), known_version(commit)
    return _subject(SubjectKind.REPOSITORY, page, page, known, "", stated_by, place) if page else ()


def _subject(
    kind: SubjectKind,
    value: str,
    name: str,
    version: str | None,
    ecosystem: str,
    stated_by: str,
    place: Place,
    own: bool = True,
) -> tuple[Subject, ...]:
    return (
        Subject(
            kind=kind,
            value=value,
            name=name,
            version=version,
            ecosystem=ecosystem,
            stated_by=stated_by,
            own=own,
            place=place,
        ),
    )


def where(url: str) -> RunsAt | None:
    """Where a server with this address runs; None for placeholders and what is no address."""
    if _PLACEHOLDER.search(url.split("?")[0]) or not re.match(r"(?:https?|wss?)://", url):
        return None
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    if host in ("localhost", "host.docker.internal") or host.endswith(".localhost"):
        return RunsAt.LOCAL
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if (
            host.endswith((".local", ".internal", ".lan", ".svc", ".cluster.local", ".test", ".invalid"))
            or "." not in host
        ):
            return RunsAt.INTERNAL_NETWORK
        return RunsAt.HOSTED
    if address.is_loopback:
        return RunsAt.LOCAL
    return RunsAt.INTERNAL_NETWORK if address.is_private or address.is_unspecified else RunsAt.HOSTED


def repository(url: str) -> str:
    """`git+ssh://git@github.com/o/n.git` and `github:o/n` as an address of a page; "" if it is none."""
    url = url.strip().removeprefix("git+")
    url = re.sub(r"^(?:ssh://)?git@([\w.-]+)[:/]", r"https://\1/", url)
    url = re.sub(r"^(?:github:)?([\w-]+/[\w.-]+)$", r"https://github.com/\1", url)
    url = re.sub(r"^git://", "https://", url).removesuffix("/tree/main").removesuffix("/").removesuffix(".git")
    return url if re.match(r"https?://[\w.-]+/[\w./~-]+$", url) else ""
