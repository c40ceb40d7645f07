"""The store of the settings, opened with a clock and an actor."""

from __future__ import annotations

import errno
import getpass
import os
from collections.abc import Callable
from datetime import UTC, datetime

from flows.settings import Settings
from records.store import Store
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


def open_store(
    settings: Settings, *, clock: Callable[[], datetime] = now, create: bool = True, actor: str = ""
) -> Store:
    """The store under `home`, or where the settings say. Raises one-line errors with the next step."""
    if create and not settings.store.url:
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                raise TransientError(
                    error.strerror, subject=str(settings.home), step="open", next_step="check the disk, `assay doctor`"
                ) from error
            raise BadInput(
                f"the home cannot be made ({error.strerror})",
                subject=str(settings.home),
                step="open",
                next_step="set ASSAY_HOME to a folder that you may write to",
            ) from error
        if not os.access(settings.home, os.W_OK | os.X_OK):
            raise BadInput(
                "the home cannot be written to",
                subject=str(settings.home),
                step="open",
                next_step="set ASSAY_HOME to a folder that you may write to",
            )
    return Store.open(
        settings.store_url,
        blobs=settings.blobs_url,
        clock=clock,
        actor=actor or operator(),
        create=create,
    )
