"""One answer of a chat endpoint, read from its bytes with no trust in their shape.

Idea: an endpoint may send anything; texts are gathered from wherever endpoints put them, and are clean Unicode from
here on. Invariant: nothing here raises but `EndpointError`: a body without an answer is sorted by what it says,
whatever its status was.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from extractors.model.endpoint.errors import (
    EndpointError,
    clean,
    is_filters_code,
    parsed,
    sort_error,
)

_KEYS: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).resolve().parents[3] / "data" / "endpoint_answers.toml").read_text(encoding="utf-8")
)
_DATA = re.compile(r"^data:(.*)$", re.MULTILINE)
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class TokenCounts(NamedTuple):
    """Tokens as the endpoint counts them; 0 where it does not."""

    prompt: int = 0
    """With the cached ones."""
    cached: int = 0
    completion: int = 0
    """With thoughts, where the endpoint names them apart."""
    total: int = 0
    audio_prompt: int = 0
    audio_completion: int = 0
    written: int = 0
    """Of the prompt, into a cache."""
    thoughts: int = 0
    """Of the completion."""


class Answer(NamedTuple):
    content: str
    """With the arguments of tool calls; thoughts where there is nothing else."""
    refusal: str = ""
    finish_reason: str = ""
    """`length` and `content_filter` whatever the endpoint calls them."""
    thoughts: str = ""
    """Where the endpoint keeps them apart."""
    usage: TokenCounts = TokenCounts()


class _Piece(NamedTuple):
    """What one event holds: all of an answer, or of a stream a part."""

    answer: Answer
    calls: str
    failed: Any
    speaks: bool


def read_answer(body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    values = _events(body.decode("utf-8", "replace"))
    try:
        pieces = [_piece(value) for value in values]
    except RecursionError as deep:
        raise sort_error(200, body, headers) from deep
    usage = TokenCounts(*map(max, zip(*(piece.answer.usage for piece in pieces), strict=True)))
    content = "".join(piece.answer.content for piece in pieces)
    thoughts = "".join(piece.answer.thoughts for piece in pieces)
    calls = "".join(piece.calls for piece in pieces)
    reason = next((piece.answer.finish_reason for piece in reversed(pieces) if piece.answer.finish_reason), "")
    filtered, failed = is_filters_code(reason), next((piece.failed for piece in pieces if piece.failed), None)
    if failed or reason == "error" or not (filtered or any(piece.speaks for piece in pieces)):
        if not failed and any(map(_prompt_filtered, values)):
            raise EndpointError("the endpoint's content filter: the prompt was filtered", "page", "filtered")
        error = sort_error(200, json.dumps({"error": failed}) if failed else body, headers)
        error.usage = usage if usage.prompt or not failed else None
        raise error
    return Answer(
        content="\n".join(filter(None, (content, calls))) or thoughts,
        refusal="".join(piece.answer.refusal for piece in pieces),
        finish_reason="content_filter" if filtered else "length" if reason in _KEYS["cut"] else reason,
        thoughts=thoughts,
        usage=usage,
    )


def _piece(value: Any) -> _Piece:
    choice = _choice(value)
    message = next((found for key in _KEYS["message"] if isinstance(found := _get(choice, key), dict)), None)
    content = next((found for node in (message, choice) for key in _KEYS["content"] if (found := _get(node, key))), "")
    parts = content if isinstance(content, list) else [content]
    spoken = _text([part for part in parts if not _is_thought(part)])
    thoughts = _first(message, "thoughts") or _text([part for part in parts if _is_thought(part)])
    cut = _first(_get(value, "incomplete_details"), "incomplete")
    reason = (cut or _first(choice, "reason") or _first(message, "reason")).lower()
    failed = _get(choice, "error") or _get(message, "error")
    if not failed and reason != "error" and not spoken:
        failed = _get(value, "error")
    nodes = (value, message, _get(value, "x_groq"))
    usage = _usage(next((found for node in nodes for key in _KEYS["usage"] if (found := _get(node, key))), value))
    speaks = bool(spoken or thoughts) or (message is not None and (choice is not value or "role" in message))
    refusal = _text(_get(message, "refusal"))
    return _Piece(Answer(spoken, refusal, reason, thoughts, usage), _first(message, "calls"), failed, speaks)


def _is_thought(part: Any) -> bool:
    return _get(part, "thought") is True or _get(part, "type") in ("thinking", "reasoning")


def _usage(usage: Any) -> TokenCounts:
    """Cached tokens and thoughts are added where the endpoint does not count them within prompt and completion."""
    usage = _get(usage, "tokens") or usage
    if isinstance(usage, dict):  # by `prompt_tokens` and not `promptTokens`, as all endpoints but two name them
        usage = {_CAPITAL.sub("_", key).lower(): value for key, value in usage.items()}
    prompt_details, completion_details = (
        next((found for key in _KEYS[what] if (found := _get(usage, key))), None)
        for what in ("prompt_details", "completion_details")
    )
    created = _get(usage, "cache_creation")  # by how long it is kept
    written = sum(_count(created, [key]) for key in created) if isinstance(created, dict) else 0
    written = max(written, _most(usage, "written"))
    cached = max(_most(usage, "cached"), _most(prompt_details, "cached_detail"))
    beside = _most(usage, "cached_beside") + written
    prompt = _most(usage, "prompt")
    if _get(usage, "prompt_tokens") is None or max(beside, cached) > prompt:
        prompt += beside or (cached if cached > prompt else 0)
    hits, misses = _count(usage, ["prompt_cache_hit_tokens"]), _count(usage, ["prompt_cache_miss_tokens"])
    completion = _most(usage, "completion")
    thoughts = max(_most(usage, "thought"), _most(completion_details, "thought"))
    return TokenCounts(
        prompt=max(prompt, hits + misses),
        cached=cached,
        completion=completion + (thoughts if thoughts > completion or _get(usage, "candidates_token_count") else 0),
        total=_most(usage, "total"),
        audio_prompt=_most(prompt_details, "audio_detail"),
        audio_completion=_most(completion_details, "audio_detail"),
        written=max(written, _most(prompt_details, "written_detail")),
        thoughts=thoughts,
    )


def _most(node: Any, what: str) -> int:
    return _count(node, _KEYS[what])


def _count(node: Any, keys: list[str]) -> int:
    """The highest count under these keys, also as `7.0` or `"7"`; what is no count is none."""
    found = (str(_get(node, key)).removesuffix(".0") for key in keys)
    return max((int(count) for count in found if count.isdecimal() and len(count) < 10), default=0)


def _get(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, dict) else None


def _text(value: Any) -> str:
    """A string; of a list the texts of its parts; of a call its arguments; of any other object its JSON."""
    if isinstance(value, list):
        return "".join(_text(part) for part in value)
    if isinstance(value, dict):
        # Without a type it may be the reply itself, which has a `summary`.
        return _first(value, "part") or (_first(value, "typed_part") if "type" in value else json.dumps(value))
    return clean(value) if isinstance(value, str) else ""


def _first(node: Any, what: str) -> str:
    return next((text for key in _KEYS[what] if (text := _text(_get(node, key)))), "")


def _prompt_filtered(value: Any) -> bool:
    """Whether an answer without choices says that its prompt was flagged."""
    if blocked := _get(_get(value, "promptFeedback"), "blockReason"):
        return bool(blocked)
    results = _get(value, "prompt_filter_results")
    stated = json.dumps(results)
    return bool(results) and ('"filtered": true' in stated or '"filtered"' not in stated)


def _events(text: str) -> list[Any]:
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
    inner = next((value[key] for key in _KEYS["wrapper"] if isinstance(value.get(key), dict)), None) if wraps else None
    return value if inner is None else {**value, **inner}


def _choice(event: Any) -> Any:
    """The part with the answer and the reason of its end: one choice, or the event itself."""
    for key in ("choices", "candidates"):
        if isinstance(event, dict) and key in event:
            return event[key][0] if isinstance(event[key], list) and event[key] else None
    return event
