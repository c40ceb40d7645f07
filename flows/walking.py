"""One source, walked: what it lists goes in whole, or not at all.

Invariant: a source that fails, or that could not be read to its end, makes no agent missing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from extractors.deadline import within
from extractors.snapshot import Fetched
from flows.fetching import Fetcher
from flows.settings import Settings
from flows.sourcing import known_better, source_of
from records.sources import SourceRow
from records.store import Store
from scoring.errors import AssayError


class SourceEnd(NamedTuple):
    """How walking one source ended."""

    name: str
    listings: int
    new: int
    changed: int
    missing: int
    problem: str = ""


async def list_source(store: Store, settings: Settings, fetcher: Fetcher, source: SourceRow) -> SourceEnd:
    """Walks it and takes what it lists; a failure is named, and its listings stay as they were."""
    try:
        reader = source_of(source)
        with within(settings.night.read_seconds, source.name) as alarm:

            async def get(url: str) -> Fetched:
                alarm.stop()
                try:
                    return await fetcher(url)
                finally:
                    alarm.start()

            walk = await reader.walk(get)
        share = Decimal(str(settings.alarm.least_share_of_listings))
        found = [known_better(store, listing, reader) for listing in walk.listings]
        taken = store.listings.take(source.name, found, minimum_share=share, whole=walk.complete)
    except AssayError as error:
        store.note("source.failed", payload={"source": source.name, "problem": str(error)})
        return SourceEnd(source.name, 0, 0, 0, 0, str(error))
    problem = "; ".join(walk.problems)
    if problem:
        store.note("source.incomplete", payload={"source": source.name, "problem": problem})
    counts = (len(taken.listings), len(taken.new), len(taken.changed), len(taken.missing))
    return SourceEnd(source.name, *counts, problem)
