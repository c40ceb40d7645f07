"""Review by reason: the list of reasons, and all claims on one of them."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from extractors.support.reason import parts_of
from records.assessments.review_drafts import Verdict
from review.access import OpenDesk, Reader, Reviewer, desk_of
from review.forms import Text
from review.rendering import page
from review.services import by_reason

router = APIRouter(tags=["reasons"])


@router.get("/reasons", response_class=HTMLResponse)
def reasons(request: Request, desk: OpenDesk, person: Reader) -> HTMLResponse:
    """The reasons of the drafts that wait, those of most claims first."""
    return page(
        request,
        "reasons.html",
        title="By reason",
        rows=desk.counts.get("reasons", lambda: by_reason.reasons(desk.store)),
    )


@router.get("/reasons/one", response_class=HTMLResponse)
def reason(request: Request, person: Reader, key: Annotated[Text, Query(max_length=400)]) -> HTMLResponse:
    """All claims that rest on a reason and wait."""
    return page(
        request,
        "reason.html",
        title="One reason",
        key=key,
        parts=parts_of(key),
        claims=by_reason.claims_on(desk_of(request), key),
        most=by_reason.MOST,
    )


@router.post("/reasons/one", response_model=None)
def decide(
    desk: OpenDesk,
    person: Reviewer,
    key: Annotated[Text, Query(max_length=400)],
    verdict: Annotated[Verdict, Form()],
    claim: Annotated[list[Text], Form(max_length=200)] = [],  # noqa: B006
    note: Annotated[Text, Form(max_length=5_000)] = "",
) -> Response:
    """Decides the chosen claims at once; what changed meanwhile stays as it is."""
    decided, moved, act = by_reason.decide(desk.store, person, verdict, claim, note.strip())
    desk.counts.forget()
    query = {"key": key, "told": f"claims:{decided}:{moved}", "act": act}
    return RedirectResponse(f"/reasons/one?{urlencode(query)}", 303)
