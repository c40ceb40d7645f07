"""JSON lines through the formula profiles: one answer a line, in order, errors in their place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import chain
from typing import Any

from scoring.errors import BadInput
from scoring.profiles import score_line


def score_stream(lines: Iterable[bytes], write: Callable[[str], None]) -> int:
    """Scores each line and writes its answer; gives the number of bad lines.

    One object spread over lines (its first line is `{` alone) is taken as one line.
    """
    stream = iter(lines)
    first = next((line for line in stream if line.strip()), b"")
    if first.strip() == b"{":
        rest = list(stream)
        whole = b"".join([first, *rest])
        stream = iter([whole] if _is_json(whole) else [first, *rest])
    else:
        stream = chain([first], stream)
    return sum(_score(line, write) for line in stream if line.strip())


def _score(line: bytes, write: Callable[[str], None]) -> int:
    try:
        parsed = _parse(line)
        if not isinstance(parsed, dict):
            raise BadInput(f"a line is a JSON object, not {type(parsed).__name__}", step="score")
        answer = score_line(parsed)
    except BadInput as error:
        write(json.dumps({"error": str(error)}, ensure_ascii=False))
        return 1
    write(json.dumps(answer, ensure_ascii=False))
    return 0


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line, parse_float=Decimal, parse_constant=_no_constant)
    except BadInput:
        raise
    except (ValueError, RecursionError) as error:
        raise BadInput(f"not JSON: {error}", step="score") from error


def _no_constant(name: str) -> Any:
    raise BadInput(f"{name} is not a number", step="score")
