"""Page texts for the right side of the desk: cut where a claim's evidence or a finding begins and ends.

Idea: the server cuts the text at the stored offsets (code points), so what is highlighted is what is stored; a
browser, which counts UTF-16, never has to. Invariant: the pieces of a block, put together, are the block.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from markupsafe import Markup

from extractors.grounding.quote_check import LONGEST, ground, index_of
from extractors.grounding.sentences import sentences
from extractors.pages.page_text import PageText
from extractors.sources.listing_entry import entry_page
from records.store import Store
from review.desk_state import Desk
from scoring.claims import Evidence, Extraction, Finding, SourceRead
from scoring.errors import BadInput, NotFound
from scoring.labels import FINDINGS
from scoring.vocabulary import FindingKind


class TextRun(NamedTuple):
    """A run of text within one block, wholly inside or outside of every span."""

    start: int
    end: int
    text: str
    paths: tuple[str, ...]
    """Claims that rest on it."""
    finding: str
    """A `FindingKind`, or empty."""


class Part(NamedTuple):
    kind: str
    level: int
    pieces: tuple[TextRun, ...]


class SourcePage(NamedTuple):
    """One page that was read."""

    number: int
    source: SourceRead
    name: str
    text: PageText | None
    """None when it is no longer kept."""
    hidden: tuple[Finding, ...]
    """What was dropped before the assessor read it, or talks to models."""
    quotes: int

    @property
    def url(self) -> str:
        return self.source.url


def sheets(desk: Desk, extraction: Extraction, claims: Iterable[tuple[str, dict[str, Any]]]) -> tuple[SourcePage, ...]:
    """The pages of an extraction; those that carry most evidence keep their place, as the record lists them."""
    counts: dict[str, int] = {}
    for _, claim in claims:
        for item in claim.get("evidence", ()):
            counts[item["text_digest"]] = counts.get(item["text_digest"], 0) + 1
    found = []
    for number, source in enumerate(extraction.read):
        hidden = tuple(finding for finding in extraction.findings if finding.url == source.url)
        text = text_of(desk, extraction.slug, source.text_digest, source.url)
        name = short_name(source.url)
        found.append(SourcePage(number, source, name, text, hidden, counts.get(source.text_digest, 0)))
    return tuple(found)


def text_of(desk: Desk, slug: str, digest: str, url: str) -> PageText | None:
    """A page text by its digest; what a directory's own entry says is made again from the listing."""
    try:
        return desk.memory.get(("text", digest, url), lambda: _text(desk.store, slug, digest, url))
    except NotFound:
        return None


def _text(store: Store, slug: str, digest: str, url: str) -> PageText:
    if url.startswith("listing:"):
        entry = entry_page(store.listings.get(slug))
        if entry is not None and entry.digest == digest:
            return entry
    return store.texts.get(digest, url)


def short_name(url: str) -> str:
    """`README.md`, `agents/otter`, or the host."""
    parts = urlsplit(url)
    tail = "/".join(part for part in parts.path.split("/")[-2:] if part)
    name = "directory entry" if parts.scheme == "listing" else tail or parts.netloc or url
    return name if len(name) <= 32 else "…" + name[-31:]


def parts(text: PageText, claims: Iterable[tuple[str, dict[str, Any]]], findings: Sequence[Finding]) -> list[Part]:
    """The blocks of a page, cut at every span."""
    spans = [
        (item["start"], item["end"], path)
        for path, claim in claims
        for item in claim.get("evidence", ())
        if item["text_digest"] == text.digest
    ]
    seen = [
        (finding.start, finding.end, str(finding.kind))
        for finding in findings
        if finding.text_digest == text.digest and finding.start is not None and finding.end is not None
    ]
    cuts = sorted({edge for start, end, _ in (*spans, *seen) for edge in (start, end)})
    return [
        Part(block.kind.value, block.level, tuple(_pieces(text.text, block.start, block.end, cuts, spans, seen)))
        for block in text.blocks
    ]


def _pieces(
    text: str,
    start: int,
    end: int,
    cuts: list[int],
    spans: list[tuple[int, int, str]],
    seen: list[tuple[int, int, str]],
) -> Iterable[TextRun]:
    edges = [start, *cuts[bisect_left(cuts, start + 1) : bisect_left(cuts, end)], end]
    if len(edges) == 2 and not cuts:
        yield TextRun(start, end, text[start:end], (), "")
        return
    for left, right in pairwise(edges):
        inside = tuple(dict.fromkeys(path for first, last, path in spans if first <= left and right <= last))
        kinds = [kind for first, last, kind in seen if first <= left and right <= last]
        yield TextRun(left, right, text[left:right], inside, kinds[0] if kinds else "")


