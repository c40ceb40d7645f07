"""Work for many agents side by side, with as many at once as the settings allow.

Invariants: what waits costs no memory; the first error stops the rest and leaves as itself, not as a group.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")


async def run_bounded(work: Callable[[Item], Awaitable[object]], items: Iterable[Item], width: int) -> None:
    """`await work(item)` for each item, at most `width` at a time, begun in order."""
    waiting = iter(items)

    async def hand() -> None:
        for item in waiting:
            await work(item)

    try:
        async with asyncio.TaskGroup() as hands:
            for _ in range(width):
                hands.create_task(hand())
                await yield_to_others()  # or nobody's first request leaves before everybody has prepared one
    except BaseExceptionGroup as group:
        raise first_error(group) from group


async def yield_to_others(turns: int = 12) -> None:
    """Lets what is ready to be sent leave before a long stretch of work."""
    for _ in range(turns):
        await asyncio.sleep(0)


def first_error(error: BaseException) -> BaseException:
    """The first error of a group of groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
