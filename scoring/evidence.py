"""The ground of every type of a record: immutable values, digests, and spans of stored page texts.

Invariant: a span of evidence is as long as its quote.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Frozen(BaseModel):
    """Immutable, strict about unknown keys; two equal values dump to equal JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


def _empty(value: Any) -> bool:
    return not value


def added() -> Any:
    """A field that records of schema 1.0 do not have: left out of the JSON while it is empty, so that an extraction
    stored by an earlier version keeps its digest."""
    return Field(default=None, exclude_if=_empty)


Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
"""Algorithm and hex: `sha256:…`."""


class Evidence(Frozen):
    """A span of a stored page text: `text[start:end] == quote`."""

    text_digest: Digest
    url: str
    start: int = Field(ge=0)
    """Offset of the first character, in Unicode code points of the page text."""
    end: int = Field(gt=0)
    """Offset after the last character."""
    quote: str = Field(min_length=1)

    @model_validator(mode="after")
    def _length(self) -> Self:
        if self.end - self.start != len(self.quote):
            raise ValueError("evidence offsets do not span its quote")
        return self
