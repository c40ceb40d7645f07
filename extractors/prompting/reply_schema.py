"""The JSON schema of a reply, in the subset that endpoints respect.

Idea: integer ranges, enums, `required` and no extra keys are kept by servers; lengths, titles and references
are ignored or refused, so they stay out. Invariant: everything that the schema allows in an enum is legal
vocabulary; lengths and per-fact values are checked again when the reply is parsed.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from pydantic import BaseModel

from extractors.prompting.reply import Reply
from extractors.prompting.second_reader import SecondReading
from scoring.vocabulary import EXPOSURE_VALUES

_LEFT_OUT = ("title", "description", "default", "maxLength", "minLength", "maxItems", "minItems")


REPLIES: dict[str, type[BaseModel]] = {"Reply": Reply, "SecondReading": SecondReading}
"""What a prompt's front matter may ask for."""


def reply_schema(reply: str = "Reply") -> dict[str, Any]:
    """A fresh copy, references resolved."""
    return deepcopy(_built(reply))


@cache
def _built(reply: str) -> dict[str, Any]:
    whole = REPLIES[reply].model_json_schema()
    schema: dict[str, Any] = _plain(whole, whole.pop("$defs", {}))
    if exposure := schema["properties"].get("exposure"):
        values = sorted({value for legal in EXPOSURE_VALUES.values() for value in legal})
        exposure["items"]["properties"]["value"]["enum"] = [*values, ""]
    return schema


def _plain(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    properties = {name: _plain(value, definitions) for name, value in node.get("properties", {}).items()}
    plain = {key: _plain(node[key], definitions) for key in node if key not in (*_LEFT_OUT, "properties")}
    return {**plain, "required": list(properties), "properties": properties} if properties else plain
