"""Page texts for the right side of the desk: cut where a claim's evidence or a finding begins and ends.

Idea: the server cuts the text at the stored offsets (code points), so what is highlighted is what is stored; a
browser, which counts UTF-16, never has to. Invariant: the pieces of a block, put together, are the block.
"""

from bisect import bisect_left
from collections import Counter
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
from review.rendering import render
from scoring.claims import Evidence, Extraction, Finding, SourceRead
from scoring.errors import BadInput, NotFound
from scoring.labels import FINDINGS
from scoring.vocabulary import FindingKind


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
    counts = Counter(item["text_digest"] for _, claim in claims for item in claim.get("evidence", ()))
    return tuple(
        SourcePage(
            number=number,
            source=source,
            name=short_name(source.url),
            text=text_of(desk, extraction.slug, source.text_digest, source.url),
            hidden=tuple(finding for finding in extraction.findings if finding.url == source.url),
            quotes=counts[source.text_digest],
        )
        for number, source in enumerate(extraction.read)
    )


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


def sheet_html(
    sheet: SourcePage, claims: Iterable[tuple[str, dict[str, Any]]], findings: Sequence[Finding], chosen: str
) -> str:
    """A page with its text, the words of the chosen claim lit."""
    return render(
        "_sheet.html",
        sheet=sheet,
        words_of_page="" if sheet.text is None else words_html(sheet.text, claims, findings, chosen),
    )


def words_html(
    text: PageText, claims: Iterable[tuple[str, dict[str, Any]]], findings: Sequence[Finding], chosen: str
) -> Markup:
    """The blocks of a page as HTML, cut at every span. By hand: a page has thousands of pieces."""
    quoted = [
        (item["start"], item["end"], path)
        for path, claim in claims
        for item in claim.get("evidence", ())
        if item["text_digest"] == text.digest
    ]
    hostile = [
        (finding.start, finding.end, finding.kind)
        for finding in findings
        if finding.text_digest == text.digest and finding.start is not None and finding.end is not None
    ]
    cuts = sorted({edge for start, end, _ in (*quoted, *hostile) for edge in (start, end)})
    html: list[str] = []
    place = ' id="here"'
    for block in text.blocks:
        level = f" h{block.level}" if block.kind.value == "heading" else ""
        html.append(f'<div class="b {block.kind.value}{level}">')
        inner = cuts[bisect_left(cuts, block.start + 1) : bisect_left(cuts, block.end)]
        for start, end in pairwise([block.start, *inner, block.end]):
            words = escape(text.text[start:end])
            paths = dict.fromkeys(path for first, last, path in quoted if first <= start and end <= last)
            kind = next((kind for first, last, kind in hostile if first <= start and end <= last), None)
            if not paths and kind is None:
                html.append(f'<span data-at="{start}">{words}</span>')
                continue
            lit = chosen in paths
            classes = " ".join(filter(None, ("q" if paths else "", "on" if lit else "", kind)))
            title = f' title="{FINDINGS[kind]}"' if kind else ""
            span = f'data-at="{start}" data-end="{end}" data-paths="{escape(" ".join(paths))}"'
            html.append(f'<mark class="{classes}" {span}{place if lit else ""}{title}>{words}</mark>')
            place = "" if lit else place
        html.append("</div>")
    return Markup("".join(html))


def chosen_evidence(text: PageText, start: int, end: int, findings: Sequence[Finding]) -> Evidence:
    """What a person selected, widened to whole sentences. Raises `BadInput` with why it cannot carry a claim."""
    if not 0 <= start < end <= len(text.text):
        raise BadInput("the selection is not on this page", step="evidence", next_step="select words of the page")
    touched = [(first, last) for first, last in sentences(text.text, text.blocks) if first < end and start < last]
    if not touched:
        raise BadInput("no sentence is selected", step="evidence", next_step="select words of the page")
    first, last = touched[0][0], touched[-1][1]
    addressed = any(
        finding.text_digest == text.digest and (finding.start or 0) < last and first < (finding.end or 0)
        for finding in findings
        if finding.kind is FindingKind.ADDRESSES_THE_ASSESSOR and finding.start is not None
    )
    if addressed:
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


def next_sentence(
    found: Sequence[SourcePage], number: int, at: int, step: int, words: str = ""
) -> dict[str, Any] | None:
    """The sentence after (or before, with a negative `step`) the one that starts at `at`, of this page only; with
    `words`, the next one on any page that has them, around. None when there is none."""
    if not words:
        return _sentence(found[number], at, step) if 0 <= number < len(found) else None
    sought = words.casefold()
    for turn in range(len(found) + 1):
        sheet = found[(number + turn * step) % len(found)]
        place = _sentence(sheet, at if turn == 0 else -1 if step > 0 else 10**9, step)
        while place is not None and sought not in place["words"].casefold():
            place = _sentence(sheet, place["start"], step)
        if place is not None:
            return place
    return None


def _sentence(sheet: SourcePage, at: int, step: int) -> dict[str, Any] | None:
    if sheet.text is None:
        return None
    spans = index_of(sheet.text).spans
    place = bisect_left(spans, at, key=lambda span: span[0])
    if step < 0:
        place -= 1
    elif place < len(spans) and spans[place][0] == at:
        place += 1
    if not 0 <= place < len(spans):
        return None
    start, end = spans[place]
    return {"sheet": sheet.number, "start": start, "end": end, "words": sheet.text.text[start:end]}
