"""From reply text to `Reply`: fences off, strict types, complete, or a reason that can be sent back.

Idea: what cannot be repaired without guessing is an error for the one re-ask; nothing is filled in.
Invariants: a parsed reply has every factor, layer and exposure fact; an entry occurs twice only for two
documents that disagree; an exposure value that is not legal for its fact is emptied, so it is not known. An
error never repeats text of the reply, only paths and rules: nothing hostile comes back through it.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from extractors.model.completion import QuotedClaim
from extractors.prompting.near_json import rewritten
from extractors.prompting.reply import ClaimVerdict, ExposureReply, FactorReply, Known, LayerReply, Reply, SecondReading
from scoring.errors import TerminalError
from scoring.vocabulary import EXPOSURE_VALUES, PUBLISHED_FACTORS, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

LONGEST_REPLY = 1_000_000
"""Characters. A full reply has about 15,000; what is longer is not read."""
_CLIPPED = {
    "rationale": 600,
    "text": 1200,
    "summary": 1200,
    "quote": 1200,
    "says": 200,
    "why": 200,
    "summary_quote": 1200,
    "document": 20,
    "summary_document": 20,
    "threats": 8,
}
"""Texts and lists that are cut to their bound: one that is too long is no reason to lose a reply."""
_FENCE = re.compile(r"\A\s*+```[a-zA-Z]*+[ \t]*+\n(.*)```\s*\Z", re.DOTALL)
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
"""Some open models print their reasoning before the answer."""
_SHOWN_ERRORS = 12
MOST_ON_ONE_SENTENCE = 10
"""Claims with one quote. Honest readings of real pages, tables included, have nine at most."""

Typed = TypeVar("Typed", bound=BaseModel)
Entry = TypeVar("Entry", FactorReply, LayerReply, ExposureReply)


class InvalidReply(TerminalError):
    """The reply does not fit its type. The reply itself is kept by whoever holds the completion."""


class ReplyDefect(StrEnum):
    """A reply that fits its type and yet cannot be meant: asked again once, then lowered."""

    EQUAL_SCORES = "all ten published factors have the same value"
    COPIED_RATIONALES = "three or more factors share one rationale"
    ONE_SENTENCE = "more than ten claims rest on one sentence"


@lru_cache(maxsize=4)  # located, judged and read: three times at once
def parse(text: str, subject: str = "") -> Reply:
    """The reply in `text`, not to be changed. Raises `InvalidReply` with a reason that may be shown to the model."""
    reply = _typed(text, Reply, subject)
    if problems := list(_incomplete(reply)):
        raise _unparsed("; ".join(problems[:_SHOWN_ERRORS]), subject)
    return reply.model_copy(update={"exposure": [_legal(entry) for entry in reply.exposure]})


def verdicts_of(text: str, claims: Sequence[QuotedClaim], subject: str = "") -> dict[str, ClaimVerdict]:
    """A second reader's verdict for each claim. Raises `InvalidReply` unless each number has exactly one."""
    reply = _typed(text, SecondReading, subject)
    numbers = [verdict.number for verdict in reply.verdicts]
    if numbers != list(range(1, len(claims) + 1)):
        raise _unparsed(f"one verdict is needed for each number from 1 to {len(claims)}, in order", subject)
    return {claim.claim: verdict for claim, verdict in zip(claims, reply.verdicts, strict=True)}


def _typed(text: str, reply: type[Typed], subject: str) -> Typed:
    if len(text) > LONGEST_REPLY:
        raise _unparsed("the reply is longer than 1,000,000 characters", subject)
    body = unfenced(text)
    if not body:
        raise _unparsed("the reply is empty", subject)
    try:
        return reply.model_validate_json(json.dumps(_clipped(_loaded(body))), strict=True)
    except ValidationError as error:
        raise _unparsed(_described(error), subject) from error
    except RecursionError as error:
        raise _unparsed("the reply is nested too deeply", subject) from error
    except json.JSONDecodeError as error:
        raise _unparsed(f"the reply is not JSON: {error.msg} at character {error.pos}", subject) from error
    except ValueError as error:
        raise _unparsed(str(error), subject) from error


def _loaded(body: str) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse_constant, object_pairs_hook=_distinct)
    except json.JSONDecodeError:
        plain, end = rewritten(body)
        if not plain or body[end:].strip():
            raise
        return json.loads(plain, object_pairs_hook=_distinct)


