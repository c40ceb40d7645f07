"""Which pages are an agent's: its listing page, its repository's documents, its own pages; then one link further.

Idea: what must be read is fetched first; only while a factor is still unknown are the pages tried that may
answer it, found by the built-in assessor, whatever model assesses later. Invariant: every page tried is on
record, within the page and byte budget of one agent.
"""

from contextlib import suppress
from datetime import datetime

from extractors.listing import Listing
from extractors.model.completion import CompletionRequest
from extractors.pages.deadline import SECONDS, TooCostly
from extractors.pages.local_folder import Document, files_in
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import Fetched, FetchOutcome, PageSnapshot, sha256
from extractors.pages.text_extraction import PARSER
from extractors.program_paths import is_program
from extractors.prompting.prompt_files import load
from extractors.sources import Source, body_of
from extractors.sources.directory_site import DirectorySite
from extractors.sources.folders.folder import Folder
from extractors.sources.further_pages import candidates, look_further
from extractors.sources.git_forge import Forge
from extractors.sources.listing_entry import Link
from extractors.sources.repository import pages_of
from extractors.sources.source_kinds import open_source
from flows.assessment.page_texts import keep_text
from flows.fetching.page_fetcher import Fetcher
from flows.reading.tasks import WithoutText, text_and_links, unknown_factors
from flows.reading.time_limited_pool import read_in_process
from flows.settings import Settings
from records.agents.sources import SourceRow
from records.pages.pages import LONGEST_URL, PageState
from records.store import Store
from scoring.errors import AssayError
from scoring.vocabulary import RiskFactor

VISIT = "look@4"
"""Version of which pages are an agent's and of what its directory page adds to its listing, raised when the same site
gives others: no agent counts as unchanged then."""


def source_of(row: SourceRow, forge: Forge | None = None) -> Source:
    """The reader of a source. Raises `BadInput` with the known kinds."""
    return open_source(row.name, row.kind, row.location, row.options, forge)


def with_known_details(store: Store, fresh: Listing, source: Source | None = None) -> Listing:
    """What an agent's own page added earlier stays, while the index says of it what it said before: that page may
    not be there tonight."""
    if fresh.listing_url is None:
        return fresh
    stored = store.listings.at(fresh.listing_url)
    if stored is None:
        return fresh
    same_name = fresh.name in (stored.name, *stored.aliases)
    same_kind = fresh.kind in (None, stored.kind)
    says_more = isinstance(source, DirectorySite) and bool(source.selectors.entry) and bool(stored.entry)
    own = stored.repository or stored.homepage or stored.documents or says_more or (stored.kind and not fresh.kind)
    return stored if same_name and same_kind and own and stored.listing_url == fresh.listing_url else fresh


def keep_files(store: Store, agent: Listing, source: Folder, run: str | None) -> tuple[str, ...]:
    """Keeps the documents of a folder as pages, each under `file:`, the agent and its place in the folder; gives
    their addresses. A folder that is gone has none."""
    folder = source.folder_of(agent)
    documents = files_in(folder) if folder is not None else ()
    found = [(f"file:{agent.slug}/{document.path}"[:LONGEST_URL], document) for document in documents]
    known = store.pages.states([url for url, _ in found])
    with store.writing():
        for url, document in found:
            store.pages.keep(_as_fetched(url, document, store.now(), known.get(url)), slug=agent.slug, run=run)
    return tuple(url for url, _ in found)


def _as_fetched(url: str, document: Document, at: datetime, known: PageState | None) -> Fetched:
    if document.body is None:
        return Fetched(url=url, outcome=FetchOutcome(document.outcome), reason="a file", at=at)
    digest = sha256(document.body)
    if known is not None and known.digest == digest:
        return Fetched(url=url, outcome=FetchOutcome.UNCHANGED, reason="the same bytes as before", at=at)
    size = len(document.body)
    snapshot = PageSnapshot(
        url=url, final_url=url, fetched_at=at, status=200, media_type="", digest=digest, length=size
    )
    return Fetched(url=url, outcome=FetchOutcome.FETCHED, at=at, snapshot=snapshot, body=document.body)


async def refined(
    store: Store, listing: Listing, source: DirectorySite, fetcher: Fetcher, seconds: float = SECONDS
) -> Listing:
    """The listing with what its own page on a directory adds; stored when it differs."""
    if listing.listing_url is None:
        return listing
    fetched = await fetcher.get(listing.listing_url, listing.slug)
    body = body_of(fetched)
    if body is None:
        return listing
    try:
        fresh = await read_in_process(seconds, len(body), source.refined, listing, body, fetched.final_url)
    except TooCostly:
        return listing
    return listing if fresh == listing else store.listings.put(fresh)


