"""Where in a model's words its reply is: behind thoughts, drafts, examples, fences, or within another object.

Idea: every object of the text that has the keys of a reply is tried, the last ones first, and the first that fits its
type is the reply. Invariants: nothing is guessed or filled in: a key that occurs twice counts only with one value; a
text in which nothing fits is given back as it came; the work is bounded by the length of the text.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from extractors.model.endpoint.errors import clean
from extractors.prompting.near_json import rewritten
from extractors.prompting.reply_parser import InvalidReply, parse

_LONGEST = 400_000
"""Characters at the end of a text that are looked at; a full reply has about 15,000."""
_DRAFTS = 8
"""Objects that could be a reply, from the last one back, that are tried."""
_LARGEST = 100_000
"""Characters of one object."""
_WORK = 8
"""Times the length of the text that may be read in vain."""
_THOUGHTS = re.compile(r"</think(?:ing)?>|\[/THINK\]", re.IGNORECASE)
"""What ends thoughts; what is quoted in them is no reply."""
_KEYS = frozenset({"factors", "layers"})
_CALLS = ("arguments", "parameters", "input", "output", "response", "result")
"""Keys under which a written call holds a reply as a string; any other string may quote a page."""


def located(text: str) -> str:
    """The reply in `text` behind its thoughts; else the last object that was meant as one, else all that is there."""
    spoken = _THOUGHTS.split(text)[-1]
    spoken = spoken if spoken.strip() else text
    if spoken.lstrip().startswith('"{'):  # JSON within a string
        with suppress(ValueError):
            spoken = str(json.JSONDecoder(strict=False).raw_decode(spoken.lstrip())[0])
    if _fits(spoken):
        return spoken
    objects = tuple(_objects(spoken))
    return next(filter(_fits, objects), objects[0] if objects else spoken)


def _fits(candidate: str) -> bool:
    try:
        parse(candidate)
    except InvalidReply:
        return False
    return True


def _names_all(text: str) -> bool:
    return all(f'"{key}"' in text for key in _KEYS)


def _objects(text: str) -> Iterator[str]:
    """JSON of every object that could be a reply, the last first."""
    found: list[dict[str, Any]] = []
    wholes: list[str] = []
    inner: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> Any:
        value = dict(items)
        if len(value) != len(items) and any(value[key] != given for key, given in items):
            raise ValueError("a key has two values")
        if value.keys() >= _KEYS:
            found.append(value)
        inner.extend(text for key in _CALLS if isinstance(text := value.get(key), str) and _names_all(text))
        return value

    text = text[-_LONGEST:]
    decoder = json.JSONDecoder(object_pairs_hook=pairs, strict=False)
    start, work = text.find("{"), _WORK * len(text)
    while start >= 0 and work > 0:
        try:
            stop = start + decoder.raw_decode(text[start : start + _LARGEST])[1]
            wholes.append(text[start:stop])
        except (ValueError, RecursionError) as error:
            stop = start + 1
            work -= max(100, getattr(error, "pos", _LARGEST))
            plain, end = rewritten(text[start : start + _LARGEST])
            work -= 3 * end  # its tokens take longer
            with suppress(ValueError, RecursionError):
                decoder.decode(plain)
                wholes.append(plain)
                stop = start + end
        start = text.find("{", stop)
    yield from reversed([whole for whole in wholes if _names_all(whole)][-_DRAFTS:])
    yield from reversed(inner[-_DRAFTS:])
    for value in reversed(found[-_DRAFTS:]):
        yield clean(json.dumps(value, ensure_ascii=False))
