"""Money that may be spent, shared by all calls of one process, and what one agent's completion uses of it.

Idea: a call reserves its worst case before it is sent and settles its real cost afterwards. Invariants: spent plus
reserved never exceeds the limit, so the call that would exceed it is never sent, nor any call of a model without a
price; a call that was sent is booked exactly once, before anything is done with what it brought; the booked tokens are
never fewer than the endpoint's total, nor than the fewest that the texts can have; a call whose end is unknown
(timeout, cut connection), or that may have been billed without an answer, counts at its worst case.
"""

from contextlib import suppress
from decimal import Decimal

from extractors.model.completion import Usage
from extractors.model.endpoint.chat_response import Answer, TokenCounts, read_answer
from extractors.model.endpoint.errors import EndpointError
from extractors.model.prices import FREE, Price
from extractors.prompting.token_estimates import fewest_tokens_in, tokens_in
from scoring.errors import BadInput


class Budget:
    """USD. `limit` None means that nothing is ever refused, only counted."""

    def __init__(self, limit: Decimal | None = None, spent: Decimal = Decimal(0)) -> None:
        if limit is not None and (not limit.is_finite() or limit < 0):
            raise BadInput(f"{limit} is no amount", subject="budget", next_step="give an amount in USD, such as 2.50")
        self.limit = limit
        self.spent = spent
        """What earlier runs under the same budget spent counts too: so a stopped run can go on."""
        self.reserved = Decimal(0)

    def check_price(self, price: Price | None, model: str) -> None:
        """Raises `BadInput` where there is a limit and what the model costs is not known."""
        if self.limit is not None and price is None:
            raise BadInput(
                "has no price, so a budget cannot be kept",
                subject=f"model {model}",
                step="budget",
                next_step="name a table with it in model.prices (USD for a million tokens), or run without --budget",
            )

    def reserve(self, worst: Decimal, *, is_sent: bool = False) -> bool:
        """False when the call could exceed the limit, unless an earlier process has sent it already. There is no await
        between look and grab."""
        if not is_sent and self.limit is not None and self.spent + self.reserved + worst > self.limit:
            return False
        self.reserved += worst
        return True

    def settle(self, worst: Decimal, real: Decimal) -> None:
        """Gives the reservation back and books what the call cost."""
        self.reserved -= worst
        self.spent += real


class CostAccount:
    """Tokens and money of one agent's completion, booked on the shared budget."""

    def __init__(self, budget: Budget, price: Price | None) -> None:
        self._budget = budget
        self._price = price or FREE
        self._worst = (0, 0, Decimal(0))
        self._batch = False
        self.usage = Usage()
        """What is booked so far."""

    def reserve(self, prompt_tokens: int, completion_tokens: int) -> bool:
        cost = self._price.worst(prompt_tokens, completion_tokens)
        self._worst = (prompt_tokens, completion_tokens, cost)
        return self._budget.reserve(cost)

    def batched(self, worst: Decimal) -> None:
        """What comes next was reserved when its batch was sent, and costs what a batch costs."""
        self._worst, self._batch = (0, 0, worst), True

    def released(self) -> None:
        """Nothing was billed, and the question is asked in another way."""
        self._budget.settle(self._worst[2], Decimal(0))
        self._batch = False

    def charged(self, error: EndpointError, shown: str) -> bool:
        """Books an error for which endpoints charge, since they looked at the prompt; False for any other."""
        is_charged = error.cause == "filtered" or error.usage is not None
        if is_charged:
            self.paid(Answer("", usage=error.usage or TokenCounts()), shown)
        return is_charged

    def lost(self, *, billed: bool) -> None:
        """No answer came; what the endpoint may have billed counts at its worst."""
        prompt, completion, worst = self._worst
        self._book(*((prompt, 0, completion, worst) if billed else (0, 0, 0, Decimal(0))))

    def paid(self, answer: Answer, shown: str) -> int:
        """Books an answer to what was shown; gives the tokens of the completion."""
        used, written = answer.usage, answer.content + answer.refusal + answer.thoughts
        prompt = max(used.prompt, fewest_tokens_in(shown)) if used.prompt else tokens_in(shown)
        completion = max(used.completion, fewest_tokens_in(written)) if used.completion else tokens_in(written)
        completion = max(completion, used.total - prompt)
        cached = min(used.cached, prompt)
        cost = self._price.cost(used._replace(prompt=prompt, completion=completion), batch=self._batch)
        self._book(prompt, cached, completion, cost)
        return completion

    def _book(self, prompt: int, cached: int, completion: int, cost: Decimal) -> None:
        self._budget.settle(self._worst[2], cost)
        self._batch = False
        self.usage = Usage(
            prompt_tokens=self.usage.prompt_tokens + prompt,
            cached_tokens=self.usage.cached_tokens + cached,
            completion_tokens=self.usage.completion_tokens + completion,
            calls=self.usage.calls + 1,
            cost=self.usage.cost + cost,
        )


def cost_of_unused(body: bytes, price: Price | None) -> Usage:
    """What an answer of a batch cost of which nothing is made."""
    account = CostAccount(Budget(), price)
    account.batched(Decimal(0))
    with suppress(EndpointError):
        answer = read_answer(body)
        account.paid(answer, answer.content)
    return account.usage
