"""Names by which a machine matches a product: canonical package URLs, images, addresses.

Invariant: only what a file states; a version that is a placeholder or a range is no version.
"""

import re
from urllib.parse import urlsplit

from packageurl import PackageURL

from assay_check.command_lines.package_specifiers import READERS, safely
from assay_check.endpoints import Reach, endpoint, is_url
from extractors.declarations.facts import Place, RunsAt, Subject, SubjectKind
from extractors.declarations.located import NOTHING, Document, Located

_VERSION = re.compile(r"v?\d[\w.+!-]*|[0-9a-f]{40}")
_PLACEHOLDER = re.compile(
    r"[$<>{}*]|your[-_]|path[-_/]to|example\.(?:com|org|net)|\b(?:(?:my|your|the)(?:company|corp|org|domain|app|host|server|site)|company|domain|contoso|acme)\.",
    re.IGNORECASE,
)
_ONE_MACHINE = frozenset({"localhost", "host.docker.internal", "::1"})
_NAMED_PORT = re.compile(r"(?<=[\w\]]):[A-Za-z]\w{0,20}(?=/|\Z)")
"""`localhost:PORT`: its user chooses it."""
LONGEST_NAME = 214


def known_version(version: str | None) -> str | None:
    """The version or commit if it names one: `latest`, ranges and placeholders do not."""
    return version if version and _VERSION.fullmatch(version) else None


def purl(ecosystem: str, name: str, version: str | None = None) -> str | None:
    """The canonical package URL; None if the name is none of its ecosystem."""
    name = name.strip()
    if not name or _PLACEHOLDER.search(name) or len(name) > LONGEST_NAME:
        return None
    if ecosystem == "maven":
        if not re.fullmatch(r"[\w.-]{1,214}:[\w.-]{1,214}", name):
            return None
        group, _, artifact = name.partition(":")
        return PackageURL("maven", group, artifact, known_version(version)).to_string()
    found = safely(ecosystem, name) if ecosystem in READERS else None
    if found is None or found.purl is None or found.version or found.tag or found.range:
        return None
    parsed = PackageURL.from_string(found.purl)
    return parsed._replace(version=known_version(version)).to_string() if parsed.type == ecosystem else None


def image_purl(reference: str) -> str | None:
    """Of `ghcr.io/owner/name:tag@sha256:…`; images of Docker's registry have a type of their own."""
    found = safely("oci", reference.removeprefix("docker://").removeprefix("https://")).image
    if found is None or _PLACEHOLDER.search(f"{found.repository}:{found.tag}"):
        return None
    space, _, name = found.repository.rpartition("/")
    if space.startswith("docker.io/"):
        return PackageURL("docker", space.partition("/")[2], name, found.digest or found.tag).to_string()
    qualifiers = {"repository_url": found.repository} | ({"tag": found.tag} if found.tag else {})
    return PackageURL("oci", None, name, found.digest, qualifiers).to_string()


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


def registered(
    kind: SubjectKind, value: Located, ecosystem: str, stated_by: str, document: Document
) -> tuple[Subject, ...]:
    """The `name` and `version` of a manifest."""
    return named(kind, value.string("name"), value.text("version"), ecosystem, stated_by, document)


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
    found = endpoint(_NAMED_PORT.sub("", url))
    if found.address is None or not is_url(url) or _PLACEHOLDER.search(url.split("?")[0]):
        return None
    if found.reach is Reach.PUBLIC:
        return RunsAt.HOSTED
    host = urlsplit(found.address).hostname or ""
    here = host in _ONE_MACHINE or host.endswith(".localhost") or host.startswith("127.")
    return RunsAt.LOCAL if here else RunsAt.INTERNAL_NETWORK


def repository(url: str) -> str:
    """`git+ssh://git@github.com/o/n.git` and `github:o/n` as an address of a page; "" if it is none."""
    url = url.strip().removeprefix("git+")
    url = re.sub(r"^(?:ssh://)?git@([\w.-]+)[:/]", r"https://\1/", url)
    url = re.sub(r"^(?:github:)?([\w-]+/[\w.-]+)$", r"https://github.com/\1", url)
    url = re.sub(r"^git://", "https://", url).removesuffix("/tree/main").removesuffix("/").removesuffix(".git")
    return url if re.match(r"https?://[\w.-]+/[\w./~-]+$", url) else ""
