"""One agent as the desk shows it: the draft, what was decided about it, and the score that this makes.

Idea: what is shown is the draft with every amendment that holds; the draft itself is never changed. Invariant:
score, range and band always come from `scoring`, also while one edits.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from extractors.record_decision import decision
from records.agents.agent_lists import AgentRow
from records.agents.review_queue import AgentStatus
from records.agents.subjects import CompetingAgent
from records.assessments.proposals import StandingProposal, proposals
from records.assessments.review_drafts import ClaimDecision, Note, last_of
from records.assessments.reviews import StoredReview
from records.publications import Published
from records.store import Store
from review.desk_state import Desk
from review.services import draft
from review.services.claim_order import ClaimOrder, order_of
from review.services.confirmations import unconfirmed
from review.services.draft import Claims
from review.services.kept_decisions import (
    CarriedDecision,
    EarlierDecisions,
    carried_decisions,
    draft_of,
    read_decided,
    rescored,
)
from scoring.amendments import amended
from scoring.claims import Digest, Extraction
from scoring.errors import NotFound, Refused
from scoring.likely.decision import Decision
from scoring.record import StatedSubject
from scoring.reviews import Amendment
from scoring.scores import Assessment

UNKNOWNS = "unknowns"
"""In place of a claim: all unknown claims that wait."""


class AgentReview(NamedTuple):
    """Everything about one agent at one moment."""

    row: AgentRow
    claims: Claims
    carried: dict[str, CarriedDecision]
    last: dict[str, ClaimDecision]
    result: Extraction
    """The draft with the amendments that hold."""
    score: Assessment
    """Of the result."""
    published: Published | None
    before: EarlierDecisions
    order: ClaimOrder
    notes: tuple[Note, ...]
    subjects: tuple[StatedSubject, ...] = ()
    """By what a machine matches it, as its pages say now."""
    rivals: tuple[CompetingAgent, ...] = ()
    """Other agents that state what belongs to one product only."""
    waits: bool = False
    """For a second person to confirm its approval."""
    proposed: tuple[StandingProposal, ...] = ()
    """What programs proposed about this draft."""

    @property
    def slug(self) -> str:
        return self.row.slug

    @property
    def review(self) -> StoredReview | None:
        """The standing decision about the agent."""
        return self.before.review

    @property
    def mark(self) -> str:
        return self.before.mark

    @property
    def decided(self) -> bool:
        """The standing decision is about this very draft."""
        return self.before.is_whole(self.claims)

    @property
    def open(self) -> tuple[str, ...]:
        """Claims that wait for a decision."""
        if self.decided:
            return ()
        return tuple(path for path in draft.PATHS if path not in self.carried or not self.carried[path].done)

    @property
    def proposals(self) -> tuple[StandingProposal, ...]:
        """What programs proposed, where the claim is as it was then."""
        if self.decided:
            return ()
        last = {path: decision.id for path, decision in self.last.items()}
        return tuple(proposal for proposal in self.proposed if proposal.after == last.get(proposal.path))

    def unknown(self) -> tuple[str, ...]:
        """Unknown claims that wait, to be taken together: without those about which a program proposes something."""
        waiting = set(self.open) - {one.path for one in self.proposals}
        return tuple(path for path in self.order.unknown() if path in waiting)

    def after(self, path: str) -> str:
        """The next claim that waits, in the order of their worth, from this one on and around; empty when none does.

        `UNKNOWNS` stands for several unknown ones, to be looked at together, unless one goes through them singly."""
        order = list(self.order.tiers)
        place = order.index(path) + 1 if path in order else 0
        waiting = set(self.open)
        following = next((item for item in order[place:] + order[:place] if item in waiting), "")
        unknown = self.unknown()
        together = following in unknown and path not in self.order.unknown() and len(unknown) > 1
        return UNKNOWNS if together else following

    @property
    def is_live(self) -> bool:
        return self.row.status is AgentStatus.PUBLISHED


def read_work(desk: Desk, slug: str, *, locked: bool = False) -> AgentReview:
    """One consistent view of an agent; `locked` until the open unit of work ends. Raises `NotFound`."""
    store = desk.store
    with store.reading():
        try:
            row = store.queue.get(slug, locked=locked)
        except NotFound:
            row = store.queue.get(store.listings.find(slug), locked=locked)
        claims = read_claims(desk, row.slug, row.assessment_digest)
        return AgentReview(
            row=row,
            claims=claims,
            published=store.publications.current(row.slug),
            order=desk.memory.get(("order", claims.digest), lambda: order_of(claims.extraction, claims.assessment)),
            notes=store.drafts.notes(row.slug),
            subjects=store.subjects.of(row.slug),
            rivals=store.subjects.rivals(row.slug),
            waits=row.status is AgentStatus.APPROVED
            and unconfirmed(store, row.slug, desk.options.two_people) is not None,
            proposed=proposals(store, row.slug, claims.digest),
            **_decided(desk, claims, read_decided(store, row.slug)),
        )


def also_decided(desk: Desk, work: AgentReview, decision: ClaimDecision) -> AgentReview:
    """The same with one more decision."""
    return work._replace(**_decided(desk, work.claims, work.before._replace(log=(*work.before.log, decision))))


def _decided(desk: Desk, claims: Claims, decided: EarlierDecisions) -> dict[str, Any]:
    """What of `AgentReview` rests on what was decided."""

    def earlier(assessment: Digest) -> Extraction:
        return desk.memory.get(("draft", assessment), lambda: draft_of(desk.store, assessment))

    holding = carried_decisions(desk.store, claims, decided, earlier)
    changes = tuple(change for item in holding.values() for change in item.amendments)
    result, score = scored(desk, claims, changes)
    return {"carried": holding, "last": last_of(decided.log), "result": result, "score": score, "before": decided}


def read_claims(desk: Desk, slug: str, current: Digest | None = None) -> Claims:
    """The current draft; read again only when there is another one. `current` is its digest, where that is known."""
    current = current or desk.store.assessments.current_digest(slug)
    return desk.memory.get(("claims", slug, current), lambda: draft.read(desk.store, slug))


def scored(desk: Desk, claims: Claims, changes: Sequence[Amendment]) -> tuple[Extraction, Assessment]:
    """The draft with these changes, and its assessment. Raises `Refused` when they do not fit."""
    if not changes:
        return claims.extraction, claims.assessment
    return desk.memory.get(
        ("scored", claims.digest, tuple(changes)), lambda: rescored(claims.extraction, claims.assessment, changes)
    )


def decided(desk: Desk, work: AgentReview) -> Decision | None:
    """What the record would say to who decides, without its questions."""
    return desk.memory.get(
        ("decision", work.claims.digest, work.score.extraction_digest),
        lambda: decision(work.result, work.score, desk.options.limits, asks=False),
    )


def as_read(store: Store, shown: str, after: int | None, path: str) -> dict[str, Any] | None:
    """A claim as somebody had it before them: of the draft with this digest, after the decision with this number.
    None when that is not known any more."""
    try:
        extraction = store.assessments.extraction(store.assessments.assessment(shown).extraction_digest)
        decisions = [
            decision for decision in store.drafts.log(extraction.slug) if decision.id == after and decision.path == path
        ]
        return draft.paths(amended(extraction, decisions[0].amendments) if decisions else extraction).get(path)
    except (NotFound, Refused):
        return None
