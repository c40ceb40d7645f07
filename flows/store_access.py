"""The store of the settings, opened with a clock and an actor."""

import errno
import getpass
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flows.settings import Settings
from records.maintenance.copy_destinations import same_place
from records.store import Store
from review.roles import Actor, at_terminal, require
from scoring.errors import BadInput, TransientError


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
    if create and not settings.store.url and not (settings.home / "assay.db").exists():
        _make_home(settings.home)
    return Store.open(
        settings.store_url,
        blobs=settings.blobs_url,
        clock=clock,
        actor=actor or operator(),
        create=create,
    )


def refuse_home(folder: Path, settings: Settings, step: str) -> None:
    """Raises `BadInput` for the folder in which everything is kept, by whatever way a name leads to it."""
    if same_place(folder, settings.home):
        raise BadInput(
            "that is the home of the store itself", subject=str(folder), step=step, next_step="name another place"
        )


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        problem = "" if os.access(home, os.W_OK | os.X_OK) else "it cannot be written to"
    except OSError as error:
        problem = f"it cannot be made: {error.strerror}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise TransientError(problem, subject=str(home), step="home", next_step="check the disk") from error
    if problem:
        raise BadInput(
            problem, subject=str(home), step="home", next_step="set ASSAY_HOME to a folder that you may write to"
        )
