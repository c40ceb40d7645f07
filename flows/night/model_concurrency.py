"""So many calls of the model at once, and no more.

Idea: agents wait for their turn here, with their pages read, so that the endpoint is never idle while there is
work, and readers know that the loop has calls to serve. Invariant: at most `most` completions of one process are under
way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from extractors.model.completion import Completion, CompletionClient, CompletionRequest
from flows.reading.time_limited_pool import READERS


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
