"""Work for many agents side by side: so many agents at once, and so many calls of the model.

Idea: agents wait for their turn with their pages read, so that the endpoint is never idle while there is work, and
readers know that the loop has calls to serve. Invariants: what waits costs no memory; the first error stops the rest
and leaves as itself, not as a group; at most `most` completions of one process are under way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from extractors.model.completion import Completion, CompletionClient, CompletionRequest
from flows.reading.time_limited_pool import READERS

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


class InFlight(CompletionClient):
    """A completion client with a limit."""

    def __init__(self, client: CompletionClient, places: asyncio.Semaphore) -> None:
        """`places`: shared with its second reader, whose calls are calls too."""
        self.inner = client
        self.second = InFlight(client.second, places) if client.second else None
        self._settings = client.settings
        """Asked for once: they are those of a whole run."""
        self._places = places
        self.reads_all = client.reads_all
        client.warm()

    @property
    def model(self) -> str:
        return self.inner.model

    @property
    def settings(self) -> dict[str, Any]:
        return self._settings

    async def complete(self, request: CompletionRequest) -> Completion:
        async with self._places:
            with READERS.calling():
                return await self.inner.complete(request)

    def share_pause(self, seconds: float, until: float, remember: Callable[[float, str], None]) -> None:
        self.inner.share_pause(seconds, until, remember)

    async def aclose(self) -> None:
        await self.inner.aclose()


def limited(client: CompletionClient, most: int) -> CompletionClient:
    """The client with its limit; one that computes, and waits for nobody, as it is."""
    return InFlight(client, asyncio.Semaphore(most)) if client.waits else client
