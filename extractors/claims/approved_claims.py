"""Whether a draft still says what a person approved, so that it may be approved without one.

Idea: a person approved claims with their sentences; only those carry an automatic approval. Invariant: it is
true only if no quote was rejected, each is at its offsets on its page, and every claim has the value,
the certainty and the sentences that were approved. Moved offsets and a page that changed elsewhere are fine.
"""

from collections.abc import Iterable, Iterator

from extractors.pages.page_text import PageText
from scoring.claims import Evidence, Extraction, RejectedQuote


def evidence_of(extraction: Extraction) -> Iterator[Evidence]:
    """Every quote on which something in the extraction rests, in the order of the record."""
    yield from extraction.summary.evidence
    for claim in extraction.claims.values():
        yield from claim.evidence


def rejected_in(extraction: Extraction) -> Iterator[RejectedQuote]:
    """Every quote that was offered and rejected."""
    for claim in extraction.claims.values():
        yield from claim.rejected


def stands(evidence: Evidence, pages: Iterable[PageText]) -> bool:
    """True when the page of that digest has exactly these words at exactly this place."""
    return any(
        page.digest == evidence.text_digest and page.text[evidence.start : evidence.end] == evidence.quote
        for page in pages
    )


def claims_standing(draft: Extraction, approved: Extraction, pages: Iterable[PageText]) -> bool:
    """The condition `every quote still stands` of the approval rule: same claims on the same standing sentences."""
    pages = tuple(pages)
    return (
        not any(rejected_in(draft))
        and all(stands(evidence, pages) for evidence in evidence_of(draft))
        and _claims(draft) == _claims(approved)
    )


def _claims(extraction: Extraction) -> list[tuple[object, ...]]:
    return [
        *((f.factor, f.value, f.certainty, f.reason, _sentences(f.evidence)) for f in extraction.factors),
        *((e.fact, e.value, e.certainty, e.reason, _sentences(e.evidence)) for e in extraction.exposure),
        *((a.layer, a.status, a.reason, a.threats, _sentences(a.evidence)) for a in extraction.layers),
        (extraction.kind, _sentences(extraction.summary.evidence)),
    ]


def _sentences(evidence: Iterable[Evidence]) -> frozenset[tuple[str, str]]:
    return frozenset((each.url, " ".join(each.quote.split())) for each in evidence)
