"""Programs at the desk: their tokens, and what a token may.

Invariants: a token has a role and an end, is shown once and kept as a digest; it reads and proposes; it decides only
where the operator's setting names it, and what it decides is never shown as a person's.
"""

import re
from collections.abc import Collection
from datetime import datetime

from records.people import Session
from records.store import Store
from review.accounts.people import person_named
from review.roles import PROGRAM, ROLES, Actor, NotAllowed
from scoring.errors import BadInput, NotFound, Refused

_NAME = re.compile(r"[\w.-]{1,60}")
TOKEN_ROLES = ROLES[:-1]
LONGEST_DAYS = 3660


def add_token(store: Store, name: str, role: str, until: datetime, *, actor: str) -> str:
    """A new token, to be shown once. `Refused` for a name that is taken."""
    name, now = name.strip(), store.now()
    if role not in TOKEN_ROLES:
        raise BadInput(f"the role of a token is one of {', '.join(TOKEN_ROLES)}", subject=name, step="token")
    if not _NAME.fullmatch(name):
        raise BadInput("the name of a token has up to 60 letters, digits and . _ -", step="token")
    if not 0 < (until - now).total_seconds() <= LONGEST_DAYS * 86_400:
        raise BadInput("a token ends after today, within ten years", subject=name, step="token")
    with store.writing():
        if person_named(store, name) is not None or store.people.sessions(name, PROGRAM):
            raise Refused(
                "there is a person or a token of this name",
                subject=name,
                step="token",
                next_step="choose another name, or revoke the token",
            )
        store.people.revoke(PROGRAM, subject=name)  # one that has ended
        store.note("token.added", payload={"name": name, "role": role, "until": f"{until:%Y-%m-%d %H:%M}"}, actor=actor)
        return store.people.issue(PROGRAM, name, int((until - now).total_seconds()) + 1, {"role": role})


def tokens(store: Store) -> tuple[Session, ...]:
    """The tokens that work, the newest first."""
    return store.people.sessions(purpose=PROGRAM)


def revoke_token(store: Store, name: str, *, actor: str) -> None:
    """Ends a token at once; what it proposed stays."""
    with store.writing():
        if not store.people.sessions(name, PROGRAM):
            raise NotFound("no such token", subject=name, step="token", next_step="assay people token list")
        store.people.revoke(PROGRAM, subject=name)
        store.note("token.revoked", payload={"name": name}, actor=actor)


def program_of(store: Store, token: str) -> Actor | None:
    """Who acts by a token; None for one that is unknown, ended or revoked."""
    stored = store.people.token(PROGRAM, token)
    return None if stored is None else Actor(f"{PROGRAM} {stored.subject}", str(stored.data["role"]))


def require_deciding(actor: Actor, named: Collection[str]) -> None:
    """Raises `NotAllowed` unless the setting names the program."""
    if actor.name.removeprefix(f"{PROGRAM} ") not in named:
        raise NotAllowed(
            f"{actor.name} reads and proposes; a person decides",
            step="desk",
            next_step="propose it, or name the token in desk.deciding_programs",
        )
