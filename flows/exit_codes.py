"""How every command tells a program how it ended: the one table of exit codes, which the README shows.

Invariant: a command ends with one of these; which one an error means is decided here, by its type alone.
"""

from enum import IntEnum

from scoring.errors import AssayError, BadInput, NotFound, NotKnown, TransientError


class ExitCode(IntEnum):
    """A sentence each in `MEANING`."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    TRY_AGAIN = 3
    ALARM = 4
    NOT_KNOWN = 5
    DEFECT = 70
    INTERRUPTED = 130


MEANING = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "refused or failed",
    ExitCode.BAD_INPUT: "bad input: a word, a file or a setting that cannot be used",
    ExitCode.TRY_AGAIN: "may pass if tried again",
    ExitCode.ALARM: "alarm: a night with a failed source, a policy that says no",
    ExitCode.NOT_KNOWN: "not known, where knowledge was asked for",
    ExitCode.DEFECT: "a defect",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C; what was finished is kept",
}
TABLE = "Exit codes: " + " · ".join(f"{code.value} {meaning}" for code, meaning in MEANING.items())


def code_of(error: AssayError) -> ExitCode:
    """The code that this error ends a command with."""
    if isinstance(error, NotKnown):
        return ExitCode.NOT_KNOWN
    if isinstance(error, BadInput | NotFound):
        return ExitCode.BAD_INPUT
    return ExitCode.TRY_AGAIN if isinstance(error, TransientError) else ExitCode.FAILED
