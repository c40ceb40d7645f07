"""A night cut into pieces for many machines: crawl pieces by host, assessment pieces by agent.

Idea: the coordinator opens the night and cuts it; any number of workers take pieces until none is left, the
coordinator among them; it counts at the end. A worker has many crawl pieces at once, which wait for their hosts, and
few assessment pieces, which it works on. Invariants: a host is asked by one worker at a time (a lease row, and
its clock is read again with it); doing a piece twice changes nothing; what is reserved of the budget counts as
spent, so that all workers together stay within it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlsplit

from extractors.crawl.politeness.clock import Clock, SystemClock
from extractors.crawl.politeness.host_memory import HostMemory
from extractors.listing import Listing
from extractors.model.completion import CompletionClient
from flows.night.concurrency import together
from flows.night.database_retry import PATIENCE
from flows.night.night import Night
from flows.prefect.shared_limits import shared_client
from flows.report.event_log import tell
from flows.settings import Settings
from records.database.leases import new_holder
from records.database.runs import Run
from records.database.shards import Shard
from records.store import Store
from scoring.errors import Refused, TransientError

AGENTS_A_CRAWL = 50
ROUNDS_AN_ASSESSMENT = 4
"""An assessment piece holds this many times the calls that a worker has in flight."""
SECONDS = 120
"""A piece whose worker has not renewed it for so long is another's."""
HOST_SECONDS = 90
"""Longer than any one request, shorter than anybody wants to wait for a machine that is gone."""
AGENTS_A_HOST = 4
"""Agents of a crawl piece that are under way at once; a worker has as many crawl pieces as keep its
`night.agents_at_once` busy, since each waits for its host."""
ASSESSMENTS = 2
"""Assessment pieces that a worker has at once, so that the tail of one meets the head of the next."""
POLL = 0.25


def main_host(listing: Listing) -> str:
    """The host that most of an agent's pages are on, as far as the listing tells."""
    urls = (listing.repository, listing.homepage, *listing.documents, listing.listing_url)
    return urlsplit(next(filter(None, urls), "")).netloc.lower() or "none"


def cut(store: Store, run: Run, since: datetime, due: Sequence[str]) -> None:
    """Adds the crawl pieces of a night; those that are there already stay."""
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for slug in due:
        by_host[main_host(store.listings.get(slug))].append(slug)
    pieces: dict[str, dict[str, Any]] = {}
    for round_ in range(max(map(len, by_host.values()), default=0) // AGENTS_A_CRAWL + 1):  # hosts take turns
        for host in sorted(by_host):
            part = by_host[host][round_ * AGENTS_A_CRAWL : (round_ + 1) * AGENTS_A_CRAWL]
            if part:
                pieces[f"crawl {host} {round_}"] = {"do": "crawl", "slugs": part, "since": since.isoformat()}
    store.shards.add(run.id, pieces)


class Worker:
    """One process at work on one night. `async with Worker(store, settings, run) as worker: await worker.work()`."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        run: str,
        *,
        client: CompletionClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.store = store
        self.settings = settings
        self.run = store.runs.get(run)
        self.pieces = 0
        self._client = client
        self._clock = clock or SystemClock()
        self._night: Night | None = None
        self._opening = asyncio.Lock()
        self._asking = {"crawl": asyncio.Lock(), "assess": asyncio.Lock()}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def work(self) -> int:
        """Takes pieces until all are done or failed, or the night is over; gives how many were done here."""
        crawls = max(1, self.settings.night.agents_at_once // AGENTS_A_HOST)
        hands = ["crawl"] * crawls + ["assess"] * ASSESSMENTS
        await together(self._hand, hands, len(hands))
        return self.pieces

    async def _hand(self, kind: str) -> None:
        holder = new_holder()
        patience = iter(PATIENCE)
        while True:
            try:
                async with self._asking[kind]:  # one asks for the next piece, the others wait behind it
                    shard = await self._next(kind, holder)
                if shard is None:
                    return
                await self.do(shard)
                patience = iter(PATIENCE)
            except TransientError:  # the database restarts; what was begun is taken again
                wait = next(patience, None)
                if wait is None:
                    raise
                await asyncio.sleep(wait)

    async def _next(self, kind: str, holder: str) -> Shard | None:
        """The next piece of this kind; None when all pieces are done or failed, or the night is over."""
        while self.store.runs.get(self.run.id).status == "running":
            shard = self.store.shards.take(self.run.id, holder, SECONDS, begins=f"{kind} ")
            if shard is not None:
                return shard
            if all(s.state in ("done", "failed") for s in self.store.shards.all(self.run.id)):
                return None
            await asyncio.sleep(POLL)
        return None

    async def do(self, shard: Shard) -> None:
        """One piece. A piece that another worker took over meanwhile is left to it."""
        night = await self._opened(shard)
        beating = asyncio.create_task(self._beat(shard))
        tell("shard.taken", run=self.run.id, shard=shard.key, agents=len(shard.work["slugs"]), tries=shard.tries)
        try:
            done = {ending.slug for ending in self.store.runs.endings(self.run.id) if ending.outcome.is_terminal}
            slugs = [slug for slug in shard.work["slugs"] if slug not in done]
            if shard.work["do"] == "crawl":
                await self._crawl(night, shard, slugs)
            else:
                await together(lambda slug: night.end(slug, night.assess), slugs, night.width)
            self.store.shards.finish(shard, {"agents": len(slugs)})
            self.pieces += 1
        except Refused as error:
            tell("shard.left", run=self.run.id, shard=shard.key, why=error.problem)
        finally:
            beating.cancel()

    async def _crawl(self, night: Night, shard: Shard, slugs: Sequence[str]) -> None:
        async def one(slug: str) -> None:
            if await night.end(slug, night.crawl) is None:
                crawled.add(slug)

        crawled: set[str] = set()
        await together(one, slugs, AGENTS_A_HOST)
        there = [slug for slug in slugs if slug in crawled]
        size = ROUNDS_AN_ASSESSMENT * self.settings.model.in_flight
        assess: dict[str, dict[str, Any]] = {
            f"assess {shard.key} {start // size}": {**shard.work, "do": "assess", "slugs": there[start : start + size]}
            for start in range(0, len(there), size)
        }
        self.store.shards.add(self.run.id, assess)

    async def _opened(self, shard: Shard) -> Night:
        async with self._opening:
            if self._night is None:
                since = datetime.fromisoformat(shard.work["since"])
                night = Night(self.store, self.settings, self.run, since, self._clock, hold=self._hold)
                night.client = self._client or shared_client(self.store, self.settings, since)
                self._night = await self._stack.enter_async_context(night)
            return self._night

    async def _beat(self, shard: Shard) -> None:
        while True:
            await asyncio.sleep(SECONDS / 4)
            with suppress(TransientError):
                self.store.shards.renew(shard, SECONDS)

    @asynccontextmanager
    async def _hold(self, host: str) -> AsyncIterator[HostMemory | None]:
        """Waits until the host is ours; gives what is remembered of it."""
        holder, name = new_holder(), f"host:{host}"
        while not self.store.leases.take(name, holder, HOST_SECONDS):
            await asyncio.sleep(POLL / 2)
        try:
            kept = self.store.pages.memory_of(host)
            yield None if kept is None else HostMemory.model_validate(kept)
        finally:
            self.store.leases.release(name, holder)
