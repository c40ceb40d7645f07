"""One claim as the desk shows it, as a row and as a card, beside the draft and beside what was published.

Invariant: a view states what is; nothing is decided and nothing is stored here.
"""

from typing import Any, NamedTuple

from review.services import draft
from review.services.agent_review import AgentReview
from review.services.claim_order import ReviewPriority
from review.services.kept_decisions import CarriedDecision
from scoring.labels import support_line
from scoring.vocabulary import RiskFactor


class ClaimView(NamedTuple):
    """One claim as a row and as a card."""

    path: str
    claim: dict[str, Any]
    """With its amendments."""
    draft: dict[str, Any]
    """As the extraction gave it."""
    published: dict[str, Any] | None
    """As it was last published."""
    carried: CarriedDecision | None
    after: int | None
    """Number of the last decision about it that is kept."""
    tier: ReviewPriority
    moves_band: bool
    """Alone, if it were otherwise than it says."""

    @property
    def group(self) -> str:
        return self.path.split(".")[0]

    @property
    def counted(self) -> bool:
        """False for the eleventh factor, which the headline does not sum."""
        return self.path != f"factors.{RiskFactor.NATURAL_LANGUAGE_INTERFACE}"

    @property
    def certainty(self) -> str:
        return str(self.claim.get("certainty") or self.claim.get("status") or "")

    @property
    def value(self) -> str:
        return str(self.claim.get("value") or "")

    @property
    def text(self) -> str:
        return text_of(self.claim)

    @property
    def grounds(self) -> str:
        """One line: what the quoted words do for the claim, or why none are quoted; empty when neither is recorded."""
        support = self.claim.get("support") or {}
        return support_line(
            self.claim.get("detail"), support.get("verdict"), support.get("why", ""), support.get("reader")
        )

    @property
    def done(self) -> bool:
        return self.carried is not None and self.carried.done

    @property
    def is_changed(self) -> bool:
        """Otherwise than published."""
        return self.published is not None and visible_fields(self.published) != visible_fields(self.claim)


def text_of(claim: dict[str, Any]) -> str:
    return str(claim.get("rationale", claim.get("text", "")))


def visible_fields(claim: dict[str, Any]) -> tuple[object, ...]:
    """What a reader would notice of a claim."""
    return (
        claim.get("value"),
        claim.get("certainty", claim.get("status")),
        text_of(claim),
        tuple(draft.quotes(claim)),
    )


def claim_views(work: AgentReview) -> tuple[ClaimView, ...]:
    """All claims in the order in which they are worth a reviewer's time."""
    drafts = draft.paths(work.claims.extraction)
    results = draft.paths(work.result) if work.result is not work.claims.extraction else drafts
    before = draft.paths(work.published.record.extraction) if work.published else {}
    return tuple(
        ClaimView(
            path=path,
            claim=results[path],
            draft=drafts[path],
            published=before.get(path),
            carried=work.carried.get(path),
            after=work.last[path].id if path in work.last else None,
            tier=tier,
            moves_band=path in work.order.movers,
        )
        for path, tier in work.order.tiers.items()
    )
