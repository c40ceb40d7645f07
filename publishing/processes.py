"""Work on batches on all cores: one pool of processes for a whole publication, started when there is much to do.

Invariant: results come in the order of their batches, whether a process of the pool made them or, after the system
killed one, this process did.
"""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, suppress
from multiprocessing import get_context
from typing import TypeVar

MANY = 300
"""Agents from which other cores are worth their start."""
_AT_ONCE = 20
"""Agents a core is given at a time."""

Agent = TypeVar("Agent")
Input = TypeVar("Input")
Made = TypeVar("Made")


class Processes(AbstractContextManager["Processes"]):
    """Use as a context; the first `each` of many agents starts the pool."""

    def __init__(self) -> None:
        self._cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def each(
        self, agents: Sequence[Agent], input_of: Callable[[Sequence[Agent]], Input], make: Callable[[Input], Made]
    ) -> Iterator[Made]:
        """`make(input_of(batch))` of each batch of the agents, made elsewhere, a few batches ahead; here where they are
        few or the pool is broken."""
        batches = [agents[start : start + _AT_ONCE] for start in range(0, len(agents), _AT_ONCE)]
        if len(agents) < MANY or self._cores == 1:
            yield from (make(input_of(batch)) for batch in batches)
            return
        self._pool = self._pool or ProcessPoolExecutor(self._cores, get_context("spawn"), gc.disable)

        def made(batch: Sequence[Agent], future: Future[Made] | None) -> Made:
            with suppress(BrokenExecutor):
                if future is not None:
                    return future.result()
            return make(input_of(batch))

        running: deque[tuple[Sequence[Agent], Future[Made] | None]] = deque()
        for batch in batches:
            running.append((batch, self._submitted(make, input_of(batch))))
            if len(running) > 4 * self._cores:
                yield made(*running.popleft())
        for batch, future in running:
            yield made(batch, future)

    def _submitted(self, make: Callable[[Input], Made], work: Input) -> Future[Made] | None:
        with suppress(BrokenExecutor):
            return self._pool.submit(make, work) if self._pool else None
        return None
