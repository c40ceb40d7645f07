"""Who is at work: a lock has one holder, and is free as soon as its holder releases it, ends or is killed.

Idea: on PostgreSQL an advisory lock of a connection of its own, beside SQLite a locked file; the system that keeps
them frees them, so nothing is renewed and nothing runs out. Invariant: one holder at a time, also among the stores of
one process. A connection can be lost while its process lives on: `still_held` notices.
"""

from __future__ import annotations

import fcntl
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from records.database import error_messages
from records.database.engine import Database
from scoring.errors import Refused, required

_SETTINGS = {
    "tcp_keepalives_idle": 30,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
    "idle_session_timeout": 0,
}
"""Of the connection: the server notices within a minute that a machine is gone, and ends no connection that waits."""


class Lock(ABC):
    """One name, held. `with lock:` releases it at the end."""

    @abstractmethod
    def still_held(self) -> bool:
        """False once it is released or lost; asks the system that keeps it."""

    @abstractmethod
    def release(self) -> None:
        """Frees it; may be repeated."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.release()


class Locks:
    """The locks of one store, by name, such as `run:nightly`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._session: _Session | None = None
        self._connecting = RLock()
        self._files: set[_FileLock] = set()

    def try_acquire(self, name: str) -> Lock | None:
        """The lock, or None while another holds it. Raises `TransientError` while the server is away."""
        if self._db.path is not None:
            return _FileLock.of(self._db.path.with_name(f"{self._db.path.name}-locks") / _key(name).hex(), self._files)
        with self._connecting, error_messages.translated(self._db.label, "lock"):
            if self._session is None or not self._session.usable:
                self._session = _Session(self._db.engine)
            try:
                return self._session.lock(name)
            except sa.exc.DBAPIError:  # the server was restarted since
                self._session = _Session(self._db.engine)
                return self._session.lock(name)

    @contextmanager
    def held(self, name: str) -> Iterator[Lock]:
        """Holds it for a block of work; `Refused` when another does."""
        lock = required(
            self.try_acquire(name),
            Refused("another process is at work on it", subject=name, step="lock", next_step="`assay status`"),
        )
        with lock:
            yield lock

    def close(self) -> None:
        """Releases all."""
        for lock in tuple(self._files):
            lock.release()
        if self._session is not None:
            self._session.close()


def _key(name: str) -> bytes:
    return sha256(name.encode()).digest()[:8]


class _FileLock(Lock):
    """A locked file; it is removed when it is released, and a killed holder leaves one that is not locked."""

    def __init__(self, path: Path, file: int, among: set[_FileLock]) -> None:
        self._path, self._file, self._among = path, file, among
        among.add(self)

    @classmethod
    def of(cls, path: Path, among: set[_FileLock]) -> _FileLock | None:
        try:
            path.parent.mkdir(exist_ok=True)
            while True:
                file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(file)
                    return None
                if _is_at(file, path):
                    return cls(path, file, among)
                os.close(file)  # who held it removed it meanwhile
        except OSError as error:
            raise error_messages.of_disk(error, "lock") from error

    def still_held(self) -> bool:
        return self in self._among and _is_at(self._file, self._path)

    def release(self) -> None:
        if self in self._among:
            if self.still_held():
                self._path.unlink()
            self._among.remove(self)
            os.close(self._file)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


class _Session:
    """A connection to PostgreSQL with the names that it holds: the server would give it each of them again."""

    def __init__(self, engine: sa.Engine) -> None:
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.detach()
        self._using = RLock()
        self._names: set[str] = set()
        self.usable = True
        for name, value in _SETTINGS.items():
            there = "FROM pg_settings WHERE name = :name"  # an older server lacks some
            self._ask(f"SELECT set_config(name, :value, false) {there}", name=name, value=str(value))
        self._schema = str(self._ask("SELECT current_schema()"))

    def lock(self, name: str) -> Lock | None:
        with self._using:
            if name in self._names or not self._advise("pg_try_advisory_lock", name):
                return None
            self._names.add(name)
            return _SessionLock(self, name)

    def holds(self, name: str) -> bool:
        with self._using, suppress(sa.exc.DBAPIError):
            return name in self._names and self._ask("SELECT true") is True
        return False

    def unlock(self, name: str) -> None:
        with self._using, suppress(sa.exc.DBAPIError):
            if name in self._names:
                self._names.remove(name)
                self._advise("pg_advisory_unlock", name)

    def close(self) -> None:
        """Releases all names before it leaves: the server ends a session some time after its connection is shut."""
        for name in tuple(self._names):
            self.unlock(name)
        self.leave()

    def leave(self) -> None:
        self.usable = False
        self._names.clear()
        with suppress(sa.exc.DBAPIError):
            self._connection.close()

    def _advise(self, function: str, name: str) -> bool:
        key = int.from_bytes(_key(f"{self._schema}\n{name}"), signed=True)
        return self._ask(f"SELECT {function}(:key)", key=key) is True

    def _ask(self, statement: str, **values: object) -> object:
        try:
            with self._using:
                return self._connection.execute(sa.text(statement), values).scalar()
        except sa.exc.DBAPIError:
            self.leave()
            raise


class _SessionLock(Lock):
    def __init__(self, session: _Session, name: str) -> None:
        self._session, self._name = session, name
        self._released = False

    def still_held(self) -> bool:
        return not self._released and self._session.holds(self._name)

    def release(self) -> None:
        if not self._released:
            self._released = True
            self._session.unlock(self._name)
