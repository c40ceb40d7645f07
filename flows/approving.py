"""Automatic approval, off by default: a draft that says just what a person approved may go without one.

Invariant: the rule is `scoring.approval`, the facts are looked up here, and every automatic approval stands in
the log as such, naming the digest it approved.
"""

from __future__ import annotations

from collections.abc import Iterable

from extractors.page_text import PageText
from extractors.standing import claims_standing
from records.reviews import Kept, standing_decisions
from records.store import Store
from scoring.approval import approval_case, may_approve
from scoring.outcomes import Decision, Review

RULE = "approval rule"
"""Stands as the reviewer's name where the rule decided."""


def approve_by_rule(store: Store, slug: str, pages: Iterable[PageText], *, enabled: bool) -> bool:
    """Approves the current draft if the rule allows it; True when it did."""
    current = store.assessments.current(slug)
    before = approved_by_person(store, slug)
    if not enabled or current is None or before is None or current.assessment_digest == before.review.assessment_digest:
        return False
    approved = store.assessments.assessment(before.review.assessment_digest)
    extraction = store.assessments.extraction(approved.extraction_digest)
    case = approval_case(
        current.extraction,
        current.assessment,
        approved,
        before.review,
        quotes_standing=not before.review.amendments and claims_standing(current.extraction, extraction, pages),
        enabled=enabled,
    )
    if not may_approve(case).allowed:
        return False
    review = Review(
        slug=slug,
        assessment_digest=current.assessment_digest,
        decision=Decision.APPROVE,
        reviewer=RULE,
        role="rule",
        at=store.now(),
        note="says what a person approved",
        automatic=True,
    )
    store.reviews.append(review)
    return True


def approved_by_person(store: Store, slug: str) -> Kept | None:
    """The last approval that a person gave; None when the last decision is no approval."""
    decisions = standing_decisions(store.reviews.all(slug))
    if not decisions or decisions[-1].review.decision is not Decision.APPROVE:
        return None
    return next((kept for kept in reversed(decisions) if not kept.review.automatic), None)
