"""Every error that Assay raises on purpose, in one tree.

    AssayError
    ├── TerminalError            trying again gives the same answer
    │   ├── BadInput             a person gave something that cannot be used
    │   ├── NotFound             a slug, digest or file that is not kept here
    │   │   └── NotKnown         the agent is kept, what was asked about it is not known (never assessed, no page read)
    │   ├── Refused              a rule says no (stale digest, unapproved record, opted-out agent)
    │   └── Corrupt              what is kept does not match its digest
    └── TransientError           may pass: the network, a rate limit, a locked database, a full disk

Only `TransientError` is ever retried. A message is one line and names the subject (agent, file or
setting), the step, and what to do next.
"""

from collections.abc import Mapping
from typing import TypeVar

Value = TypeVar("Value")


class AssayError(Exception):
    """One line for a person: which subject, which step, what went wrong, what to do next."""

    def __init__(self, problem: str, *, subject: str = "", step: str = "", next_step: str = "") -> None:
        self.problem = problem
        self.subject = subject
        self.step = step
        self.next_step = next_step
        super().__init__(problem)

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.subject, self.step) if part)
        line = f"{place}: {self.problem}" if place else self.problem
        line = " ".join(line.split())
        return f"{line}. Next: {self.next_step}" if self.next_step else line


class TerminalError(AssayError):
    """Trying again gives the same answer."""


class BadInput(TerminalError):
    """A person gave something that cannot be used."""


class NotFound(TerminalError):
    """Not kept here."""


class NotKnown(NotFound):
    """What was asked about an agent is not known."""


class Refused(TerminalError):
    """A rule says no."""


class Corrupt(TerminalError):
    """What is kept does not match its digest."""


class TransientError(AssayError):
    """May pass if tried again later."""


def required(value: Value | None, problem: AssayError) -> Value:
    """The value; raises the problem where there is none."""
    if value is None:
        raise problem
    return value


def shown(value: object, most: int = 40) -> str:
    """What a person gave, short enough for one line: quoted and cut, or only its kind when it has no short form."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= most else text[: most - 1] + "…")
