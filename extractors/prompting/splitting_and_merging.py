"""Documents that do not fit one request, cut into several, and the replies about the parts made one.

Idea: the same documents and the same size give the same parts on every machine, by whole documents, then by whole
blocks. Parts add knowledge; whether two replies contradict each other is decided later, by the one rule for all
replies. Invariants: every block that is shown is in one part, and a part keeps the id of its document, because
quotes are grounded in the whole page anyway; the order of the replies decides nothing but ties; what one part knows of
a document is kept, at most once a document and claim; merging one reply gives that reply.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from extractors.model.completion import CompletionRequest
from extractors.pages.page_text import Block, PageText
from extractors.prompting.messages import Part, whole_documents
from extractors.prompting.prompt_truncation import shown
from extractors.prompting.reply import ExposureReply, FactorReply, Known, LayerReply, Reply
from extractors.prompting.token_estimates import tokens_in
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

_BETWEEN = 4
"""Tokens for the text between two blocks."""


def split(request: CompletionRequest, tokens: int) -> tuple[tuple[Part, ...], ...]:
    """Runs of parts, each of at most about `tokens`; one run when everything fits."""
    runs: list[list[Part]] = [[]]
    used = 0
    for whole, page in zip(whole_documents(request), request.documents, strict=True):
        for part in _pieces(whole, page, tokens):
            size = tokens_in(part.text)
            if runs[-1] and used + size > tokens:
                runs.append([])
                used = 0
            runs[-1].append(part)
            used += size
    return tuple(tuple(run) for run in runs)


def _pieces(whole: Part, page: PageText, tokens: int) -> Iterator[Part]:
    if tokens_in(whole.text) <= tokens:
        yield whole
        return
    run: list[Block] = []
    used = 0
    for block in page.blocks:
        size = tokens_in(page.text[block.start : block.end]) + _BETWEEN
        if run and used + size > tokens:
            yield from _parts(whole, page, run, tokens)
            run, used = [], 0
        run.append(block)
        used += size
    yield from _parts(whole, page, run, tokens)


def _parts(whole: Part, page: PageText, run: list[Block], tokens: int) -> Iterator[Part]:
    """One part; several when a single block is larger than a request, cut at white space where there is some."""
    text = shown(page.model_copy(update={"blocks": tuple(run)}))
    step = max(1, tokens * 3 // 4)
    while text:
        stop = len(text) if tokens_in(text) <= tokens else step
        if stop < len(text) and (space := text.rfind(" ", 1, stop)) > 0:
            stop = space + 1
        yield whole._replace(text=text[:stop], cut=True)
        text = text[stop:]


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
        factors=_best_known(RiskFactor, [e for r in replies for e in r.factors], lambda e: e.factor, _factor_rank),
        layers=_best_known(MaestroLayer, [e for r in replies for e in r.layers], lambda e: e.layer, _layer_rank),
        exposure=_best_known(ExposureFact, [e for r in replies for e in r.exposure], lambda e: e.fact, _fact_rank),
    )


def _best_known(
    claims: Iterable[str],
    entries: Sequence[Entry],
    claim_of: Callable[[Entry], str],
    rank: Callable[[Entry], tuple[int, int]],
) -> list[Entry]:
    """Each claim's best entry a document, the best-known first; what is unknown only where nothing is known."""
    merged: list[Entry] = []
    for claim in claims:
        ranked = sorted((entry for entry in entries if claim_of(entry) == claim), key=rank)
        known = [entry for entry in ranked if rank(entry)[0] < len(_KNOWN) - 1]
        best: dict[str, Entry] = {}
        for entry in known or ranked[:1]:
            best.setdefault(entry.document, entry)
        merged += best.values()
    return merged


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
