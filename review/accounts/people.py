"""Who may use the desk: added, given another role, invited, shut out; the same rules at the desk and at the terminal.

Invariants: once there is an administrator there is always one; nobody's name holds what does not show; of a person's
one-time links only the last one works.
"""

from records.people import Person, Session
from records.store import Store
from review.roles import PROGRAM, ROLES, Actor, at_terminal, holds, is_program, require
from scoring.errors import BadInput, NotFound, Refused, required

ADMINISTRATOR = ROLES[-1]


def person_named(store: Store, name: str) -> Person | None:
    """The person of this name, if there is one."""
    try:
        return store.people.get(name)
    except NotFound:
        return None


def has_administrator(store: Store, besides: str = "") -> bool:
    """Whether somebody else may add people."""
    return any(
        person.role == ADMINISTRATOR and person.disabled_at is None and person.name != besides
        for person in store.people.all()
    )


def problem_with_name(name: str) -> str:
    """Why a name is not taken: nobody could tell apart or address who has characters that do not show."""
    if not name:
        return "a name is needed"
    if is_program(name):
        return f"a name that begins with {PROGRAM} is no person's"
    return "" if len(name) <= 100 and name.isprintable() else "a name has up to 100 characters, all of which show"


def put_person(store: Store, name: str, role: str, *, actor: str) -> bool:
    """Adds a person, or gives another role, which ends sessions and links. True: they need a link for a password."""
    name = name.strip()
    if role not in ROLES:
        raise BadInput(f"a role is one of {', '.join(ROLES)}", subject=name, step="people")
    if problem := problem_with_name(name):
        raise BadInput(problem, step="people")
    with store.writing():
        known = person_named(store, name)
        if known is None and store.people.sessions(name, PROGRAM):
            raise Refused("a program's token has this name", subject=name, step="people", next_step="choose another")
        if known is not None and known.role == ADMINISTRATOR and role != ADMINISTRATOR:
            _not_the_last(store, name)
        store.people.put(name, role, secret=known.secret if known else None, actor=actor)
    return known is None or known.secret is None or known.disabled_at is not None


def issue_link(store: Store, name: str, days: int, *, actor: str) -> str:
    """The token of a new one-time link, the only one that works from now on; the old password goes on until it is
    used."""
    if store.people.get(name).disabled_at is not None:
        raise Refused("this person may no longer use the desk", subject=name, step="people", next_step="give a role")
    with store.writing():
        store.people.revoke("setup", subject=name)
        store.note("person.link", payload={"name": name}, actor=actor)
        return store.people.issue("setup", name, days * 86_400)


def resetting(store: Store, by: str, account: str) -> Actor:
    """Who gives a new link at the terminal: an administrator, or the account that runs the command where no person has
    its name. It can write the store's files, so a lost administrator's password locks nobody out."""
    if not by.strip() and person_named(store, account) is None:
        return Actor(account, ADMINISTRATOR)
    actor = at_terminal(store, by, account)
    require(actor, ADMINISTRATOR, step="people")
    return actor


def sessions(store: Store, actor: Actor) -> tuple[Session, ...]:
    """The sessions that somebody may end: their own, and all for an administrator."""
    return store.people.sessions(None if holds(actor.role, ADMINISTRATOR) else actor.name)


def end_session(store: Store, actor: Actor, mark: str) -> Session:
    """Ends one of these sessions. `NotFound` for any other."""
    found = required(
        next((each for each in sessions(store, actor) if each.mark == mark), None),
        NotFound("no such session of yours", subject=mark, step="people", next_step="list the sessions"),
    )
    store.people.end_session(mark, actor=actor.name)
    return found


def disable_person(store: Store, name: str, *, actor: str) -> None:
    """Ends a person's sessions and lets them in no more; what they decided stays theirs."""
    with store.writing():
        if store.people.get(name).role == ADMINISTRATOR:
            _not_the_last(store, name)
        store.people.disable(name, actor=actor)


def _not_the_last(store: Store, name: str) -> None:
    if not has_administrator(store, besides=name):
        raise Refused("there has to be one administrator", subject=name, step="people", next_step="add another first")
