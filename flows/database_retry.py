"""A database that restarts is waited for; one that stays away ends what asked.

Invariant: what is tried again has done nothing yet, or does nothing twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flows.report.event_log import log_event
from scoring.errors import TransientError

Result = TypeVar("Result")
PATIENCE: tuple[float, ...] = (0.5, 1, 2, 4, 8, 15)
"""Seconds between two tries."""


async def retry_database(work: Callable[[], Awaitable[Result]], **context: str) -> Result:
    """`await work()`, tried again while the database is away. Raises the last `TransientError`."""
    waits = iter(PATIENCE)
    while True:
        try:
            return await work()
        except TransientError as error:
            log_event("store.away", why=error.problem, **context)
            wait = next(waits, None)
            if wait is None:
                raise
            await asyncio.sleep(wait)
