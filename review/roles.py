"""Four roles, each holds the ones before it, and whose role counts at the terminal.

    reader          looks
    reviewer        decides claims, approves and rejects drafts, takes back what is not published
    publisher       approves a whole filter, takes back what is published, decides corrections
    administrator   adds people

Invariant: a role is what the person's row says at this moment; no link, session or option carries one.
"""

from typing import NamedTuple

from records.store import Store
from scoring.errors import NotFound, Refused

ROLES = ("reader", "reviewer", "publisher", "administrator")
ROLE_TITLES = {
    "reader": "looks at everything, changes nothing",
    "reviewer": "decides claims, approves and rejects drafts",
    "publisher": "also approves whole filters, takes back what is published, decides corrections",
    "administrator": "also adds people",
}
PROGRAM = "program"
"""First word of the name by which a program acts, and of the role on a record that rests on its decision."""
DEMO = "demo"
"""Stands on the records of the bundled samples, which nobody reviewed; it holds what a reviewer holds."""


class NotAllowed(Refused):
    """Somebody is known who may not do this."""


class Actor(NamedTuple):
    """Who acts, and as what."""

    name: str
    role: str


def is_program(name: str) -> bool:
    """Whether a name or a role on a record is that of a program."""
    return name.replace(",", " ").split(" ")[0] == PROGRAM


def holds(role: str, least: str) -> bool:
    """Whether a role holds another one."""
    role = "reviewer" if role == DEMO else role
    return role in ROLES and ROLES.index(role) >= ROLES.index(least)


def require(actor: Actor, least: str, *, subject: str = "", step: str = "desk") -> None:
    """Raises `NotAllowed` for whoever does not hold the role."""
    if not holds(actor.role, least):
        raise NotAllowed(
            f"this needs the role {least}; {actor.name} is {actor.role}",
            subject=subject,
            step=step,
            next_step="ask an administrator of the desk",
        )


def at_terminal(store: Store, by: str, account: str) -> Actor:
    """Who acts at the terminal: the person named, else the account that runs the command.

    A person's row gives the role. An account without one can write the files of the store, so it may publish; so may
    any name as long as the desk has no people.
    """
    name = by.strip() or account
    try:
        person = store.people.get(name)
    except NotFound:
        if name == account or not store.people.all():
            return Actor(name, "publisher")
        raise NotAllowed(
            f"{name} has no role here", step="sign in", next_step="name a person of the desk with --by"
        ) from None
    if person.disabled_at is not None:
        raise NotAllowed(f"{name} may no longer use the desk", step="sign in")
    return Actor(person.name, person.role)
