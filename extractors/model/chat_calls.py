"""One question to an endpoint until it is answered or given up, by all calls of one client together, now or by a batch.

Idea: each class of `endpoint.errors` takes its course here and nowhere else. With a batch queue, `post` is called with
all first questions of a completion before anything else is asked, and their answers are taken from it, at half the
price. Invariants: a call is sent only after its worst cost was reserved, of a question in a batch until its answer is
booked; a batched question is known by the digest of its call before any dialect, so that a later process knows it
again; no request is sent again unchanged but after a load or transport error; a pause that the endpoint asks for is
waited for by all.
"""

import asyncio
import json
import random
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from extractors.canonical_json import digest
from extractors.model.budget import Budget, CostAccount
from extractors.model.completion import BatchQueue, CompletionOutcome
from extractors.model.endpoint.batch_files import Question
from extractors.model.endpoint.chat_response import Answer, read_answer
from extractors.model.endpoint.errors import EndpointError, sort_error
from extractors.model.endpoint.features import Dialect
from extractors.model.endpoint.http_call import Endpoint, TooLarge
from extractors.model.prices import FREE, Price
from extractors.model.rate_limits import Pause, RateLimiter
from extractors.prompting.token_estimates import most_tokens_in, tokens_in

_LONGEST_WAIT = 60.0
"""Seconds between two tries where the endpoint names none."""
PATIENCE = 900.0
"""Seconds that one completion sits out an endpoint's limits, where no night says how long."""


