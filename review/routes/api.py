"""The desk for programs, under `/api/`: JSON with response models, by bearer token only; see `/openapi.json`.

Idea: every rule is that of the pages. Invariants: a session counts here as little as a token on the pages; a token
reads and proposes; it decides only where the setting names it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from records.assessments.review_drafts import Verdict
from review.access import OpenDesk, PublishingProgram, ReadingProgram, ReviewingProgram, desk_of
from review.accounts.programs import require_deciding
from review.filters import Choice
from review.forms import ClaimForm, Text
from review.routes.agent_pages import AgentView, read_view
from review.routes.claim_decisions import understood
from review.routes.queue import PAGE
from review.services import corrections, decisions, draft, proposals
from scoring.claims import Digest
from scoring.reviews import Amendment, Correction, CorrectionState, Decision, HowDecided

router = APIRouter(prefix="/api", tags=["programs"])
Short = Annotated[Text, Field(max_length=200)]
Long = Annotated[Text, Field(max_length=5_000)]


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class QueueRow(Answer):
    slug: str
    name: str
    kind: str | None
    source: str
    status: str
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    severity: str | None
    not_certain: int
    why: tuple[str, ...]
    assessment_digest: Digest | None


class QueueAnswer(Answer):
    rows: tuple[QueueRow, ...]
    more: bool
    """There are rows after these: ask with `start`."""


class Decided(Answer):
    id: int
    path: str
    verdict: Verdict
    at: datetime
    amendments: tuple[Amendment, ...]
    note: str


class Proposal(Decided):
    by: str


class ClaimDecision(Decided):
    reviewer: str


class Claim(Answer):
    path: str
    claim: dict[str, Any]
    """With what was decided."""
    draft: dict[str, Any]
    """As the assessor gave it."""
    done: bool
    after: int | None
    """Number of the last decision; a proposal and a decision name it."""
    decision: ClaimDecision | None
    proposals: tuple[Proposal, ...]


class Review(Answer):
    decision: Decision
    assessment_digest: Digest
    reviewer: str
    role: str
    at: datetime
    note: str
    decided: dict[HowDecided, int]


class Agent(Answer):
    row: QueueRow
    digest: Digest
    """Of the draft; a proposal and a decision name it."""
    mark: str
    """Of all decisions about its claims; an approval names it."""
    score: Decimal | None
    low: Decimal
    high: Decimal
    pages: tuple[str, ...]
    review: Review | None
    """The standing decision about the agent; about this draft when it has its digest."""
    claims: tuple[Claim, ...]


class Wished(BaseModel):
    """What is to become of a claim; of an amendment what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    digest: Short
    after: int | None = Field(None, ge=1, le=2**53)
    verdict: Verdict
    value: Short | None = None
    certainty: Short | None = None
    """Of a layer its status."""
    text: Long | None = None
    keep: Annotated[list[int], Field(max_length=40)] | None = None
    """Numbers of the quotes that stay, from 0."""
    quote: Long = ""
    """Words of a page, to be added as evidence."""
    reason: Short = ""
    """Of an amendment."""
    note: Long = ""

    def wish(self, agent_view: AgentView, path: str) -> ClaimForm:
        if self.verdict != "amended":
            return ClaimForm(self.verdict, reason=self.reason, note=self.note)
        view = agent_view.view(path)
        current: dict[str, Any] = {"value": view.value, "certainty": view.certainty, "text": view.text}
        fields = {name: current[name] if getattr(self, name) is None else getattr(self, name) for name in current}
        keep = range(len(view.claim.get("evidence", ()))) if self.keep is None else self.keep
        return ClaimForm(
            self.verdict, **fields, keep=tuple(map(str, keep)), quote=self.quote, reason=self.reason, note=self.note
        )


class Concluded(BaseModel):
    model_config = ConfigDict(extra="forbid")

    decision: Literal["approve", "reject"]
    digest: Short
    mark: Short
    note: Long = ""


