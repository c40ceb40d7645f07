"""How surely a record speaks about the subject of an entry.

    digest          the same bytes: an image digest, a commit, the digest of a skill
    exact version   the same package in the same version
    other version   the same package, and both name a version, and they differ
    local record    made here for this very entry; nobody reviewed it
    package         the same package or image, and one of the two names no exact version (a tag can be moved)
    url             the same address

Invariant: a name alone never matches; what is compared are canonical subjects, never titles of entries or records.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from packageurl import PackageURL

from assay_check.endpoints import endpoint
from assay_check.errors import BadInput
from assay_check.lookup.record_summary import RecordSummary, Statement
from assay_check.purl import looked_up, without_version
from assay_check.subjects import Subject, SubjectKind


class Sureness(StrEnum):
    """How surely a record matches, surest first."""

    DIGEST = "digest"
    EXACT_VERSION = "exact version"
    URL = "url"
    PACKAGE = "package"
    OTHER_VERSION = "other version"
    LOCAL = "local record"


_ORDER = {sureness: place for place, sureness in enumerate(Sureness)}


@dataclass(frozen=True, slots=True)
class Match:
    """A record that speaks about a subject, how surely, and the exact version or tag that the record names, if any."""

    record: RecordSummary
    sureness: Sureness
    version: str | None = None
    tag: str | None = None
    note: str | None = None
    rivals: tuple[str, ...] = ()
    """Other records that speak about the same subject, as long as they are not withdrawn: which one is right is for a
    person to say."""


def best_match(subject: Subject, records: Sequence[RecordSummary]) -> Match | None:
    """The surest match; of equals one that is not withdrawn, then the latest, then by address."""
    found = matches(subject, records)
    if not found:
        return None
    best, *others = found
    return replace(best, rivals=tuple(other.record.record for other in others if other.record.withdrawn is None))


def matches(subject: Subject, records: Sequence[RecordSummary]) -> list[Match]:
    """Every record that speaks about the subject, the best match first."""
    found = (match for record in records if (match := match_record(subject, record)) is not None)
    return sorted(found, key=_rank)


def _rank(match: Match) -> tuple[int, int, int, str]:
    assessed = match.record.assessed
    return (
        0 if match.record.withdrawn is None else 1,
        _ORDER[match.sureness],
        -(assessed.toordinal() if assessed else 0),
        match.record.record,
    )


def match_record(subject: Subject, record: RecordSummary) -> Match | None:
    """The surest way in which one of a record's statements names the subject, or None."""
    found = [made for statement in record.subjects if (made := _match(subject, statement, record)) is not None]
    return min(found, key=_rank) if found else None


def _match(subject: Subject, statement: Statement, record: RecordSummary) -> Match | None:
    if subject.digest and statement.sha256 and subject.digest == f"sha256:{statement.sha256.lower()}":
        return Match(record, Sureness.DIGEST, subject.digest)
    if not subject.matchable:
        return None
    if subject.kind is SubjectKind.PLUGIN and subject.purl is None:
        same = statement.plugin is not None and statement.plugin == subject.value
        return Match(record, Sureness.PACKAGE) if same else None
    if subject.kind is SubjectKind.URL:
        return _match_address(subject, statement, record)
    if subject.purl is None or statement.purl is None:
        return None
    try:
        stated = looked_up(statement.purl)
        if without_version(stated) != without_version(subject.purl):
            return None
    except BadInput:
        return None
    return _match_package(PackageURL.from_string(subject.purl), PackageURL.from_string(stated), record)


def _match_address(subject: Subject, statement: Statement, record: RecordSummary) -> Match | None:
    stated = endpoint(statement.url).address if statement.url else None
    if stated is None or subject.endpoint is None:
        return None
    if stated == subject.endpoint:
        return Match(record, Sureness.URL)
    if stated.rstrip("/") == subject.endpoint.rstrip("/"):
        return Match(record, Sureness.URL, note="the addresses differ by a slash at the end")
    return None


def _match_package(wanted: PackageURL, stated: PackageURL, record: RecordSummary) -> Match:
    by_digest = wanted.type in ("oci", "github", "gitlab", "bitbucket", "docker")
    tag = stated.qualifiers.get("tag")
    if wanted.version and stated.version:
        if wanted.version == stated.version:
            return Match(record, Sureness.DIGEST if by_digest else Sureness.EXACT_VERSION, stated.version, tag)
        return Match(record, Sureness.OTHER_VERSION, stated.version, tag)
    wanted_tag = wanted.qualifiers.get("tag")
    if wanted_tag and tag and wanted_tag != tag:
        return Match(record, Sureness.OTHER_VERSION, stated.version, tag)
    note = "the same tag; a tag can be moved" if tag and wanted_tag == tag else None
    return Match(record, Sureness.PACKAGE, stated.version, tag, note)
