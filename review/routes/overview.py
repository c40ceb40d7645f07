"""Pages that show how the desk is set and how reviewing goes. Read only."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from review.access import Reader, desk_of
from review.rendering import page
from scoring.approval_rule import RULE
from scoring.vocabulary import RiskFactor

router = APIRouter(tags=["desk"])


@router.get("/settings", response_class=HTMLResponse)
def settings(request: Request, person: Reader) -> HTMLResponse:
    """The rule of automatic approval, how people sign in, what reviewing took and changed so far."""
    desk = desk_of(request)
    effort = desk.counts.get("effort", desk.store.reviews.effort)
    return page(
        request,
        "settings.html",
        title="Settings",
        options=desk.options,
        rule=RULE,
        effort=effort,
        factors=tuple(RiskFactor),
    )


@router.get("/keys", response_class=HTMLResponse)
def keys(request: Request, person: Reader) -> HTMLResponse:
    """The sheet of keys."""
    return page(request, "keys.html", title="Keys")
