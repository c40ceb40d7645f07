"""A night's questions as batches of the model's endpoint: sent, waited for, collected, or given up for direct calls.

Idea: agents are looked at as ever; a question without an answer is posted here and its agent waits. `step` sends what
was posted and brings what has ended; agents that no longer wait are looked at again and find their answers. What is
under way is kept before each call of the endpoint, so `step` is also what a later process does after a kill.
Invariants: at most one process at a time sends or collects; no question is sent while it may be in a batch already.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from extractors.crawl.politeness.clock import Clock
from extractors.model.budget import cost_of_unused
from extractors.model.completion import Completion, CompletionClient, CompletionOutcome
from extractors.model.endpoint.batch_files import BatchAnswer, BatchFiles, Question, line_of
from extractors.model.endpoint.errors import EndpointError
from extractors.model.endpoint.http_call import TooLarge
from extractors.model.prices import load_prices
from flows.database_retry import retry_database
from flows.report.event_log import log_event
from flows.settings import Settings
from records.assessments.batches import Batch
from records.store import Store

POLL = 30.0
"""Seconds between two looks at the batches that are under way."""
MOST_QUESTIONS = 5_000
MOST_BYTES = 90_000_000
"""Of one batch; endpoints take 50,000 and 200 MB."""
GRACE = timedelta(hours=1)
"""For a batch that was cancelled, to end."""
_GONE = (400, 404, 405, 410, 501)
"""Statuses that say that a batch, its file or all batches are not there."""
TRIES = 3
"""To send, until the questions are asked directly."""


class Batching:
    """The batch queue of one client, and what sends its requests."""

    def __init__(self, store: Store, settings: Settings, client: CompletionClient, run: str) -> None:
        self._store = store
        self._stored = store.batches
        self._model = client.model
        self._sends = settings.model.batch
        self._longest = timedelta(hours=settings.model.batch_hours)
        self._run = run
        self._posted: dict[str, Question] = {}
        self._failed = 0
        self._files: BatchFiles | None = client.use_batch_queue(self)
        address = self._files.address if self._files is not None else ""
        self._price = load_prices(settings.model.prices).price(client.model, address)

    def answer(self, question: str) -> BatchAnswer | None:
        return self._stored.answer(question)

    def waits(self, question: str) -> bool:
        return question in self._posted or self._stored.waits(question)

    def post(self, question: Question) -> bool:
        if self._stored.waits(question.id):
            return True
        if self._sends:
            self._posted[question.id] = question
        return self._sends

    def waiting(self) -> set[str]:
        """The questions that have no answer yet."""
        return self._stored.waiting().union(self._posted)

    async def step(self) -> None:
        """Brings what has ended, then sends what was posted; nothing while another process does."""
        if self._files is None or (lock := self._store.locks.try_acquire("batches")) is None:
            return
        with lock:
            self._book_unused()
            for batch in self._stored.under_way():
                if (batch.endpoint, batch.model) == (self._files.address, self._model):
                    await self._bring(self._files, batch)
            for part in self._parts():
                await self._send(self._files, part)

    def _book_unused(self) -> None:
        with self._store.writing():
            for unused in self._stored.take_unused(self._model):
                usage = cost_of_unused(unused.body, self._price)
                if usage.calls:
                    why = "its answer came in a batch when the question was no longer asked"
                    attempt = Completion(
                        key=unused.key,
                        model=self._model,
                        outcome=CompletionOutcome.FAILED,
                        reply="",
                        reason=why,
                        usage=usage,
                    )
                    self._store.completions.keep(attempt, slug=unused.slug, run=self._run)

    async def _bring(self, files: BatchFiles, batch: Batch) -> None:
        late = self._store.now() - batch.sent_at - self._longest
        try:
            if batch.batch:
                remote = await files.retrieve(batch.batch)
            elif batch.file and (found := await files.find(batch.file)) is not None:
                remote = found
                self._stored.name(batch.token, batch=remote.id)
            elif self._failed < TRIES:  # it was never made
                return self._stored.drop(batch.token)
            else:
                return self._end(batch.token, {}, "it could not be sent")
            if remote.ended:
                answers = await files.answers(remote)
                self._end(batch.token, answers, "" if answers else remote.problem)
            elif late > timedelta(0):
                with suppress(EndpointError):
                    await files.cancel(remote.id)
                if late > GRACE:
                    self._end(batch.token, {}, "it took too long")
            else:
                self._stored.name(batch.token, done=remote.done)
        except (EndpointError, TooLarge) as error:
            if isinstance(error, TooLarge) or error.status in _GONE or late > GRACE:
                self._end(batch.token, {}, error.problem)

    def _end(self, token: str, answers: dict[str, BatchAnswer], problem: str) -> None:
        self._stored.end(token, answers, problem)
        log_event("batch.ended", run=self._run, answers=len(answers), problem=problem)

    async def _send(self, files: BatchFiles, part: list[Question]) -> None:
        token = sha256(" ".join(sorted(question.id for question in part)).encode()).hexdigest()
        self._stored.begin(token, files.address, self._model, part)
        for question in part:
            del self._posted[question.id]
        try:
            file = await files.upload(token, part)
            self._stored.name(token, file=file)
            remote = await files.create(file)
            self._stored.name(token, batch=remote.id)
            self._failed = 0
            log_event("batch.sent", run=self._run, batch=remote.id, questions=len(part))
        except (EndpointError, TooLarge) as error:
            self._failed += 1
            if isinstance(error, TooLarge) or error.kind not in ("load", "transport"):
                self._end(token, {}, error.problem)

    def _parts(self) -> Iterator[list[Question]]:
        """What was posted, in files of a size that endpoints take."""
        part: list[Question] = []
        size = 0
        for question in list(self._posted.values()):
            more = len(line_of(question))
            if part and (len(part) == MOST_QUESTIONS or size + more > MOST_BYTES):
                yield part
                part, size = [], 0
            part.append(question)
            size += more
        if part:
            yield part


class Batches:
    """Those of a night, and the agents that wait for them."""

    def __init__(self, run: str) -> None:
        self._run = run
        self.each: tuple[Batching, ...] = ()
        self.waiting: dict[str, frozenset[str]] = {}
        """Agents and their questions."""

    async def step(self) -> None:
        for each in self.each:
            await retry_database(each.step, run=self._run)

    async def answered(self, ends: datetime, clock: Clock, check: Callable[[], None]) -> AsyncIterator[list[str]]:
        """The agents that waited, once their answers are there, until the night ends; `check` is called meanwhile."""
        while self.waiting:
            await self.step()
            unanswered = set[str]().union(*(each.waiting() for each in self.each))
            ready = sorted(slug for slug, questions in self.waiting.items() if unanswered.isdisjoint(questions))
            for slug in ready:
                del self.waiting[slug]
            if ready:
                yield ready
            elif clock.now() >= ends:
                break
            else:
                check()
                await clock.sleep(POLL)
        await self.step()


def batching(store: Store, settings: Settings, client: CompletionClient, run: str) -> tuple[Batching, ...]:
    """For the client and its second reader; none where no batches are wanted and none are under way."""
    if not client.waits or not (settings.model.batch or store.batches.waiting()):
        return ()
    return tuple(Batching(store, settings, each, run) for each in (client, client.second) if each is not None)
