"""So many calls of the model at once, and no more.

Idea: agents wait for their turn here, with their pages read, so that the endpoint is never idle while there is
work. Invariant: at most `most` completions of one process are under way.
"""

from __future__ import annotations

import asyncio
from typing import Any

from extractors.lexical import LexicalAssessor
from extractors.model.completion import Completion, CompletionClient, CompletionRequest


class InFlight:
    """A completion client with a limit."""

    def __init__(self, client: CompletionClient, most: int) -> None:
        self.inner = client
        self.settings: dict[str, Any] = client.settings
        """Asked for once: they are those of a whole run."""
        self._places = asyncio.Semaphore(most)
        warm = getattr(client, "warm", None)
        if warm is not None:
            warm()

    @property
    def model(self) -> str:
        return self.inner.model

    async def complete(self, request: CompletionRequest) -> Completion:
        async with self._places:
            return await self.inner.complete(request)

    async def aclose(self) -> None:
        await close(self.inner)


def limited(client: CompletionClient, most: int) -> CompletionClient:
    """The client with its limit; the built-in assessor, which waits for nobody, as it is."""
    return client if isinstance(client, LexicalAssessor) else InFlight(client, most)


async def close(client: CompletionClient) -> None:
    """Lets go of the client's connections, if it has any."""
    closing = getattr(client, "aclose", None)
    if closing is not None:
        await closing()
