"""Several replies about parts of one agent's documents, made one.

Idea: parts add knowledge; whether two of them contradict each other is decided later, by the one rule for all replies.
Invariants: the order of the replies decides nothing but ties; what one part knows of a document is kept, at most once a
document and claim; merging one reply gives that reply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from extractors.prompting.reply import ExposureReply, FactorReply, Known, LayerReply, Reply
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

_KNOWN = (Known.STATED, Known.INFERRED, Known.UNKNOWN)
_STATUS = (LayerStatus.MAPPED, LayerStatus.NOT_APPLICABLE, LayerStatus.NOT_CERTAIN)

Entry = TypeVar("Entry", FactorReply, LayerReply, ExposureReply)


def merge(replies: Sequence[Reply]) -> Reply:
    """At least one reply is given."""
    first = replies[0]
    if len(replies) == 1:
        return first
    kinds = [reply for reply in replies if reply.kind_known == "stated"] or list(replies)
    with_summary = next((reply for reply in replies if reply.summary_quote.strip()), first)
    return Reply(
        kind=kinds[0].kind,
        kind_known=kinds[0].kind_known,
        summary=with_summary.summary,
        summary_document=with_summary.summary_document,
        summary_quote=with_summary.summary_quote,
        factors=_kept(RiskFactor, [e for r in replies for e in r.factors], lambda e: e.factor, _factor_rank),
        layers=_kept(MaestroLayer, [e for r in replies for e in r.layers], lambda e: e.layer, _layer_rank),
        exposure=_kept(ExposureFact, [e for r in replies for e in r.exposure], lambda e: e.fact, _fact_rank),
    )


def _kept(
    claims: Iterable[str],
    entries: Sequence[Entry],
    claim_of: Callable[[Entry], str],
    rank: Callable[[Entry], tuple[int, int]],
) -> list[Entry]:
    """Each claim's best entry a document, the best-known first; what is unknown only where nothing is known."""
    kept: list[Entry] = []
    for claim in claims:
        ranked = sorted((entry for entry in entries if claim_of(entry) == claim), key=rank)
        known = [entry for entry in ranked if rank(entry)[0] < len(_KNOWN) - 1]
        best: dict[str, Entry] = {}
        for entry in known or ranked[:1]:
            best.setdefault(entry.document, entry)
        kept += best.values()
    return kept


def _factor_rank(entry: FactorReply) -> tuple[int, int]:
    return _known(entry.known, entry.quote), -entry.value


def _fact_rank(entry: ExposureReply) -> tuple[int, int]:
    danger = EXPOSURE_VALUES[entry.fact].index(entry.value) if entry.value else -1
    return _known(entry.known, entry.quote if entry.value else ""), -danger


def _layer_rank(entry: LayerReply) -> tuple[int, int]:
    return _STATUS.index(entry.status) if entry.quote.strip() else len(_STATUS) - 1, 0


def _known(known: Known, quote: str) -> int:
    """Without words nothing is known, whatever the flag says."""
    return _KNOWN.index(known if quote.strip() else Known.UNKNOWN)
