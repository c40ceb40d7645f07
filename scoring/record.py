"""What the public gets: one record of one agent, with its sources and its change notes.

Invariant: every number in a record can be recomputed from the record alone.
"""

from datetime import date as Date
from enum import StrEnum
from operator import not_

from pydantic import AwareDatetime, Field

from scoring.claims import ClaimCount, Digest, Evidence, Extraction, Frozen, added
from scoring.evidence import is_absent
from scoring.likely.decision import Advice, Condition, LikelyRange, Question
from scoring.reviews import HowDecided
from scoring.scores import Assessment
from scoring.tools.control_surface import ControlSurface
from scoring.vocabulary import Certainty, SubjectKind


class SourceDate(Frozen):
    """When a source page of a record was fetched."""

    url: str
    page_digest: Digest
    fetched_at: AwareDatetime


class StatedSubject(Frozen):
    """A name by which a machine can match the product, as one of its own pages or its registry states it."""

    kind: SubjectKind
    value: str
    """A canonical package URL, an address without query, or a name of its ecosystem."""
    version: str | None = None
    """Version, tag or commit; None where none is stated. A range or a placeholder is none."""
    ecosystem: str = ""
    """`npm`, `pypi`, `oci`, `mcp_registry`, …"""
    is_latest: bool | None = Field(default=None, exclude_if=is_absent)
    """What the registry says of this version; None where it says nothing."""
    stated_by: str
    """The kind of file: `server.json`, `package.json`, …"""
    url: str
    """The page that states it."""
    page_digest: Digest | None = None
    quote: str = ""
    """The line that states it."""


class VendorStatement(Frozen):
    """What the vendor says in public, in its own words. It changes no claim and no score."""

    vendor: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=1_000)
    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=2_000)
    """Where it was said."""
    date: Date
    """On which the vendor said it."""


class ChangeCause(StrEnum):
    """Why a record differs from the one before it."""

    FIRST = "first"
    SOURCE = "source"
    MODEL = "model"
    PROMPT = "prompt"
    RUBRIC = "rubric"
    FORMULA = "formula"
    PERSON = "person"
    VENDOR = "vendor"


class Change(Frozen):
    """One change note: what changed, by which cause, with both quotes."""

    at: AwareDatetime
    cause: ChangeCause
    path: str
    before: str = ""
    after: str = ""
    quote_before: Evidence | None = None
    quote_after: Evidence | None = None


SCHEMA_VERSION = "1.1"
DISCLAIMER = (
    "An estimate from public information (the agent's own listing, documents and repository), only as true as those "
    "pages. "
    "It is not a penetration test, an audit or a certification."
)


class PublishedRecord(Frozen):
    """What the public gets. Every number in it can be recomputed from it."""

    schema_version: str = SCHEMA_VERSION
    id: str
    """`assay:<slug>`; never used again for another agent."""
    slug: str
    published: AwareDatetime
    modified: AwareDatetime
    withdrawn: AwareDatetime | None = None
    withdrawn_reason: str | None = None
    supersedes: tuple[str, ...] = ()
    disputed: bool = False
    stale_since: AwareDatetime | None = None
    """Set when a published quote has been missing from its page for longer than the policy allows."""
    homepage: str | None = None
    repository: str | None = None
    aliases: tuple[str, ...] = ()
    extraction: Extraction
    """The claims as reviewed: amendments are already in it."""
    extraction_digest: Digest
    assessment: Assessment
    assessment_digest: Digest
    likely: LikelyRange | None = added()
    """Where comparable products lie; None in records made before a reference class was kept."""
    firm: bool | None = Field(default=None, exclude_if=is_absent)
    """The likely range lies in one band, and there is a headline; None where there is no likely range."""
    advice: Advice | None = added()
    questions: tuple[Question, ...] = Field(default=(), exclude_if=not_)
    """To the vendor; those whose answer moves the score most first."""
    conditions: tuple[Condition, ...] = Field(default=(), exclude_if=not_)
    """Allow only if …"""
    control_surface: ControlSurface | None = added()
    """By OWASP's draft rule for tools; None in records of earlier versions."""
    reviewed_by: str
    """The reviewer's role, or the name that the desk knows where the reviewer wishes it."""
    reviewed_at: AwareDatetime
    reviewed_how: dict[HowDecided, int] = Field(default_factory=dict, exclude_if=not_)
    """Claims by how the review decided them; empty in records of earlier versions."""
    reviewed_seconds: int | None = Field(default=None, exclude_if=is_absent)
    """How long the draft lay open before its approval, where that was seen."""
    certainty_counts: dict[Certainty, int]
    """Of factors and exposure facts; `claims` counts the layers too."""
    claims: ClaimCount | None = added()
    """None in records of earlier versions."""
    sources: tuple[SourceDate, ...] = ()
    subjects: tuple[StatedSubject, ...] = Field(default=(), exclude_if=not_)
    """By what a machine matches the product; empty in records of earlier versions, which do not carry the field."""
    statement: VendorStatement | None = added()
    """The vendor's word beside the record."""
    expires: AwareDatetime | None = added()
    """Until when the evidence is good, unless it is reviewed again; None in records of earlier versions."""
    previous: Digest | None = added()
    """Digest of the published bytes of the version before: the chain of all versions."""
    changes: tuple[Change, ...] = ()
    """Newest first."""
    disclaimer: str = DISCLAIMER
