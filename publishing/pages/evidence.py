"""The numbered quotes of one record, each in its sentence, under the page it stands on.

Idea: a reader who follows a number lands on the quote, with the words around it, the text's digest and the
source's link in view. Invariant: what is marked is `text[start:end]` of the stored text; where the text is
not at hand or does not fit, the quote stands alone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from operator import attrgetter

from markupsafe import Markup

from extractors.grounding.sentences import sentences
from extractors.pages.page_text import Block, BlockKind, PageText
from publishing.pages.escaping import clip
from scoring.claims import Digest, Evidence, Extraction
from scoring.labels import GROUPS, path_title
from scoring.record import PublishedRecord
from scoring.tools.inventory import touches
from scoring.vocabulary import ExposureFact, MaestroLayer, RiskFactor

AROUND = 220
"""Characters of the sentence before and after that are shown at most."""


_PREFIXES: dict[str, tuple[str, frozenset[str]]] = {
    "factors": ("factor-", frozenset(RiskFactor)),
    "layers": ("layer-", frozenset(MaestroLayer)),
    "exposure": ("fact-", frozenset(ExposureFact)),
}


def path_anchor(path: str) -> str | None:
    """The anchor of a claim's path; None for a path that is no claim."""
    room, _, name = path.partition(".")
    prefix, names = _PREFIXES.get(room, ("", frozenset()))
    if name in names:
        return prefix + name
    return "touches" if room == "inventory" else {"score": "verdict", "summary": "verdict"}.get(path)


def unknown_anchor(unknown: str) -> str:
    """The anchor of a `RiskFactor` or `ExposureFact` value."""
    return ("factor-" if unknown in set(RiskFactor) else "fact-") + unknown


@dataclass
class Quote:
    """One passage, what is claimed on it, and the words around it."""

    number: int
    evidence: Evidence
    before: str = ""
    after: str = ""
    claims: list[tuple[str, str]] = field(default_factory=list)
    """Anchor and title of each claim that rests on it."""


@dataclass
class Page:
    """One page that was read, with its quotes in their order on the page."""

    url: str
    text_digest: Digest
    title: str = ""
    page_digest: Digest | None = None
    fetched_at: datetime | None = None
    truncated: bool = False
    quotes: list[Quote] = field(default_factory=list)


@dataclass
class EvidenceList:
    """All quotes of a record by page; `numbers` finds the number of a piece of evidence."""

    pages: list[Page]
    numbers: dict[tuple[str, str, int, int], int]

    def number(self, evidence: Evidence) -> int:
        return self.numbers[_key(evidence)]


def refs(claimed: Iterable[Evidence], evidence: EvidenceList) -> Markup:
    """Links to the quotes."""
    numbers = (evidence.number(one) for one in claimed)
    return Markup("".join(f'<a class="ref" href="#e{n}" aria-label="Evidence {n}">{n}</a>' for n in numbers))


def _key(evidence: Evidence) -> tuple[str, str, int, int]:
    return evidence.url, evidence.text_digest, evidence.start, evidence.end


def claims_of(extraction: Extraction) -> Iterator[tuple[str, str, tuple[Evidence, ...]]]:
    """Anchor, title and evidence of every claim that has some, in the record's order."""
    yield "summary", GROUPS["summary"], extraction.summary.evidence
    for path, claim in extraction.claims.items():
        if claim.evidence:
            yield path_anchor(path) or "", path_title(path), claim.evidence
    for row in touches(extraction.inventory):
        for tool in row.named:
            yield "tools", f"tool {tool.name}", (tool.evidence,) if tool.evidence else ()


def evidence_list(
    record: PublishedRecord, text_of: Callable[[Digest], PageText | None], around: int = AROUND
) -> EvidenceList:
    """The record's quotes, numbered page by page from top to bottom. `around` 0 leaves the neighbours out."""
    dates = {(s.url, s.page_digest): s.fetched_at for s in record.sources}
    pages = {
        (source.url, source.text_digest): Page(
            url=source.url,
            text_digest=source.text_digest,
            page_digest=source.page_digest,
            fetched_at=dates.get((source.url, source.page_digest)),
            truncated=source.truncated,
        )
        for source in record.extraction.read
    }
    quotes: dict[tuple[str, str, int, int], Quote] = {}
    for anchor, title, claimed in claims_of(record.extraction):
        for evidence in claimed:
            key = _key(evidence)
            if key not in quotes:
                quotes[key] = Quote(0, evidence)
                place = (evidence.url, evidence.text_digest)
                pages.setdefault(place, Page(*place)).quotes.append(quotes[key])
            if (anchor, title) not in quotes[key].claims:
                quotes[key].claims.append((anchor, title))
    number = 0
    for page in pages.values():
        text = text_of(page.text_digest) if page.quotes else None
        page.title = text.title if text else ""
        page.quotes.sort(key=lambda q: (q.evidence.start, q.evidence.end))
        spans_of = _spans_of(text) if text else None
        for quote in page.quotes:
            number += 1
            quote.number = number
            if text and spans_of and around:
                quote.before, quote.after = _neighbours(text, quote.evidence, around, spans_of)
    return EvidenceList(list(pages.values()), {key: quote.number for key, quote in quotes.items()})


Spans = tuple[tuple[int, int], ...]


def _spans_of(page: PageText) -> Callable[[Block], Spans]:
    """The sentences of each block; quotes of a page stand near the same ones."""
    return cache(lambda block: sentences(page.text, (block,)))


def _neighbours(page: PageText, evidence: Evidence, around: int, spans_of: Callable[[Block], Spans]) -> tuple[str, str]:
    """The sentence before and the sentence after a quote; empty where the stored text does not hold the quote."""
    text, start, end = page.text, evidence.start, evidence.end
    if text[start:end] != evidence.quote:
        return "", ""
    first = bisect_right(page.blocks, start - 2 * around, key=attrgetter("end"))
    behind = bisect_left(page.blocks, end + 2 * around, key=attrgetter("start"))
    near = page.blocks[first:behind] or (Block(0, len(text), BlockKind.PARAGRAPH),)
    above, below = (b for b in reversed(near) if b.start < start), (b for b in near if b.end > end)
    left = next((s for block in above for s in reversed(spans_of(block)) if s[0] < start), None)
    right = next((s for block in below for s in spans_of(block) if s[1] > end), None)
    before = text[left[0] : min(left[1], start)] if left else ""
    after = text[max(right[0], end) : right[1]] if right else ""
    return _tail(before, around), clip(" ".join(after.split()), around)


def _tail(text: str, length: int) -> str:
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    cut = text[-(length - 1) :]
    space = cut.find(" ")
    return "…" + (cut[space + 1 :] if 0 <= space < length * 0.4 else cut)
