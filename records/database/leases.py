"""Who is at work: a lease has a holder and an end, and the next one takes it when it is free.

Idea: work that a killed process left is reclaimed from these rows at the next start. A lease is free when its
time is up, when its holder was a process of this machine that is no more, or when its end lies further ahead
than a lease can reach (the clock went back). Invariant: one holder at a time; taking is atomic.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from records.database.engine import Database, utc_now
from records.database.tables import leases
from scoring.errors import Refused

_SKEW = 60
"""Seconds by which the clocks of two machines may differ."""


def this_machine() -> str:
    """Host name and process namespace: within it a process number means one process."""
    try:
        space = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        space = 0
    return f"{socket.gethostname()}~{space}"


def _started(process: int) -> str:
    """When a process started, in clock ticks since boot; tells a reused process number. Empty when unknown,
    `ended` for one that has ended and is not yet fetched by its parent."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return "ended" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return ""


def new_holder() -> str:
    """A name for this piece of work: `machine|process|start|random`."""
    return f"{this_machine()}|{os.getpid()}|{_started(os.getpid())}|{secrets.token_hex(4)}"


def is_dead(holder: str) -> bool:
    """True when the holder was a process of this machine that is no more. False when that cannot be known."""
    parts = holder.split("|")
    if len(parts) != 4 or parts[0] != this_machine() or not parts[1].isdigit():
        return False
    try:
        os.kill(int(parts[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    started = _started(int(parts[1]))
    return bool(parts[2] and started and started != parts[2])


def is_free(holder: str, until: datetime, seconds: int, now: datetime) -> bool:
    """Whether a lease may be taken by another."""
    return until <= now or until > now + timedelta(seconds=seconds + _SKEW) or is_dead(holder)


class Lease(NamedTuple):
    name: str
    holder: str
    taken_at: datetime
    seconds: int
    until: datetime


class Leases:
    """Leases run on the wall clock, whatever clock the data have."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def take(self, name: str, holder: str, seconds: int) -> bool:
        """True when it is now this holder's, for so many seconds. Taking one's own renews it."""
        now = utc_now()
        until = now + timedelta(seconds=seconds)
        with self._db.writing(quick=True) as connection:
            row = {"name": name, "holder": holder, "taken_at": now, "seconds": seconds, "until": until}
            if self._db.put(leases, row, replace=False):
                return True
            held = self._get(connection, name)
            if held.holder != holder and not is_free(held.holder, held.until, held.seconds, now):
                return False
            taken_at = held.taken_at if held.holder == holder else now
            update = sa.update(leases).where(leases.c.name == name)
            connection.execute(update.values(holder=holder, taken_at=taken_at, seconds=seconds, until=until))
            return True

    def renew(self, name: str, holder: str, seconds: int) -> None:
        """`Refused` when another has taken it: this one must stop."""
        with self._db.writing(quick=True) as connection:
            update = sa.update(leases).where(leases.c.name == name, leases.c.holder == holder)
            until = utc_now() + timedelta(seconds=seconds)
            if not connection.execute(update.values(seconds=seconds, until=until)).rowcount:
                raise Refused("another process has taken over", subject=name, step="lease")

    def release(self, name: str, holder: str) -> None:
        """Gives it back; a lease that is no longer one's own is left alone."""
        with self._db.writing(quick=True) as connection:
            connection.execute(sa.delete(leases).where(leases.c.name == name, leases.c.holder == holder))

    @contextlib.contextmanager
    def held(self, name: str, seconds: int) -> Iterator[str]:
        """Holds a lease for a block of work; `Refused` when another does. Gives the holder, for `renew`."""
        holder = new_holder()
        if not self.take(name, holder, seconds):
            raise Refused("another process is at work on it", subject=name, step="lease", next_step="`assay status`")
        try:
            yield holder
        finally:
            self.release(name, holder)

    def all(self) -> tuple[Lease, ...]:
        """Every lease, free ones included."""
        with self._db.reading() as connection:
            return tuple(Lease(*row) for row in connection.execute(sa.select(leases).order_by(leases.c.name)))

    @staticmethod
    def _get(connection: sa.Connection, name: str) -> Lease:
        query = sa.select(leases).where(leases.c.name == name).with_for_update()
        return Lease(*connection.execute(query).one())
