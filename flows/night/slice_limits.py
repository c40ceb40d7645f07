"""What one of several processes of a night may ask for: a host while it holds its lock, its share of money and rates.

Invariant: all together are no less polite and spend no more than one process would.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from extractors.crawl.politeness.delay_and_backoff import HostLock
from extractors.crawl.politeness.host_state import HostState
from flows.settings import Settings
from records.store import Store

TURN = 0.05
"""Seconds between two tries for a host that another process asks."""


def host_locks(store: Store) -> HostLock:
    """Waits until a host is this process's alone; gives what is remembered of it now."""

    @asynccontextmanager
    async def hold(host: str) -> AsyncIterator[HostState | None]:
        while (lock := store.locks.try_acquire(f"host:{host}")) is None:
            await asyncio.sleep(TURN)
        with lock:
            state = store.pages.host_state(host)
            yield None if state is None else HostState.model_validate(state)

    return hold


def share(settings: Settings, slices: int, spent: Decimal = Decimal(0)) -> Settings:
    """The settings with one slice's part of what the night has left to spend, and of the model's rates."""
    model = settings.model
    limits = {
        "budget": None if model.budget is None else max(model.budget - spent, Decimal(0)) / slices,
        "requests_per_minute": model.requests_per_minute and max(1, model.requests_per_minute // slices),
        "tokens_per_minute": model.tokens_per_minute and max(1, model.tokens_per_minute // slices),
    }
    return settings.model_copy(update={"model": model.model_copy(update=limits)})