async def crawl_agent(store: Store, slug: str, fetcher: Fetcher, settings: Settings) -> None:
    """Fetches an agent's pages and keeps which they are; a repository's new address becomes an alias."""
    source: Source | None = None
    with store.reading():
        listing, before = store.listings.get(slug), store.pages.urls(slug)
        with suppress(AssayError):  # the source was removed
            source = source_of(store.sources.get(listing.source))
    if isinstance(source, Folder):
        store.pages.assign(slug, keep_files(store, listing, source, fetcher.run))
        return
    if isinstance(source, DirectorySite):
        listing = await refined(store, listing, source, fetcher, settings.night.read_seconds)
    urls, moved_to = await agent_urls(listing, fetcher, settings, before)
    if moved_to and moved_to not in listing.aliases:
        if store.listings.moved(slug, moved_to) != slug:
            return  # its lists mean the agent that is there already
        store.listings.put(listing.model_copy(update={"aliases": (*listing.aliases, moved_to)}))
    store.pages.assign(slug, urls)


async def agent_urls(
    listing: Listing, fetcher: Fetcher, settings: Settings, before: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], str]:
    """Fetches the agent's pages; gives their addresses in reading order, and where its repository moved to.

    `before` are the pages of the last look: while none of the first ones says anything new, the same further ones are
    asked for again and nothing is read anew. A page that could not be had leads where it led when it was there.
    """
    night = settings.night

    async def tree(url: str) -> Fetched:
        return await fetcher.get(url, listing.slug, is_page=False)

    pages = await pages_of(listing, tree, (night.forge,), night.pages_declaring, night.bytes_declaring)
    if before and any(body_of(answer) is None for answer in pages.answers):
        for url in before:  # the forge does not say what there is: what was there stands
            await fetcher.get(url, listing.slug)
        return before, ""
    first = pages.first[: night.pages_per_agent]
    urls = tuple(dict.fromkeys((*first, *pages.declaring)))
    fetched = [await fetcher.get(url, listing.slug) for url in urls]
    if urls and before[: len(urls)] == urls and not any(page.outcome is FetchOutcome.FETCHED for page in fetched):
        for url in before[len(urls) :]:
            await fetcher.get(url, listing.slug)
        return before, pages.moved_to
    room = night.pages_per_agent - len(first)
    size = night.bytes_per_agent - sum(len(page.body or b"") for page in fetched)
    if room <= 0 or size <= 0:
        return urls, pages.moved_to
    there = [page if page.body is not None else fetcher.last_good(page.url) or page for page in fetched]
    pages_read = [page for page in there if not is_program(page.url)]
    texts, links = await _texts_and_links(pages_read, fetcher.store, night.read_seconds)
    if not candidates(listing, links, pages.further, set(RiskFactor), urls):
        return urls, pages.moved_to  # whatever is unknown, no page could answer it: nothing is searched for it
    unknown = await _unknown(listing, texts, night.read_seconds)
    further = await look_further(
        lambda url: fetcher.get(url, listing.slug),
        listing,
        unknown,
        links=links,
        files=pages.further,
        tried=urls,
        pages=min(room, night.pages_further),
        budget_bytes=size,
    )
    return tuple(dict.fromkeys([*urls, *(page.url for page in further)])), pages.moved_to


async def _texts_and_links(
    pages: list[Fetched], store: Store, seconds: float
) -> tuple[tuple[PageText, ...], tuple[Link, ...]]:
    """Texts and links, each page read once: its text is kept for the assessment."""
    texts: list[PageText] = []
    links: dict[str, Link] = {}
    for page in pages:
        if page.body is None or page.snapshot is None:
            continue
        what = page.body, page.url, page.snapshot.media_type, page.snapshot.charset, page.final_url
        digest = page.snapshot.digest
        known = store.texts.derived(page.url, digest, parser=PARSER)
        try:
            text, found = await read_in_process(seconds, len(page.body), text_and_links, known is None, *what)
        except TooCostly as error:
            text, found = WithoutText(error.problem), ()
        links |= {link.url: link for link in found}
        stored = known or (keep_text(store, page.url, digest, text) if text is not None else None)
        if isinstance(stored, PageText):
            texts.append(stored)
    return tuple(texts), tuple(links.values())


async def _unknown(listing: Listing, texts: tuple[PageText, ...], seconds: float) -> set[RiskFactor]:
    """The factors of which these pages say nothing, as far as the built-in assessor sees."""
    if not texts:
        return set(RiskFactor)
    request = CompletionRequest(
        prompt=load("assess"), slug=listing.slug, name=listing.name, kind=listing.kind, documents=texts
    )
    try:
        return await read_in_process(seconds, sum(len(text.text) for text in texts), unknown_factors, request)
    except TooCostly:
        return set(RiskFactor)
