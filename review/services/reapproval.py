"""Approvals without a key: what a person approved before, and the automatic rule.

Idea: when a new draft says what was approved, on the same words, there is nothing to ask a person. Invariants:
`reapprove_unchanged` approves only a draft whose every claim holds and comes out as approved, with no new finding;
`approve_by_rule` does what `scoring.automatic_approval` allows and nothing while it is switched off. Both are logged.
"""

from collections.abc import Callable, Mapping

from extractors.claims.approved_claims import claims_standing
from records.agents.agent_lists import AgentRow, Filter
from records.agents.review_queue import IN_QUEUE
from records.maintenance.skipped_agents import skip_on_error
from records.store import Store
from review.claim_view import visible_fields
from review.roles import PROGRAM, is_program
from review.services import draft
from review.services.kept_decisions import CarriedDecision, carried_decisions, decision_sources, draft_of, scored_with
from scoring.amendments import amended
from scoring.automatic_approval import approval_case, blocking, may_approve
from scoring.claims import Extraction
from scoring.errors import NotFound
from scoring.reviews import Decision, Review
from scoring.tools.changes import changes
from scoring.tools.inventory import tools_of

REAPPROVER = "kept"
KEPT = "an earlier review; nothing it rests on changed"
"""Stands on the record where a person's approval was kept."""
KEPT_OF_PROGRAM = f"{PROGRAM}, in {KEPT}"
"""The same of a program's."""
RULE = "automatic rule"


def reapprove_unchanged(store: Store) -> tuple[str, ...]:
    """Approves again what only the noise of a model changed; gives the slugs. A damaged draft waits for a person."""
    return _approved(store, _keep)


def reapprove_one(store: Store, slug: str) -> bool:
    """The same for one agent: whether what a person approved was approved again."""
    row = store.queue.get(slug)
    return row.status in IN_QUEUE and not _has_new_rival(store, slug) and _keep(store, row)


def approve_by_rule(store: Store, *, enabled: bool) -> tuple[str, ...]:
    """Approves what the automatic rule allows; gives the slugs. Switched off it does nothing."""
    if not enabled:
        return ()
    return _approved(store, _by_rule)


def _approved(store: Store, approve: Callable[[Store, AgentRow], bool]) -> tuple[str, ...]:
    approved, skipped = [], dict[str, str]()
    for row in store.queue.walk(Filter(statuses=IN_QUEUE, first_time=False)):
        with skip_on_error(row.slug, skipped):
            if not _has_new_rival(store, row.slug) and approve(store, row):
                approved.append(row.slug)
    return tuple(approved)


def _has_new_rival(store: Store, slug: str) -> bool:
    """Since the last review another product states what belongs to one only: which one it is, a person says."""
    last = store.reviews.standing(slug)
    return last is not None and any(rival.since > last.review.at for rival in store.subjects.rivals(slug))


def _keep(store: Store, row: AgentRow) -> bool:
    with store.writing():
        claims = draft.read(store, row.slug)
        last = store.reviews.standing(row.slug)
        if last is None or last.review.decision is not Decision.APPROVE or row.evidence_lost:
            return False
        if last.review.assessment_digest == claims.digest:
            return False
        holding = carried_decisions(store, claims)
        if any(path not in holding or not holding[path].done for path in draft.PATHS):
            return False
        before = draft_of(store, last.review.assessment_digest)
        if _tools_rose(before, claims.extraction):
            return False
        known = {(finding.kind, finding.excerpt) for finding in blocking(before.findings)}
        if any((finding.kind, finding.excerpt) not in known for finding in blocking(claims.extraction.findings)):
            return False
        changes = tuple(change for item in holding.values() for change in item.amendments)
        approved = amended(before, last.review.amendments)
        if _plain(amended(claims.extraction, changes)) != _plain(approved):
            return False
        role = KEPT_OF_PROGRAM if is_program(last.review.role) else KEPT
        return _append(store, claims, holding, REAPPROVER, role, "every claim is as it was approved, on the same words")


def _append(
    store: Store, claims: draft.Claims, holding: Mapping[str, CarriedDecision], reviewer: str, role: str, note: str
) -> bool:
    """Approves a draft with all that holds."""
    store.reviews.append(
        Review(
            slug=claims.extraction.slug,
            assessment_digest=claims.digest,
            decision=Decision.APPROVE,
            amendments=tuple(change for item in holding.values() for change in item.amendments),
            reviewer=reviewer,
            role=role,
            at=store.now(),
            note=note,
            automatic=True,
            decided=decision_sources(holding, claims, reviewer),
        )
    )
    return True


def _tools_rose(before: Extraction, now: Extraction) -> bool:
    """A tool does graver things than was approved, or one came that does more than read: a person looks again."""
    return any(change.reopens_review for change in changes(tools_of(before.inventory), tools_of(now.inventory)))


def _plain(extraction: Extraction) -> dict[str, object]:
    """What of each claim a reader sees, places of quotes left out."""
    return {path: visible_fields(claim) for path, claim in draft.paths(extraction).items()}


def _by_rule(store: Store, row: AgentRow) -> bool:
    with store.writing():
        claims = draft.read(store, row.slug)
        last = store.reviews.standing(row.slug)
        approved = scored_with(store, last.review.assessment_digest, last.review.amendments) if last else None
        holding = carried_decisions(store, claims)
        changes = tuple(change for item in holding.values() for change in item.amendments)
        case = approval_case(
            claims.extraction,
            scored_with(store, claims.digest, changes),
            approved,
            last.review if last else None,
            quotes_standing=row.evidence_lost == 0 and last is not None and _says_the_same(store, claims, last.review),
            enabled=True,
        )
        return may_approve(case).allowed and _append(
            store, claims, holding, RULE, RULE, "the rule on the settings page"
        )


def _says_the_same(store: Store, claims: draft.Claims, review: Review) -> bool:
    """The draft's claims are the approved ones, on sentences that stand; an amended record goes to a person."""
    before = draft_of(store, review.assessment_digest)
    try:
        pages = [store.texts.get(source.text_digest) for source in claims.extraction.read]
    except NotFound:
        return False
    same = claims_standing(claims.extraction, before, pages) and not _tools_rose(before, claims.extraction)
    return same and not review.amendments
