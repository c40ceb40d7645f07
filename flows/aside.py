"""Work on an answer in a thread of its own, so that the calls of a model that are under way are not held up.

Idea: while one answer is worked on and stored, the next ones are read and the next calls leave. Invariant: one
thread, so that what is kept is written in turn; the built-in assessor, which waits for nobody, needs none.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from extractors.completion import CompletionClient
from extractors.lexical import LexicalAssessor

Result = TypeVar("Result")
SWITCH = 0.001
"""Seconds that the thread may keep the interpreter while an answer waits to be read."""
THREAD = ThreadPoolExecutor(1, "aside")


async def aside(client: CompletionClient, work: Callable[..., Result], *arguments: object) -> Result:
    """`work(*arguments)`, beside the loop where the client calls a model."""
    if isinstance(client, LexicalAssessor):
        return work(*arguments)
    sys.setswitchinterval(SWITCH)
    inside = partial(contextvars.copy_context().run, work, *arguments)
    return await asyncio.get_running_loop().run_in_executor(THREAD, inside)
