"""What an endpoint understands, found out once a client by its own refusals.

Idea: ask for the most (JSON schema, temperature 0), step down only on a 400 that says so, and remember.
Invariant: a step down changes how the reply is asked for, never what must be in it: a reply is parsed by the
same strict type in every dialect.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from extractors.prompting.reply_schema import reply_schema


class Form(StrEnum):
    """How the endpoint is told to answer in JSON."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


_NEXT_FORM = {Form.JSON_SCHEMA: Form.JSON_OBJECT, Form.JSON_OBJECT: Form.TEXT}


@dataclass(frozen=True)
class Dialect:
    """The shape of a request body."""

    form: Form = Form.JSON_SCHEMA
    temperature: bool = True
    tokens_key: str = "max_tokens"

    def body(self, full: Mapping[str, Any]) -> dict[str, Any]:
        """`full` (see `request_json`) in this dialect."""
        body = dict(full)
        if not self.temperature:
            body.pop("temperature", None)
        if "max_tokens" in body and self.tokens_key != "max_tokens":
            body[self.tokens_key] = body.pop("max_tokens")
        if self.form is Form.JSON_SCHEMA:
            return body
        del body["response_format"]
        if self.form is Form.JSON_OBJECT:
            body["response_format"] = {"type": "json_object"}
        schema = json.dumps(reply_schema(), separators=(",", ":"))
        *before, last = body["messages"]
        body["messages"] = [*before, {**last, "content": f"{last['content']}\nJSON schema of the reply: {schema}\n"}]
        return body

    def after_refusal(self, message: str) -> Dialect | None:
        """The next dialect to try after a 400 with this message; None when there is none left."""
        text = message.lower()
        if self.temperature and "temperature" in text:
            return replace(self, temperature=False)
        if self.tokens_key == "max_tokens" and "max_completion_tokens" in text:
            return replace(self, tokens_key="max_completion_tokens")
        if self.form in _NEXT_FORM:
            return replace(self, form=_NEXT_FORM[self.form])
        return None
