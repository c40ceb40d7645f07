"""Several replies about parts of one agent's documents, made one.

Idea: parts add knowledge, so a known claim beats an unknown one and a dangerous value beats a harmless one.
Invariants: the order of the replies decides nothing but ties; two documents that state opposite values both
stay, so that the contradiction is seen; merging one reply gives that reply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from extractors.certainty import OPPOSITE
from extractors.reply import ExposureReply, FactorReply, Known, LayerReply, Reply
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

_KNOWN = (Known.STATED, Known.INFERRED, Known.UNKNOWN)
_STATUS = (LayerStatus.MAPPED, LayerStatus.NOT_APPLICABLE, LayerStatus.NOT_CERTAIN)

Valued = TypeVar("Valued", FactorReply, ExposureReply)


def merge(replies: Sequence[Reply]) -> Reply:
    """At least one reply is given."""
    first = replies[0]
    if len(replies) == 1:
        return first
    kinds = [reply for reply in replies if reply.kind_known == "stated"] or list(replies)
    told = next((reply for reply in replies if reply.summary_quote.strip()), first)
    factors = [entry for reply in replies for entry in reply.factors]
    layers = [entry for reply in replies for entry in reply.layers]
    facts = [entry for reply in replies for entry in reply.exposure]
    return Reply(
        kind=kinds[0].kind,
        kind_known=kinds[0].kind_known,
        summary=told.summary,
        summary_document=told.summary_document,
        summary_quote=told.summary_quote,
        factors=[
            entry
            for factor in RiskFactor
            for entry in _kept([e for e in factors if e.factor is factor], lambda e: e.value, OPPOSITE)
        ],
        layers=[_layer([e for e in layers if e.layer is layer]) for layer in MaestroLayer],
        exposure=[
            entry
            for fact in ExposureFact
            for entry in _kept([e for e in facts if e.fact is fact], _danger, len(EXPOSURE_VALUES[fact]) - 1)
        ],
    )


def _danger(entry: ExposureReply) -> int:
    """Place among the legal values, safest 0; −1 when unknown."""
    return EXPOSURE_VALUES[entry.fact].index(entry.value) if entry.value else -1


def _kept(entries: list[Valued], size: Callable[[Valued], int], opposite: int) -> list[Valued]:
    """The best-known, most dangerous entry, and the one that contradicts it the most."""
    ranked = sorted(entries, key=lambda e: (_KNOWN.index(_known(e)), -size(e)))
    best = ranked[0]
    against = [
        entry
        for entry in ranked[1:]
        if _known(entry) is Known.STATED is _known(best)
        and entry.document != best.document
        and size(best) - size(entry) >= opposite
    ]
    return [best, min(against, key=size)] if against else [best]


def _known(entry: FactorReply | ExposureReply) -> Known:
    """Without words or without a value nothing is known, whatever the flag says."""
    return entry.known if entry.quote.strip() and entry.value != "" else Known.UNKNOWN


def _layer(entries: list[LayerReply]) -> LayerReply:
    return min(entries, key=lambda e: _STATUS.index(e.status) if e.quote.strip() else len(_STATUS))
