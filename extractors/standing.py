"""Whether the quotes of a draft may stand in for a person who approved the record before.

Idea: a person approved sentences, so only those sentences carry an automatic approval. Invariant: it is true
only if no quote was rejected, each stands at its offsets on its page, and each was in the approved record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractors.page_text import PageText
from scoring.claims import Evidence, Extraction, RejectedQuote


def evidence_of(extraction: Extraction) -> Iterator[Evidence]:
    """Every quote on which something in the extraction rests, in the order of the record."""
    yield from extraction.summary.evidence
    for claim in (*extraction.factors, *extraction.layers, *extraction.exposure):
        yield from claim.evidence


def rejected_in(extraction: Extraction) -> Iterator[RejectedQuote]:
    """Every quote that was offered and does not stand."""
    for claim in (*extraction.factors, *extraction.layers, *extraction.exposure):
        yield from claim.rejected


def stands(evidence: Evidence, pages: Iterable[PageText]) -> bool:
    """True when the page of that digest has exactly these words at exactly this place."""
    return any(
        page.digest == evidence.text_digest and page.text[evidence.start : evidence.end] == evidence.quote
        for page in pages
    )


def quotes_standing(extraction: Extraction, approved: Extraction, pages: Iterable[PageText]) -> bool:
    """The condition `every quote still stands` of the approval rule."""
    pages = tuple(pages)
    seen = {(evidence.url, _plain(evidence.quote)) for evidence in evidence_of(approved)}
    return not any(rejected_in(extraction)) and all(
        stands(evidence, pages) and (evidence.url, _plain(evidence.quote)) in seen
        for evidence in evidence_of(extraction)
    )


def _plain(quote: str) -> str:
    return " ".join(quote.split())
