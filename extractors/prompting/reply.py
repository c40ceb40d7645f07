"""The flat type that a model's reply must fill: integers 0–10, enums, bounded strings, quotes.

Idea: the reply can only fill this schema; nothing in it counts until its quote is grounded. Invariant:
the JSON schema uses only what endpoints respect (integer ranges, enums, required, no extra keys).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from scoring.vocabulary import AgentKind, ExposureFact, LayerStatus, MaestroLayer, RiskFactor


class Known(StrEnum):
    """The model's own flag. It can lower a certainty, never raise one."""

    STATED = "stated"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


Document = Annotated[str, Field(max_length=20)]
"""`d1`, `d2`, …; empty when unknown."""
Quote = Annotated[str, Field(max_length=1200)]
"""The words relied on, copied; empty when unknown."""
Says = Annotated[str, Field(max_length=200)]
"""What the quoted words say, in a few words of the model's own; empty in replies to prompts before version 3."""
Rationale = Annotated[str, Field(max_length=600)]


class FactorReply(_Part):
    factor: RiskFactor
    document: Document
    quote: Quote
    says: Says = ""
    value: int = Field(ge=0, le=10)
    """Tenths."""
    known: Known
    rationale: Rationale


class LayerReply(_Part):
    layer: MaestroLayer
    document: Document
    quote: Quote
    says: Says = ""
    status: LayerStatus
    text: str = Field(max_length=1200)
    threats: list[str] = Field(max_length=8)
    """Catalogue ids such as `L3.3`."""


class ExposureReply(_Part):
    fact: ExposureFact
    document: Document
    quote: Quote
    says: Says = ""
    value: str = Field(max_length=40)
    """One of the fact's legal values, or empty when unknown."""
    known: Known
    rationale: Rationale


class Reply(_Part):
    kind: AgentKind
    kind_known: Literal["stated", "inferred"]
    summary: str = Field(max_length=1200)
    summary_document: str = Field(max_length=20)
    summary_quote: str = Field(max_length=1200)
    factors: list[FactorReply]
    layers: list[LayerReply]
    exposure: list[ExposureReply]
