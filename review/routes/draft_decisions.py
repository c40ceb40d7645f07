"""Decisions about the draft as a whole, and what belongs to it: undo, redo, notes, taking back, asking for a page.

Invariants: an approval names the draft and the claim decisions that were shown, and is refused with 409 when either
moved; nothing is ever deleted.
"""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from review.access import OpenDesk, Reviewer, desk_of
from review.filters import Choice, QueueFilter
from review.forms import Text
from review.rendering import wants_json
from review.routes.claim_decisions import Seconds, Short, done, seconds_open
from review.services import decisions, draft, proposals
from review.services import undo as undoing
from review.services.undo import UndoResult
from scoring.errors import BadInput, NotFound
from scoring.reviews import Decision

router = APIRouter(tags=["decisions"])


@router.post("/agents/{slug}/undo", response_model=None)
def undo(request: Request, person: Reviewer, slug: str, chosen: Choice) -> Response:
    """Takes back what you did last to this agent: a claim, many at once, the approval or rejection."""
    return _undone(request, undoing.undo(desk_of(request).store, person, slug=slug), chosen)


@router.post("/undo", response_model=None)
def undo_act(
    request: Request, person: Reviewer, chosen: Choice, act: Annotated[Text, Form(max_length=102)] = ""
) -> Response:
    """Takes back what a banner names, or whatever you did last."""
    return _undone(request, undoing.undo(desk_of(request).store, person, act=act), chosen)


@router.post("/agents/{slug}/redo", response_model=None)
def redo(request: Request, person: Reviewer, slug: str, chosen: Choice) -> Response:
    """Brings back what you undid last."""
    found = undoing.redo(desk_of(request).store, person, slug)
    return done(request, found.slug, found.path, chosen, advance=False)


def _undone(request: Request, found: UndoResult, chosen: QueueFilter) -> Response:
    """The claim that waits again, or the page of what waits again."""
    desk_of(request).counts.forget()
    here = request.url.path.startswith(f"/agents/{found.slug}/")
    if here and found.path:
        return done(request, found.slug, found.path, chosen, advance=False)
    query = chosen.link(start=0)
    query = f"{query}{'&' if query else ''}{urlencode({'told': f'undone:{found.description}'})}"
    to = f"/agents/{found.slug}?{query}" if found.slug else f"/?{query}"
    to += f"&claim={found.path}" if found.path else ""
    return JSONResponse({"to": to, "told": found.description}) if wants_json(request) else RedirectResponse(to, 303)


@router.post("/agents/{slug}/proposals/{number}", response_model=None)
def answer_proposal(
    request: Request,
    person: Reviewer,
    slug: str,
    number: int,
    chosen: Choice,
    given: Annotated[Literal["taken", "refused"], Form()],
) -> Response:
    """Takes what a program proposed, which decides the claim, or refuses it."""
    found = proposals.answer(desk_of(request), person, slug, number, given)
    return done(request, slug, found.path, chosen, advance=given == "taken")


@router.post("/agents/{slug}/notes", response_model=None)
def note(
    request: Request,
    desk: OpenDesk,
    person: Reviewer,
    slug: str,
    chosen: Choice,
    words: Annotated[Text, Form(alias="text", min_length=1, max_length=5_000)],
    path: Short = "",
) -> Response:
    """A note for whoever comes next; it decides nothing."""
    slug = desk.store.listings.find(slug)
    if not words.strip():
        raise BadInput("an empty note", subject=slug, step="note")
    if path and path not in draft.digests(draft.read(desk.store, slug).extraction):
        raise NotFound("no such claim", subject=path, step="note")
    desk.store.drafts.add_note(slug, words.strip(), author=person.name, path=path)
    return done(request, slug, path or "summary", chosen, advance=False)


@router.post("/agents/{slug}/decision", response_model=None)
def conclude(
    request: Request,
    desk: OpenDesk,
    person: Reviewer,
    slug: str,
    chosen: Choice,
    decision: Annotated[Literal["approve", "reject"], Form()],
    digest: Short,
    mark: Short,
    words: Annotated[Text, Form(alias="note", max_length=5_000)] = "",
    seconds: Seconds = "",
    opened: Seconds = "",
) -> Response:
    """Approves or rejects the draft that was read, with the amendments that were shown."""
    claims = draft.read_as(desk.store, slug, digest)
    following = desk.store.queue.neighbours(claims.extraction.slug, chosen.filter(), sort=chosen.sort)
    decisions.conclude(
        desk.store,
        claims,
        Decision(decision),
        reviewer=person.name,
        role=person.role,
        note=words.strip(),
        seconds=seconds_open(desk, seconds, opened),
        mark=mark,
        two_people=desk.options.two_people,
    )
    desk.counts.forget()
    query = chosen.link()
    act = undoing.last_act(desk.store, person, claims.extraction.slug)
    target = f"/agents/{following[0]}" if following else "/"
    to = f"{target}?{query}{'&' if query else ''}told={decision}:{claims.extraction.slug}&act={act}"
    following_slug = following[0] if following else ""
    answer = {"decision": decision, "next": following_slug, "act": act, "to": to}
    return JSONResponse(answer) if wants_json(request) else RedirectResponse(to, 303)


@router.post("/agents/{slug}/reversal", response_model=None)
def reverse(
    request: Request,
    desk: OpenDesk,
    person: Reviewer,
    slug: str,
    chosen: Choice,
    review: Annotated[int, Form(ge=1, le=2**53)],
    words: Annotated[Text, Form(alias="note", max_length=5_000)] = "",
) -> Response:
    """Takes back the last decision about the agent; both stay in the log."""
    slug = desk.store.listings.find(slug)
    decisions.reverse(desk.store, slug, reviewer=person.name, role=person.role, note=words.strip(), seen=review)
    desk.counts.forget()
    return done(request, slug, "summary", chosen, advance=False)


@router.post("/agents/{slug}/refetch", response_model=None)
def refetch(
    request: Request,
    desk: OpenDesk,
    person: Reviewer,
    slug: str,
    chosen: Choice,
    url: Annotated[Text, Form(max_length=2000)],
) -> Response:
    """Asks the next flow to fetch a page; the desk itself fetches nothing."""
    slug = desk.store.listings.find(slug)
    if not url.startswith(("https://", "http://")) or any(char.isspace() for char in url):
        raise BadInput("an address starts with https:// or http://", subject=slug, step="fetch")
    desk.store.requests.add(slug, "refetch", url, actor=person.name)
    return done(request, slug, "summary", chosen, advance=False)
