"""Pages that show how the desk is set and how reviewing goes. Read only."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from review.access import OpenDesk, Reader, desk_of
from review.forms import Text
from review.rendering import page
from scoring.automatic_approval import RULE
from scoring.vocabulary import RiskFactor

router = APIRouter(tags=["desk"])


@router.get("/settings", response_class=HTMLResponse)
def settings(request: Request, desk: OpenDesk, person: Reader) -> HTMLResponse:
    """The rule of automatic approval, how people sign in, what reviewing took and changed so far."""
    return page(
        request,
        "settings.html",
        title="Settings",
        options=desk.options,
        rule=RULE,
        effort=desk.counts.get("effort", desk.store.reviews.effort),
        factors=tuple(RiskFactor),
    )


LOGGED = 100
"""Events on one page of the log."""


@router.get("/log", response_class=HTMLResponse)
def log(
    request: Request,
    person: Reader,
    agent: Text = "",
    by: Text = "",
    since: date | Literal[""] = "",
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> HTMLResponse:
    """The audit trail, the newest event first; of one agent, one person, or since a day."""
    store = desk_of(request).store
    start = datetime.combine(since, time(), UTC) if since else None
    slug = store.listings.find(agent) if agent.strip() else ""
    found = store.events.last(LOGGED + 1, before=before, slug=slug, actor=by.strip(), since=start)
    chosen = {"agent": slug, "by": by.strip(), "since": str(since)}
    return page(
        request,
        "log.html",
        title="Audit trail",
        events=found[:LOGGED],
        more=len(found) > LOGGED,
        chosen=chosen,
        head=store.events.head(),
    )


@router.get("/keys", response_class=HTMLResponse)
def keys(request: Request, person: Reader) -> HTMLResponse:
    """The sheet of keys."""
    return page(request, "keys.html", title="Keys")
