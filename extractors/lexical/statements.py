"""The sentences of the documents, each with what is around it, as the support stage reads them.

Idea: nothing is weighed by its place or by the length of the page, since whoever writes a page chooses both.
Invariant: `document.text[start:end]` is the sentence; what addresses an assessor, and what a page hides, is left out.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extractors.grounding.quote_check import index_of
from extractors.injection import addressing_spans
from extractors.pages.page_text import BlockKind, PageText
from extractors.support import Passage
from scoring.vocabulary import FindingKind

LONGEST_QUOTED = 600
"""Characters. A longer passage is a list or a dump, and a cut of it could drop a negation."""
FEWEST_WORDS = 3
MAIN_DOCUMENTS = 2
"""The listing entry and the README, or the only document. Others speak of parts."""
_OF_THE_PROJECT = re.compile(
    r"(?<!listing)(?<!llms)(?<!\.md)(?<!\.mdx)\.txt$|\.(?:ya?ml|toml|json|cfg|ini|example)$|"
    r"(?:^|[/:])(?:examples?|samples?|cookbook|fixtures|demos?|tests?)/|"
    r"(?:^|[/:])(?:agents|claude|gemini|contributing|security|privacy|terms|legal|governance|changelog|roadmap)[\w.-]*$",
    re.IGNORECASE,
)
"""Documents of a repository that are about working on it, or about something else than what the product does."""


class Statement(NamedTuple):
    """One sentence of a document."""

    document: int
    start: int
    passage: Passage
    main: bool
    """It is in a document that describes the product as a whole."""

    @property
    def quote(self) -> str:
        return self.passage.sentence


def statements(documents: Sequence[PageText]) -> tuple[Statement, ...]:
    """Every sentence that can be quoted, in the order of the documents."""
    return tuple(each for number, page in enumerate(documents) for each in _of(number, page))


def _of(number: int, page: PageText) -> Iterator[Statement]:
    spans, text, blocks = index_of(page).spans, page.text, page.blocks
    hidden = [
        (finding.start, finding.end)
        for finding in page.findings
        if finding.kind is not FindingKind.INSTRUCTS_ITS_OWN_MODEL
        and finding.start is not None
        and finding.end is not None
    ]
    barred = sorted([*addressing_spans(page), *hidden])
    main = not _OF_THE_PROJECT.search(page.url) and (number < MAIN_DOCUMENTS or page.own_instructions)
    heading, at, ahead = "", 0, 0
    for place, (start, end) in enumerate(spans):
        while at < len(blocks) - 1 and blocks[at].end <= start:
            if blocks[at].kind is BlockKind.HEADING:
                heading = text[blocks[at].start : blocks[at].end]
            at += 1
        while ahead < len(barred) and barred[ahead][1] <= start:
            ahead += 1
        sentence = text[start:end]
        overlaps = any(first < end and start < stop for first, stop in barred[ahead:])
        if overlaps or end - start > LONGEST_QUOTED or len(sentence.split()) < FEWEST_WORDS:
            continue
        passage = Passage(
            sentence,
            heading,
            _text(text, spans, place - 1),
            _text(text, spans, place + 1),
            blocks[at].kind if blocks else BlockKind.PARAGRAPH,
            page.own_instructions,
        )
        yield Statement(number, start, passage, main)


def _text(text: str, spans: Sequence[tuple[int, int]], place: int) -> str:
    return text[slice(*spans[place])] if 0 <= place < len(spans) else ""
