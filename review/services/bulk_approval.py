"""Approving a whole filter of the queue at once.

Invariant: a whole filter is approved only if it narrows, has a name, and was shown with its count and samples;
agents with a finding or seen for the first time are never in it. All that one press approved is one act.
"""

from typing import NamedTuple

from extractors.canonical_json import digest
from records.agents.agent_lists import AgentRow, Filter, Sort
from records.agents.review_queue import IN_QUEUE
from records.assessments.reviews import StaleState
from records.store import Store
from review.roles import Actor, require
from review.services import decisions, draft
from review.services.undo import last_act
from scoring.errors import BadInput, Refused
from scoring.reviews import Decision

MOST_AT_ONCE = 200


class BulkApproval(NamedTuple):
    """What one press would approve."""

    rows: tuple[AgentRow, ...]
    """At most `MOST_AT_ONCE`."""
    total: int
    """All that the filter holds, left-out ones included."""
    kept_out: int
    """Of those looked at: with findings or never reviewed."""
    mark: str
    """Names exactly these drafts."""

    @property
    def samples(self) -> tuple[AgentRow, ...]:
        """Spread evenly over what would be approved."""
        n = len(self.rows)
        return tuple(self.rows[i] for i in dict.fromkeys((0, n // 2, n - 1))) if n else ()


def may_be_bulk(row: AgentRow) -> bool:
    """Never findings that need a person, never the first time, never lost quotes."""
    found = row.findings_hidden + row.findings_addressing
    return row.status in IN_QUEUE and row.review_id is not None and not found and not row.evidence_lost


def bulk_of(store: Store, narrowed: Filter, sort: Sort) -> BulkApproval:
    """The drafts that a filter would approve, in its order."""
    rows: list[AgentRow] = []
    looked = 0
    for offset in range(0, 5000, 500):
        found = store.queue.page(narrowed, sort=sort, limit=500, offset=offset)
        looked += len(found.rows)
        rows += [row for row in found.rows if may_be_bulk(row)]
        if not found.more or len(rows) >= MOST_AT_ONCE:
            break
    return BulkApproval(
        tuple(rows[:MOST_AT_ONCE]),
        store.queue.count(narrowed),
        looked - len(rows),
        digest({"drafts": [[row.slug, row.assessment_digest or ""] for row in rows[:MOST_AT_ONCE]]}),
    )


def approve_all(store: Store, found: BulkApproval, mark: str, actor: Actor, name: str, note: str) -> tuple[int, str]:
    """Approves what was shown; how many, and the act that takes it back. Raises `StaleState` when it is no longer what
    the filter holds."""
    require(actor, "publisher", step="bulk")
    if not name.strip():
        raise BadInput("the filter needs a name", step="bulk")
    if found.mark != mark:
        raise StaleState("the filter holds other drafts by now; nothing was approved", subject="bulk", current=None)
    approved, act = 0, ""
    for row in found.rows:
        try:
            claims = draft.read(store, row.slug)
            if claims.digest != row.assessment_digest:
                continue
            decisions.conclude(
                store, claims, Decision.APPROVE, reviewer=actor.name, role=actor.role, note=note, act=act
            )
            act = act or last_act(store, actor, row.slug)
            approved += 1
        except Refused:
            continue  # another person was faster with this one; theirs holds
    return approved, act
