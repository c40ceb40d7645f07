"""One night as a plain function: sources → pages → texts → claims → scores → drafts.

Idea: `list_sources`, `look_at_all` over the due agents, `finish`, inside `begun`, the frame of every night; the command
line and the Prefect flow call these, `flows.night.slices` does the second step in several processes. An agent that
waits for its host holds no place of those that are asked for, read or assessed: hosts take turns, and what is crawled
waits by its name alone for the assessor. Invariants: what was stored is never fetched or paid for again in the same
night, also after a kill; every due agent ends in one outcome; a source that fails touches nothing of what stands; a
night whose place another one took begins no further agent and announces nothing.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from extractors.crawl.crawler import Crawler
from extractors.crawl.politeness.clock import Clock
from extractors.crawl.politeness.delay_and_backoff import HostLock
from extractors.crawl.politeness.host_state import HostState
from extractors.model.completion import CompletionClient
from flows.assessment.assessment import completion_client
from flows.fetching.host_state_writer import HostStateWriter
from flows.fetching.page_fetcher import Fetcher, answer_requests
from flows.fetching.quote_recheck import recheck_published
from flows.fetching.source_walk import list_source
from flows.night.agent_work import AgentWork
from flows.night.concurrency import run_bounded, yield_to_others
from flows.night.due_agents import slowest_hosts, tonight
from flows.night.host_turns import HostQueues, run_by_host
from flows.night.interrupted_nights import KIND, interrupted_night_start, spent_since
from flows.night.slice_limits import host_locks, share
from flows.report.announcements import announce
from flows.report.completeness import SourceCount
from flows.report.event_log import log_event
from flows.report.night_summary import NightSummary, summarise
from flows.settings import Settings
from records.database.runs import Run, RunStatus
from records.maintenance.retention import drop_old_pages
from records.store import Store
from review.services.reapproval import approve_by_rule, reapprove_unchanged
from scoring.errors import AssayError, Refused, TransientError

WATCH = 15.0
"""Seconds between two looks whether the night still has its place."""

Progress = Callable[[str, int, int], None]
"""(what, done, of how many)."""


class Night:
    """What one run holds while it works: `async with begun(...) as night`."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        run: Run,
        since: datetime,
        client: CompletionClient,
        clock: Clock | None = None,
        *,
        hold: HostLock | None = None,
        has_its_place: Callable[[], bool] | None = None,
        slices: int = 1,
    ) -> None:
        """`hold` gives a host to this process alone; without it the night's own lock keeps others away. `slices`: how
        many processes share what a night may do."""
        self.store = store
        self.settings = settings
        self.run = run
        self.since = since
        """Start of the night, also of one that was killed and goes on: what was looked at later is not due."""
        self._ends = since + timedelta(hours=settings.night.hours)
        self.sources: list[SourceCount] = []
        self.full_hosts: Counter[str] = Counter()
        """Host to agents that are due and wait for another night, since its page budget is planned for others."""
        self.summary: NightSummary | None = None
        """What is announced; there once the night has finished."""
        self._clock = clock or Clock()
        self._has_its_place = has_its_place or (lambda: store.runs.is_ours(run))
        self._lost = False
        self._stack = AsyncExitStack()
        self._book = HostStateWriter(store, ahead=hold is None)
        self._crawler = Crawler(
            settings.crawl_settings(),
            self._book.read(),
            night=since.isoformat(),
            ends_at=self._ends,
            remember=self._book,
            clock=self._clock,
            hold=hold,
        )
        self.fetcher = Fetcher(store, self._crawler, run.id, since)
        self.work = AgentWork(store, settings, run, since, client, self.fetcher, self.check_place, slices)

    async def __aenter__(self) -> Self:
        self.ask_by(self.work.client)
        self._stack.callback(self._book.close)
        await self._stack.enter_async_context(self._crawler)
        watching = asyncio.create_task(self._watch())
        self._stack.callback(watching.cancel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def ask_by(self, client: CompletionClient) -> None:
        """This client for the agents that are left. What the model's endpoint asked for holds over a restart, as what
        a host asks for does."""
        self.work.ask_by(client)
        self._stack.push_async_callback(self.work.client.aclose)
        address = urlsplit(self.settings.model.base_url or os.environ.get("OPENAI_BASE_URL", ""))
        name = f"model at {address.hostname or 'its own address'}:{address.port or 443}"
        pause = self._book.read().get(name)

        def remember(until: float, reason: str) -> None:
            moment = datetime.fromtimestamp(until, UTC)
            self._book(HostState(host=name, not_before=moment, not_before_reason=reason))

        until = pause.not_before.timestamp() if pause is not None and pause.not_before is not None else 0.0
        self.work.client.share_pause(max(0.0, (self._ends - self._clock.now()).total_seconds()), until, remember)

    async def _watch(self) -> None:
        """Until the place is another's. A database that is away for a while is no reason to stop."""
        while not self._lost:
            await asyncio.sleep(WATCH)
            with suppress(TransientError):
                self._lost = not self._has_its_place()

    def check_place(self) -> None:
        """Raises `Refused` once another night has taken over."""
        if self._lost:
            raise Refused("another night has taken over", subject=self.run.id, step="night", next_step="`assay status`")

    async def list_sources(self, only: str | None = None) -> None:
        """Walks every source; one that fails is named and its listings stay as they were."""
        for source in self.store.sources.all():
            if only is None or source.name == only:
                end = await list_source(self.store, self.settings, self.fetcher, source)
                self.sources.append(end)
                log_event("source.listed", run=self.run.id, **end.model_dump(exclude={"behind"}))
        await answer_requests(self.store, self.fetcher, self.settings.night.read_seconds)

    def due(self, *, again: bool = False) -> tuple[str, ...]:
        """Who is to be looked at tonight, most urgent first, within the budget of hosts."""
        age = timedelta(hours=self.settings.night.recrawl_hours)
        before = self.since if again or self.since < self.run.started_at else self.run.started_at - age
        used = {host.host: host.asked for host in self._crawler.hosts.values() if host.night == self.since.isoformat()}
        due = tonight(self.store, self.settings, before=before, used=used)
        self.full_hosts = Counter(due.left_over.values())
        return due.tonight

    async def look_at_all(self, slugs: Sequence[str], progress: Progress | None = None) -> None:
        """Crawls the agents, hosts in turns, and assesses each as soon as it is crawled; `slugs` as `due` sorts."""
        if not slugs:
            return
        await self.work.batches.step()
        crawled: asyncio.Queue[str | None] = asyncio.Queue()
        done = 0

        def ended() -> None:
            nonlocal done
            done += 1
            if progress is not None:
                progress("agents", done, len(slugs))

        async def crawl(slug: str) -> None:
            if await self.work.end(slug, self.work.crawl) is None:
                crawled.put_nowait(slug)
            else:
                ended()

        async def crawl_all() -> None:
            night = self.settings.night
            hosts = slowest_hosts(self.store, self.settings, slugs)
            await run_by_host(crawl, HostQueues(slugs, hosts, night.pages_per_agent), night.agents_at_once)
            crawled.put_nowait(None)

        async def assess(_: int) -> None:
            while (slug := await crawled.get()) is not None:
                await self.work.end(slug, self.work.assess)
                ended()
                await yield_to_others()
            crawled.put_nowait(None)  # for the next one that waits

        async def assess_all() -> None:
            await run_bounded(assess, range(self.work.width), self.work.width)

        await run_bounded(lambda part: part(), (crawl_all, assess_all), 2)
        async for answered in self.work.batches.answered(self._ends, self._clock, self.check_place):
            self.work.failures = 0  # an answer that is here needs no model
            await run_bounded(lambda slug: self.work.end(slug, self.work.assess), answered, self.work.width)

    def finish(self, due: Sequence[str]) -> NightSummary:
        """Re-checks published quotes, counts, and ends the run: `failed` below the completeness of the settings.

        `Refused` when another night has taken over: its summary is the one that counts, and this one is not announced.
        """
        self._lost = not self.store.runs.is_ours(self.run)
        self.check_place()
        lost = recheck_published(self.store)
        reapprove_unchanged(self.store)
        approve_by_rule(self.store, enabled=self.settings.approval.automatic)
        self.store.people.prune_expired()
        summary = summarise(self.store, self.settings, self.run, due, self.sources, lost, self.since, self.full_hosts)
        status: RunStatus = "finished" if summary.complete else "failed"
        if not self.store.runs.finish(self.run, status, summary.model_dump(mode="json")):
            self._lost = True
            self.check_place()
        if summary.complete and self.settings.night.keep_days:
            before = self.store.now() - timedelta(days=self.settings.night.keep_days)
            log_event("pages.dropped", run=self.run.id, versions=drop_old_pages(self.store, before))
        log_event("night.finished", **summary.facts)
        self.summary = summary
        return summary


@asynccontextmanager
async def begun(
    store: Store,
    settings: Settings,
    *,
    again: bool = False,
    client: CompletionClient | None = None,
    clock: Clock | None = None,
    slices: int = 1,
) -> AsyncIterator[Night]:
    """The frame of a night: begun, marked as interrupted when it is cut off, announced when it has finished.

    Takes the night's lock; raises `Refused` at once when another night works. `again` makes all due. With `slices` this
    process is one of several: it shares hosts, money and rates with the others.
    """
    interrupted = interrupted_night_start(store, settings)
    run = store.runs.begin(KIND)
    since = run.started_at if again else (interrupted or run.started_at)
    try:
        spent = spent_since(store, since)
        client = client or completion_client(share(settings, slices, spent))
        log_event("night.begun", run=run.id, since=since.isoformat(), goes_on=interrupted is not None)
        hold = host_locks(store) if slices > 1 else None
        async with Night(store, settings, run, since, client, clock, hold=hold, slices=slices) as night:
            yield night
    except BaseException as error:
        log_event("night.interrupted", run=run.id, why=type(error).__name__)
        with suppress(AssayError):  # the next night's start marks it otherwise
            store.runs.finish(run, "interrupted")
        raise
    if night.summary is not None:
        await announce(night.summary, settings)


async def run_night(
    store: Store,
    settings: Settings,
    *,
    again: bool = False,
    source: str | None = None,
    client: CompletionClient | None = None,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> NightSummary:
    """A whole night in this process, without Prefect."""
    async with begun(store, settings, again=again, client=client, clock=clock) as night:
        await night.list_sources(source)
        due = night.due(again=again)
        await night.look_at_all(due, progress)
        return night.finish(due)
