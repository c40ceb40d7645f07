"""What a night does with one agent: crawl it, assess it, keep how it ended.

Idea: after several failed calls in a row the model counts as away, and agents wait in the queue. Invariants: an agent
whose pages have not changed is not assessed; our own error is that agent's outcome and ends nothing else.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from extractors.model.completion import AwaitingBatch, CompletionClient
from flows.assessment.agent_assessment import assess_agent
from flows.assessment.agent_outcomes import AgentResult, pages_away, without_text
from flows.assessment.answer_threads import in_worker_thread
from flows.assessment.page_texts import keep_subjects, make_texts
from flows.assessment.stored_pages import agent_pages
from flows.assessment.unchanged_assessment import renewals, unchanged_draft
from flows.database_retry import retry_database
from flows.fetching.agent_pages import crawl_agent
from flows.fetching.page_fetcher import Fetcher
from flows.night.batches import Batches, batching
from flows.night.concurrency import limited
from flows.night.unchanged_pages import UnchangedPageCheck
from flows.reading.time_limited_pool import USUAL_READERS
from flows.report.event_log import log_event
from flows.settings import Settings
from records.database.runs import AgentOutcome, Run
from records.store import Store
from scoring.errors import AssayError, Refused, TransientError

AWAY_AFTER = 5
"""So many failed calls in a row, and the model counts as away for the rest of the night."""
READY = 16
"""Agents whose pages are read while all calls of the model are under way, so that the next ones leave at once."""


class AgentWork:
    """Shared by all agents of one process in one night."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        run: Run,
        since: datetime,
        client: CompletionClient,
        fetcher: Fetcher,
        check_place: Callable[[], None],
        slices: int,
    ) -> None:
        """`check_place` raises `Refused` once another night has taken over."""
        self._store = store
        self._settings = settings
        self._run = run
        self._since = since
        self.client = client
        self._fetcher = fetcher
        self._check_place = check_place
        self.batches = Batches(run.id)
        self.failures = 0
        """Calls of the model that failed, since one that did not."""
        self._away = ""
        self._renewals = renewals(store, client, settings, slices)
        self._unchanged = UnchangedPageCheck(store, settings, client)

    def ask_by(self, client: CompletionClient) -> None:
        """Another client from now on, with its limits."""
        self.failures = 0
        self.batches.each = batching(self._store, self._settings, client, self._run.id)
        self.client = limited(client, self._settings.model.in_flight)

    @property
    def width(self) -> int:
        """Agents that are assessed at once: some are read, some wait for the model. One that computes is given as many
        as there are readers, so that an answer of a host never waits behind several."""
        return self._settings.model.in_flight + READY if self.client.waits else USUAL_READERS

    async def end(self, slug: str, work: Callable[[str], Awaitable[AgentResult | None]]) -> AgentResult | None:
        """Does the work and keeps how it ended (None: it goes on elsewhere). Our own error is that agent's outcome.

        A database that restarts is waited for, since an agent that is begun again repeats nothing; a full disk, or
        one that stays away, ends the night, and the next start goes on.
        """

        async def once() -> AgentResult | None:
            self._check_place()
            ended = await self._ended(slug, work)
            if ended is not None:
                await in_worker_thread(self.client, self._keep, slug, ended)
            return ended

        ended = await retry_database(once, run=self._run.id)
        if ended is not None:
            log_event("agent.ended", run=self._run.id, slug=slug, outcome=ended.outcome.value)
        return ended

    def _keep(self, slug: str, ended: AgentResult) -> None:
        with self._store.writing(quick=self._store.database.is_sqlite):
            self._store.runs.end_agent(self._run.id, slug, ended.outcome, ended.reason)
            self._unchanged.ended(slug, ended)

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
        ended = await self._unchanged.unchanged(slug, self._fetcher)
        self._fetcher.asked_for(slug)  # the look that follows begins anew
        if ended is None:
            await crawl_agent(self._store, slug, self._fetcher, self._settings)
            await make_texts(self._store, slug, self._settings.night.read_seconds)
            await keep_subjects(self._store, slug, self._settings)
            self._store.looks.crawled(slug, self._fetcher.asked_for(slug))
        return ended

    async def assess(self, slug: str) -> AgentResult:
        """From stored pages to a stored draft; agents wait in the queue while the model is away."""
        pages = agent_pages(self._store, slug)
        if self.failures >= AWAY_AFTER:
            return AgentResult(AgentOutcome.QUEUED, self._away) if pages.texts else without_text(pages)
        try:
            unchanged = await unchanged_draft(self._store, pages, self.client, self._settings, self._may_renew)
            ended = unchanged or await assess_agent(self._store, slug, self.client, self._settings, self._run.id, pages)
        except AwaitingBatch as error:
            self.batches.waiting[slug] = error.questions
            return AgentResult(AgentOutcome.WAITING, error.problem)
        self.failures = self.failures + 1 if ended.outcome is AgentOutcome.QUEUED else 0
        self._away = ended.reason or "the model is away"
        if ended.outcome is AgentOutcome.UNCHANGED:
            at = self._store.queue.get(slug).assessed_at
            if at is not None and at >= self._since:  # tonight, by a run that was killed right after
                return ended._replace(outcome=AgentOutcome.ASSESSED)
        return pages_away(pages, ended)

    def _may_renew(self) -> bool:
        """Whether a draft is made anew only because versions changed: while they are adopted, so many a night."""
        if self._renewals is None:
            return True
        self._renewals -= 1
        return self._renewals >= 0
