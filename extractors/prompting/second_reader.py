"""What a second reader is asked, and what it may answer: a verdict for each numbered claim.

Idea: sentences stand once each in one block that they cannot end; claims name them by number. Invariant: a reply that
is read has exactly one verdict for every claim, in order.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from extractors.model.completion import QuotedClaim, QuotedSentence

LONGEST_BESIDE = 300
"""Characters of what stands beside a quote."""


class Worth(StrEnum):
    """What sentences are worth for a claim, the best first."""

    SAYS = "says"
    FOLLOWS = "follows"
    HINTS = "hints"
    OFF = "off"


class ClaimVerdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1)
    why: str = Field(max_length=200)
    verdict: Worth


class SecondReading(BaseModel):
    model_config = ConfigDict(extra="forbid")

    verdicts: list[ClaimVerdict]


def sentences_of(claims: Sequence[QuotedClaim]) -> tuple[QuotedSentence, ...]:
    """Every sentence once, in the order in which claims name them."""
    return tuple(dict.fromkeys(sentence for claim in claims for sentence in claim.sentences))


def sentence_lines(claims: Sequence[QuotedClaim]) -> str:
    """The foreign words: one JSON object a line, by the numbers that the claims use."""
    lines = []
    for number, sentence in enumerate(sentences_of(claims), start=1):
        shown = {
            "quote": sentence.quote,
            "heading": sentence.heading[:LONGEST_BESIDE],
            "before": sentence.before[-LONGEST_BESIDE:],
            "after": sentence.after[:LONGEST_BESIDE],
            "note": "told by the product to its own model" if sentence.own_instructions else "",
        }
        told = {key: value for key, value in shown.items() if value}
        lines.append(f"s{number} {json.dumps(told, ensure_ascii=False)}")
    return "\n".join(lines)


def claim_lines(claims: Sequence[QuotedClaim]) -> str:
    """The numbered claims, in words of the rubric only."""
    numbers = {sentence: f"s{number}" for number, sentence in enumerate(sentences_of(claims), start=1)}
    return "\n".join(
        f"{number}. {', '.join(numbers[sentence] for sentence in claim.sentences)} | {claim.claim} = {claim.value}, "
        f"{claim.certainty} | {claim.asks} | {claim.value}: {claim.means}"
        for number, claim in enumerate(claims, start=1)
    )
