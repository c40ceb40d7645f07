"""Any OpenAI-compatible endpoint behind the completion seam.

Idea: `complete` asks, reads, asks once more with the validation error, and gives a typed outcome; it never
raises for what the model did. Invariant: only a reply that fits its type, to a prompt that was read whole, is
`answered`.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from extractors.canonical_json import digest
from extractors.model.budget import Budget, CostAccount
from extractors.model.chat_calls import ChatCalls, CompletionEnded
from extractors.model.completion import (
    AwaitingBatch,
    BatchQueue,
    Completion,
    CompletionClient,
    CompletionOutcome,
    CompletionRequest,
    Prompt,
)
from extractors.model.endpoint.batch_files import BatchFiles
from extractors.model.endpoint.chat_response import Answer
from extractors.model.endpoint.context_window import not_read_whole
from extractors.model.endpoint.errors import EndpointError
from extractors.model.endpoint.http_call import Endpoint, TooLarge
from extractors.model.prices import PriceTable, load_prices
from extractors.model.rate_limits import Pause, RateLimiter
from extractors.model.reply_cache_key import completion_key
from extractors.prompting.messages import Part, request_json
from extractors.prompting.prompt_files import load
from extractors.prompting.reply import reply_schema
from extractors.prompting.reply_location import located
from extractors.prompting.reply_parser import InvalidReply, parse, reply_defects, verdicts_of
from extractors.prompting.splitting_and_merging import merge, split
from extractors.prompting.token_estimates import tokens_in

_LARGE = 8_000
"""Tokens of documents; more of them, refused for no reason that is known, may be too long."""
_MOST_PARTS = 16
_BOTH = "model.context_tokens and model.max_output_tokens"
_MARGIN = 500
"""Tokens of a request beside prompt, documents and schema."""
_SHOWN_AGAIN = 8_000
"""Characters of a failed reply that the model is shown again."""


class OpenAIClient(CompletionClient):
    """One for a whole run: it remembers dialect, rates and budget."""

    def __init__(
        self,
        model: str,
        *,
        api_key: str = "",
        base_url: str | None = None,
        budget: Budget | None = None,
        rates: RateLimiter | None = None,
        prices: PriceTable | None = None,
        context_tokens: int = 100_000,
        max_output_tokens: int | None = None,
        timeout: float = 120.0,
        attempts: int = 10,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._model = model
        self._price = (prices or load_prices()).price(model, base_url)
        self.budget = budget or Budget()
        self.budget.check_price(self._price, model)
        self._context = context_tokens
        self._sampling = {} if max_output_tokens is None else {"max_output_tokens": max_output_tokens}
        self.endpoint = Endpoint(api_key, base_url, timeout)
        self.pause = Pause(clock=clock, sleep=sleep)
        self._calls = ChatCalls(
            self.endpoint, rates or RateLimiter(), self.pause, self.budget, self._price, context_tokens, attempts
        )
        self._again = load("ask_again")
        schema = reply_schema()
        self._schema_digest, self._schema_tokens = digest(schema), tokens_in(json.dumps(schema))

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
            "schema": self._schema_digest,
        }

    def sampling(self, prompt: Prompt) -> dict[str, Any]:
        """The prompt's settings, with those of this client over them."""
        return {**prompt.settings, **self._sampling}

    def warm(self) -> None:
        """What the first call needs, before anybody waits for it; to be called within the event loop."""
        self.endpoint.open()

    def share_pause(self, seconds: float, until: float, remember: Callable[[float, str], None]) -> None:
        self.pause.ends = self.pause.now() + seconds
        self.pause.until, self.pause.remember = max(until, self.pause.until), remember
        if self.second is not None:
            self.second.share_pause(seconds, 0.0, lambda until, reason: None)

    def use_batch_queue(self, batch_queue: BatchQueue) -> BatchFiles:
        self._calls.batch_queue = batch_queue
        return BatchFiles(self.endpoint)

    async def aclose(self) -> None:
        await self.endpoint.aclose()
        if self.second is not None:
            await self.second.aclose()

    async def complete(self, request: CompletionRequest) -> Completion:
        """One reply about all documents of the request; several calls only if they do not fit one."""
        account = CostAccount(self.budget, self._price)
        try:
            reply, reason = await (self._verdicts if request.claims else self._whole)(request, account)
            outcome = CompletionOutcome.ANSWERED
        except CompletionEnded as end:
            outcome, reply, reason = end.outcome, end.reply, end.reason
        except EndpointError as error:
            page = error.kind == "page"
            outcome = CompletionOutcome.REFUSED if page else CompletionOutcome.FAILED
            reply, reason = "", error.problem
        if self._price is None and account.usage.calls:  # of each: which comes first differs by the night
            unpriced = f"cost counted as 0: no price for {self._model}; name a table with one in model.prices"
            reason = "; ".join(filter(None, [reason, unpriced]))
        return Completion(
            key=completion_key(request, self._model, self.settings),
            model=self._model,
            outcome=outcome,
            reply=reply,
            reason=reason,
            usage=account.usage,
        )

    async def tiny(self, full: dict[str, Any]) -> tuple[Answer, str]:
        """One answer to a request that is no assessment, and the form in which it was understood; waits for nothing."""
        self.pause.ends, self._calls.attempts = self.pause.now(), 1
        answer = await self._calls.answer(full, CostAccount(Budget(), self._price))
        return answer, self._calls.dialect.form.value

    async def _verdicts(self, request: CompletionRequest, account: CostAccount) -> tuple[str, str]:
        """A second reader's verdicts: sentences are few, so they are never split."""

        def read(text: str) -> str:
            verdicts_of(text, request.claims)
            return ""

        self._post(request, [None])
        return await self._usable_reply(request, None, read, account), ""

    async def _whole(self, request: CompletionRequest, account: CostAccount) -> tuple[str, str]:
        room = self._room(request.prompt)
        runs = split(request, room)
        halved = False
        self._post(request, runs if len(runs) > 1 else [None])
        while True:
            try:
                parts = runs if len(runs) > 1 else [None]
                replies = [await self._usable_reply(request, run, _read, account) for run in parts]
            except EndpointError as error:
                large = sum(tokens_in(part.text) for part in runs[0]) > _LARGE
                if error.cause != "too long" and (halved or not large or error.status not in (400, 500)):
                    raise
                halved, before = True, runs
                while runs == before and room >= 500:
                    room //= 2
                    runs = split(request, room)
                if runs == before or len(runs) > _MOST_PARTS:
                    problem = f"{error.problem}; the documents cannot be cut further: see {_BOTH}"
                    raise EndpointError(problem, "page" if large else "form") from error
                continue
            if len(replies) == 1:
                return replies[0], ""
            merged = merge([parse(reply) for reply in replies])
            return merged.model_dump_json(), f"documents split over {len(replies)} requests"

    def _room(self, prompt: Prompt) -> int:
        """Tokens that are left for documents beside the prompt and a reply, if need be a shorter one."""
        dialect = self._calls.dialect
        fixed = tokens_in(prompt.text) + self._schema_tokens + _MARGIN
        wanted = int(self.sampling(prompt).get("max_output_tokens", 0))
        room = (dialect.window or 0) - dialect.room(wanted, fixed + self._context // 8) - fixed
        if room < 500:
            problem = f"a context of {dialect.window} tokens leaves no room for documents: see {_BOTH}"
            raise CompletionEnded(CompletionOutcome.FAILED, "", problem)
        return room

    async def _usable_reply(
        self,
        request: CompletionRequest,
        parts: tuple[Part, ...] | None,
        read: Callable[[str], str],
        account: CostAccount,
    ) -> str:
        """The text of a usable reply, after at most one re-ask. `read` raises for one that is none, and says what is
        doubtful about one that is."""
        body = request_json(request, self._model, self.sampling(request.prompt), parts)
        text = await self._answered(body, account)
        doubtful = ""
        try:
            problem = read(text)
            if not problem:
                return text
            doubtful = text
        except InvalidReply as error:
            problem = error.problem
        again = self._again.text.replace("{problem}", problem)
        *before, question = body["messages"]
        if text.strip():
            reply = {"role": "assistant", "content": text[:_SHOWN_AGAIN]}
            turns = [question, reply, {"role": "user", "content": again}]
        else:  # a turn without words is refused by many
            turns = [{**question, "content": f"{question['content']}\n\n{again}"}]
        text = await self._answered({**body, "messages": [*before, *turns]}, account)
        try:
            read(text)
        except InvalidReply as error:
            if doubtful:
                return doubtful
            raise CompletionEnded(CompletionOutcome.UNPARSED, text, error.problem) from error
        return text

    def _post(self, request: CompletionRequest, runs: Sequence[tuple[Part, ...] | None]) -> None:
        """Raises `AwaitingBatch` while a first question waits for a batch, before anything else is asked or booked."""
        if self._calls.batch_queue is None:
            return
        calls = [request_json(request, self._model, self.sampling(request.prompt), run) for run in runs]
        key = completion_key(request, self._model, self.settings)
        if waiting := self._calls.post(calls, request.slug, key):
            raise AwaitingBatch(waiting)

    async def _answered(self, body: dict[str, Any], account: CostAccount) -> str:
        """The reply's text of a complete answer; everything else ends the completion with its outcome."""
        try:
            answer = await self._calls.answer(body, account)
        except TooLarge as error:
            raise CompletionEnded(CompletionOutcome.UNPARSED, error.head, str(error)) from error
        if answer.refusal:
            raise CompletionEnded(CompletionOutcome.REFUSED, answer.refusal, "the model refused")
        if answer.finish_reason == "content_filter":
            raise CompletionEnded(
                CompletionOutcome.REFUSED, answer.content, "the endpoint's content filter stopped the reply"
            )
        if problem := not_read_whole(answer, body):
            raise CompletionEnded(CompletionOutcome.FAILED, answer.content, problem)
        if answer.finish_reason == "length":
            raise CompletionEnded(CompletionOutcome.TRUNCATED, answer.content, "the reply reached its token limit")
        if not answer.content.strip() and sum(tokens_in(turn["content"]) for turn in body["messages"][1:]) > _LARGE:
            raise EndpointError("the reply is empty", "page", "too long")
        return located(answer.content)


def _read(text: str) -> str:
    """What is doubtful about a reply. Raises `InvalidReply`."""
    return "; ".join(reply_defects(parse(text)))
