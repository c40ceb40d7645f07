"""What an endpoint understands, found out once by its own refusals.

Idea: ask for the most (JSON schema, temperature 0, turns, room for a long answer), step down only when the endpoint
says that this way of asking is the trouble, and remember. Invariant: a step down changes how the reply is asked for,
never what must be in it: a reply is parsed by the same strict type in every dialect.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from extractors.model.endpoint.errors import EndpointError
from extractors.prompting.token_estimates import tokens_in

LEAST_ANSWER = 4_000
"""Tokens that a reply needs at least; a full one has about 2,000 to 4,000."""


class Form(StrEnum):
    """How a request demands an answer in JSON."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


_WITHOUT: dict[str, dict[str, Any]] = {
    "temperature": {"temperature": False},
    "tokens key": {"tokens_key": "max_completion_tokens"},
    "turns": {"turns": False},
}
"""What is changed in a request by the cause of a refusal."""
_NEXT_FORM = {Form.JSON_SCHEMA: Form.JSON_OBJECT, Form.JSON_OBJECT: Form.TEXT}


@dataclass(frozen=True)
class Dialect:
    """The shape of a request body."""

    form: Form = Form.JSON_SCHEMA
    temperature: bool = True
    tokens_key: str = "max_tokens"
    turns: bool = True
    """False: one turn of the user holds everything."""
    longest_answer: int | None = None
    """Tokens that an answer may be allowed."""
    window: int | None = None
    """Tokens of prompt and answer together."""

    def body(self, full: Mapping[str, Any]) -> dict[str, Any]:
        """`full` (see `request_json`) in this dialect."""
        body = dict(full)
        if not self.temperature:
            body.pop("temperature", None)
        if self.form is not Form.JSON_SCHEMA:
            body["response_format"] = {"type": "json_object"}
            schema = json.dumps(full["response_format"]["json_schema"]["schema"], separators=(",", ":"))
            *before, last = body["messages"]
            with_schema = f"{last['content']}\nJSON schema of the reply: {schema}\n"
            body["messages"] = [*before, {**last, "content": with_schema}]
        if self.form is Form.TEXT:
            del body["response_format"]
        if not self.turns:
            whole = "\n\n".join(turn["content"] for turn in body["messages"] if turn["content"])
            body["messages"] = [{"role": "user", "content": whole}]
        if "max_tokens" in body:
            body[self.tokens_key] = self.room(body.pop("max_tokens"), tokens_in(json.dumps(body, ensure_ascii=False)))
        return body

    def room(self, wanted: int, prompt: int) -> int:
        """Tokens that the answer to a prompt of so many tokens is allowed."""
        most = min(wanted, self.longest_answer or wanted)
        return most if self.window is None else min(most, max(LEAST_ANSWER, self.window - prompt))

    def after(self, error: EndpointError, wanted: int) -> Dialect | None:
        """The next dialect to try after a refusal of so many tokens for the answer; None when there is none left."""
        changed = replace(self, **_WITHOUT.get(error.cause, {}))
        if changed != self:
            return changed
        if error.cause == "answer room" and wanted > 500:
            limit = error.limit if error.limit and error.limit < wanted else wanted // 2
            return replace(self, longest_answer=max(500, limit))
        if self.form in _NEXT_FORM:
            return replace(self, form=_NEXT_FORM[self.form])
        return None

    def with_window(self, window: int, wanted: int, shown: int) -> Dialect | None:
        """With less room for the answer, where a prompt of `shown` tokens then fits; None where it does not."""
        known = replace(self, window=window)
        fits = shown * 3 // 5 + LEAST_ANSWER <= window  # `shown` is generous: most texts need fewer
        return known if fits and known.room(wanted, shown) < self.room(wanted, shown) else None
