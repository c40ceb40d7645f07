"""The store of the settings, opened with a clock and an actor."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import UTC, datetime

from flows.settings import Settings
from records.store import Store
from review.roles import Actor, at_terminal, require


def now() -> datetime:
    """The wall clock, to the millisecond: what is kept of a moment."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def operator() -> str:
    """Who is at the terminal."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "operator"


def acting(store: Store, by: str = "", *, least: str = "reviewer", slug: str = "", step: str = "review") -> Actor:
    """Who acts at the terminal, with the role of their row at the desk. Raises `NotAllowed` for less than `least`."""
    actor = at_terminal(store, by, operator())
    require(actor, least, subject=slug, step=step)
    return actor


def open_store(
    settings: Settings, *, clock: Callable[[], datetime] = now, create: bool = True, actor: str = ""
) -> Store:
    """The store under `home`, or where the settings say. Raises one-line errors with the next step."""
    return Store.open(
        settings.store_url,
        blobs=settings.blobs_url,
        clock=clock,
        actor=actor or operator(),
        create=create,
    )
