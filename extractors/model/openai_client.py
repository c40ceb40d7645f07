"""Any OpenAI-compatible endpoint behind the completion seam, with its retries, its rates and its money.

Idea: `complete` asks, reads, asks once more with the validation error, and gives a typed outcome; it never
raises for what the model did. Invariants: a call is sent only after its worst cost was reserved; retries
happen here and nowhere else; only a reply that fits its type is `answered`.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

from extractors.canonical_json import digest
from extractors.model.budget import Budget, Rates
from extractors.model.chat_response import Answer, Filtered, NoAnswer
from extractors.model.completion import Completion, CompletionClient, CompletionOutcome, CompletionRequest, Prompt
from extractors.model.document_splitting import most_tokens_in, split, tokens_in
from extractors.model.endpoint_features import Dialect
from extractors.model.http_call import Busy, Denied, Endpoint, Rejected, TooLarge
from extractors.model.prices import PriceTable, load_prices
from extractors.model.reply_merging import merge
from extractors.model.usage import Purse
from extractors.prompting.messages import Part, request_json, request_key
from extractors.prompting.prompt_files import load
from extractors.prompting.reply import Reply
from extractors.prompting.reply_parser import Unparsed, doubts, parse
from extractors.prompting.reply_schema import reply_schema
from scoring.errors import BadInput

_LONGEST_WAIT = 60.0
_MARGIN = 500
"""Tokens of a request beside prompt, documents and schema."""
_SHOWN_AGAIN = 8_000
"""Characters of a failed reply that the model is shown again."""


class _Ended(Exception):
    """The typed end of one agent's completion."""

    def __init__(self, outcome: CompletionOutcome, reply: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome, self.reply, self.reason = outcome, reply, reason


class OpenAIClient(CompletionClient):
    """One for a whole run: it remembers dialect, rates and budget."""

    def __init__(
        self,
        model: str,
        *,
        api_key: str = "",
        base_url: str | None = None,
        budget: Budget | None = None,
        rates: Rates | None = None,
        prices: PriceTable | None = None,
        context_tokens: int = 100_000,
        max_output_tokens: int | None = None,
        timeout: float = 180.0,
        attempts: int = 5,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._model = model
        self._price = (prices or load_prices()).price(model)
        self.budget = budget or Budget()
        if self.budget.limit is not None and self._price is None:
            raise BadInput(
                "has no price, so a budget cannot be kept",
                subject=f"model {model}",
                step="budget",
                next_step="add it to data/prices.toml (USD for a million tokens), or run without --budget",
            )
        self._rates = rates or Rates()
        self._context = context_tokens
        self._sampling = {} if max_output_tokens is None else {"max_output_tokens": max_output_tokens}
        self._attempts = attempts
        self._sleep = sleep
        self._endpoint = Endpoint(api_key, base_url, timeout)
        self._dialect = Dialect()
        self._again = load("ask_again")
        self._schema = digest(reply_schema())

    @property
    def model(self) -> str:
        return self._model

    @property
    def settings(self) -> dict[str, Any]:
        """What else the reply depends on; the sampling settings of the prompt are in the prompt's digest."""
        return {
            **self._sampling,
            "ask_again": self._again.digest,
            "context_tokens": self._context,
            "schema": self._schema,
        }

    def sampling(self, prompt: Prompt) -> dict[str, Any]:
        """The prompt's settings, with those of this client over them."""
        return {**prompt.settings, **self._sampling}

    def warm(self) -> None:
        """What the first call needs, before anybody waits for it; to be called within the event loop."""
        self._endpoint.warm()

    async def aclose(self) -> None:
        await self._endpoint.aclose()

    async def complete(self, request: CompletionRequest) -> Completion:
        """One reply about all documents of the request; several calls only if they do not fit one."""
        purse = Purse(self.budget, self._price)
        try:
            reply, reason = await self._whole(request, purse)
            outcome = CompletionOutcome.ANSWERED
        except _Ended as end:
            outcome, reply, reason = end.outcome, end.reply, end.reason
        if self._price is None and purse.calls:
            reason = "; ".join(filter(None, [reason, f"cost counted as 0: no price for {self._model}"]))
        return Completion(
            key=request_key(request, self._model, self.settings),
            model=self._model,
            outcome=outcome,
            reply=reply,
            reason=reason,
            usage=purse.usage(),
        )

    async def _whole(self, request: CompletionRequest, purse: Purse) -> tuple[str, str]:
        room = self._room(request.prompt)
        for _ in range(4):
            runs = split(request, room)
            try:
                replies = [await self._asked(request, run if len(runs) > 1 else None, purse) for run in runs]
            except Rejected as error:
                if not error.too_long:
                    raise _Ended(CompletionOutcome.FAILED, "", str(error)) from error
                room //= 2
                continue
            if len(replies) == 1:
                return replies[0][1], ""
            merged = merge([reply for reply, _ in replies])
            return merged.model_dump_json(), f"documents split over {len(replies)} requests"
        raise _Ended(CompletionOutcome.FAILED, "", "the documents do not fit the model's context in sixteen parts")

    def _room(self, prompt: Prompt) -> int:
        """Tokens that are left for documents."""
        fixed = tokens_in(prompt.text) + tokens_in(json.dumps(reply_schema())) + _MARGIN
        room = self._context - int(self.sampling(prompt).get("max_output_tokens", 0)) - fixed
        if room < 500:
            raise _Ended(
                CompletionOutcome.FAILED, "", f"a context of {self._context} tokens leaves no room for documents"
            )
        return room

    async def _asked(
        self, request: CompletionRequest, parts: tuple[Part, ...] | None, purse: Purse
    ) -> tuple[Reply, str]:
        """The parsed reply and its text, after at most one re-ask."""
        body = request_json(request, self._model, self.sampling(request.prompt), parts)
        text = await self._answered(body, purse)
        doubtful: tuple[Reply, str] | None = None
        try:
            reply = parse(text)
            problem = "; ".join(doubts(reply))
            if not problem:
                return reply, text
            doubtful = reply, text
        except Unparsed as error:
            problem = error.problem
        again = self._again.text.replace("{problem}", problem)
        turns = [{"role": "assistant", "content": text[:_SHOWN_AGAIN]}, {"role": "user", "content": again}]
        text = await self._answered({**body, "messages": [*body["messages"], *turns]}, purse)
        try:
            return parse(text), text
        except Unparsed as error:
            if doubtful:
                return doubtful
            raise _Ended(CompletionOutcome.UNPARSED, text, error.problem) from error

    async def _answered(self, body: dict[str, Any], purse: Purse) -> str:
        """The content of a complete answer; everything else ends the completion with its outcome."""
        try:
            answer = await self._in_dialect(body, purse)
        except TooLarge as error:
            raise _Ended(CompletionOutcome.UNPARSED, error.head, str(error)) from error
        except Filtered as error:
            raise _Ended(CompletionOutcome.REFUSED, "", f"the endpoint's content filter: {error.problem}") from error
        except (Busy, Denied, NoAnswer) as error:
            raise _Ended(CompletionOutcome.FAILED, "", str(error)) from error
        if answer.refusal:
            raise _Ended(CompletionOutcome.REFUSED, answer.refusal, "the model refused")
        if answer.finish_reason == "content_filter":
            raise _Ended(CompletionOutcome.REFUSED, answer.content, "the endpoint's content filter stopped the reply")
        if answer.finish_reason == "length":
            raise _Ended(CompletionOutcome.TRUNCATED, answer.content, "the reply reached its token limit")
        return answer.content

    async def _in_dialect(self, full: dict[str, Any], purse: Purse) -> Answer:
        """Steps down on a 400; what worked is remembered."""
        dialect = self._dialect
        while True:
            try:
                answer = await self._tried(dialect.body(full), purse)
            except Rejected as error:
                lower = None if error.too_long else dialect.after_refusal(error.message)
                if lower is None:
                    raise
                dialect = lower
                continue
            self._dialect = dialect
            return answer

    async def _tried(self, body: dict[str, Any], purse: Purse) -> Answer:
        """The only retries for models: 429, 5xx, connection, time over; `Retry-After` is obeyed."""
        from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after if isinstance(error, Busy) else None
            backoff = min(2.0 ** (state.attempt_number - 1), _LONGEST_WAIT) * (0.5 + random.random() / 2)
            return asked if asked is not None else backoff

        retrying = AsyncRetrying(
            retry=retry_if_exception(_may_pass_soon),
            stop=stop_after_attempt(self._attempts),
            wait=wait,
            sleep=self._sleep,
            reraise=True,
        )
        answer: Answer = await retrying(self._once, body, purse)
        return answer

    async def _once(self, body: dict[str, Any], purse: Purse) -> Answer:
        shown = json.dumps(body, ensure_ascii=False)
        longest = int(body.get("max_tokens") or body.get("max_completion_tokens") or 0)
        await self._rates.admit(tokens_in(shown) + longest)
        if not purse.reserve(most_tokens_in(shown), longest):
            raise _Ended(CompletionOutcome.OVER_BUDGET, "", "the call could exceed the budget; it was not sent")
        try:
            answer = await self._endpoint.send(body)
        except Busy as error:
            purse.lost(billed=error.may_be_billed)
            raise
        except (TooLarge, NoAnswer):
            purse.lost(billed=True)
            raise
        except Filtered:  # endpoints charge for looking at the prompt
            purse.paid(Answer("", "", "content_filter", None, 0, 0), shown)
            raise
        except BaseException as error:
            purse.lost(billed=isinstance(error, asyncio.CancelledError))
            raise
        purse.paid(answer, shown)
        return answer


def _may_pass_soon(error: BaseException) -> bool:
    """A longer `Retry-After` is obeyed by not asking again in this run."""
    return isinstance(error, Busy) and (error.retry_after or 0) <= _LONGEST_WAIT
