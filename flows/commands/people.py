"""`assay people`: who may use the desk. The rules are the desk's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import By, Json, acting, opened
from flows.report.console import emit, say, table
from scoring.errors import Refused

if TYPE_CHECKING:
    from flows.settings import Settings
    from records.store import Store

group = typer.Typer(help="People of the desk: add, give a role, a new link, shut out.", no_args_is_help=True)

tokens = typer.Typer(help="Tokens of programs: they read and propose, under /api/ of the desk.", no_args_is_help=True)
group.add_typer(tokens, name="token")

Name = Annotated[str, typer.Argument(help="Name of a person.")]


@group.command("list")
def list_(as_json: Json = False) -> None:
    """Who may use the desk, and as what."""
    with opened() as (store, _):
        everyone = store.people.all()
    rows = [(person.name, person.role, "disabled" if person.disabled_at else "active") for person in everyone]
    _show(rows, ("name", "role", "state"), as_json)


@group.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="reader, reviewer, publisher or administrator.")],
    by: By = "",
) -> None:
    """Add a person, or give another role. The first one has to be an administrator."""
    from flows.store_access import operator
    from review.accounts.people import ADMINISTRATOR, has_administrator, put_person

    name = name.strip()
    with opened(create=True, actor=by) as (store, settings):
        first = role == ADMINISTRATOR and not has_administrator(store)  # whoever starts the desk may become it as well
        actor = operator() if first else acting(store, by, least=ADMINISTRATOR, step="people").name
        needs_link = put_person(store, name, role, actor=actor)
        say(f"{name}: {role}")
        if needs_link and not settings.desk.user_header:
            _say_link(store, settings, name, actor)


@group.command()
def reset(name: Name, by: By = "") -> None:
    """Print a new one-time link for a person who lost the password; the old one works until the link is used.

    An administrator gives it, or the account that owns the store: so a lost administrator's password has a way back."""
    from flows.store_access import operator
    from review.accounts.people import resetting

    with opened(actor=by) as (store, settings):
        actor = resetting(store, by, operator())
        if settings.desk.user_header:
            raise Refused("a proxy signs people in; there is no password", subject=name, step="people")
        _say_link(store, settings, name, actor.name)


@group.command()
def sessions(
    end: Annotated[str, typer.Option(help="Mark of a session to end.")] = "", by: By = "", as_json: Json = False
) -> None:
    """Who is signed in since when; `--end MARK` signs a session out."""
    from flows.store_access import operator
    from review.accounts import people

    with opened(actor=by) as (store, _):
        actor = people.resetting(store, by, operator())
        if end:
            say(f"{people.end_session(store, actor, end).person}: signed out of {end}")
            return
        found = people.sessions(store, actor)
    rows = [
        (session.mark, session.person, f"{session.since:%Y-%m-%d %H:%M}", f"{session.until:%Y-%m-%d %H:%M}")
        for session in found
    ]
    _show(rows, ("session", "person", "since", "until"), as_json)


@group.command()
def disable(name: Name, by: By = "") -> None:
    """End a person's sessions and let them in no more; what they decided stays theirs."""
    from review.accounts.people import ADMINISTRATOR, disable_person

    with opened(actor=by) as (store, _):
        disable_person(store, name, actor=acting(store, by, least=ADMINISTRATOR, step="people").name)
    say(f"{name}: may no longer use the desk")


@tokens.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="Name of the program.")],
    role: Annotated[str, typer.Option(help="reader, reviewer or publisher.")],
    until: Annotated[datetime, typer.Option(help="Day or moment (UTC) at which it ends.")],
    by: By = "",
) -> None:
    """Print a new token, once; only its digest is kept. It decides only where `desk.deciding_programs` names it."""
    from review.accounts.people import ADMINISTRATOR
    from review.accounts.programs import add_token

    with opened(actor=by) as (store, _):
        actor = acting(store, by, least=ADMINISTRATOR, step="token").name
        say(add_token(store, name, role, until.replace(tzinfo=until.tzinfo or UTC), actor=actor))


@tokens.command("list")
def list_tokens(as_json: Json = False) -> None:
    """Which tokens work, with their role and end."""
    from review.accounts.programs import tokens

    with opened() as (store, _):
        found = tokens(store)
    rows = [(token.person, str(token.data["role"]), f"{token.until:%Y-%m-%d %H:%M}") for token in found]
    _show(rows, ("name", "role", "until"), as_json)


@tokens.command("revoke")
def revoke_token(name: Name, by: By = "") -> None:
    """End a token at once; what it proposed stays."""
    from review.accounts.people import ADMINISTRATOR
    from review.accounts.programs import revoke_token

    with opened(actor=by) as (store, _):
        revoke_token(store, name, actor=acting(store, by, least=ADMINISTRATOR, step="token").name)
    say(f"{name}: its token works no more")


def _show(rows: Sequence[Sequence[str]], names: Sequence[str], as_json: bool) -> None:
    if as_json:
        emit([dict(zip(names, row, strict=True)) for row in rows])
    else:
        table(rows, names, none="none yet. Next: assay people --help")


def _say_link(store: Store, settings: Settings, name: str, actor: str) -> None:
    from review.accounts.people import issue_link

    desk = settings.desk
    token = issue_link(store, name, desk.link_days, actor=actor)
    say(f"one-time link for {name}, {desk.link_days} days: http://{desk.host}:{desk.port}/setup/{token}")
