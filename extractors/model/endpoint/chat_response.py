"""One answer of a chat endpoint, read from its bytes with no trust in their shape.

Idea: an endpoint may send anything; texts are gathered from wherever endpoints put them, and are clean Unicode from
here on. Invariant: nothing here raises but `EndpointError`: a body without an answer is sorted by what it says,
whatever its status was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from extractors.model.endpoint.errors import (
    EndpointError,
    clean,
    is_filters_code,
    parsed,
    sort_error,
)

_CUT = ("length", "max_tokens", "model_length", "max_output_tokens")
_CALLS = ("tool_calls", "function_call", "parsed")
_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_THOUGHT_COUNTS = ("reasoning_tokens", "thinking_tokens", "thoughts_token_count")
_PARTS = ("text", "value", "content", "function", "arguments")


class Counted(NamedTuple):
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
    """Where they are told apart."""
    usage: Counted = Counted()


def read_answer(body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    value = parsed(body.decode("utf-8", "replace"))
    usage = read_usage(_get(value, "usage"))
    choices = _get(value, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = _get(choice, "message") or _get(choice, "delta")
    reason = _text(_get(choice, "finish_reason") or _get(choice, "stop_reason")).lower()
    filtered = is_filters_code(reason)
    failed = _get(choice, "error") or _get(message, "error")
    content = _text(_get(message, "content")) or _text(_get(choice, "text"))
    if not failed and reason != "error" and not content:
        failed = _get(value, "error")
    if failed or reason == "error" or not (filtered or isinstance(message, dict) or content):
        if not failed and _prompt_filtered(value):
            raise EndpointError("the endpoint's content filter: the prompt was filtered", "page", "filtered")
        error = sort_error(200, json.dumps({"error": failed}) if failed else body, headers)
        error.usage = usage if usage.prompt or not failed else None
        raise error
    thoughts = _first(message, _THOUGHTS)
    return Answer(
        content="\n".join(filter(None, (content, _first(message, _CALLS)))) or thoughts,
        refusal=_text(_get(message, "refusal")),
        finish_reason="content_filter" if filtered else "length" if reason in _CUT else reason,
        thoughts=thoughts,
        usage=usage,
    )


def read_usage(usage: Any) -> Counted:
    """Cached tokens and thoughts are added where the endpoint does not count them within prompt and completion."""
    prompt_parts = _get(usage, "prompt_tokens_details") or _get(usage, "input_tokens_details")
    completion_parts = _get(usage, "completion_tokens_details") or _get(usage, "output_tokens_details")
    written = _most(usage, "cache_creation_input_tokens")
    beside = _most(usage, "cache_read_input_tokens") + written
    cached = max(
        _most(usage, "cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens"),
        _most(prompt_parts, "cached_tokens"),
    )
    prompt = _most(usage, "prompt_tokens", "input_tokens")
    if _get(usage, "prompt_tokens") is None or max(beside, cached) > prompt:
        prompt += beside or (cached if cached > prompt else 0)
    prompt = max(prompt, _most(usage, "prompt_cache_hit_tokens") + _most(usage, "prompt_cache_miss_tokens"))
    completion = _most(usage, "completion_tokens", "output_tokens")
    thoughts = max(_most(node, *_THOUGHT_COUNTS) for node in (usage, completion_parts))
    return Counted(
        prompt,
        cached,
        completion + thoughts if thoughts > completion else completion,
        _most(usage, "total_tokens"),
        _most(prompt_parts, "audio_tokens"),
        _most(completion_parts, "audio_tokens"),
        max(written, _most(prompt_parts, "cache_write_tokens", "cache_creation_tokens")),
        thoughts,
    )


def _most(node: Any, *keys: str) -> int:
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
        if "type" in value:
            return _first(value, (*_PARTS, "thinking", "summary"))
        return _first(value, _PARTS) or json.dumps(value)  # it may be the reply itself, which has a `summary`
    return clean(value) if isinstance(value, str) else ""


def _first(node: Any, keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := _text(_get(node, key)))), "")


def _prompt_filtered(value: Any) -> bool:
    """Whether an answer without choices says that its prompt was flagged."""
    if blocked := _get(_get(value, "promptFeedback"), "blockReason"):
        return bool(blocked)
    results = _get(value, "prompt_filter_results")
    told = json.dumps(results)
    return bool(results) and ('"filtered": true' in told or '"filtered"' not in told)
