"""One source, walked: what it lists goes in, in short units of work between which the loop and other writers go on.

Invariants: a source that fails, or that could not be read to its end, makes no agent missing; one that gives nothing
has failed, unless its form can say that it lists nothing.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

from extractors.pages.deadline import within
from extractors.pages.snapshot import Fetched, FetchOutcome
from extractors.sources import counted
from extractors.sources.source_kinds import kind_named
from flows.fetching.agent_pages import source_of, with_known_details
from flows.fetching.page_fetcher import Fetcher
from flows.night.due_agents import forge_of
from flows.report.completeness import SourceCount
from flows.settings import Settings
from records.agents.listing_merge import ListingMerge, MergeResult
from records.agents.sources import SourceRow
from records.store import Store
from scoring.errors import AssayError

PAUSE = 0.1
"""Seconds between two batches: a writer that waits for SQLite asks again ten times a second."""


async def take(taking: ListingMerge) -> MergeResult:
    """Takes all listings, with a pause after each batch."""
    for _ in taking.steps():
        await asyncio.sleep(PAUSE)
    return taking.taken


async def list_source(store: Store, settings: Settings, fetcher: Fetcher, source: SourceRow) -> SourceCount:
    """Walks it and takes what it lists; a failure is named, and makes no agent missing."""
    try:
        reader = source_of(source, forge_of(settings.night))
        with within(settings.night.read_seconds, source.name) as alarm:

            async def get(url: str) -> Fetched:
                alarm.stop()
                try:
                    return await fetcher(url)
                finally:
                    alarm.start()

            walk = await reader.walk(get)
        share = Decimal(str(settings.alarm.least_share_of_listings))
        found = []
        for listing in walk.listings:
            found.append(with_known_details(store, listing, reader))
            await asyncio.sleep(0)
        problem = "; ".join(walk.problems)
        if not found and not problem and (walk.left_out or not kind_named(source.kind).may_be_empty):
            problem = f"{source.location}: no agent is listed there, and nothing says that there are none"
            problem += f"; left out: {counted(walk.left_out)}" if walk.left_out else ""
        all_unchanged = walk.answers and all(page.outcome is FetchOutcome.UNCHANGED for page in walk.answers)
        if not problem and all_unchanged and len(found) < (source.last_count or 0):
            problem = f"{source.location}: its pages are unchanged, and yet {source.last_count} were listed last time"
        whole = walk.complete and not problem
        taken = await take(store.listings.taking(source.name, found, minimum_share=share, whole=whole))
    except Exception as error:  # a defect that one source brings out is no reason to leave the others
        problem = str(error) if isinstance(error, AssayError) else f"defect: {type(error).__name__}"
        store.note("source.failed", payload={"source": source.name, "problem": problem})
        return SourceCount(name=source.name, problem=problem)
    if problem:
        store.note("source.incomplete", payload={"source": source.name, "problem": problem})
    return SourceCount(
        name=source.name,
        listings=len(taken.listings),
        new=len(taken.new),
        changed=len(taken.changed),
        missing=len(taken.missing),
        problem=problem,
        left_out=dict(walk.left_out),
    )
