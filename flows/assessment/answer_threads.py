"""Work on an answer in threads of its own, so that the calls of a model that are under way are not held up.

Idea: while one answer is worked on and stored, the next ones are read and the next calls leave. Invariants: an
answer that came is stored before anything is made of it, behind nothing but other answers, and a night that stops
waits for it; work is done by one thread, so that what is kept is written in turn; an assessor that computes, and waits
for nobody, needs no thread.
"""

import asyncio
import contextvars
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from extractors.model.completion import CompletionClient

Result = TypeVar("Result")
SWITCH = 0.001
"""Seconds that the thread may keep the interpreter while an answer waits to be read."""
WORKING = ThreadPoolExecutor(1, "working")
STORING = ThreadPoolExecutor(1, "storing")
"""For answers that were paid for; nothing else may stand before them."""


async def in_worker_thread(client: CompletionClient, work: Callable[..., Result], *arguments: object) -> Result:
    """`work(*arguments)`, beside the loop where the client calls a model."""
    if not client.waits:
        return work(*arguments)
    return await _in(WORKING, work, *arguments)


async def in_priority_thread(client: CompletionClient, store: Callable[..., Result], *arguments: object) -> Result:
    """The same, ahead of all work; who is cancelled meanwhile leaves only when it is stored."""
    if not client.waits:
        return store(*arguments)
    storing = _in(STORING, store, *arguments)
    try:
        return await asyncio.shield(storing)
    except asyncio.CancelledError:
        await asyncio.wait({storing})
        raise


def _in(thread: ThreadPoolExecutor, work: Callable[..., Result], *arguments: object) -> asyncio.Future[Result]:
    sys.setswitchinterval(SWITCH)
    inside = partial(contextvars.copy_context().run, work, *arguments)
    return asyncio.get_running_loop().run_in_executor(thread, inside)
