"""One night as a plain function: sources → pages → texts → claims → scores → drafts.

Idea: `list_sources`, `look_at_all` over the due agents, `finish`, inside `begun`, the frame of every night; the command
line and the Prefect flow call these, `flows.night.slices` does the second step in several processes. An agent that
waits for its host holds no place of those that are asked for, read or assessed: hosts take turns, and what is crawled
waits by its name alone for the assessor. Invariants: what was stored is never fetched or paid for again in the same
night, also after a kill; every due agent ends in one outcome; a source that fails touches nothing of what stands; a
night whose place another one took begins no further agent and announces nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from extractors.crawl.crawler import Crawler
from extractors.crawl.politeness.clock import Clock, SystemClock
from extractors.crawl.politeness.delay_and_backoff import HostLock
from extractors.crawl.politeness.host_state import HostState
from extractors.model.completion import AwaitingBatch, CompletionClient
from flows.fetching.agent_pages import crawl_agent
from flows.fetching.host_state_writer import HostStateWriter
from flows.fetching.page_fetcher import Fetcher, answer_requests
from flows.fetching.quote_recheck import recheck_published
from flows.fetching.source_walk import list_source
from flows.night.agent_steps import (
    AgentResult,
    agent_pages,
    assess_agent,
    keep_subjects,
    make_texts,
    pages_away,
    without_text,
)
from flows.night.answer_threads import in_worker_thread
from flows.night.assessment import completion_client
from flows.night.batches import Batches, batching
from flows.night.concurrency import run_bounded, yield_to_others
from flows.night.database_retry import retry_database
from flows.night.due_agents import slowest_hosts, tonight
from flows.night.host_turns import HostQueues, run_by_host
from flows.night.interrupted_nights import KIND, interrupted_night_start, spent_since
from flows.night.model_concurrency import limited
from flows.night.slice_limits import host_locks, share
from flows.night.unchanged_assessment import renewals, standing_draft
from flows.night.unchanged_pages import UnchangedPageCheck
from flows.reading.time_limited_pool import USUAL_READERS
from flows.report.announcements import announce
from flows.report.completeness import SourceCount
from flows.report.event_log import log_event
from flows.report.night_summary import NightSummary, summarise
from flows.settings import Settings
from records.database.runs import AgentOutcome, Run, RunStatus
from records.store import Store
from review.services.reapproval import approve_by_rule, reapprove_unchanged
from scoring.errors import AssayError, Refused, TransientError

AWAY_AFTER = 5
"""So many failed calls in a row, and the model counts as away for the rest of the night."""
READY = 16
"""Agents whose pages are read while all calls of the model are under way, so that the next ones leave at once."""
WATCH = 15.0
"""Seconds between two looks whether the night still has its place."""

Progress = Callable[[str, int, int], None]
"""(what, done, of how many)."""


class Night:
    """What one run holds while it works. `async with Night.begin(...) as night`."""

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
        self.client = client
        self.summary: NightSummary | None = None
        """What is announced; there once the night has finished."""
        self._clock = clock or SystemClock()
        self._has_its_place = has_its_place or (lambda: store.runs.is_ours(run))
        self._failures = 0
        self._away = ""
        self._lost = False
        self._batches = Batches(run.id)
        self._renewals = renewals(store, client, settings, slices)
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
        self.unchanged_check = UnchangedPageCheck(store, settings, client)

    async def __aenter__(self) -> Self:
        self._ask_by(self.client)
        self._stack.callback(self._book.close)
        await self._stack.enter_async_context(self._crawler)
        watching = asyncio.create_task(self._watch())
        self._stack.callback(watching.cancel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _ask_by(self, client: CompletionClient) -> None:
        """What the model's endpoint asked for holds over a restart, as what a host asks for does."""
        self._batches.each = batching(self.store, self.settings, client, self.run.id)
        self.client = limited(client, self.settings.model.in_flight)
        self._stack.push_async_callback(self.client.aclose)
        address = urlsplit(self.settings.model.base_url or os.environ.get("OPENAI_BASE_URL", ""))
        name = f"model at {address.hostname or 'its own address'}:{address.port or 443}"
        kept = self._book.read().get(name)

        def remember(until: float, reason: str) -> None:
            moment = datetime.fromtimestamp(until, UTC)
            self._book(HostState(host=name, not_before=moment, not_before_reason=reason))

        until = kept.not_before.timestamp() if kept is not None and kept.not_before is not None else 0.0
        self.client.share_pause(max(0.0, (self._ends - self._clock.now()).total_seconds()), until, remember)

    async def go_on_with(self, client: CompletionClient) -> None:
        """Another client for the agents that are left, such as one with another budget."""
        self._failures = 0
        self._ask_by(client)

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
        await self._batches.step()
        crawled: asyncio.Queue[str | None] = asyncio.Queue()
        done = 0

        def ended() -> None:
            nonlocal done
            done += 1
            if progress is not None:
                progress("agents", done, len(slugs))

        async def crawl(slug: str) -> None:
            if await self.end(slug, self.crawl) is None:
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
                await self.end(slug, self.assess)
                ended()
                await yield_to_others()
            crawled.put_nowait(None)  # for the next one that waits

        async def assess_all() -> None:
            await run_bounded(assess, range(self.width), self.width)

        await run_bounded(lambda part: part(), (crawl_all, assess_all), 2)
        async for answered in self._batches.answered(self._ends, self._clock, self.check_place):
            self._failures = 0  # an answer that is here needs no model
            await run_bounded(lambda slug: self.end(slug, self.assess), answered, self.width)

    @property
    def width(self) -> int:
        """Agents that are assessed at once: some are read, some wait for the model. One that computes is given as many
        as there are readers, so that an answer of a host never waits behind several."""
        return self.settings.model.in_flight + READY if self.client.waits else USUAL_READERS

    async def end(self, slug: str, work: Callable[[str], Awaitable[AgentResult | None]]) -> AgentResult | None:
        """Does the work and keeps how it ended (None: it goes on elsewhere). Our own error is that agent's outcome.

        A database that restarts is waited for, since an agent that is begun again repeats nothing; a full disk, or
        one that stays away, ends the night, and the next start goes on.
        """

        async def once() -> AgentResult | None:
            self.check_place()
            ended = await self._ended(slug, work)
            if ended is not None:
                await in_worker_thread(self.client, self._keep, slug, ended)
            return ended

        ended = await retry_database(once, run=self.run.id)
        if ended is not None:
            log_event("agent.ended", run=self.run.id, slug=slug, outcome=ended.outcome.value)
        return ended

    def _keep(self, slug: str, ended: AgentResult) -> None:
        with self.store.writing(quick=self.store.database.is_sqlite):
            self.store.runs.end_agent(self.run.id, slug, ended.outcome, ended.reason)
            self.unchanged_check.ended(slug, ended)

    @staticmethod
    async def _ended(slug: str, work: Callable[[str], Awaitable[AgentResult | None]]) -> AgentResult | None:
        try:
            return await work(slug)
        except (Refused, TransientError):
            raise
        except AssayError as error:
            return AgentResult(AgentOutcome.FAILED, str(error))
        except Exception as error:  # a defect that one agent's pages bring out is no reason to leave the others
            log_event("agent.defect", slug=slug, error=type(error).__name__)
            return AgentResult(AgentOutcome.FAILED, f"defect: {type(error).__name__}; see `assay agents assess {slug}`")

    async def crawl(self, slug: str) -> AgentResult | None:
        """Fetches the agent's pages and keeps which they are; how the look ends when none of it has changed."""
        ended = await self.unchanged_check.unchanged(slug, self.fetcher)
        self.fetcher.asked_for(slug)  # the look that follows begins anew
        if ended is None:
            await crawl_agent(self.store, slug, self.fetcher, self.settings)
            await make_texts(self.store, slug, self.settings.night.read_seconds)
            await keep_subjects(self.store, slug, self.settings)
            self.store.looks.crawled(slug, self.fetcher.asked_for(slug))
        return ended

    async def assess(self, slug: str) -> AgentResult:
        """From stored pages to a stored draft; agents wait in the queue while the model is away."""
        pages = agent_pages(self.store, slug)
        if self._failures >= AWAY_AFTER:
            return AgentResult(AgentOutcome.QUEUED, self._away) if pages.texts else without_text(pages)
        try:
            stands = await standing_draft(self.store, pages, self.client, self.settings, self._may_renew)
            ended = stands or await assess_agent(self.store, slug, self.client, self.settings, self.run.id, pages)
        except AwaitingBatch as error:
            self._batches.waiting[slug] = error.questions
            return AgentResult(AgentOutcome.WAITING, error.problem)
        self._failures = self._failures + 1 if ended.outcome is AgentOutcome.QUEUED else 0
        self._away = ended.reason or "the model is away"
        if ended.outcome is AgentOutcome.UNCHANGED:
            at = self.store.queue.get(slug).assessed_at
            if at is not None and at >= self.since:  # tonight, by a run that was killed right after
                return ended._replace(outcome=AgentOutcome.ASSESSED)
        return pages_away(pages, ended)

    def _may_renew(self) -> bool:
        """Whether a draft is made anew only because versions changed: while they are adopted, so many a night."""
        if self._renewals is None:
            return True
        self._renewals -= 1
        return self._renewals >= 0

    def finish(self, due: Sequence[str]) -> NightSummary:
        """Re-checks published quotes, counts, and ends the run: `failed` below the completeness of the settings.

        `Refused` when another night has taken over: its summary is the one that counts, this one is told to nobody.
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
            log_event("pages.dropped", run=self.run.id, versions=self.store.drop_old_pages(before))
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
