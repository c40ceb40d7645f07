"""The pages of the register of corrections: what vendors proposed, its clock, what it would change, the decision."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from review.access import OpenDesk, Publisher, Reader
from review.desk_state import Desk
from review.forms import Text
from review.rendering import page
from review.services.corrections import UNDECIDED, Proposal, correction_view, receive, settle
from review.services.draft import paths
from scoring.errors import BadInput
from scoring.reviews import Correction, CorrectionState

router = APIRouter(tags=["corrections"])
MOST_AT_ONCE = 50


@router.get("/corrections", response_class=HTMLResponse)
def register(request: Request, desk: OpenDesk, person: Reader) -> HTMLResponse:
    """Every correction: undecided first, by the clock."""
    found = desk.store.corrections.all()
    waiting = sorted((item for item in found if item.state in UNDECIDED), key=lambda item: item.received)
    decided = sorted(
        (item for item in found if item.state not in UNDECIDED), key=lambda item: item.decided or item.received
    )
    return page(
        request,
        "corrections.html",
        title="Corrections",
        waiting=[_row(desk, item) for item in waiting],
        decided=[_row(desk, item) for item in reversed(decided)][:200],
    )


def _row(desk: Desk, item: Correction) -> tuple[Correction, int]:
    """A correction with the days that are left for it, below 0 when it is late."""
    return item, (_due(desk, item) - desk.store.now()).days


def _due(desk: Desk, item: Correction) -> datetime:
    return item.received + timedelta(days=desk.options.correction_days)


@router.get("/corrections/{identifier}", response_class=HTMLResponse)
def correction(request: Request, desk: OpenDesk, person: Reader, identifier: str) -> HTMLResponse:
    """One correction: the current claim, what is proposed, the score before and after."""
    view = correction_view(desk, identifier)
    return page(
        request,
        "correction.html",
        title=f"Correction of {view.work.row.name}",
        view=view,
        claim=paths(view.work.result).get(view.correction.path, {}),
        days_left=_row(desk, view.correction)[1],
        due=_due(desk, view.correction),
        states=desk.store.corrections.states(identifier),
        undecided=view.correction.state in UNDECIDED,
    )


@router.post("/corrections", response_model=None)
def import_corrections(
    desk: OpenDesk, person: Publisher, document: Annotated[str, Form(max_length=500_000)]
) -> Response:
    """Takes corrections that came as JSON: one object or a list of them, all or none."""
    try:
        decoded = json.loads(document)
        proposals = [Proposal.model_validate(item) for item in (decoded if isinstance(decoded, list) else [decoded])]
    except (ValueError, RecursionError, ValidationError) as error:
        problem = error.errors()[0] if isinstance(error, ValidationError) else None
        message = f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" if problem else "that is not JSON"
        raise BadInput(message, step="import") from None
    if not 0 < len(proposals) <= MOST_AT_ONCE:
        raise BadInput(f"one to {MOST_AT_ONCE} corrections at once", step="import")
    with desk.store.writing():
        for proposal in proposals:
            receive(desk.store, proposal, actor=person.name)
    return RedirectResponse("/corrections", 303)


@router.post("/corrections/{identifier}", response_model=None)
def decide(
    desk: OpenDesk,
    person: Publisher,
    identifier: str,
    state: Annotated[Literal["under_review", "accepted", "declined"], Form()],
    seen: Annotated[Text, Form(max_length=20)],
    reason: Annotated[Text, Form(max_length=2_000)] = "",
) -> Response:
    """Begins its review, accepts it into the draft, or declines it; the last two with a reason."""
    settle(desk, identifier, CorrectionState(state), person, reason=reason, seen=seen)
    desk.counts.forget()
    query = f"?told=correction:{state}&act={identifier}" if state != "under_review" else ""
    return RedirectResponse(f"/corrections/{identifier}{query}", 303)
