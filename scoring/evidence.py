"""The ground of every type of a record: immutable values, digests, spans of stored page texts, which pages were read.

Invariant: a span of evidence is as long as its quote.
"""

from operator import not_
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scoring.vocabulary import FindingKind


class Frozen(BaseModel):
    """Immutable, strict about unknown keys; two equal values dump to equal JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


def is_absent(value: object) -> bool:
    return value is None


def added() -> Any:
    """A field that records of schema 1.0 do not have: left out of the JSON while it is empty, so that an extraction
    stored by an earlier version keeps its digest."""
    return Field(default=None, exclude_if=not_)


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


class RejectedQuote(Frozen):
    """Words that were offered as evidence and are not on the page. They never count."""

    quote: str
    why: str
    """For a person: `not on the page`, `drops "not" of its sentence`, …"""
    nearest: Evidence | None = None
    """The nearest passage, as a suggestion for the reviewer."""


class SourceRead(Frozen):
    """A page whose text the assessor had before it."""

    url: str
    text_digest: Digest
    page_digest: Digest
    truncated: bool = False
    """True when a budget kept part of the text from the assessor."""


class SourceNotRead(Frozen):
    """A page that was tried and gave no text, with its typed outcome."""

    url: str
    outcome: str
    """A `FetchOutcome` value such as `not_found`, or `no_text`."""


class Finding(Frozen):
    """Text on a page that hides or that talks to models. Reported; it never moves a value."""

    kind: FindingKind
    url: str
    text_digest: Digest | None = None
    """None when the text was dropped and is in no page text."""
    start: int | None = None
    end: int | None = None
    excerpt: str = Field(max_length=300)
    visible: bool = True
    how: str = ""
    """By which carrier or cue it was found: `display:none`, `HTML comment`, `asks to rate`, …"""
    example: bool | None = added()
    """True where the page shows such text rather than uses it: reported, and no obstacle to an approval."""
