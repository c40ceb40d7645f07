"""The queue, and approving a whole filter of it at once."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from records.agents.agent_lists import COUNTED_FINDINGS
from records.agents.review_queue import IN_QUEUE
from review.access import OpenDesk, Publisher, Reader
from review.desk_state import Desk
from review.filters import SORTS, Choice, QueueFilter
from review.forms import Text
from review.rendering import page
from review.services.bulk_approval import MOST_AT_ONCE, approve_all, bulk_of
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind, Severity

router = APIRouter(tags=["queue"])
PAGE = 50


@router.get("/", response_class=HTMLResponse)
def queue(request: Request, desk: OpenDesk, person: Reader, chosen: Choice) -> HTMLResponse:
    """What waits for a person, what matters most first."""
    found = desk.store.queue.page(chosen.filter(), sort=chosen.sort, limit=PAGE, offset=chosen.start)
    return page(
        request,
        "queue.html",
        title="Queue",
        chosen=chosen,
        rows=found.rows,
        more=found.more,
        step=PAGE,
        counts=counts(desk, chosen),
        now=desk.store.now(),
        options={"kind": tuple(AgentKind), "band": tuple(Severity), "finding": tuple(COUNTED_FINDINGS), "sort": SORTS},
    )


def counts(desk: Desk, chosen: QueueFilter) -> dict[str, Any]:
    """How many the filter holds and each state has, at most some seconds ago; and the sources that there are."""
    states = desk.counts.get("states", lambda: {str(key): n for key, n in desk.store.queue.statuses().items()})
    sources = desk.counts.get("sources", lambda: tuple(desk.store.queue.groups("source")))
    waiting = sum(states[status] for status in IN_QUEUE)
    plain = chosen._replace(sort="priority", start=0)
    if plain != QueueFilter(state=plain.state):
        number = desk.counts.get(("count", plain), lambda: desk.store.queue.count(plain.filter()))
    else:
        number = {"waiting": waiting, "all": sum(states.values()), **states}[plain.state]
    return {"chosen": number, "states": states, "sources": sources, "waiting": waiting}


@router.get("/bulk", response_class=HTMLResponse)
def bulk(request: Request, desk: OpenDesk, person: Publisher, chosen: Choice) -> HTMLResponse:
    """Shows what approving a filter would approve: the count and three samples."""
    return page(
        request,
        "bulk.html",
        title="Approve a filter",
        chosen=chosen,
        bulk=bulk_of(desk.store, chosen.filter(), chosen.sort),
        most=MOST_AT_ONCE,
    )


@router.post("/bulk", response_model=None)
def approve_filter(
    desk: OpenDesk,
    person: Publisher,
    chosen: Choice,
    name: Annotated[Text, Form(min_length=3, max_length=100)],
    mark: Annotated[Text, Form(max_length=100)],
) -> Response:
    """Approves what was shown; refuses when it is no longer what the filter holds."""
    if not chosen.named():
        raise BadInput("a whole queue is never approved at once", step="bulk", next_step="narrow the filter first")
    note = f"bulk “{name.strip()}”: {', '.join(chosen.named())}"
    approved, act = approve_all(desk.store, bulk_of(desk.store, chosen.filter(), chosen.sort), mark, person, name, note)
    desk.counts.forget()
    return RedirectResponse(f"/?{chosen.link(start=0)}&told=approved:{approved}&act={act}", 303)
