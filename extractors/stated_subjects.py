"""By what a machine matches a product: what its own files and its registry state, in the spelling that is looked up.

Idea: readers of declarations find names in files; here they become subjects of a record, each canonical, each
with its page. Invariants: only what is stated, and only what names the product itself; a query of an address, which
may hold a key, is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from assay_check.endpoints import Reach, endpoint
from assay_check.errors import BadInput
from assay_check.lookup.hash_prefixes import statement_key
from assay_check.lookup.record_summary import Statement
from assay_check.purl import build, looked_up
from extractors.listing import Listing, RegistryEntry
from extractors.pages.charset import decode
from extractors.pages.snapshot import sha256
from extractors.sources.listing_entry import entry_url, is_repository
from scoring.claims import Digest
from scoring.record import StatedSubject
from scoring.vocabulary import SubjectKind

if TYPE_CHECKING:
    from extractors.declarations.facts import Declarations, Subject

SUBJECTS = "subjects@3"
"""Raised when other subjects come of the same pages, so that every agent is looked at once more."""
UNIQUE = frozenset({SubjectKind.PACKAGE, SubjectKind.IMAGE, SubjectKind.REGISTRY_NAME, SubjectKind.ENDPOINT})
"""What belongs to one product by the rules of its ecosystem. A repository may hold several products, and the name of a
plugin or an agent card is anybody's."""
_NO_MANIFEST = re.compile(r"\.(?:html?|[cm]?[jt]sx?|py|go|rs|cs|java|kts?|rb|php|swift)$", re.IGNORECASE)
_COMMIT = re.compile(
    r"://[^/\s]+/(?P<repository>[^/\s]+/[^/\s]+)/(?:-/)?(?:(?:src/)?(?:tree|blob|raw|commit|src)/)?(?P<commit>[0-9a-f]{40})(?![\w.])"
)
"""An address of a repository as it was at one commit."""
_FORGES = {"github.com": "github", "gitlab.com": "gitlab", "bitbucket.org": "bitbucket"}
_ORDER = {kind: place for place, kind in enumerate(SubjectKind)}


class Page(NamedTuple):
    """A page as it came."""

    url: str
    body: bytes
    media_type: str = ""
    charset: str | None = None
    path: str = ""
    """In the product's folder; that of the address where it is not known."""


def read_subjects(listing: Listing, pages: Sequence[Page]) -> tuple[StatedSubject, ...]:
    """The product's subjects as these pages and the entry of its source state them."""
    from extractors.declarations import SourceFile, read_declarations  # the grammars: a lookup needs none

    files = [
        SourceFile(page.url, page.path or _path(page.url), decode(page.body, page.charset))
        for page in pages
        if _declares(page)
    ]
    digests = {page.url: sha256(page.body) for page in pages}
    if listing.entry and not listing.registry:
        files.append(SourceFile(entry_url(listing), "listing.json", listing.entry))
        digests[entry_url(listing)] = sha256(listing.entry.encode("utf-8", "replace"))
    return stated_subjects(read_declarations(files, listing.repository or ""), listing, digests)


def registry_entry(listing: Listing, name: str, version: str | None, is_latest: bool | None) -> RegistryEntry:
    """What the entry of an MCP registry, a `server.json`, states; its name first."""
    from extractors.declarations import SourceFile, read_declarations  # the grammars: a lookup needs none

    url, digest = entry_url(listing), sha256(listing.entry.encode("utf-8", "replace"))
    line = re.search(r'^.*"name"\s*:.*$', listing.entry, re.MULTILINE)
    named = StatedSubject(
        kind=SubjectKind.REGISTRY_NAME,
        value=name,
        version=version,
        ecosystem="mcp_registry",
        is_latest=is_latest,
        stated_by="server.json",
        url=url,
        page_digest=digest,
        quote=line.group().strip()[:400] if line else "",
    )
    declared = read_declarations([SourceFile(url, "server.json", listing.entry)], listing.repository or "")
    others = (subject for subject in stated_subjects(declared, listing, {url: digest}) if subject.value != name)
    return RegistryEntry(name=name, version=version, is_latest=is_latest, subjects=(named, *others))


