"""JSON lines through the formula profiles: one answer a line, in order, errors in their place.

Invariant: whatever stands on a line, its answer is one line of plain ASCII JSON. A number is read as the text
that stands there, so that nothing is rounded on the way and no number is too long to be refused.
"""

import json
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from scoring.errors import BadInput, shown
from scoring.formulas.score_line import score_line

WHOLE_OBJECT = 1 << 20
"""Bytes within which one object spread over many lines is looked for."""


def score_stream(lines: Iterable[bytes], write: Callable[[str], None]) -> int:
    """Scores each line and writes its answer; gives the number of bad lines.

    One object spread over lines (its first line is no JSON by itself, all of them are) is taken as one line.
    """
    stream = iter(lines)
    first = next((line for line in stream if line.strip()), b"")
    taken = [first]
    if first.lstrip().startswith(b"{") and not _is_json(first):
        size = len(first)
        for line in stream:
            taken.append(line)
            size += len(line)
            if size > WHOLE_OBJECT:
                break
        whole = b"".join(taken)
        taken = [whole] if _is_json(whole) else taken
    return sum(_score(line, write) for line in chain(taken, stream) if line.strip())


def _score(line: bytes, write: Callable[[str], None]) -> int:
    try:
        answer, bad = score_line(_parse(line)), 0
    except BadInput as error:
        answer, bad = {"error": str(error)}, 1
    write(json.dumps(answer))
    return bad


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _parse(line: bytes) -> Any:
    try:
        return json.loads(
            line, parse_int=str, parse_float=str, parse_constant=_no_constant, object_pairs_hook=_once_each
        )
    except RecursionError:
        raise BadInput("not JSON that a score needs: nested too deeply") from None
    except ValueError as error:
        raise BadInput(f"not JSON: {error}") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object, unless a key stands in it twice: which of the two was meant is unknown."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise BadInput(f"key {shown(next(name for name in names if names.count(name) > 1))} stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise BadInput(f"{name} is not a finite number")
