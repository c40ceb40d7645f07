"""The night's budget and the model's rates, shared by all workers through the database.

Idea: a worker reserves money, or calls and tokens of this minute, in blocks, and spends from its block without
asking. Invariant: reserved counts as spent until its block is settled, so all workers together stay within the
limit; a killed worker's block keeps only what was really spent.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from decimal import Decimal

from extractors.model.budget import Budget, Rates
from extractors.model.completion import CompletionClient
from flows.night.assessment import completion_client
from flows.settings import Settings
from records.database.leases import new_holder
from records.store import Store
from scoring.errors import Refused

BLOCKS = 50
"""A block is at least this part of the budget; more when one call needs more."""
RATE_BLOCKS = 20
LONGEST = 3 * 24 * 3600
"""Seconds; longer than any night."""


class SharedBudget(Budget):
    """A `Budget` whose limit grows by blocks of the night's."""

    def __init__(self, store: Store, name: str, whole: Decimal) -> None:
        super().__init__(Decimal(0))
        self._store = store
        self._name = name
        self._whole = whole
        self._holder = new_holder()
        self._blocks: list[tuple[int, Decimal]] = []

    def reserve(self, worst: Decimal) -> bool:
        while not super().reserve(worst):
            for amount in (max(worst, self._whole / BLOCKS), worst):
                try:
                    block = self._store.budget.reserve(
                        self._name, self._whole, amount, holder=self._holder, seconds=LONGEST
                    )
                except Refused:
                    continue
                self._blocks.append((block, amount))
                self.limit = (self.limit or Decimal(0)) + amount
                break
            else:
                return False
        return True

    def settle(self, worst: Decimal, real: Decimal) -> None:
        super().settle(worst, real)
        for place, (block, left) in enumerate(self._blocks):
            last = place == len(self._blocks) - 1
            part = real if last else min(real, left)
            if part:
                self._store.budget.spend(block, part)
                self._blocks[place] = (block, left - part)
            real -= part

    def close(self) -> None:
        """Gives back what was not spent."""
        for block, _ in self._blocks:
            self._store.budget.settle(block)
        self._blocks.clear()


class SharedRates(Rates):
    """Calls and tokens a minute of the clock, over all workers."""

    def __init__(self, store: Store, model: str, requests: int, tokens: int) -> None:
        super().__init__()
        self._store = store
        self._model = model
        self._limits = {"calls": requests, "tokens": tokens}
        self._left: dict[str, Decimal] = {}
        self._minute = -1
        self._holder = new_holder()

    async def admit(self, tokens: int) -> None:
        while not self._granted(tokens):
            await asyncio.sleep(60 - time.time() % 60 + 0.05)

    def _granted(self, tokens: int) -> bool:
        minute = int(time.time() // 60)
        if minute != self._minute:
            self._minute, self._left = minute, {}
        wanted = {"calls": 1, "tokens": tokens}
        return all(self._take(name, Decimal(min(wanted[name], limit))) for name, limit in self._limits.items() if limit)

    def _take(self, name: str, amount: Decimal) -> bool:
        limit = Decimal(self._limits[name])
        if self._left.get(name, Decimal(0)) < amount:
            block = max(amount, limit / RATE_BLOCKS)
            for asked in (block, amount):
                try:
                    key = f"{name}:{self._model}:{self._minute}"
                    self._store.budget.reserve(key, limit, asked, holder=self._holder, seconds=120)
                except Refused:
                    continue
                self._left[name] = self._left.get(name, Decimal(0)) + asked
                break
            else:
                return False
        self._left[name] -= amount
        return True


def shared_client(store: Store, settings: Settings, since: datetime) -> CompletionClient:
    """The settings' client with the night's shared limits; the built-in assessor has none."""
    model = settings.model
    if not model.name:
        return completion_client(settings)
    budget = None if model.budget is None else SharedBudget(store, f"night:{since.isoformat()}", model.budget)
    rates = SharedRates(store, model.name, model.requests_per_minute, model.tokens_per_minute)
    return completion_client(settings, budget=budget, rates=rates)
