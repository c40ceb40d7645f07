"""Whether an endpoint's answer says that its content filter refuses the page, and in which words.

Idea: every provider says it in a form of its own (400 with a code, 403 with what was flagged, a 200 without choices);
all forms are known by a code, by a key of the body, or by a short phrase in the error's message. Invariant: only what
the endpoint itself says counts; a filter's no belongs to the page that was asked about, never to the endpoint or to
the form of the request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_CODES = frozenset(
    {
        "content_filter",
        "content_filtered",
        "content_policy_violation",
        "responsibleaipolicyviolation",
        "data_inspection_failed",
        "datainspectionfailed",
        "prompt_blocked",
        "moderation_blocked",
        "prohibited_content",
        "blocklist",
        "safety",
        "sensitive",
    }
)
"""Of an error, and of the reason why a reply ended."""
_KEYS = frozenset({"flagged_input"})
_MESSAGE = re.compile(
    r"content management policy|content[ -]filter|content exists risk|considered high risk"
    r"|violat\w{1,8} (?:our |the )?usage|requires moderation"
    r"|(?:input|prompt|content) (?:was|has been|is) (?:flagged|filtered)",
    re.IGNORECASE,
)
_STATUSES = (400, 403, 422, 451)
"""With which a message alone is enough; with others the code has to say it."""
_LONGEST_MESSAGE = 200
_DEEPEST = 6


def ended_by_filter(finish_reason: str) -> bool:
    """Whether a reply ended because of the filter."""
    return finish_reason.lower() in _CODES


def refusal_of_error(status: int, body: bytes | str) -> str:
    """The filter's words in an error answer; empty when it is an error of another kind."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return _refusal(value, message_is_enough=status in _STATUSES)


def refusal_without_message(value: Any) -> str:
    """The filter's words in a good answer that holds no message; empty when something else is missing."""
    if not isinstance(value, dict):
        return ""
    results = value.get("prompt_filter_results")
    if results:
        flags = [found for key, found in _pairs(results) if key == "filtered"]
        if any(flags) or not flags:
            return "the prompt was filtered"
    return _refusal(value, message_is_enough=False)


def _refusal(value: Any, *, message_is_enough: bool) -> str:
    if not isinstance(value, dict):
        return ""
    error = value.get("error", value)
    message = next((found for key, found in _pairs(error) if key == "message" and isinstance(found, str)), "")
    named = any(
        (key in ("code", "type", "finish_reason", "blockReason") and str(found).lower() in _CODES) or key in _KEYS
        for key, found in _pairs(value)
    )
    if named or (message_is_enough and _MESSAGE.search(message[: 2 * _LONGEST_MESSAGE])):
        return " ".join(message.split())[:_LONGEST_MESSAGE] or "no reason given"
    return ""


def _pairs(node: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every key with its value, outer ones first."""
    if depth > _DEEPEST:
        return
    if isinstance(node, dict):
        yield from node.items()
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        if isinstance(inner, dict | list):
            yield from _pairs(inner, depth + 1)
