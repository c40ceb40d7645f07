"""Page texts, made of the stored bytes once for each version of a page and of the parser.

Invariant: a page that costs too much to read has no text and a reason; it is read again when it or the parser changes.
"""

from contextlib import suppress

from extractors.pages.deadline import SECONDS, TooCostly, within
from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import PARSER
from extractors.stated_subjects import Page, read_subjects
from flows.reading.declarations import path_of
from flows.reading.tasks import WithoutText, text_of
from flows.reading.time_limited_pool import read_in_process
from flows.settings import Settings
from records.pages.page_texts import NoTextKept
from records.pages.pages import PageState
from records.store import Store
from scoring.claims import Digest
from scoring.errors import Corrupt, NotFound


def stored_text(store: Store, state: PageState) -> PageText | NoTextKept | None:
    """The text of the last good version of a page, as it is kept or made here; None when there never was one."""
    if state.digest is None:
        return None
    known = store.texts.derived(state.url, state.digest, parser=PARSER)
    if known is not None:
        return known
    page = _page_as_kept(store, state.url, state.digest)
    try:
        with within(SECONDS, state.url):
            text = text_of(*page)
    except TooCostly as error:
        text = WithoutText(error.problem)
    return keep_text(store, state.url, state.digest, text)


async def text_in_process(store: Store, state: PageState, seconds: float) -> PageText | NoTextKept | None:
    """The same, made aside from the loop."""
    if state.digest is None or store.texts.derived(state.url, state.digest, parser=PARSER) is not None:
        return stored_text(store, state)
    page = _page_as_kept(store, state.url, state.digest)
    try:
        text = await read_in_process(seconds, len(page[0]), text_of, *page)
    except TooCostly as error:
        text = WithoutText(error.problem)
    return keep_text(store, state.url, state.digest, text)


async def make_texts(store: Store, slug: str, seconds: float) -> None:
    """Makes the texts of the agent's pages that are not made yet."""
    with store.reading():
        states = store.pages.states(store.pages.urls(slug)).values()
        missing = [s for s in states if s.digest and store.texts.derived(s.url, s.digest, parser=PARSER) is None]
    for state in missing:
        await text_in_process(store, state, seconds)


async def keep_subjects(store: Store, slug: str, settings: Settings) -> None:
    """Reads from the agent's stored pages by what a machine matches it. A page that is away is read as it was last;
    what cannot be read, or costs too much, leaves all that stands."""
    with suppress(TooCostly, NotFound, Corrupt):
        pages = []
        with store.reading():
            listing, urls = store.listings.get(slug), store.pages.urls(slug)
            states = store.pages.states(urls)
            for url in urls:
                if url in states and (digest := states[url].digest) is not None:
                    body, _, media_type, charset = _page_as_kept(store, url, digest)
                    pages.append(Page(url, body, media_type, charset, path_of(store, listing, url, settings)))
        size = sum(len(page.body) for page in pages) + len(listing.entry)
        seconds = settings.night.read_seconds
        store.subjects.keep(slug, await read_in_process(seconds, size, read_subjects, listing, pages))


def _page_as_kept(store: Store, url: str, digest: Digest) -> tuple[bytes, str, str, str | None]:
    snapshot = store.pages.snapshot(url, digest)
    return store.pages.body(digest), snapshot.url, snapshot.media_type, snapshot.charset


def keep_text(store: Store, url: str, digest: Digest, text: PageText | WithoutText) -> PageText | NoTextKept:
    """Keeps what a page gave; it is read again when it or the parser changes."""
    if isinstance(text, PageText):
        store.texts.keep(text, parser=PARSER)
        return text
    store.texts.keep_none(url, digest, text.reason, text.findings, parser=PARSER)
    return NoTextKept(text.reason, text.findings)
