"""What is kept of an agent's pages, as an assessor would read it: texts, failures, and what is hidden on them."""

from collections.abc import Sequence
from typing import NamedTuple

from extractors.listing import Listing
from extractors.model.completion import CompletionRequest
from extractors.pages.deadline import TOO_COSTLY
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import FetchOutcome, sha256
from extractors.pages.text_extraction import PARSER
from extractors.sources.listing_entry import entry_page, entry_url
from flows.assessment.page_texts import stored_text
from records.pages.pages import PageState
from records.store import Store
from scoring.claims import Finding, SourceNotRead

HAS_PAGE = (FetchOutcome.FETCHED, FetchOutcome.UNCHANGED)
_TOO_COSTLY = "too costly to read"


class AgentPages(NamedTuple):
    """What is kept of an agent's pages, as an assessor would read it."""

    listing: Listing
    texts: tuple[PageText, ...]
    not_read: tuple[SourceNotRead, ...]
    outcomes: tuple[FetchOutcome, ...]
    """How the last try of each page ended."""
    findings: tuple[Finding, ...] = ()
    """Of the pages that gave no text; the texts carry their own."""
    states: tuple[PageState, ...] = ()
    """What is known of each page that was ever asked for."""


def agent_pages(store: Store, slug: str) -> AgentPages:
    """The agent's page texts, made from the stored bytes where they are not yet; its failures beside them."""
    with store.reading():
        return read_pages(store, store.listings.get(slug), store.pages.urls(slug))


def read_pages(store: Store, listing: Listing, urls: Sequence[str]) -> AgentPages:
    """The same for a listing that need not be kept, and the pages found for it."""
    states = store.pages.states(urls)
    texts: list[PageText] = []
    not_read: list[SourceNotRead] = []
    findings: list[Finding] = []
    for url in urls:
        state = states.get(url)
        text = stored_text(store, state) if state is not None else None
        if isinstance(text, PageText):
            texts.append(text)
        elif text is not None:
            costly = text.reason.startswith(_TOO_COSTLY)
            not_read.append(SourceNotRead(url=url, outcome=TOO_COSTLY if costly else "no_text"))
            findings += text.findings
        if state is None:
            not_read.append(SourceNotRead(url=url, outcome=FetchOutcome.NOT_REACHED.value))
        elif state.outcome not in HAS_PAGE and not isinstance(text, PageText):
            not_read.append(SourceNotRead(url=url, outcome=state.outcome.value))
    entry = _entry_text(store, listing)
    if entry is not None:
        texts.append(entry)
    outcomes = tuple(states[url].outcome if url in states else FetchOutcome.NOT_REACHED for url in urls)
    return AgentPages(listing, tuple(texts), tuple(not_read), outcomes, tuple(findings), tuple(states.values()))


def _entry_text(store: Store, listing: Listing) -> PageText | None:
    """The listing's own text as it is kept, else made and kept now."""
    digest = sha256(listing.entry.encode("utf-8", "replace"))
    known = store.texts.derived(entry_url(listing), digest, parser=PARSER) if listing.entry else None
    if isinstance(known, PageText):
        return known
    made = entry_page(listing)
    if made is not None:
        store.texts.keep(made, parser=PARSER)
    return made


def findings_beside(pages: AgentPages, request: CompletionRequest) -> tuple[Finding, ...]:
    """What is hidden on pages that the assessor is not shown: those without text, and those beyond its budget."""
    shown = {document.url for document in request.documents}
    left_out = (finding for text in pages.texts if text.url not in shown for finding in text.findings)
    return tuple(dict.fromkeys((*pages.findings, *left_out)))