class Settled(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: CorrectionState
    seen: Short
    """The state as it was read."""
    reason: Annotated[Text, Field(max_length=2_000)] = ""


@router.get("/openapi.json", include_in_schema=False)
def described(request: Request, program: ReadingProgram) -> dict[str, Any]:
    described: dict[str, Any] = request.app.openapi()
    return described


@router.get("/queue", response_model=QueueAnswer)
def queue(request: Request, program: ReadingProgram, chosen: Choice) -> Any:
    """What waits for a person, filtered and ordered as on the page."""
    return desk_of(request).store.queue.page(chosen.filter(), sort=chosen.sort, limit=PAGE, offset=chosen.start)


@router.get("/agents/{slug}", response_model=Agent)
def agent(request: Request, program: ReadingProgram, slug: str) -> Any:
    """One agent: its draft claim by claim, what was decided and what is proposed."""
    agent_view = read_view(desk_of(request), slug)
    work, headline = agent_view.work, agent_view.work.score.headline
    return {
        "row": work.row,
        "digest": work.claims.digest,
        "mark": work.mark,
        "score": headline.score,
        "low": headline.low,
        "high": headline.high,
        "pages": tuple(sheet.url for sheet in agent_view.sheets),
        "review": work.review.review if work.review else None,
        "claims": tuple(_claim(agent_view, view.path) for view in agent_view.views),
    }


@router.get("/agents/{slug}/claims/{path}", response_model=Claim)
def claim(request: Request, program: ReadingProgram, slug: str, path: str) -> Any:
    """One claim."""
    return _claim(read_view(desk_of(request), slug), path)


def _claim(agent_view: AgentView, path: str) -> dict[str, Any]:
    view = agent_view.view(path)
    fields = {name: getattr(view, name) for name in ("path", "claim", "draft", "done", "after")}
    return {
        **fields,
        "decision": agent_view.work.last.get(path),
        "proposals": tuple(proposal for proposal in agent_view.work.proposals if proposal.path == path),
    }


@router.get("/agents/{slug}/decisions", response_model=tuple[ClaimDecision, ...])
def decided(desk: OpenDesk, program: ReadingProgram, slug: str) -> Any:
    """Every decision about a claim that was not taken back, oldest first."""
    return [decision for decision in desk.store.drafts.log(desk.store.listings.find(slug)) if not decision.undone]


@router.post("/agents/{slug}/claims/{path}/proposal", response_model=Claim, status_code=201)
def propose(desk: OpenDesk, program: ReviewingProgram, slug: str, path: str, wished: Wished) -> Any:
    """Proposes a decision about a claim; it waits beside the claim until a person takes or refuses it."""
    with desk.store.writing():
        agent_view = read_view(desk, slug, locked=True)
        found = understood(agent_view, path, wished.wish(agent_view, path), wished.digest, wished.after)
        proposals.propose(desk, program, agent_view.work, path, *found, wished.note)
    return _claim(read_view(desk, slug), path)


@router.post("/agents/{slug}/claims/{path}/decision", response_model=ClaimDecision, status_code=201)
def decide(desk: OpenDesk, program: ReviewingProgram, slug: str, path: str, wished: Wished) -> Any:
    """Decides a claim, where the setting lets this token."""
    require_deciding(program, desk.options.deciding_programs)
    with desk.store.writing():
        agent_view = read_view(desk, slug, locked=True)
        verdict, changes = understood(agent_view, path, wished.wish(agent_view, path), wished.digest, wished.after)
        return decisions.decide(
            desk.store,
            agent_view.work.claims,
            path,
            verdict,
            reviewer=program.name,
            role=program.role,
            amendments=changes,
            note=wished.note,
            after=wished.after,
            seen=True,
        )


@router.post("/agents/{slug}/decision", response_model=Review, status_code=201)
def conclude(desk: OpenDesk, program: ReviewingProgram, slug: str, body: Concluded) -> Any:
    """Approves or rejects the draft that was read, where the setting lets this token."""
    require_deciding(program, desk.options.deciding_programs)
    review = decisions.conclude(
        desk.store,
        draft.read_as(desk.store, slug, body.digest),
        Decision(body.decision),
        reviewer=program.name,
        role=program.role,
        note=body.note.strip(),
        mark=body.mark,
    )
    desk.counts.forget()
    return review


@router.get("/corrections", response_model=tuple[Correction, ...])
def register(request: Request, program: ReadingProgram) -> Any:
    """Every correction in its last state, in the order they came."""
    return desk_of(request).store.corrections.all()


@router.get("/corrections/{identifier}", response_model=Correction)
def correction(request: Request, program: ReadingProgram, identifier: str) -> Any:
    """One correction."""
    return desk_of(request).store.corrections.get(identifier)


@router.post("/corrections", response_model=Correction, status_code=201)
def correct(request: Request, program: PublishingProgram, proposal: corrections.Proposal) -> Any:
    """Hands in a correction; a person decides it."""
    return corrections.receive(desk_of(request).store, proposal, actor=program.name)


@router.post("/corrections/{identifier}", response_model=Correction)
def settle(desk: OpenDesk, program: PublishingProgram, identifier: str, body: Settled) -> Any:
    """Moves a correction on, where the setting lets this token."""
    require_deciding(program, desk.options.deciding_programs)
    settled = corrections.settle(desk, identifier, body.state, program, reason=body.reason, seen=body.seen)
    desk.counts.forget()
    return settled
