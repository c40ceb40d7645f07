"""What people decide: a reviewer's amendments and decision, a vendor's proposed correction.

Idea: a decision names the digest of what the person read. Invariant: an amendment says what it replaces, so that it
never applies to other words; a vendor only proposes.
"""

from enum import StrEnum
from operator import not_
from typing import Literal

from pydantic import AwareDatetime, Field

from scoring.claims import Digest, Frozen, added
from scoring.evidence import is_absent


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
    """One change to one claim. `old` must equal the current value, else the review is stale."""

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


class HowDecided(StrEnum):
    """How the claims of an approved draft were decided."""

    ONE_BY_ONE = "one_by_one"
    UNKNOWNS_TOGETHER = "unknowns_together"
    BY_RULE = "by_rule"
    """With all claims that rest on the same rule."""
    BY_PROGRAM = "by_program"
    """By a program that the operator lets decide, alone or with the draft as a whole; also where that was kept."""
    KEPT = "kept"
    """Decided in an earlier review, on the same words."""
    AS_A_WHOLE = "as_a_whole"
    """By the approval alone: nobody decided the claim itself."""


LONGEST_SITTING = 3600
"""Seconds up to which the time that a draft lies open is counted."""
LONGEST_OPEN = 7 * 24 * 3600
"""Seconds; what was opened longer ago is a mistaken number."""


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
    decided: dict[HowDecided, int] = Field(default_factory=dict, exclude_if=not_)
    """Claims by how they were decided; empty for a rejection, and in reviews of earlier versions."""
    seconds: int | None = Field(default=None, exclude_if=is_absent)
    """How long the draft lay open before the decision, where that was seen."""
    confirms: str | None = added()
    """Whose approval of the same draft this one confirms, by the two-person rule."""


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