class CompletionEnded(Exception):
    """The typed end of one agent's completion."""

    def __init__(self, outcome: CompletionOutcome, reply: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome, self.reply, self.reason = outcome, reply, reason


def over_budget() -> CompletionEnded:
    return CompletionEnded(CompletionOutcome.OVER_BUDGET, "", "the call could exceed the budget; it was not sent")


class ChatCalls:
    """Remembers what the endpoint understands, and why it answers no more."""

    def __init__(
        self,
        endpoint: Endpoint,
        rates: RateLimiter,
        pause: Pause,
        budget: Budget,
        price: Price | None,
        context: int,
        attempts: int,
    ) -> None:
        self._endpoint = endpoint
        self._rates = rates
        self.pause = pause
        self._budget = budget
        self._price = price or FREE
        self.attempts = attempts
        self.dialect = Dialect(window=context)
        """What it understands, with the smaller of the windows of the settings and of the endpoint."""
        self._closed: EndpointError | None = None
        """Why no request of this run will be answered."""
        self._other_forms = (attempts // 3 + 1, attempts * 2 // 3 + 1)
        """After so many tries an endpoint that has answered nothing yet is asked in another form."""
        self._answers = self._longest = 0
        """Answers so far, and the most tokens of one: thoughts may go beyond what was asked for."""
        self.batch_queue: BatchQueue | None = None
        self._reserved: dict[str, Decimal] = {}
        """Worst costs of questions in batches."""

    def post(self, calls: Iterable[dict[str, Any]], slug: str, key: str) -> frozenset[str]:
        """The questions that wait for a batch; none without a batch queue. Raises `CompletionEnded` for the budget."""
        queue = self.batch_queue
        if queue is None:
            return frozenset()
        waiting: set[str] = set()
        for full in calls:
            number = _number(full)
            if queue.answer(number) is not None:
                continue
            body = self.dialect.body(full)
            if number not in self._reserved:
                prompt = most_tokens_in(json.dumps(body, ensure_ascii=False))
                worst = self._price.worst(prompt, int(full.get("max_tokens", 0)), batch=True)
                if not self._budget.reserve(worst, is_sent=queue.waits(number)):
                    raise over_budget()
                self._reserved[number] = worst
            if queue.post(Question(number, slug, key, body)):
                waiting.add(number)
            else:
                self._budget.settle(self._reserved.pop(number), Decimal(0))
        return frozenset(waiting)

    async def answer(self, full: dict[str, Any], account: CostAccount) -> Answer:
        """What a batch brought, else the answer to a call made now. Raises `EndpointError`."""
        return self._from_batch(full, account) or await self._asked_now(full, account)

    def _from_batch(self, full: dict[str, Any], account: CostAccount) -> Answer | None:
        """Booked; None where the call is to be made. Raises `EndpointError` for the page's."""
        if self.batch_queue is None or (brought := self.batch_queue.answer(number := _number(full))) is None:
            return None
        account.batched(self._reserved.pop(number, Decimal(0)))
        shown = json.dumps(full, ensure_ascii=False)
        try:
            if brought.status != 200:
                raise sort_error(brought.status, brought.body)
            answer = read_answer(brought.body)
        except EndpointError as error:
            if not account.charged(error, shown):
                account.released()
            if error.kind == "page":
                raise
            return None
        account.paid(answer, shown)
        return answer

    async def _asked_now(self, full: dict[str, Any], account: CostAccount) -> Answer:
        """Steps down when the form is refused; what worked is remembered. The only retries for models: a load is waited
        for by all calls together, and is no try while the endpoint says that it is one for all."""
        dialect = known = self.dialect
        wanted = int(full.get("max_tokens", 0))
        deadline = self.pause.now() + PATIENCE
        tries = failures = 0
        while True:
            if not await self.pause.over(deadline):
                raise EndpointError(f"the endpoint asked for a longer pause: {self.pause.reason}", "load")
            body, answers = dialect.body(full), self._answers
            try:
                answer = await self._once(body, account)
                break
            except EndpointError as error:
                if (lower := _lower(dialect, error, wanted, body)) is not None:
                    dialect = lower
                    continue
                failures += 1
                limited = error.cause == "limit" and (error.status == 429 or self._answers == answers)
                tries += not limited
                if error.kind not in ("load", "transport") or tries >= self.attempts:
                    raise
                if error.status == 500 and not self._answers and tries in self._other_forms:
                    dialect = dialect.after(error, 0) or dialect
                back_off = min(2.0 ** (failures - 1), _LONGEST_WAIT) * (0.5 + random.random() / 2)
                if error.kind == "load":
                    self.pause.extend(max(error.wait or 0.0, back_off), error.problem)
                else:
                    await self.pause.rest(back_off)
        if dialect is not known:
            self.dialect = dialect
        return answer

    async def _once(self, body: dict[str, Any], account: CostAccount) -> Answer:
        if self._closed is not None:
            raise self._closed
        shown = json.dumps(body, ensure_ascii=False)
        longest = max(int(body.get("max_tokens") or body.get("max_completion_tokens") or 0), self._longest)
        await self._rates.admit(tokens_in(shown) + longest)
        if not account.reserve(most_tokens_in(shown), longest):
            raise over_budget()
        try:
            answer = await self._endpoint.send(body)
        except EndpointError as error:
            if not account.charged(error, shown):
                account.lost(billed=error.billed)
            if error.kind == "account":
                if error.status == 403 and error.cause == "" and self._answers:  # the key is good: it is this page
                    raise EndpointError(error.problem, "page", "filtered", status=403) from error
                self._closed = error
            raise
        except BaseException as error:
            account.lost(billed=isinstance(error, TooLarge | asyncio.CancelledError))
            raise
        self._longest = max(self._longest, account.paid(answer, shown))
        self._answers += 1
        return answer


def _number(full: dict[str, Any]) -> str:
    return digest(full).removeprefix("sha256:")


def _lower(dialect: Dialect, error: EndpointError, wanted: int, body: dict[str, Any]) -> Dialect | None:
    """The dialect to try after this error; None where another way of asking is no help."""
    if error.kind == "form":
        return dialect.after(error, dialect.room(wanted, 0))
    if error.cause == "too long" and error.limit:
        return dialect.with_window(error.limit, wanted, tokens_in(json.dumps(body, ensure_ascii=False)))
    return None
