"""Bodies of other shapes than the one asked for: streams, what vendors send from their own paths, and what wraps them.

Idea: every body is a list of events, and each event holds at most one choice; a plain answer is a list of one.
Invariant: nothing here judges what an event says, and text of any shape gives a list.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

from extractors.model.endpoint.errors import parsed

_DATA = re.compile(r"^data:(.*)$", re.MULTILINE)
_WRAPS = ("result", "data", "output", "response", "body")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def events(text: str) -> list[Any]:
    """What a body holds: the events of a stream (`data:` lines, or one JSON object a line), the objects of a list, or
    the one object."""
    text = text.strip("\ufeff \t\r\n")
    if text.startswith('"'):
        with suppress(ValueError):
            text = str(json.loads(text))
    found: list[Any] = []
    if not text.startswith(("{", "[")):
        found = [value for line in _DATA.findall(text) if (value := parsed(line)) is not None]
    elif "\n" in text:
        with suppress(ValueError, RecursionError):
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    whole = found or parsed(text)
    return [_unwrapped(value) for value in whole] if isinstance(whole, list) and whole else [_unwrapped(whole)]


def _unwrapped(value: Any) -> Any:
    """With the fields of what it wraps, where it has no choices itself."""
    wraps = isinstance(value, dict) and "choices" not in value
    inner = next((value[key] for key in _WRAPS if isinstance(value.get(key), dict)), None) if wraps else None
    return value if inner is None else {**value, **inner}


def choice_of(event: Any) -> Any:
    """Where an answer and the reason of its end stand: of one choice, or the event itself."""
    for key in ("choices", "candidates"):
        if isinstance(event, dict) and key in event:
            return event[key][0] if isinstance(event[key], list) and event[key] else None
    return event


def snake_case(usage: Any) -> Any:
    """Counts by `prompt_tokens` and not `promptTokens`, as all endpoints but two name them."""
    if not isinstance(usage, dict):
        return usage
    return {_CAPITAL.sub("_", key).lower(): value for key, value in usage.items()}
