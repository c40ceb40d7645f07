"""Each offered quote is heard once: grounded on the document that it names, or on another one, or rejected.

Idea: a quote that truly stands on another page of the same agent is still true, so the other documents are
tried too; the named one comes first. Invariant: what is accepted carries exact offsets into one page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.claims.certainty import Heard
from extractors.grounding.quote_check import ground
from extractors.injection import assessor_spans, is_spoken, stands_only_in_hostile_text
from extractors.pages.page_text import BlockKind, PageText
from scoring.claims import Evidence, RejectedQuote

_WORD = re.compile(r"\w+")


class Hearing:
    """The documents of one request, and what was already heard."""

    def __init__(self, documents: Sequence[PageText]) -> None:
        self._documents = {f"d{number}": page for number, page in enumerate(documents, start=1)}
        self._folded = {id: page.text.casefold() for id, page in self._documents.items()}
        """So that a document without the longest word of a quote is not searched for it."""
        self._heard: dict[tuple[str, str], Heard] = {}

    def hear(self, document: str, quote: str) -> Heard:
        """Nothing was offered: neither evidence nor rejection."""
        if not quote.strip():
            return Heard()
        if (document, quote) not in self._heard:
            self._heard[document, quote] = self._tried(document, quote)
        return self._heard[document, quote]

    def _tried(self, document: str, quote: str) -> Heard:
        first = self._documents.get(document)
        word = max(_WORD.findall(quote.casefold()), key=len, default="")
        others = [page for id, page in self._documents.items() if page is not first and word in self._folded[id]]
        pages = [*([first] if first else []), *others]
        rejected: RejectedQuote | None = None
        hostile: Heard | None = None
        for page in pages:
            result = ground(quote, page, avoid=assessor_spans(page))
            if isinstance(result, RejectedQuote):
                if rejected is None or (rejected.nearest is None and result.nearest is not None):
                    rejected = result
                continue
            heard = _described(result, page)
            if not heard.hostile:
                return heard
            hostile = hostile or heard
        return hostile or Heard(rejected=rejected or RejectedQuote(quote=quote, why="not on any page"))


def _described(evidence: Evidence, page: PageText) -> Heard:
    touched = [block.kind for block in page.blocks if block.start < evidence.end and evidence.start < block.end]
    hostile = stands_only_in_hostile_text(evidence, page)
    return Heard(
        evidence=evidence,
        hostile=hostile,
        beside=hostile and not is_spoken(evidence, page),
        own_instructions=page.own_instructions,
        heading_only=bool(touched) and all(kind is BlockKind.HEADING for kind in touched),
    )
