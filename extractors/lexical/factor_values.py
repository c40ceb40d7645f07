"""Eleven values: a kind's prior moved by what the documents state.

    value = prior(kind, factor) + loading(factor) × (power − usual power of the kind)
                                + scale × (effects(factor) − usual effects(factor))
    power = max(−1, min(1, Σ power(fact) × strength(fact))),   effects(factor) = Σ effect(fact, factor) × strength(fact)

Powers and effects are judgements from the rubric, in the cue tables; loadings, scale and what is usual are fitted
by `benches/fit_lexical.py` and stand in `data/cues/fitted.json`. Invariant: without a single fact the value is
the prior, unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from extractors.lexical.cue_tables import CUES
from extractors.lexical.document_facts import Reading, Stated
from extractors.lexical.passages import Passage
from extractors.lexical.phrasing import KIND_PHRASES
from extractors.prompting.reply import FactorReply, Known
from scoring.vocabulary import FACTOR_TITLES, AgentKind, RiskFactor

UNGROUNDED = 0.2
"""A value without a sentence stays this close to the prior, as for every assessor."""
NOTABLE = 0.04
"""A fact that moves a value by less is no reason for it."""
TOLD_BY_REACH = frozenset({RiskFactor.AUTONOMY_OF_ACTION, RiskFactor.DYNAMIC_TOOL_USE, RiskFactor.DYNAMIC_IDENTITY})
"""What a product can do tells of these even where no fact names them; of the others it tells nothing certain."""
DIRECT = 2
"""Tenths. A fact with this effect on a factor states the factor; less, it only hints at it."""


@dataclass(frozen=True)
class Fitted:
    """The few numbers that were fitted, beside the priors."""

    loadings: Mapping[str, float]
    """By how much a factor rises from a power of 0 to one of 1."""
    effect_scale: float
    """How much of the effects of the cue tables is taken."""
    usual_power: Mapping[str, float]
    usual_effects: Mapping[str, float]
    """In tenths."""
    mapped_at: float
    """Strength from which a fact maps its layer."""


@cache
def fitted() -> Fitted:
    return Fitted(**json.loads((CUES / "fitted.json").read_bytes()))


def power(reading: Reading) -> float:
    """How far a hijacked product reaches, from −1 (only advice) to 1 (machines, money, a whole account)."""
    return max(-1.0, min(1.0, sum(stated.fact.power * stated.strength for stated in reading.values())))


def effects(reading: Reading, factor: RiskFactor) -> float:
    """In tenths."""
    return sum(stated.fact.effects.get(factor, 0.0) * stated.strength for stated in reading.values())


def estimate(
    kind: AgentKind,
    reading: Reading,
    factor: RiskFactor,
    name: str,
    by: Fitted,
    prior: Decimal,
) -> FactorReply:
    """One factor with the sentence that moves it most. `prior` is the kind's, in hundredths."""
    value = float(prior)
    if reading:
        value += by.loadings.get(factor, 0.0) * (power(reading) - by.usual_power[kind])
        value += by.effect_scale / 10 * (effects(reading, factor) - by.usual_effects.get(factor, 0.0))
    reason = _reason(reading, factor, value - float(prior), by)
    if reason is None:
        value = max(float(prior) - UNGROUNDED, min(float(prior) + UNGROUNDED, value))
    tenths = _tenths(value)
    if reason is None:
        usual = f"Nothing in the documents moves {FACTOR_TITLES[factor].lower()} from what is usual"
        return FactorReply(
            factor=factor,
            value=tenths,
            known=Known.UNKNOWN,
            rationale=f"{usual} for {KIND_PHRASES[kind]}.",
            document="",
            quote="",
        )
    direct = abs(reason.fact.effects.get(factor, 0.0)) >= DIRECT and reason.plain and reason.strength > 0
    return FactorReply(
        factor=factor,
        value=tenths,
        known=Known.STATED if direct else Known.INFERRED,
        rationale=_rationale(reason, kind, factor, name, by),
        **cited(reason.hit.passage),
    )


def _tenths(value: float) -> int:
    """Half up, without the traps of binary halves."""
    exact = Decimal(repr(max(0.0, min(1.0, value)))).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return int((exact * 10).quantize(Decimal(1), ROUND_HALF_UP))


def cited(passage: Passage) -> dict[str, str]:
    """The document and the words relied on: a whole sentence, so that no cut can flip it."""
    return {"document": f"d{passage.document + 1}", "quote": passage.text}


def moves(stated: Stated, factor: RiskFactor, by: Fitted) -> float:
    """By how much this fact alone moves this factor."""
    through_power = by.loadings.get(factor, 0.0) * stated.fact.power
    directly = by.effect_scale / 10 * stated.fact.effects.get(factor, 0.0)
    return (through_power + directly) * stated.strength


def _reason(reading: Reading, factor: RiskFactor, deviation: float, by: Fitted) -> Stated | None:
    """The fact that moves the value most in the direction it went; in either direction when it hardly moved."""

    def weight(stated: Stated) -> float:
        move = moves(stated, factor, by)
        along = abs(deviation) < 0.1 or (move > 0) == (deviation > 0)
        return abs(move) if along else abs(move) / 4

    speaking = (s for s in reading.values() if s.fact.effects.get(factor) or factor in TOLD_BY_REACH)
    strongest = max(speaking, key=weight, default=None)
    if strongest is None or abs(moves(strongest, factor, by)) < NOTABLE:
        return None
    return strongest


def _rationale(reason: Stated, kind: AgentKind, factor: RiskFactor, name: str, by: Fitted) -> str:
    says = reason.fact.says if reason.strength > 0 else f"does not state that it {reason.fact.says}"
    title = FACTOR_TITLES[factor].lower()
    move = moves(reason, factor, by)
    way = "raises" if move > 0 else "lowers"
    if reason.strength < 0:
        return f"The documents say the contrary of “{reason.fact.says}”, which {way} {title} for {KIND_PHRASES[kind]}."
    if reason.fact.effects.get(factor):
        return f"{name} {says}, which {way} {title} against what is usual for {KIND_PHRASES[kind]}."
    return f"{name} {says}; how far that reaches {way} {title}."
