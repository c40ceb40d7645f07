"""The flat types that a model's reply must fill, and their JSON schema in the subset that endpoints respect.

Idea: the reply can only fill its schema; nothing in it counts until its quote is grounded. Integer ranges, enums,
`required` and no extra keys are kept by servers; lengths, titles and references are ignored or refused, so they stay
out. Invariant: everything that the schema allows in an enum is legal vocabulary; lengths and per-fact values are
checked again when the reply is parsed.
"""

from copy import deepcopy
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact, LayerStatus, MaestroLayer, RiskFactor


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


class Worth(StrEnum):
    """What sentences are worth for a claim, the best first."""

    SAYS = "says"
    FOLLOWS = "follows"
    HINTS = "hints"
    OFF = "off"


class ClaimVerdict(_Part):
    number: int = Field(ge=1)
    why: str = Field(max_length=200)
    verdict: Worth


class SecondReading(_Part):
    verdicts: list[ClaimVerdict]
    """Of a second reader: exactly one for every claim, in order."""


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
