"""What the public gets: one record of one agent, with its sources and its change notes.

Invariant: every number in a record can be recomputed from the record alone.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from scoring.claims import Digest, Evidence, Extraction, Frozen
from scoring.scores import Assessment
from scoring.vocabulary import Certainty


class SourceDate(Frozen):
    """When a source page of a record was fetched."""

    url: str
    page_digest: Digest
    fetched_at: AwareDatetime


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
    reviewed_by: str
    """The reviewer's role, never a name that the reviewer did not choose to publish."""
    reviewed_at: AwareDatetime
    certainty_counts: dict[Certainty, int]
    sources: tuple[SourceDate, ...] = ()
    changes: tuple[Change, ...] = ()
    """Newest first."""
    disclaimer: str = DISCLAIMER
