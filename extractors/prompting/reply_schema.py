"""The JSON schema of a reply, in the subset that endpoints respect.

Idea: integer ranges, enums, `required` and no extra keys are kept by servers; lengths, titles and references
are ignored or refused, so they stay out. Invariant: everything that the schema allows in an enum is legal
vocabulary; lengths and per-fact values are checked again when the reply is parsed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from extractors.prompting.reply import Reply
from scoring.vocabulary import EXPOSURE_VALUES

_LEFT_OUT = ("title", "description", "default", "maxLength", "minLength", "maxItems", "minItems")


@lru_cache(maxsize=1)
def _built() -> dict[str, Any]:
    whole = Reply.model_json_schema()
    definitions = whole.pop("$defs", {})
    schema: dict[str, Any] = _plain(whole, definitions)
    values = sorted({value for legal in EXPOSURE_VALUES.values() for value in legal})
    schema["properties"]["exposure"]["items"]["properties"]["value"]["enum"] = [*values, ""]
    return schema


def reply_schema() -> dict[str, Any]:
    """A fresh copy, references resolved."""
    copy: dict[str, Any] = _plain(_built(), {})
    return copy


def _plain(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    if "properties" in node:
        kept = {key: value for key, value in node.items() if key not in _LEFT_OUT and key != "properties"}
        properties = {name: _plain(value, definitions) for name, value in node["properties"].items()}
        return {**{k: _plain(v, definitions) for k, v in kept.items()}, "properties": properties}
    return {key: _plain(value, definitions) for key, value in node.items() if key not in _LEFT_OUT}
