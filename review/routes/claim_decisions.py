"""Decisions about single claims, the score while one edits, evidence that one selects.

Invariants: a decision names what the reviewer had before them, and is refused with 409 and both versions when
that moved; one request is one transaction, so it is there wholly or not at all.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from records.assessments.review_drafts import Verdict
from records.assessments.reviews import StaleState
from review.access import OpenDesk, Reviewer, desk_of
from review.desk_state import Desk
from review.evidence_view import chosen_evidence
from review.filters import Choice, QueueFilter
from review.forms import ClaimForm, Text, amendments, is_changed
from review.rendering import page, render, wants_json
from review.routes.agent_pages import AgentView, agent_page, card_html, head_html, read_view, shown_claim, view_of
from review.services import decisions, draft
from review.services.agent_review import UNKNOWNS, also_decided, as_read, scored
from review.services.lowered_value import drop_offer
from review.services.unknowns import accept
from scoring.errors import BadInput, NotFound, Refused, required
from scoring.reviews import LONGEST_SITTING, Amendment

router = APIRouter(tags=["decisions"])

Short = Annotated[Text, Form(max_length=200)]
Long = Annotated[Text, Form(max_length=5_000)]
Many = Annotated[list[Text], Form(max_length=40)]
Seconds = Annotated[int | Literal[""], Form()]


def wish(
    verdict: Annotated[Verdict, Form()],
    value: Short = "",
    certainty: Short = "",
    text: Long = "",
    keep: Many = [],  # noqa: B006
    add: Many = [],  # noqa: B006
    quote: Long = "",
    reason: Short = "",
    note: Long = "",
) -> ClaimForm:
    """The form of one claim."""
    return ClaimForm(verdict, value, certainty, text, tuple(keep), tuple(add), quote, reason, note)


def seconds_open(desk: Desk, seconds: int | str, opened: int | str) -> int | None:
    """How long it was open: as the script counted, else since the page was made."""
    if isinstance(seconds, int) and seconds >= 0:
        return min(seconds, LONGEST_SITTING)
    return decisions.sat(desk.store, opened) if isinstance(opened, int) else None


def understood(
    agent_view: AgentView, path: str, wished: ClaimForm, digest: str, after: int | None
) -> tuple[Verdict, tuple[Amendment, ...]]:
    """What a wish decides. Raises `StaleState` unless the claim is as it was read: of that draft, after that
    decision."""
    current, last = agent_view.work.claims, agent_view.view(path).after
    if current.digest != digest or last != after:
        by = agent_view.work.last[path].reviewer if path in agent_view.work.last else "a newer assessment"
        raise StaleState(f"{path} moved: {by}", subject=agent_view.work.slug, current=current.digest, read=digest)
    changes = _wanted(agent_view, path, wished)
    return "accepted" if wished.verdict == "amended" and not changes else wished.verdict, changes


def _wanted(agent_view: AgentView, path: str, wished: ClaimForm) -> tuple[Amendment, ...]:
    """The amendments of a wish; accepting keeps those that are shown. No changed claim is decided by the way."""
    view = agent_view.view(path)
    if wished.verdict != "amended" and is_changed(view.claim, wished):
        raise BadInput(
            "this claim holds changes that are not saved",
            step="review",
            next_step="save the amendment, or take the changes back",
        )
    if wished.verdict in ("accepted", "skipped"):
        return view.carried.amendments if view.carried and wished.verdict == "accepted" else ()
    draft = agent_view.work.claims.extraction
    return amendments(draft, view.claim, path, wished, lambda: [sheet.text for sheet in agent_view.sheets])


@router.post("/agents/{slug}/claims/{path}", response_model=None)
def decide(
    request: Request,
    desk: OpenDesk,
    person: Reviewer,
    slug: str,
    path: str,
    chosen: Choice,
    digest: Short,
    wished: Annotated[ClaimForm, Depends(wish)],
    after: Annotated[int | Literal[""], Form()] = "",
    seconds: Seconds = "",
    opened: Seconds = "",
) -> Response:
    """One decision about one claim."""
    with desk.store.writing():
        agent_view = read_view(desk, slug, locked=True)
        current = agent_view.work.claims
        try:
            decided, changes = understood(agent_view, path, wished, digest, None if after == "" else after)
            stored = decisions.decide(
                desk.store,
                current,
                path,
                decided,
                reviewer=person.name,
                role=person.role,
                amendments=changes,
                note=wished.note,
                seconds=seconds_open(desk, seconds, opened),
                after=agent_view.view(path).after,
                seen=True,
                decided=agent_view.work.before,
            )
        except StaleState:
            return _conflict(
                request,
                agent_view,
                path,
                wished,
                chosen,
                as_read(desk.store, digest, None if after == "" else after, path),
            )
        except (BadInput, Refused) as error:
            return _try_again(request, agent_view, path, wished, chosen, error)
    return go_on(request, view_of(desk, also_decided(desk, agent_view.work, stored)), path, chosen, advance=True)


@router.post("/agents/{slug}/unknowns", response_model=None)
def accept_unknowns(
    request: Request,
    desk: OpenDesk,
    person: Reviewer,
    slug: str,
    chosen: Choice,
    digest: Short,
    mark: Short,
    path: Many,
    seconds: Seconds = "",
    opened: Seconds = "",
) -> Response:
    """Accepts the claims that were shown together as unknown; one undo takes all back."""
    took = seconds_open(desk, seconds, opened)
    with desk.store.writing():
        accept(desk, person, read_view(desk, slug).work, path, shown=digest, mark=mark, seconds=took)
    return done(request, slug, UNKNOWNS, chosen, advance=True)


def done(request: Request, slug: str, path: str, chosen: QueueFilter, *, advance: bool) -> Response:
    """Where to go on from what is kept now."""
    return go_on(request, read_view(desk_of(request), slug), path, chosen, advance=advance)


def go_on(request: Request, agent_view: AgentView, path: str, chosen: QueueFilter, *, advance: bool) -> Response:
    """The claim that was decided or, to advance, the next one that waits."""
    following = (agent_view.work.after(path) or "") if advance else path
    path = path if agent_view.has(path) else "summary"
    if not wants_json(request):
        at = f"claim={following or path}" + ("" if following else "#conclude")
        return RedirectResponse(
            f"/agents/{agent_view.work.slug}?{chosen.link()}{'&' if chosen.link() else ''}{at}", 303
        )
    return JSONResponse(
        {
            "head": head_html(desk_of(request), agent_view),
            "rows": render(
                "_rows.html", agent_view=agent_view, work=agent_view.work, chosen=following or path, link=""
            ),
            "card": card_html(desk_of(request), agent_view, following or path),
            "open": len(agent_view.work.open),
            "path": path,
            "next": following,
        }
    )


def _conflict(
    request: Request,
    agent_view: AgentView,
    path: str,
    wished: ClaimForm,
    chosen: QueueFilter,
    read: dict[str, Any] | None,
) -> Response:
    """409: the current claim beside what was sent; nothing was stored, nothing typed is lost."""
    view = next((view for view in agent_view.views if view.path == path), None)
    context: dict[str, Any] = {
        "agent_view": agent_view,
        "work": agent_view.work,
        "path": path,
        "view": view,
        "read": read,
    }
    context |= {"wish": wished, "mine": wished._asdict(), "link": chosen.link()}
    if wants_json(request):
        body: dict[str, Any] = {"problem": "it moved since you read it", "yours": wished._asdict()}
        body["theirs"] = shown_claim(agent_view, view) if view else {}
        return JSONResponse(body | {"html": render("_conflict.html", **context)}, 409)
    return page(request, "conflict.html", 409, title="Somebody was faster", **context)


def _try_again(
    request: Request,
    agent_view: AgentView,
    path: str,
    wished: ClaimForm,
    chosen: QueueFilter,
    error: BadInput | Refused,
) -> Response:
    """422: why it cannot be taken, with everything typed still in the form."""
    if wants_json(request):
        return JSONResponse({"problem": error.problem, "next": error.next_step}, 422)
    if not any(view.path == path for view in agent_view.views):
        raise error
    return agent_page(
        request,
        agent_view,
        path,
        None,
        chosen,
        422,
        typed=wished._asdict(),
        message=error.problem + (f". Next: {error.next_step}" if error.next_step else ""),
    )


@router.post("/agents/{slug}/preview/{path}", response_class=HTMLResponse)
def preview(
    desk: OpenDesk,
    person: Reviewer,
    slug: str,
    path: str,
    verdict: Annotated[Verdict, Form()] = "amended",
    value: Short = "",
    certainty: Short = "",
    text: Long = "",
    keep: Many = [],  # noqa: B006
    add: Many = [],  # noqa: B006
    quote: Long = "",
) -> HTMLResponse:
    """Score, range and band as they would be. Stores nothing."""
    agent_view = read_view(desk, slug)
    wished = wish(verdict, value, certainty, text, keep, add, quote, "misread", "preview")
    mine = _wanted(agent_view, path, wished)
    others = tuple(c for item in agent_view.work.carried.values() if item.path != path for c in item.amendments)
    result, score = scored(desk, agent_view.work.claims, (*others, *mine))
    edited = agent_view.work._replace(result=result, score=score)
    quotes_kept = [int(number) for number in keep if number.isdecimal()]
    lowered = drop_offer(path, edited.row.name, agent_view.view(path).claim, draft.paths(result)[path], quotes_kept)
    head = head_html(desk, agent_view._replace(work=edited), before=agent_view.work.score.headline)
    return HTMLResponse(head + render("_offer.html", offer=lowered))


@router.post("/agents/{slug}/evidence")
def evidence(
    request: Request,
    person: Reviewer,
    slug: str,
    sheet: Annotated[int, Form(ge=0, le=1000)],
    start: Annotated[int, Form(ge=0)],
    end: Annotated[int, Form(ge=1)],
) -> dict[str, Any]:
    """What a selection would be as evidence: widened to whole sentences. Stores nothing."""
    agent_view = read_view(desk_of(request), slug)
    text = required(
        agent_view.sheets[sheet].text if sheet < len(agent_view.sheets) else None,
        NotFound("that page is not kept", subject=slug, step="evidence"),
    )
    found = chosen_evidence(text, start, end, agent_view.work.claims.extraction.findings)
    return {"add": f"{sheet}:{found.start}:{found.end}", **found.model_dump(mode="json")}
