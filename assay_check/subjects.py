"""What one entry of a configuration runs: a public subject that a record can speak about, or why there is none.

Invariant: `repr`, `str` and every field that an output shows are free of configuration values that may be secret.
`argv` and `url` hold the buyer's own spelling for writing allow lists; they are never shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from assay_check.endpoints import Reach, endpoint
from assay_check.purl import Image, oci


class SubjectKind(StrEnum):
    PACKAGE = "package"
    IMAGE = "image"
    REPOSITORY = "repository"
    URL = "url"
    PLUGIN = "plugin"
    LOCAL = "local"
    LOCAL_URL = "local_url"
    PYTHON_MODULE = "python_module"
    VARIABLE = "variable"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Subject:
    """`version` only if exact; `tag` and `range` as stated; `value` a short name of what is not matchable."""

    kind: SubjectKind
    matchable: bool
    why: str | None = None
    purl: str | None = None
    version: str | None = None
    tag: str | None = None
    range: str | None = None
    image: Image | None = None
    endpoint: str | None = field(default=None, repr=False)
    value: str | None = None
    digest: str | None = None

    def because(self, why: str) -> Subject:
        """The same subject, not matchable for this reason."""
        return replace(self, matchable=False, why=why)


@dataclass(frozen=True, slots=True)
class Entry:
    """One server, plugin, skill, package or image of a file. `line` is that of its name, counted from 1."""

    name: str
    line: int
    transport: str | None
    subject: Subject
    runner: str | None = None
    also: tuple[str, ...] = ()
    disabled: bool = False
    credentials: tuple[str, ...] = ()
    literal_secret: bool = False
    argv: tuple[str, ...] = field(default=(), repr=False)
    url: str | None = field(default=None, repr=False)
    path: str = ""


def unmatchable(kind: SubjectKind, why: str, value: str | None = None) -> Subject:
    return Subject(kind, False, why, value=value)


def local(value: str | None, why: str = "path or program of the buyer's own machine") -> Subject:
    return unmatchable(SubjectKind.LOCAL, why, value)


def variable(why: str = "the value is a variable that the file does not resolve") -> Subject:
    return unmatchable(SubjectKind.VARIABLE, why)


def package(purl: str, version: str | None = None, tag: str | None = None, range_: str | None = None) -> Subject:
    return Subject(SubjectKind.PACKAGE, True, purl=purl, version=version, tag=tag, range=range_)


def image(parts: Image) -> Subject:
    return Subject(SubjectKind.IMAGE, True, purl=oci(parts), version=parts.digest, tag=parts.tag, image=parts)


def repository(purl: str, version: str | None = None) -> Subject:
    return Subject(SubjectKind.REPOSITORY, True, purl=purl, version=version)


def of_url(url: str) -> Subject:
    """The endpoint of a URL; local or unreadable ones say why they match nothing."""
    found = endpoint(url)
    if url.startswith(("unix:", "pipe:")):
        return unmatchable(SubjectKind.LOCAL_URL, "a socket of the buyer's own machine")
    if found.reach is Reach.UNREADABLE:
        return unmatchable(SubjectKind.NONE, found.why or "this is no address")
    if found.reach is Reach.LOCAL:
        return Subject(SubjectKind.LOCAL_URL, False, found.why, endpoint=found.address)
    return Subject(SubjectKind.URL, True, endpoint=found.address)
