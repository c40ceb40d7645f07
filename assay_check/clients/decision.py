"""What is decided about, under what, and the answer; the three matchers that VS Code, Claude Code and Copilot share."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Matcher = Literal["serverName", "serverUrl", "serverCommand"]
_KINDS: tuple[Matcher, ...] = ("serverName", "serverUrl", "serverCommand")


@dataclass(frozen=True, slots=True)
class Server:
    """A server as its client sees it: a name, and an address or a command with its arguments. Not shown."""

    name: str
    url: str | None = field(default=None, repr=False)
    command: tuple[str, ...] | None = field(default=None, repr=False)
    kind: str = ""
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class Policies:
    """The policy of the organisation, further ones beside it, and the environment in which variables are expanded."""

    managed: Mapping[str, Any]
    others: Sequence[Mapping[str, Any]] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the server runs, why, and the address that runs in its place where the client replaces it."""

    runs: bool
    reason: str
    runs_as: str | None = None


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One matcher of a list."""

    kind: Matcher
    value: str | tuple[str, ...]


def list_entry(raw: object) -> ListEntry | None:
    """A matcher with exactly one of the three fields, of the right type and not empty; anything else is None."""
    if not isinstance(raw, Mapping):
        return None
    kinds = [kind for kind in _KINDS if kind in raw]
    if len(kinds) != 1:
        return None
    kind, value = kinds[0], raw[kinds[0]]
    if kind == "serverCommand":
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            return ListEntry(kind, tuple(value))
        return None
    return ListEntry(kind, value) if isinstance(value, str) and value else None


def valid_entries(raw: object) -> list[ListEntry] | None:
    """The valid entries of a list; None where it is none."""
    return [entry for item in raw if (entry := list_entry(item))] if isinstance(raw, list) else None


def matches(entry: ListEntry, server: Server, address: Callable[[str, str], bool]) -> bool:
    """Name and command are compared as they are written; `address` says whether a pattern admits an address."""
    if entry.kind == "serverName":
        return entry.value == server.name
    if entry.kind == "serverCommand":
        return server.command is not None and tuple(entry.value) == server.command
    return server.url is not None and address(str(entry.value), server.url)


def glob(pattern: str, any_character: str = ".") -> str:
    """A regular expression for a text in which `*` stands for any run of `any_character`."""
    return f"{any_character}*".join(re.escape(part) for part in re.split(r"\*+", pattern))
