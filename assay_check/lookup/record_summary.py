"""What a published site says about a subject: the summary of a record.

Invariant: a fact that is not known is absent, never *no*.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assay_check.errors import BadInput

Power = Literal["reads", "writes", "writes_outside", "runs_code", "sends", "spends"]
POWERS: tuple[Power, ...] = ("reads", "writes", "writes_outside", "runs_code", "sends", "spends")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Span(_Frozen):
    """A range of the score, both ends within it."""

    low: float = Field(ge=0, le=10)
    high: float = Field(ge=0, le=10)


class Statement(_Frozen):
    """One subject that a record speaks about, in exactly one of these forms."""

    purl: str | None = None
    """With the version, tag or digest that the record's evidence names, if any."""
    url: str | None = None
    plugin: str | None = None
    """`NAME@MARKETPLACE`, for a marketplace that the client's vendor keeps."""
    sha256: str | None = None
    """Of the bytes of a skill, 64 hexadecimal digits."""


class RegistryName(_Frozen):
    """How an MCP registry calls the product, where its pages or its registry file say so."""

    name: str
    description: str | None = None
    version: str | None = None


class RecordSummary(_Frozen):
    """What a lookup answers about one published record. Absent means not known, never *no*."""

    record: str
    """Address of the record, absolute or relative to the site."""
    slug: str
    name: str
    kind: str | None = None
    subjects: tuple[Statement, ...] = ()
    score: float | None = Field(default=None, ge=0, le=10)
    band: str | None = None
    possible: Span | None = None
    likely: Span | None = None
    firm: bool | None = None
    touches: dict[str, bool] = Field(default_factory=dict)
    """By power (`POWERS`): true or false as the evidence says; a power that is absent is not known."""
    unknowns: tuple[str, ...] = ()
    """Facts that the evidence does not settle."""
    only_if: tuple[str, ...] = ()
    """Conditions that the record itself supports."""
    registry: RegistryName | None = None
    assessed: date | None = None
    modified: date | None = None
    expires: date | None = None
    withdrawn: str | None = None
    """Why the record is withdrawn, if it is."""
    digest: str | None = None
    """`sha256:…` of the published bytes."""
    previous: str | None = None
    """Digest of the version before, so that a chain can be followed."""


def summary_text(summary: RecordSummary) -> str:
    """The summary as a bucket holds it."""
    return compact_json(summary.model_dump(mode="json", exclude_none=True, exclude_defaults=True))


def compact_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def summary_of(value: object, place: str) -> RecordSummary:
    """A summary as a bucket holds it. Raises `BadInput` with the field that is wrong."""
    try:
        return RecordSummary.model_validate(value)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "record"
        raise BadInput(f"the index holds a record whose {where} cannot be read", subject=place) from None
