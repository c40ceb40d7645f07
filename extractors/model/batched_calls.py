"""First questions that wait for a batch, and the answers that it brought, at half the price.

Idea: `post` is called with all first questions of a completion before anything else is asked, `answer` where the call
itself would be made. Invariants: a question is known by the digest of its call before any dialect, so that a later
process knows it again; its worst cost is reserved from when it is posted until its answer is booked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from extractors.canonical_json import digest
from extractors.model.budget import Budget, CostAccount
from extractors.model.completion import BatchQueue, Usage
from extractors.model.endpoint.batch_files import BatchAnswer, Question
from extractors.model.endpoint.chat_response import Answer, TokenCounts, read_answer
from extractors.model.endpoint.errors import EndpointError, sort_error
from extractors.model.endpoint.features import Dialect
from extractors.model.prices import FREE, Price
from extractors.prompting.token_estimates import most_tokens_in


class BatchedCalls:
    """The batched calls of one client."""

    def __init__(self, batch_queue: BatchQueue, budget: Budget, price: Price | None) -> None:
        self._batch_queue = batch_queue
        self._budget = budget
        self._price = price or FREE
        self._held: dict[str, Decimal] = {}

    def post(
        self, calls: Sequence[dict[str, Any]], dialect: Dialect, slug: str, key: str
    ) -> tuple[frozenset[str], bool]:
        """(the questions that wait for a batch, whether the budget allows all of them)."""
        waits: set[str] = set()
        for full in calls:
            number = _number(full)
            if self._batch_queue.answer(number) is not None:
                continue
            body = dialect.body(full)
            if number not in self._held:
                prompt = most_tokens_in(json.dumps(body, ensure_ascii=False))
                worst = self._price.worst(prompt, int(full.get("max_tokens", 0)), batch=True)
                if self._batch_queue.waits(number):  # sent by an earlier process
                    self._budget.hold(worst)
                elif not self._budget.reserve(worst):
                    return frozenset(waits), False
                self._held[number] = worst
            if self._batch_queue.post(Question(number, slug, key, body)):
                waits.add(number)
            else:
                self._budget.settle(self._held.pop(number), Decimal(0))
        return frozenset(waits), True

    def answer(self, full: dict[str, Any], account: CostAccount) -> Answer | None:
        """What a batch brought, booked; None where the call is to be made. Raises `EndpointError` for the page's."""
        number = _number(full)
        said = self._batch_queue.answer(number)
        if said is None:
            return None
        account.batched(self._held.pop(number, Decimal(0)))
        shown = json.dumps(full, ensure_ascii=False)
        try:
            if said.status != 200:
                raise sort_error(said.status, said.body)
            answer = read_answer(said.body)
        except EndpointError as error:
            if error.cause == "filtered" or error.usage:
                account.paid(Answer("", usage=error.usage or TokenCounts()), shown)
            else:
                account.released()
            if error.kind == "page":
                raise
            return None
        account.paid(answer, shown)
        return answer


def price_of(said: BatchAnswer, price: Price | None) -> Usage:
    """What an answer cost of which nothing is made."""
    account = CostAccount(Budget(), price)
    account.batched(Decimal(0))
    with suppress(EndpointError):
        answer = read_answer(said.body)
        account.paid(answer, answer.content)
    return account.usage()


def _number(full: dict[str, Any]) -> str:
    return digest(full).removeprefix("sha256:")
