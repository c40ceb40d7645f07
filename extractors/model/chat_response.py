"""One answer of a chat endpoint, read from its bytes with no trust in their shape.

Idea: an endpoint may send anything; what is missing is None or 0, what is not JSON is an error of the
endpoint. Invariant: nothing here raises but `NoAnswer` and, where the filter kept the reply back, `Filtered`.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from extractors.model.content_filter import ended_by_filter, refusal_without_message
from scoring.errors import AssayError


class NoAnswer(AssayError):
    """The body is no chat completion."""


class Filtered(AssayError):
    """The endpoint's content filter refuses what was asked about: another page may pass, another try does not."""


class Answer(NamedTuple):
    content: str
    refusal: str
    finish_reason: str
    prompt_tokens: int | None
    """None when the endpoint does not count."""
    cached_tokens: int
    completion_tokens: int | None


def read_answer(body: bytes) -> Answer:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NoAnswer("the endpoint's answer is not JSON") from error
    choices = _get(value, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = _get(choice, "message")
    finish_reason = _text(_get(choice, "finish_reason"))
    if not isinstance(message, dict) and ended_by_filter(finish_reason):
        message = {}
    if not isinstance(message, dict):
        if refusal := refusal_without_message(value):
            raise Filtered(refusal)
        raise NoAnswer("the endpoint's answer holds no message")
    usage = _get(value, "usage")
    return Answer(
        content=_text(message.get("content")),
        refusal=_text(message.get("refusal")),
        finish_reason="content_filter" if ended_by_filter(finish_reason) else finish_reason,
        prompt_tokens=_count(_get(usage, "prompt_tokens")),
        cached_tokens=_count(_get(_get(usage, "prompt_tokens_details"), "cached_tokens")) or 0,
        completion_tokens=_count(_get(usage, "completion_tokens")),
    )


def _get(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, dict) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _text(value: Any) -> str:
    """A string, or the text parts of a content list joined."""
    if isinstance(value, list):
        return "".join(_text(_get(part, "text")) for part in value)
    return value if isinstance(value, str) else ""
