"""Who is at the desk, and whether they may: one dependency for each role of `review.roles`.

Invariant: a route without one of these dependencies is public, and the tests hold the list of those.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from records.people import Person
from review.accounts.people import person_named
from review.accounts.programs import program_of
from review.desk_state import Desk
from review.roles import Actor, NotAllowed, require
from review.trusted_proxies import named_by
from scoring.errors import Refused, required

BEARER = HTTPBearer(auto_error=False, description="What `assay people token add` printed.")
COOKIE = "assay_session"


class NotSignedIn(Refused):
    """Nobody is signed in, or the session is over."""


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def signed_in(request: Request) -> Person | None:
    """Who is there: by the proxy's header where one is configured, else by the session."""
    desk = desk_of(request)
    if not desk.options.user_header:
        token = desk.store.people.token("session", request.cookies.get(COOKIE, ""))
        person = person_named(desk.store, token.subject) if token else None
        return person if person is not None and person.disabled_at is None else None
    name = named_by_proxy(request, desk)
    if not name:
        return None
    person = required(  # the second spelling is that of people whom earlier versions added by the header
        person_named(desk.store, name) or person_named(desk.store, name.encode().decode("latin-1")),
        NotAllowed(f"{name} has no role here yet", step="sign in", next_step="ask an administrator of the desk"),
    )
    if person.disabled_at is not None:
        raise NotAllowed(f"{name} may no longer use the desk", step="sign in")
    return person


def named_by_proxy(request: Request, desk: Desk) -> str:
    """The name that a trusted proxy sends with this request; empty when it names nobody."""
    options = desk.options
    if not request.state.trusted:
        raise NotSignedIn(
            f"it came from {request.state.peer or 'an unknown address'}, which is no trusted proxy",
            step="sign in",
            next_step="open the desk by its proxy, or add it to trusted_proxies",
        )
    return named_by(request.headers, options.user_header, options.user_header_form)


def at_least(role: str) -> Callable[[Request], Actor]:
    """A dependency that gives the signed-in person, or refuses."""

    def person(request: Request) -> Actor:
        found = required(signed_in(request), NotSignedIn("sign in first", step="desk"))
        actor = Actor(found.name, found.role)
        require(actor, role)
        request.state.person = actor
        return actor

    person.__name__ = role
    return person


def token_at_least(role: str) -> Callable[..., Actor]:
    """A dependency that gives the program of a bearer token, or refuses; a person's session does not count."""

    def program(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Actor:
        desk = desk_of(request)
        found = program_of(desk.store, bearer.credentials) if bearer is not None else None
        if found is None and bearer is not None:
            key = f"token:{request.client.host if request.client else ''}"
            if wait := desk.tries.wait(key):
                raise HTTPException(429, f"too many wrong tokens; wait {wait} s", {"retry-after": str(wait)})
            desk.tries.add(key)
        problem = "this needs a token that works: none was sent, or it is wrong, has ended or was revoked"
        next_step = "assay people token add NAME --role ROLE --until DAY"
        actor = required(found, NotSignedIn(problem, step="token", next_step=next_step))
        require(actor, role, step="token")
        return actor

    return program


async def _desk(request: Request) -> Desk:
    return desk_of(request)


OpenDesk = Annotated[Desk, Depends(_desk)]
ReadingProgram = Annotated[Actor, Depends(token_at_least("reader"))]
ReviewingProgram = Annotated[Actor, Depends(token_at_least("reviewer"))]
PublishingProgram = Annotated[Actor, Depends(token_at_least("publisher"))]
Reader = Annotated[Actor, Depends(at_least("reader"))]
Reviewer = Annotated[Actor, Depends(at_least("reviewer"))]
Publisher = Annotated[Actor, Depends(at_least("publisher"))]
Administrator = Annotated[Actor, Depends(at_least("administrator"))]
