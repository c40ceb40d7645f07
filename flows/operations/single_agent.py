"""One agent, now: from stored pages, after a fresh fetch, or by a URL that no source lists.

Idea: the night's own stages, for one slug. Invariant: what it fetched and what it found is kept like a
night's, so that nothing has to be asked twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from extractors.listing import Listing
from extractors.model.completion import CompletionClient, CompletionRequest
from extractors.model.reply_cache_key import completion_key_parts
from extractors.prompting.reply import reply_schema
from extractors.sources.listing_entry import is_repository
from extractors.sources.listing_entry import listing as entry_of
from flows.assessment.agent_assessment import assess_agent, keep_assessed, request_of
from flows.assessment.agent_outcomes import AgentResult, ending_of, without_text
from flows.assessment.assessment import Assessed, completion_client, recorded
from flows.assessment.completion_cache import complete
from flows.assessment.page_texts import keep_subjects
from flows.assessment.stored_pages import agent_pages, findings_beside, read_pages
from flows.reading.tasks import assessed_or_why
from flows.settings import Settings
from flows.store_access import open_store, operator
from records.database.runs import AgentOutcome
from records.store import Store
from scoring.errors import AssayError, BadInput, NotFound, NotKnown, TransientError

if TYPE_CHECKING:
    from flows.fetching.page_fetcher import Fetcher


async def assess_stored(target: str, settings: Settings, *, refresh: bool, reply: Path | None) -> Assessed:
    """A known agent from its stored pages; `refresh` fetches them first, `reply` replaces the model."""
    with open_store(settings, create=False) as store:
        slug = store.listings.find(target)
        if refresh:
            await fetch_pages(store, slug, settings)
        if reply is None:
            return await _assess(store, slug, settings)
        pages = agent_pages(store, slug)
        request = await request_of(store, pages, settings, completion_client(settings))
        completion = recorded(reply, request)
        parts = completion_key_parts(request, completion.model, {}, reply_schema())
        store.completions.keep_prompt(request.prompt)
        store.completions.keep(completion, slug=slug, parts=parts)
        beside = pages.not_read, findings_beside(pages, request)
        return _assessed(slug, keep_assessed(store, assessed_or_why(request, completion, settings.profile, *beside)))


async def assess_url(url: str, settings: Settings) -> Assessed:
    """An agent by its address: fetched, assessed, and listed under the source `by hand` when that gave an assessment.

    One that is not known yet and cannot be assessed is not kept, so that a mistyped address leaves no agent behind.
    """
    from flows.fetching.agent_pages import (
        crawl_agent,  # the crawler, half a second that an agent with stored pages does not need
    )

    with open_store(settings) as store:
        try:
            slug = store.listings.find(url)
        except NotFound:
            listing = _by_hand(url)
            async with fetching(store, settings) as fetcher:
                await _assessable(store, listing, fetcher, settings)
                slug = store.listings.put(listing).slug
                await crawl_agent(store, slug, fetcher, settings)  # answers of this minute are not asked for again
        else:
            await fetch_pages(store, slug, settings)
        assessed = await _assess(store, slug, settings)
        if slug in store.listings.removed():
            store.listings.restore(slug, "assessed by its address", actor=operator())
        return assessed


async def _assessable(store: Store, listing: Listing, fetcher: Fetcher, settings: Settings) -> None:
    """Raises unless the listing's pages can be read and its assessor answers; the answer is kept under its key."""
    from flows.fetching.agent_pages import agent_urls

    urls, _ = await agent_urls(listing, fetcher, settings)
    fetcher.asked_for(listing.slug)
    pages = read_pages(store, listing, urls)
    if not pages.texts:
        _assessed(listing.slug, without_text(pages), stored=False)
    async with aclosing(completion_client(settings)) as client:
        completion = await complete(store, await request_of(store, pages, settings, client), client)
    if (ended := ending_of(completion)) is not None:
        _assessed(listing.slug, ended, stored=False)


def _by_hand(url: str) -> Listing:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput("not an http(s) address", subject=url[:100], step="assess", next_step="give a slug or a URL")
    segments = [segment for segment in parts.path.split("/") if segment]
    repository = is_repository(url)
    name = segments[1] if repository else (segments[-1].rsplit(".", 1)[0] if segments else parts.hostname)
    return entry_of(name, "by hand", heading_url=url, listing_url=None if repository else url)


async def fetch_pages(store: Store, slug: str, settings: Settings) -> None:
    """Asks for the agent's pages again, politely, and keeps what came."""
    from flows.fetching.agent_pages import crawl_agent

    async with fetching(store, settings) as fetcher:
        await crawl_agent(store, slug, fetcher, settings)


@asynccontextmanager
async def fetching(store: Store, settings: Settings) -> AsyncIterator[Fetcher]:
    from extractors.crawl.crawler import Crawler
    from flows.fetching.host_state_writer import HostStateWriter
    from flows.fetching.page_fetcher import Fetcher

    book = HostStateWriter(store, ahead=False)
    night = f"one:{store.now():%Y-%m-%dT%H}"
    async with Crawler(settings.crawl_settings(), book.read(), night=night, remember=book) as crawler:
        yield Fetcher(store, crawler, None, store.now())


async def _assess(store: Store, slug: str, settings: Settings) -> Assessed:
    await keep_subjects(store, slug, settings)
    async with aclosing(completion_client(settings)) as client:
        ended = await assess_agent(store, slug, client, settings)
    store.runs.end_agent(None, slug, ended.outcome, ended.reason)
    return _assessed(slug, ended)


def _assessed(slug: str, ended: AgentResult, *, stored: bool = True) -> Assessed:
    if ended.assessed is None:
        kind: type[AssayError] = AssayError if ended.outcome.is_terminal else TransientError
        by_model = ended.outcome is AgentOutcome.REFUSED
        by_address = "correct the address, or try again; no agent was kept"
        again = f"assay agents assess {slug} --refresh" if stored else by_address
        raise kind(
            f"{ended.outcome.value.replace('_', ' ')}: {ended.reason}".rstrip(": "),
            subject=slug,
            step="assess",
            next_step="another model, or wait until its page changes" if by_model else again,
        )
    return ended.assessed


def stored_request(target: str, settings: Settings, client: CompletionClient) -> CompletionRequest:
    """What an assessor is asked of a known agent with stored pages."""
    with open_store(settings, create=False) as store:
        pages = agent_pages(store, store.listings.find(target))
        if not pages.texts:
            ended = without_text(pages)
            raise NotKnown(
                ended.reason, subject=target, step="prompt", next_step=f"assay agents assess {target} --refresh"
            )
        return asyncio.run(request_of(store, pages, settings, client))
