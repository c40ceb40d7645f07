"""The blind second review, and the figures of how people review."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from extractors.lexical.candidates import topic_candidates
from records.assessments.second_reviews import Answer
from review.access import OpenDesk, Reader, Reviewer, desk_of
from review.desk_state import Desk
from review.evidence_view import sheet_html, sheets
from review.forms import Text
from review.measurement import figures, second_review
from review.measurement.second_review import ShownQuestion
from review.rendering import page
from review.routes.claim_decisions import Seconds, seconds_open
from review.services import draft
from review.services.confirmations import waiting
from scoring.errors import Refused

router = APIRouter(tags=["measured review"])
MOST_SENTENCES = 3


@router.get("/second", response_class=HTMLResponse)
def second(
    request: Request, desk: OpenDesk, person: Reviewer, sheet: Annotated[int | None, Query(ge=0, le=1000)] = None
) -> HTMLResponse:
    """The claim that this person is asked about next, as it was drafted; and approvals that wait for a second one."""
    shown_question = second_review.next_question(desk.store, person.name, desk.options)
    return page(
        request,
        "second_review.html",
        title="Second review",
        shown_question=shown_question,
        options=desk.options,
        unconfirmed=waiting(desk.store, desk.options.two_people),
        opened=int(desk.store.now().timestamp()),
        **(_shown(desk, shown_question, sheet) if shown_question is not None else {}),
    )


def _shown(desk: Desk, shown_question: ShownQuestion, number: int | None) -> dict[str, object]:
    """What is shown beside the claim: sentences on its topic and one page; nothing that anybody decided."""
    path, claim, findings = shown_question.question.path, shown_question.claim, shown_question.extraction.findings
    pages = sheets(desk, shown_question.extraction, [(path, claim)])
    readable = [sheet for sheet in pages if sheet.text is not None]
    unsure = not draft.is_known(claim)
    found = (
        topic_candidates([sheet.text for sheet in readable if sheet.text], findings, path.partition(".")[2])
        if unsure
        else ()
    )
    quoted = next((sheet.number for sheet in pages if sheet.quotes), readable[0].number if readable else 0)
    chosen = next((sheet for sheet in pages if sheet.number == (quoted if number is None else number)), None)
    words = "" if chosen is None else sheet_html(chosen, [(path, claim)], findings, path)
    return {"sheets": pages, "sheet": chosen, "text": words, "sentences": found[:MOST_SENTENCES]}


@router.post("/second", response_model=None)
def answer(
    desk: OpenDesk,
    person: Reviewer,
    mark: Annotated[Text, Form(max_length=100)],
    verdict: Annotated[Answer, Form()],
    value: Annotated[Text, Form(max_length=40)] = "",
    seconds: Seconds = "",
    opened: Seconds = "",
) -> Response:
    """What the second reader holds true; no draft and no record changes."""
    second_review.answer(desk.store, person, desk.options, mark, verdict, value, seconds_open(desk, seconds, opened))
    return RedirectResponse("/second", 303)


@router.post("/second/undo", response_model=None)
def undo(request: Request, person: Reviewer) -> Response:
    """Takes back the last answer; its claim is asked again."""
    if not desk_of(request).store.second_reviews.take_back(person.name):
        raise Refused("there is no answer of yours to take back", step="second review")
    return RedirectResponse("/second", 303)


@router.get("/measured", response_class=HTMLResponse)
def measured(request: Request, desk: OpenDesk, person: Reader) -> HTMLResponse:
    """Agreement, time, overrides and catch rates, each with what it is counted from."""
    found = desk.counts.get("measured", lambda: figures.figures(desk.store))
    return page(
        request,
        "measured.html",
        title="Measured review",
        groups={name: [figure for figure in found if figure.measure == name] for name in figures.MEASURES},
        titles=figures.MEASURES,
        shares=figures.SHARES,
    )


@router.get("/measured.csv", response_class=PlainTextResponse)
def measured_csv(request: Request, person: Reader) -> PlainTextResponse:
    """The same figures as a file."""
    return PlainTextResponse(figures.as_csv(figures.figures(desk_of(request).store)), media_type="text/csv")
