"""PostgreSQL's own programs on a store's database: `pg_dump`, `pg_restore`.

Idea: they are given the connection that the store's driver would open, as `libpq` words. Invariants: the password is in
their environment and never on a command line; nothing is asked at a terminal; a hint says only what the program said.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from records.database.engine import Database
from scoring.errors import AssayError, TerminalError, TransientError

_SAID: tuple[tuple[tuple[str, ...], type[AssayError], str, str], ...] = (
    (
        ("password authentication failed", "no password supplied"),
        TerminalError,
        "the server refused the password",
        "correct the one in `store.url` (`assay config show`), or in ~/.pgpass when it holds none",
    ),
    (
        ("server version mismatch", "unsupported version"),
        TerminalError,
        "{program} is older than the server",
        "install the client programs of the server's version",
    ),
    (("permission denied", "must be owner"), TerminalError, "the role lacks a right", "grant it: {said}"),
    (("no space left",), TransientError, "the disk is full", "free space, then run the command again"),
    (
        ("connection refused", "could not connect", "could not translate", "timeout expired", "starting up"),
        TransientError,
        "the server is away",
        "start it and run this again",
    ),
)


def installed(program: str) -> bool:
    return shutil.which(program) is not None


def major_version(program: str) -> int:
    """15 for `pg_dump (PostgreSQL) 15.8 (Debian …)`; 0 when it does not say."""
    output = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    found = re.search(r"\) (\d+)", output)
    return int(found[1]) if found else 0


def connection_words(database: Database) -> tuple[str, dict[str, str]]:
    """`host=… dbname=…` as `libpq` reads it, without the password; and the environment that holds it."""
    from psycopg.conninfo import make_conninfo

    arguments = database.engine.dialect.create_connect_args(database.url)[1]
    words: dict[str, Any] = {name: value for name, value in arguments.items() if isinstance(value, str | int)}
    password = words.pop("password", None)
    return make_conninfo(**words), {} if password is None else {"PGPASSWORD": str(password)}


def run(program: str, database: Database, *arguments: str | Path, step: str) -> None:
    """Runs the program on the database. Raises errors that repeat what it said, in one line."""
    words, secrets = connection_words(database)
    command = [program, "--no-password", f"--dbname={words}", *map(str, arguments)]
    environment = {**os.environ, **secrets, "LC_ALL": "C"}
    try:
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise TerminalError(
            f"{program} is not installed", step=step, next_step="install PostgreSQL's client programs"
        ) from error
    if done.returncode:
        raise _error(program, done.stderr, database.label, step)


def _error(program: str, stderr: str, label: str, step: str) -> AssayError:
    said = " ".join(stderr.split())[:300]
    for words, kind, problem, next_step in _SAID:
        if any(word in stderr.lower() for word in words):
            details = {"program": program, "said": said}
            return kind(problem.format(**details), subject=label, step=step, next_step=next_step.format(**details))
    return TransientError(
        f"{program} ended with: {said or 'no message'}", subject=label, step=step, next_step="correct what it names"
    )
