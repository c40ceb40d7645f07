"""What a person reads on the terminal, and what a program reads instead.

Invariant: no escape, control character, direction mark or half of a pair reaches a terminal, whoever wrote it:
`printable` drops them from the text of a page, and whatever else holds one is written with its `\\u202e`.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from pydantic import BaseModel


def printable(text: str) -> str:
    """The text without terminal escapes and other control characters (new lines become spaces)."""
    flat = " ".join(text.split())
    return "".join(c for c in flat if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") or c == "\u200d")


_OBEYED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_HARMLESS = frozenset("\n\t\u200c\u200d")
"""Line ends and tabs of our own; the two joiners, which words and emoji need."""


def escaped(text: str) -> str:
    """The text with everything that a terminal would obey or hide as its JSON escape."""
    if text.isprintable():
        return text
    return "".join(
        json.dumps(c)[1:-1] if unicodedata.category(c) in _OBEYED and c not in _HARMLESS else c for c in text
    )


def say(text: str = "") -> None:
    """One line to standard output."""
    typer.echo(escaped(text))


def note(text: str) -> None:
    """One line to standard error: progress and hints, never data."""
    typer.echo(escaped(text), err=True)


def emit(value: BaseModel | dict[str, Any] | list[Any]) -> None:
    """JSON to standard output; keys in their own order, decimals as strings."""
    data = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    say(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def table(rows: Iterable[Sequence[str]], header: Sequence[str] = (), *, none: str = "") -> None:
    """Columns set with spaces, cut to nothing; the last column runs free. Without rows `none` alone is said."""
    lines = [tuple(printable(cell) for cell in row) for row in rows]
    lines = [*([tuple(header)] if header else []), *lines] if lines else [(none,)] if none else []
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]) if lines else 0)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line[:-1], widths[:-1], strict=True)]
        say("  ".join([*cells, line[-1]]).rstrip())