def words_html(found: Iterable[Part], chosen: str) -> Markup:
    """The blocks as HTML, with the chosen claim's words lit. By hand: a page has thousands of pieces."""
    out: list[str] = []
    place = ' id="here"'
    for part in found:
        level = f" h{part.level}" if part.kind == "heading" else ""
        out.append(f'<div class="b {part.kind}{level}">')
        for piece in part.pieces:
            words = escape(piece.text)
            if not piece.paths and not piece.finding:
                out.append(f'<span data-at="{piece.start}">{words}</span>')
                continue
            lit = chosen in piece.paths
            kinds = " ".join(filter(None, ("q" if piece.paths else "", "on" if lit else "", piece.finding)))
            title = f' title="{FINDINGS[FindingKind(piece.finding)]}"' if piece.finding else ""
            paths = escape(" ".join(piece.paths))
            span = f'data-at="{piece.start}" data-end="{piece.end}" data-paths="{paths}"'
            out.append(f'<mark class="{kinds}" {span}{place if lit else ""}{title}>{words}</mark>')
            place = "" if lit else place
        out.append("</div>")
    return Markup("".join(out))


def chosen_evidence(text: PageText, start: int, end: int, findings: Sequence[Finding]) -> Evidence:
    """What a person selected, widened to whole sentences. Raises `BadInput` with why it cannot carry a claim."""
    if not 0 <= start < end <= len(text.text):
        raise BadInput("the selection is not on this page", step="evidence", next_step="select words of the page")
    touched = [(first, last) for first, last in sentences(text.text, text.blocks) if first < end and start < last]
    if not touched:
        raise BadInput("no sentence is selected", step="evidence", next_step="select words of the page")
    first, last = touched[0][0], touched[-1][1]
    for finding in findings:
        talks = finding.kind is FindingKind.ADDRESSES_THE_ASSESSOR and finding.start is not None
        talks = talks and finding.text_digest == text.digest
        if talks and (finding.start or 0) < last and first < (finding.end or 0):
            raise BadInput("these words address the assessor and carry no claim", step="evidence")
    quote = text.text[first:last]
    if len(quote) > LONGEST:
        raise BadInput(f"that is more than {LONGEST} characters", step="evidence", next_step="select one sentence")
    return Evidence(text_digest=text.digest, url=text.url, start=first, end=last, quote=quote)


def quoted_evidence(texts: Iterable[PageText], quote: str) -> Evidence:
    """Words that were typed or pasted, found on one of the pages. Raises `BadInput` with the nearest passage."""
    why = "no page of this agent is kept"
    for text in texts:
        found = ground(quote, text)
        if isinstance(found, Evidence):
            return found
        nearest = f"; nearest: “{found.nearest.quote[:160]}”" if found.nearest else ""
        why = f"{found.why}{nearest}"
    raise BadInput(f"the quote does not count: {why}", step="evidence", next_step="copy the words from the page")


class Place(NamedTuple):
    """A sentence of a page."""

    sheet: int
    start: int
    end: int
    words: str


def next_sentence(found: Sequence[SourcePage], number: int, at: int, step: int, words: str = "") -> Place | None:
    """The sentence after (or before, with a negative `step`) the one that starts at `at`, of this page only; with
    `words`, the next one on any page that has them, around. None when there is none."""
    if not words:
        return _sentence(found[number], at, step) if 0 <= number < len(found) else None
    sought = words.casefold()
    for turn in range(len(found) + 1):
        sheet = found[(number + turn * step) % len(found)]
        place = _sentence(sheet, at if turn == 0 else -1 if step > 0 else 10**9, step)
        while place is not None and sought not in place.words.casefold():
            place = _sentence(sheet, place.start, step)
        if place is not None:
            return place
    return None


def _sentence(sheet: SourcePage, at: int, step: int) -> Place | None:
    if sheet.text is None:
        return None
    spans = index_of(sheet.text).spans
    place = bisect_left(spans, at, key=lambda span: span[0])
    if step > 0 and place < len(spans) and spans[place][0] == at:
        place += 1
    place = place if step > 0 else place - 1
    if not 0 <= place < len(spans):
        return None
    start, end = spans[place]
    return Place(sheet.number, start, end, sheet.text.text[start:end])
