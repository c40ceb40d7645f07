"""The queue, and approving a whole filter of it at once.

Invariant: a whole filter is approved only if it narrows, has a name, and was shown with its count and samples;
agents with a finding or seen for the first time are never in it.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from extractors.canonical_json import digest
from records.agents.review_queue import COUNTED_FINDINGS, IN_QUEUE, AgentRow, Filter
from records.assessments.reviews import Stale
from review.access import Publisher, Reader, desk_of
from review.desk_state import Desk
from review.filters import SORTS, Choice, Chosen
from review.forms import Text
from review.plots import scale
from review.rendering import page
from review.services import decisions, draft
from scoring.errors import BadInput, Refused
from scoring.reviews import Decision
from scoring.vocabulary import AgentKind, Severity

router = APIRouter(tags=["queue"])
PAGE = 50
MOST_AT_ONCE = 200
SAMPLES = 3


@router.get("/", response_class=HTMLResponse)
def queue(request: Request, person: Reader, chosen: Choice) -> HTMLResponse:
    """What waits for a person, what matters most first."""
    desk = desk_of(request)
    found = desk.store.queue.page(chosen.filter(), sort=chosen.sort, limit=PAGE, offset=chosen.start)
    return page(
        request,
        "queue.html",
        title="Queue",
        chosen=chosen,
        rows=found.rows,
        more=found.more,
        step=PAGE,
        scale=scale,
        counts=counts(desk, chosen),
        now=desk.store.now(),
        options={"kind": tuple(AgentKind), "band": tuple(Severity), "finding": tuple(COUNTED_FINDINGS), "sort": SORTS},
    )


class Counts(NamedTuple):
    """How many, at most some seconds ago."""

    chosen: int
    states: dict[str, int]
    sources: tuple[str, ...]
    waiting: int


def counts(desk: Desk, chosen: Chosen) -> Counts:
    states = desk.counts.get("states", lambda: {str(key): n for key, n in desk.store.queue.statuses().items()})
    sources = desk.counts.get("sources", lambda: tuple(desk.store.queue.groups("source")))
    waiting = sum(states[status] for status in IN_QUEUE)
    plain = chosen._replace(sort="priority", start=0)
    if not plain.named():
        return Counts(waiting, states, sources, waiting)
    if plain == Chosen(state=plain.state):
        number = sum(states.values()) if plain.state == "all" else states[plain.state]
        return Counts(number, states, sources, waiting)
    number = desk.counts.get(("count", plain), lambda: desk.store.queue.count(plain.filter()))
    return Counts(number, states, sources, waiting)


class Bulk(NamedTuple):
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


def bulk_of(desk: Desk, chosen: Chosen) -> Bulk:
    """The drafts that a filter would approve, in its order."""
    narrowed: Filter = chosen.filter()
    rows: list[AgentRow] = []
    looked = offset = 0
    while len(rows) < MOST_AT_ONCE:
        found = desk.store.queue.page(narrowed, sort=chosen.sort, limit=500, offset=offset)
        looked += len(found.rows)
        rows += [row for row in found.rows if may_be_bulk(row)]
        offset += 500
        if not found.more or offset >= 5000:
            break
    named = [[row.slug, row.assessment_digest or ""] for row in rows[:MOST_AT_ONCE]]
    return Bulk(
        tuple(rows[:MOST_AT_ONCE]), desk.store.queue.count(narrowed), looked - len(rows), digest({"drafts": named})
    )


@router.get("/bulk", response_class=HTMLResponse)
def bulk(request: Request, person: Publisher, chosen: Choice) -> HTMLResponse:
    """Shows what approving a filter would approve: the count and three samples."""
    desk = desk_of(request)
    return page(
        request,
        "bulk.html",
        title="Approve a filter",
        chosen=chosen,
        bulk=bulk_of(desk, chosen),
        most=MOST_AT_ONCE,
        scale=scale,
    )


@router.post("/bulk", response_model=None)
def approve_filter(
    request: Request,
    person: Publisher,
    chosen: Choice,
    name: Annotated[Text, Form(min_length=3, max_length=100)],
    mark: Annotated[Text, Form(max_length=100)],
) -> Response:
    """Approves what was shown; refuses when it is no longer what the filter holds."""
    desk = desk_of(request)
    if not chosen.named():
        raise BadInput("a whole queue is never approved at once", step="bulk", next_step="narrow the filter first")
    if not name.strip():
        raise BadInput("the filter needs a name", step="bulk")
    found = bulk_of(desk, chosen)
    if found.mark != mark:
        raise Stale("the filter holds other drafts by now; nothing was approved", subject="bulk", current=None)
    approved = 0
    for row in found.rows:
        try:
            claims = draft.read(desk.store, row.slug)
            if claims.digest != row.assessment_digest:
                continue
            note = f"bulk “{name.strip()}”: {', '.join(chosen.named())}"
            decisions.conclude(desk.store, claims, Decision.APPROVE, reviewer=person.name, role=person.role, note=note)
            approved += 1
        except Refused:
            continue  # another person was faster with this one; theirs stands
    desk.counts.forget()
    return RedirectResponse(f"/?{chosen.link(start=0)}&told=approved:{approved}", 303)
