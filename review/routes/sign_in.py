"""Signing in and out, the one-time link that makes a password, and the people of the desk.

Invariants: a link works once and gives no role: it names a person, whose row does (the first link of a desk alone
makes an administrator, while there is none); a wrong name takes as long as a wrong password; wrong passwords make
the name and the address wait; there is always one administrator.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from extractors.pages.snapshot import sha256
from records.people import Person, Token, mark_of
from review.access import COOKIE, Administrator, OpenDesk, Reader, desk_of, named_by_proxy
from review.accounts import people as people_rules
from review.accounts.passwords import hashed, matches, problem_with
from review.accounts.people import person_named
from review.desk_state import Desk
from review.forms import Text, clean
from review.rendering import page
from scoring.errors import NotFound, Refused, required

router = APIRouter(tags=["people"])
Name = Annotated[Text, Form(min_length=1, max_length=100)]


@router.get("/sign-in", response_class=HTMLResponse)
def sign_in_page(request: Request, to: Text = "/") -> HTMLResponse:
    return page(request, "sign_in.html", title="Sign in", to=inside(to), message="", name="")


@router.post("/sign-in", response_model=None)
def sign_in(
    request: Request,
    desk: OpenDesk,
    name: Annotated[Text, Form(max_length=100)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    to: Annotated[Text, Form(max_length=2000)] = "/",
) -> Response:
    """Starts a session."""
    name = name.strip()
    context = {"title": "Sign in", "to": inside(to), "name": name}
    keys = (f"name:{name.casefold()}", f"address:{request.client.host if request.client else ''}")
    wait = desk.tries.wait(*keys)
    if wait:
        answer = page(request, "sign_in.html", 429, message=f"Too many tries. Wait {wait // 60 + 1} min.", **context)
        answer.headers["retry-after"] = str(wait)
        return answer
    desk.tries.add(*keys)
    person = person_named(desk.store, name)
    secret = person.secret if person and person.disabled_at is None else None
    if desk.options.user_header or not matches(password, secret):
        return page(request, "sign_in.html", 401, message="Name or password is wrong.", **context)
    desk.tries.clear(*keys)
    return _session(request, name, inside(to))


def _session(request: Request, name: str, to: str) -> Response:
    desk = desk_of(request)
    seconds = desk.options.session_hours * 3600
    client = {
        "agent": str(clean(request.headers.get("user-agent", "")))[:120],
        "address": request.client.host if request.client else "",
    }
    token = desk.store.people.issue("session", name, seconds, client)
    answer = RedirectResponse(to, 303)
    answer.set_cookie(
        COOKIE, token, max_age=seconds, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/"
    )  # lax: a link from a mail works; what changes something is refused by its origin
    return answer


def inside(to: str) -> str:
    """An address of the desk itself, never of another site."""
    safe = to.startswith("/") and not to.startswith(("//", "/\\")) and "\\" not in to and to.isprintable()
    return to if safe else "/"


@router.post("/sign-out", response_model=None)
def sign_out(request: Request) -> Response:
    """Ends the session here and in the store."""
    token = request.cookies.get(COOKIE, "")
    if token:
        desk_of(request).store.people.revoke("session", token=token)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return answer


@router.get("/setup/{token}", response_class=HTMLResponse)
def setup_page(request: Request, token: str) -> HTMLResponse:
    """Where a one-time link leads."""
    invitation, _ = _invited(desk_of(request), token)
    return page(
        request, "setup.html", title="Welcome", name=invitation.subject, message="", first=not invitation.subject
    )


@router.post("/setup/{token}", response_model=None)
def setup(
    request: Request,
    desk: OpenDesk,
    token: str,
    password: Annotated[str, Form(max_length=1000)] = "",
    name: Annotated[Text, Form(max_length=100)] = "",
) -> Response:
    """Takes the password that a person chose, once, and signs in."""
    people = desk.store.people
    invitation, known = _invited(desk, token)
    proxied = bool(desk.options.user_header)
    name = invitation.subject or (named_by_proxy(request, desk) if proxied else name.strip())
    problem = people_rules.problem_with_name(name) or ("" if proxied else problem_with(password))
    if not problem and known is None and person_named(desk.store, name) is not None:
        problem = "that name is taken"
    if problem:
        return page(request, "setup.html", 422, title="Welcome", name=name, message=f"{problem}.", first=known is None)
    with desk.store.writing():
        required(people.use("setup", token), Refused("this link was used a moment ago", step="setup"))
        _, known = _invited(desk, token, used=invitation)
        people.put(
            name,
            known.role if known is not None else "administrator",
            secret=None if proxied else hashed(password),
            actor=name,
        )
        people.revoke("session", subject=name)
        people.revoke("setup", subject=name)
    return RedirectResponse("/", 303) if proxied else _session(request, name, "/")


def _invited(desk: Desk, token: str, used: Token | None = None) -> tuple[Token, Person | None]:
    """A one-time link and the person it is for, as their row says now; None for the first administrator."""
    invitation = used or desk.store.people.token("setup", token)
    known = person_named(desk.store, invitation.subject) if invitation is not None and invitation.subject else None
    first = invitation is not None and not invitation.subject and not people_rules.has_administrator(desk.store)
    if invitation is None or not (first or (known is not None and known.disabled_at is None)):
        raise NotFound("this link was used or is too old", step="setup", next_step="ask for a new one")
    return invitation, known


@router.get("/people", response_class=HTMLResponse)
def people(request: Request, person: Administrator) -> HTMLResponse:
    """Who may use the desk."""
    return people_page(request)


def people_page(request: Request, link: str = "", for_whom: str = "") -> HTMLResponse:
    return page(
        request,
        "people.html",
        title="People",
        everyone=desk_of(request).store.people.all(),
        link=link,
        for_whom=for_whom,
    )


@router.post("/people", response_model=None)
def put_person(
    request: Request, desk: OpenDesk, person: Administrator, name: Name, role: Annotated[Text, Form()]
) -> Response:
    """Adds a person, or gives another role; a new person gets a one-time link."""
    name = name.strip()
    needs_link = people_rules.put_person(desk.store, name, role, actor=person.name)
    if desk.options.user_header or not needs_link:
        return RedirectResponse("/people", 303)
    return people_page(request, _link(request, desk, name, person.name), name)


@router.get("/sessions", response_class=HTMLResponse)
def sessions(request: Request, person: Reader) -> HTMLResponse:
    """Where you are signed in; for an administrator, where anybody is."""
    return page(
        request,
        "sessions.html",
        title="Sessions",
        sessions=people_rules.sessions(desk_of(request).store, person),
        this=mark_of(sha256(request.cookies.get(COOKIE, "").encode())),
    )


@router.post("/sessions/{mark}/end", response_model=None)
def end_session(request: Request, person: Reader, mark: str) -> Response:
    """Signs out a session, from afar."""
    people_rules.end_session(desk_of(request).store, person, mark)
    return RedirectResponse("/sessions", 303)


@router.post("/people/{name}/link", response_class=HTMLResponse)
def new_link(request: Request, person: Administrator, name: str) -> HTMLResponse:
    """A new one-time link, when a password is lost; the old password goes on until it is used."""
    return people_page(request, _link(request, desk_of(request), name, person.name), name)


def _link(request: Request, desk: Desk, name: str, actor: str) -> str:
    token = people_rules.issue_link(desk.store, name, desk.options.link_days, actor=actor)
    return f"{str(request.base_url).rstrip('/')}/setup/{token}"


@router.post("/people/{name}/disable", response_model=None)
def disable(request: Request, person: Administrator, name: str) -> Response:
    """Ends a person's sessions and lets them in no more; what they decided stays theirs."""
    people_rules.disable_person(desk_of(request).store, name, actor=person.name)
    return RedirectResponse("/people", 303)
