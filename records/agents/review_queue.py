"""Which drafts wait for a reviewer, and in which order: the computed columns `agents.status` and `agents.priority`.

Idea: an agent's status is read off what exists; the database computes it from the heads on the agent's row, so it can
be filtered, counted and paged by index and never disagrees with them. The queue has the highest priority first.
"""

from enum import StrEnum


class AgentStatus(StrEnum):
    LISTED = "listed"
    UNREACHABLE = "unreachable"
    NO_TEXT = "no_text"
    DRAFT = "draft"
    """Assessed, not reviewed (or the assessment has changed since, and nothing is published)."""
    APPROVED = "approved"
    """Not yet published."""
    PUBLISHED = "published"
    CHANGED = "changed"
    """Published, but there is a newer assessment than the reviewed one."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    OPTED_OUT = "opted_out"


IN_QUEUE = (AgentStatus.DRAFT, AgentStatus.CHANGED)
"""What waits for a person."""

STATUS = """CASE
 WHEN opted_out_at IS NOT NULL THEN 'opted_out'
 WHEN withdrawn_at IS NOT NULL THEN 'withdrawn'
 WHEN assessment_digest IS NULL AND outcome = 'no_text' THEN 'no_text'
 WHEN assessment_digest IS NULL AND outcome IS NOT NULL THEN 'unreachable'
 WHEN assessment_digest IS NULL THEN 'listed'
 WHEN reviewed_digest = assessment_digest AND decision = 'reject' THEN 'rejected'
 WHEN reviewed_digest = assessment_digest AND published_review = review_id THEN 'published'
 WHEN reviewed_digest = assessment_digest AND decision = 'approve' THEN 'approved'
 WHEN published_review IS NOT NULL THEN 'changed'
 ELSE 'draft' END"""
"""The first that holds."""

PRIORITY = """(CASE WHEN evidence_lost > 9 THEN 9 ELSE evidence_lost END) * 1000000
 + COALESCE(high, 0) * (CASE WHEN not_certain > 32 THEN 0 ELSE 32 - not_certain END) * (1 + bands_open)
 * (CASE WHEN findings_addressing > 0 THEN 2 ELSE 1 END)"""
"""Lost evidence first; then exposure (how high the range goes, in tenths) times evidence (claims that are known) times
the chance to change the band (bands that the range spans), twice that for text that addresses the assessor."""
