"""Who may do what: four roles, each holds the ones before it.

    reader          looks
    reviewer        decides claims, approves and rejects drafts, takes back what is not published
    publisher       approves a whole filter, takes back what is published, decides corrections
    administrator   adds people

Invariant: a route without one of these dependencies is public, and the tests hold the list of those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from records.people import Person
from scoring.errors import NotFound, Refused

if TYPE_CHECKING:
    from review.state import Desk

ROLES = ("reader", "reviewer", "publisher", "administrator")
ROLE_TITLES = {
    "reader": "looks at everything, changes nothing",
    "reviewer": "decides claims, approves and rejects drafts",
    "publisher": "also approves whole filters, takes back what is published, decides corrections",
    "administrator": "also adds people",
}
COOKIE = "assay_session"


class NotSignedIn(Refused):
    """Nobody is signed in, or the session is over."""


class NotAllowed(Refused):
    """Somebody is signed in who may not do this."""


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def holds(person: Person, role: str) -> bool:
    """Whether a person's role holds this one."""
    return person.role in ROLES and ROLES.index(person.role) >= ROLES.index(role)


def signed_in(request: Request) -> Person | None:
    """Who is there: by the proxy's header where one is configured, else by the session."""
    desk = desk_of(request)
    header = desk.options.user_header
    if header:
        client = request.client.host if request.client else ""
        name = request.headers.get(header, "").strip() if client in desk.options.trusted_proxies else ""
    else:
        token = desk.store.people.token("session", request.cookies.get(COOKIE, ""))
        name = token.subject if token else ""
    if not name:
        return None
    try:
        person = desk.store.people.get(name)
    except NotFound:
        if header:
            raise NotAllowed(
                f"{name} has no role here yet", step="sign in", next_step="ask an administrator of the desk"
            ) from None
        return None
    if person.disabled_at is not None:
        if header:
            raise NotAllowed(f"{name} may no longer use the desk", step="sign in")
        return None
    return person


def at_least(role: str) -> Callable[[Request], Person]:
    """A dependency that gives the signed-in person, or refuses."""

    def person(request: Request) -> Person:
        found = signed_in(request)
        if found is None:
            raise NotSignedIn("sign in first", step="desk")
        if not holds(found, role):
            raise NotAllowed(f"this needs the role {role}; {found.name} is {found.role}", step="desk")
        request.state.person = found
        return found

    person.__name__ = role
    return person


Reader = Annotated[Person, Depends(at_least("reader"))]
Reviewer = Annotated[Person, Depends(at_least("reviewer"))]
Publisher = Annotated[Person, Depends(at_least("publisher"))]
Administrator = Annotated[Person, Depends(at_least("administrator"))]
