"""What the machine-readable files of a product say, as a request carries it: facts with their lines, and the tools.

Idea: rules read it before any assessor runs, so it is part of the request to an assessor. Invariant: a claim
has at least one line of a page that was read, and names the rule that made it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field

from extractors.canonical_json import digest
from extractors.pages.page_text import PageText
from scoring.claims import Evidence, Finding, Frozen, SourceRead
from scoring.tools.inventory import Inventory, counts
from scoring.vocabulary import Basis, Certainty

DECLARED = "declared@13"
"""Raised when other tools, claims or findings come of the same files, so that every agent is looked at once more."""


OPENED = "a container file that opens its container"
"""The rule of a claim that only counts against a page that says otherwise: it may be another service's container."""


class DeclaredClaim(Frozen):
    """One claim by rule."""

    claim: str
    """A `RiskFactor`, `MaestroLayer` or `ExposureFact`."""
    value: str
    certainty: Certainty = Certainty.INFERRED
    basis: Basis
    rule: str
    why: str
    """One sentence for a person: what the lines show."""
    evidence: tuple[Evidence, ...] = Field(min_length=1)


class ReadFrom(Frozen):
    """What it was made from besides the pages: enough to make it again from the same bytes."""

    repository: str = ""
    files: tuple[tuple[str, str, str, str], ...] = ()
    """(address, path in the product's folder, digest of its text, digest of its bytes) of every file, in order."""
    unread: tuple[str, ...] | None = None
    """Why the list of all files says that tools may be missing; None where there is no such list."""
    missing: tuple[str, ...] = ()
    """Manifests and READMEs that there are and that were not read."""


class Declared(Frozen):
    inventory: Inventory | None = None
    claims: tuple[DeclaredClaim, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Hostile text in the descriptions of tools."""
    read: tuple[SourceRead, ...] = ()
    """Files that hold the cited lines."""
    made_from: ReadFrom = ReadFrom()


class DeclaringFile(NamedTuple):
    """One page of an agent as readers of declarations need it."""

    path: str
    """In the product's folder."""
    text: str
    """The file as it is, decoded."""
    page: PageText


def read_from(
    files: Sequence[DeclaringFile], repository: str, unread: Sequence[str] | None, missing: Sequence[str]
) -> ReadFrom:
    return ReadFrom(
        repository=repository,
        files=tuple((file.page.url, file.path, file.page.digest, file.page.page_digest) for file in files),
        unread=None if unread is None else tuple(unread),
        missing=tuple(missing),
    )


def not_read(why: str) -> Declared:
    """Files that could not be read at all: the list of tools is empty and open, and says why."""
    empty = Inventory(tools=(), counts=counts(()), complete=False, why=why, open_ends=(why,), digest=digest([]))
    return Declared(inventory=empty, made_from=ReadFrom(unread=(why,)))