def _legal(entry: ExposureReply) -> ExposureReply:
    legal = entry.value in EXPOSURE_VALUES[entry.fact]
    return entry if legal or not entry.value else entry.model_copy(update={"value": ""})


def reply_defects(reply: Reply) -> tuple[ReplyDefect, ...]:
    """What makes a well-formed reply look as if nobody had read the documents."""
    found = []
    values = {entry.value for entry in reply.factors if entry.factor in PUBLISHED_FACTORS}
    if len(values) == 1 and any(entry.known is not Known.UNKNOWN for entry in reply.factors):
        found.append(ReplyDefect.EQUAL_SCORES)
    if copied_rationales(reply):
        found.append(ReplyDefect.COPIED_RATIONALES)
    if max(_quoted(reply).values(), default=0) > MOST_ON_ONE_SENTENCE:
        found.append(ReplyDefect.ONE_SENTENCE)
    return tuple(found)


def _quoted(reply: Reply) -> Counter[str]:
    """For each quote, folded, the number of claims that are said to be known by it."""
    known = [
        *(entry.quote for entry in reply.factors if entry.known is not Known.UNKNOWN),
        *(entry.quote for entry in reply.exposure if entry.known is not Known.UNKNOWN),
        *(entry.quote for entry in reply.layers if entry.status is not LayerStatus.NOT_CERTAIN),
    ]
    return Counter(" ".join(re.findall(r"\w+", quote.lower())) for quote in known if quote.strip())


def copied_rationales(reply: Reply) -> frozenset[RiskFactor]:
    """Factors that claim to know something and share their rationale with at least two others."""
    sharing: dict[str, set[RiskFactor]] = {}
    for entry in reply.factors:
        words = " ".join(re.findall(r"\w+", entry.rationale.lower()))
        if words and entry.known is not Known.UNKNOWN:
            sharing.setdefault(words, set()).add(entry.factor)
    return frozenset(factor for factors in sharing.values() if len(factors) >= 3 for factor in factors)


def unfenced(text: str) -> str:
    """The JSON object in a text: without byte-order mark, thoughts, Markdown fence, or words around it."""
    bare = _THOUGHTS.sub("", text.lstrip("\ufeff")).strip()
    if match := _FENCE.match(bare):
        return match.group(1).strip()
    first, last = bare.find("{"), bare.rfind("}")
    return bare[first : last + 1] if 0 <= first < last else bare


def _unparsed(problem: str, subject: str) -> InvalidReply:
    return InvalidReply(problem, subject=subject, step="reply", next_step="see the kept reply, or assess again")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object of the reply has a key twice")
    return found


def _clipped(node: Any) -> Any:
    if isinstance(node, list):
        return [_clipped(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value[: _CLIPPED[key]] if key in _CLIPPED and isinstance(value, (str, list)) else _clipped(value)
        for key, value in node.items()
    }


def _described(error: ValidationError) -> str:
    """`factors.3.value: Input should be …`: paths and rules, never the input. Unknown keys are not named."""
    lines = []
    for entry in error.errors(include_url=False, include_input=False, include_context=False):
        extra = entry["type"] == "extra_forbidden"
        path = ".".join(str(step) for step in (entry["loc"][:-1] if extra else entry["loc"])) or "reply"
        lines.append(f"{path}: {'a key that the schema does not have' if extra else entry['msg']}")
    more = len(lines) - _SHOWN_ERRORS
    return "; ".join(lines[:_SHOWN_ERRORS]) + (f"; and {more} more" if more > 0 else "")


def _incomplete(reply: Reply) -> Iterable[str]:
    yield from _once(reply.factors, lambda entry: entry.factor, RiskFactor, "factor")
    yield from _once(reply.layers, lambda entry: entry.layer, MaestroLayer, "layer")
    yield from _once(reply.exposure, lambda entry: entry.fact, ExposureFact, "exposure fact")


def _once(
    entries: Sequence[Entry], name_of: Callable[[Entry], StrEnum], wanted: Iterable[StrEnum], noun: str
) -> Iterable[str]:
    documents: dict[StrEnum, list[str]] = {}
    for entry in entries:
        documents.setdefault(name_of(entry), []).append(entry.document)
    for name in wanted:
        named = documents.get(name, [])
        if not named:
            yield f"the {noun} {name.value} is missing"
        elif len(set(named)) != len(named) or (len(named) > 1 and "" in named):
            yield f"the {noun} {name.value} stands twice for one document"
