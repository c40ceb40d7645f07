"""What scoring gives: scores with their range, the ten-risk profile, decisions, published records.

Idea: a score is shown with everything needed to recompute it by hand. Invariant: a headline that is
withheld is a state with a reason, never a number; the range is always there.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, PlainSerializer

from scoring.claims import Digest, Evidence, Extraction, Framework, Frozen, added
from scoring.vocabulary import Certainty, CoreRisk, ExposureFact, Severity

Exact = Annotated[Decimal, PlainSerializer(lambda d: format(d, "f"), return_type=str, when_used="json")]
"""An exact decimal; a plain string in JSON."""


class MetricRow(Frozen):
    """One CVSS 4.0 base metric: its value, the rule that gave it, and whether the rule used its default."""

    metric: str
    """AV, AC, AT, PR, UI, VC, VI, VA, SC, SI or SA."""
    value: str
    rule: str
    """The reason, one line."""
    facts: tuple[ExposureFact, ...]
    certain: bool
    """False when an unknown fact made the rule use its default."""
    safest: str
    """The metric with every unknown fact at its safest value."""
    worst: str
    """The metric with every unknown fact at its worst value."""


class Mover(Frozen):
    """An unknown, and what knowing it could do to the score."""

    unknown: str
    """A `RiskFactor` or `ExposureFact` value."""
    low: Exact
    """The score with this unknown at its safest, all else as in the headline."""
    high: Exact
    """The score with this unknown at its worst, all else as in the headline."""
    moves_band: bool


class AivssScore(Frozen):
    """One score by one formula profile, with every intermediate."""

    profile: str
    cvss_vector: str | None
    cvss_base: Exact
    metrics: tuple[MetricRow, ...] = ()
    factor_sum: Exact
    thm: Exact
    thm_reason: str = ""
    mitigation_factor: Exact
    mitigation_reason: str = ""
    aars: Exact
    """Not rounded."""
    raw: Exact
    """Not rounded."""
    score: Exact | None
    """One decimal, half up. None when withheld."""
    withheld: str | None = None
    """Why there is no headline number."""
    severity: Severity | None
    low: Exact
    high: Exact
    low_severity: Severity
    high_severity: Severity
    band_stable: bool
    """True when the whole range lies in the headline's band."""
    movers: tuple[Mover, ...] = ()
    """Largest reach first."""
    conformance: tuple[str, ...] = ()
    """Every departure from the standard, one line each."""
    aivss_vector: str | None = None
    scored: str = ""
    """The sentence that says what was scored."""


class Applicability(StrEnum):
    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    UNKNOWN = "unknown"


class RiskRow(Frozen):
    """One of the ten core risks, scored as its own scenario."""

    risk: CoreRisk
    framework: Framework | None = added()
    """None in records of schema 1.0, which are of AIVSS 0.8."""
    applicability: Applicability
    why: str
    cvss_vector: str
    cvss_base: Exact
    score: Exact | None
    """None when the risk does not apply, or when its scenario has no technical impact."""
    severity: Severity | None
    low: Exact
    high: Exact
    evidence: int = Field(ge=0)
    """How many grounded quotes stand behind this row."""


class Chain(Frozen):
    """A cross-layer attack path that the same facts make possible."""

    name: str
    layers: tuple[str, ...]
    why: str
    certain: bool


class Provenance(Frozen):
    """Versions of everything that made an assessment."""

    tool: str
    """Name and version of this program."""
    rubric: str
    formula: str
    prompt: str
    model: str
    prompt_digest: Digest | None = None


class Assessment(Frozen):
    """The scores of one extraction. A pure function of the extraction, the profile and the versions."""

    slug: str
    extraction_digest: Digest
    headline: AivssScore
    risks: tuple[RiskRow, ...]
    """Ten, in the order of `CoreRisk`."""
    maximum_risk: CoreRisk | None
    chains: tuple[Chain, ...] = ()
    provenance: Provenance


class AmendmentReason(StrEnum):
    """Why a reviewer changed a claim."""

    QUOTE_DOES_NOT_SUPPORT = "quote_does_not_support"
    BETTER_EVIDENCE = "better_evidence"
    MISREAD = "misread"
    WRONG_AGENT = "wrong_agent"
    OUTDATED = "outdated"
    MARKETING_CLAIM = "marketing_claim"
    VENDOR_CORRECTION = "vendor_correction"
    OTHER = "other"


class Amendment(Frozen):
    """One change to one claim. `old` must equal what stands there, else the review is stale."""

    path: str
    """`factors.autonomy_of_action`, `layers.L3`, `exposure.runs_at` or `summary`."""
    field: Literal["value", "certainty", "text", "evidence", "status"]
    old: str
    new: str
    """As text; evidence as its JSON."""
    reason: AmendmentReason
    note: str = ""


class Decision(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    REVERSE = "reverse"
    """Takes back the last decision; logged, never deleted."""


class Review(Frozen):
    """A person's decision about one assessment. It names the digest that was read."""

    slug: str
    assessment_digest: Digest
    decision: Decision
    amendments: tuple[Amendment, ...] = ()
    reviewer: str
    role: str = "reviewer"
    at: AwareDatetime
    note: str = ""
    automatic: bool = False
    """True when the approval rule decided, not a person."""


class CorrectionState(StrEnum):
    RECEIVED = "received"
    UNDER_REVIEW = "under_review"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Correction(Frozen):
    """A vendor's claim, with its own quote and page. A vendor can only propose."""

    id: str
    slug: str
    path: str
    field: str
    proposed: str
    quote: str
    url: str
    vendor: str
    received: AwareDatetime
    state: CorrectionState = CorrectionState.RECEIVED
    decided: AwareDatetime | None = None
    reason: str = ""


class SourceDate(Frozen):
    """When a page that stands in a record was fetched."""

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
    """Set when a published quote no longer stands on its page for longer than the policy allows."""
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