def stated_subjects(
    declared: Declarations, listing: Listing, digests: Mapping[str, Digest]
) -> tuple[StatedSubject, ...]:
    """The product's own subjects, each once, by kind and value. `digests`: of each page's bytes, by its url."""
    stated = [*listing.registry.subjects] if listing.registry else []
    for subject in declared.subjects:
        value = _canonical(subject) if subject.own else None
        if value is not None:
            stated.append(
                StatedSubject(
                    kind=subject.kind,
                    value=value,
                    version=subject.version,
                    ecosystem="oci" if subject.kind is SubjectKind.IMAGE else subject.ecosystem,
                    stated_by=subject.stated_by,
                    url=subject.place.url,
                    page_digest=digests.get(subject.place.url),
                    quote=subject.place.quote,
                )
            )
    if listing.repository and is_repository(listing.repository):
        place = listing.listing_url or listing.repository
        value = _repository(listing.repository)
        stated.append(StatedSubject(kind=SubjectKind.REPOSITORY, value=value, stated_by=listing.source, url=place))
    found = {(_ORDER[subject.kind], subject.value): subject for subject in reversed(stated)}  # the first of each
    read = (listing.repository, listing.listing_url, *listing.documents, *digests)
    return tuple(_at_commit(found[key], read) for key in sorted(found))


def _at_commit(subject: StatedSubject, read: Sequence[str | None]) -> StatedSubject:
    """A repository at the one commit of which its pages are; as it is where they are of none or of several."""
    if subject.kind is not SubjectKind.REPOSITORY or subject.version:
        return subject
    named = [address for address in (_COMMIT.search(text or "") for text in read) if address is not None]
    commits = {
        address_of_commit["commit"]
        for address_of_commit in named
        if subject.value.endswith(f"/{address_of_commit['repository'].lower()}")
    }
    return subject.model_copy(update={"version": commits.pop()}) if len(commits) == 1 else subject


def statement(subject: StatedSubject) -> Statement | None:
    """The subject as a lookup knows it; None for what a buyer's file cannot name."""
    if subject.kind in (SubjectKind.PACKAGE, SubjectKind.IMAGE):
        return Statement(purl=subject.value)
    if subject.kind is SubjectKind.ENDPOINT and endpoint(subject.value).reach is Reach.PUBLIC:
        return Statement(url=subject.value)
    if subject.kind is SubjectKind.REPOSITORY:
        parts = urlsplit(subject.value)
        owner, _, name = parts.path.strip("/").partition("/")
        if parts.hostname in _FORGES and name and "/" not in name:
            return Statement(purl=build(_FORGES[parts.hostname], name, namespace=owner, version=subject.version))
    return None


def subject_key(subject: StatedSubject) -> str:
    """What two spellings and all versions of one subject share."""
    named = statement(subject)
    key = statement_key(named) if named is not None else None
    return key or f"{subject.kind.value}:{subject.ecosystem}:{subject.value}"


def is_unique(subject: StatedSubject) -> bool:
    """Whether a second product that states this subject is a finding; a local address says nothing of who owns it."""
    if subject.kind is SubjectKind.ENDPOINT:
        return statement(subject) is not None
    return subject.kind in UNIQUE


def _declares(page: Page) -> bool:
    """A web page declares nothing in a form that is read, and program text no subject."""
    return "html" not in page.media_type and not _NO_MANIFEST.search(page.url)


def _path(url: str) -> str:
    return unquote(url.removeprefix("file:") if url.startswith("file:") else urlsplit(url).path).strip("/")


def _canonical(subject: Subject) -> str | None:
    if subject.kind in (SubjectKind.PACKAGE, SubjectKind.IMAGE):
        try:
            return looked_up(subject.value)
        except BadInput:
            return None
    if subject.kind is SubjectKind.ENDPOINT:
        return endpoint(subject.value).address or subject.value.partition("?")[0].partition("#")[0]
    return _repository(subject.value) if subject.kind is SubjectKind.REPOSITORY else subject.value


def _repository(url: str) -> str:
    """Owner and name; the forges ignore case."""
    parts = urlsplit(url)
    if not is_repository(url):
        return url
    owner, name = [segment for segment in parts.path.split("/") if segment][:2]
    host = (parts.hostname or "").removeprefix("www.")
    return f"https://{host}/{owner}/{name.removesuffix('.git')}".lower()
