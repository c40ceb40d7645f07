"""What the database and the disk say, in one line for a person.

Idea: a locked database, a full disk and a server that is away may pass (`TransientError`); a read-only or
foreign file does not. Invariant: a message names the file or the server, never a password or a statement.
"""

import contextlib
import errno
import re
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, IntegrityError

from scoring.errors import AssayError, Corrupt, TerminalError, TransientError

_LOCKED = "another process has been writing to it for over 10 seconds"
_SAID: tuple[tuple[str, type[AssayError], str, str], ...] = (
    ("database is locked", TransientError, _LOCKED, "run the command again when it has finished (`assay status`)"),
    ("database table is locked", TransientError, _LOCKED, "run the command again (`assay status`)"),
    ("disk is full", TransientError, "the disk is full, nothing was stored", "free space, then run the command again"),
    ("disk i/o error", TransientError, "the disk could not be read or written", "check the disk, then `assay doctor`"),
    ("readonly database", TerminalError, "it is read-only", "make the file and its folder writable"),
    ("unable to open", TerminalError, "it cannot be opened", "check that its folder exists and is writable"),
    ("malformed", Corrupt, "it is damaged", "restore the last `assay store backup`, then run `assay store verify`"),
    ("not a database", Corrupt, "it is not an SQLite database", "check the `database` setting (`assay config show`)"),
    ("no such table", TerminalError, "its schema is not complete", "run `assay doctor`"),
    ("no such column", TerminalError, "its schema does not fit this version", "run `assay doctor`"),
    (
        "deadlock detected|could not serialize|lock timeout|too many clients|too many conn",
        TransientError,
        "the server was too busy",
        "run the command again",
    ),
    ("no space left|could not extend file", TransientError, "the server's disk is full", "free space there"),
    ('relation ".*does not exist', TerminalError, "its schema is not complete", "run `assay doctor`"),
    (
        'authentication failed|database ".*does not exist',
        TerminalError,
        "the server refused us",
        "check the `database` setting",
    ),
)
"""What SQLite and PostgreSQL say, as a pattern, in small letters; and how it is said to a person."""
_AWAY = re.compile(
    "connection refused|connection failed|could not connect|connection timeout|server closed the connection"
    "|terminating connection|connection is lost|the connection is closed|shutting down|starting up"
    "|no such file or directory"
)


def of_database(error: DBAPIError, label: str, step: str) -> AssayError | None:
    """The error for a person; None for a fault of our own code, which keeps its traceback."""
    text = str(error.orig).lower()
    for pattern, kind, problem, next_step in _SAID:
        if re.search(pattern, text, re.DOTALL):
            return kind(problem, subject=label, step=step, next_step=next_step)
    if not isinstance(error, IntegrityError) and (error.connection_invalidated or _AWAY.search(text)):
        return TransientError("the server is away", subject=label, step=step, next_step="start it and run this again")
    return None


def of_disk(error: OSError, step: str) -> AssayError:
    """The error for a person when a file could not be read or written."""
    subject = str(error.filename or "disk")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TransientError(
            "the disk is full, nothing was stored",
            subject=subject,
            step=step,
            next_step="free space, then run the command again",
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return TerminalError("it is read-only", subject=subject, step=step, next_step="make it writable")
    problem = error.strerror or str(error)
    return TransientError(problem, subject=subject, step=step, next_step="check the disk, then `assay doctor`")


@contextlib.contextmanager
def translated(label: str, step: str) -> Iterator[None]:
    """Database errors inside leave as errors for a person."""
    try:
        yield
    except DBAPIError as error:
        ours = of_database(error, label, step)
        if ours is None:
            raise
        raise ours from error
