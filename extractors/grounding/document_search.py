"""Each offered quote is checked once: grounded on the document that it names, or on another one, or rejected.

Idea: a quote that truly is on another page of the same agent is still true, so the other documents are
tried too; the named one comes first. Invariant: what is accepted carries exact offsets into one page.
"""

import re
from collections.abc import Sequence

from extractors.claims.certainty import QuoteResult
from extractors.grounding.quote_check import ground
from extractors.injection import addresses_assessor, barred_spans, stands_only_in_hostile_text
from extractors.pages.page_text import BlockKind, PageText
from scoring.claims import Evidence, RejectedQuote

_WORD = re.compile(r"\w+")


class DocumentSearch:
    """The documents of one request, and the quotes that were already checked."""

    def __init__(self, documents: Sequence[PageText]) -> None:
        self._documents = {f"d{number}": page for number, page in enumerate(documents, start=1)}
        self._folded = {id: page.text.casefold() for id, page in self._documents.items()}
        """So that a document without the longest word of a quote is not searched for it."""
        self._results: dict[tuple[str, str], QuoteResult] = {}

    def find_quote(self, document: str, quote: str) -> QuoteResult:
        """Nothing was offered: neither evidence nor rejection."""
        if not quote.strip():
            return QuoteResult()
        if (document, quote) not in self._results:
            self._results[document, quote] = self._tried(document, quote)
        return self._results[document, quote]

    def _tried(self, document: str, quote: str) -> QuoteResult:
        named = self._documents.get(document)
        word = max(_WORD.findall(quote.casefold()), key=len, default="")
        others = [page for id, page in self._documents.items() if page is not named and word in self._folded[id]]
        rejected: list[RejectedQuote] = []
        hostile: list[QuoteResult] = []
        for page in [named, *others] if named else others:
            result = ground(quote, page, avoid=barred_spans(page))
            if isinstance(result, RejectedQuote):
                rejected.append(result)
                continue
            found = _described(result, page)
            if not found.hostile:
                return found
            hostile.append(found)
        if hostile:
            return hostile[0]
        rejected = rejected or [RejectedQuote(quote=quote, why="not on any page")]
        return QuoteResult(rejected=next((each for each in rejected if each.nearest is not None), rejected[0]))


def _described(evidence: Evidence, page: PageText) -> QuoteResult:
    touched = [block.kind for block in page.blocks if block.start < evidence.end and evidence.start < block.end]
    hostile = stands_only_in_hostile_text(evidence, page)
    return QuoteResult(
        evidence=evidence,
        hostile=hostile,
        beside=hostile and not addresses_assessor(evidence, page),
        own_instructions=page.own_instructions,
        heading_only=bool(touched) and all(kind is BlockKind.HEADING for kind in touched),
    )
