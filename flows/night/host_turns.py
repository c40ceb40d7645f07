"""Hosts take turns: which agent is begun next, so that no host idles while an agent of its own is due.

Idea: an agent waits most of its time for the pace of one host, so agents stand in a line for each host, and a free
place goes to the host with the fewest agents under way; between equals the most urgent agent goes first. Invariants:
within a line the order given holds; at most `most` agents of one line are under way, so what one host makes wait
costs bounded memory, however many its agents are.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from heapq import heappop, heappush

from flows.night.concurrency import first_error, yield_to_others


class HostQueues:
    """The agents that are not begun yet, in their lines."""

    def __init__(self, slugs: Sequence[str], host_of: Mapping[str, str], most: int) -> None:
        """`slugs`: most urgent first; `host_of`: the line of each, one line for those that it does not name."""
        self.left = len(slugs)
        self._host_of = host_of
        self._most = most
        self._under_way: Counter[str] = Counter()
        self._lines: defaultdict[str, deque[tuple[int, str]]] = defaultdict(deque)
        for place, slug in enumerate(slugs):
            self._lines[host_of.get(slug, "")].append((place, slug))
        self._ready: list[tuple[int, int, str]] = []
        """(under way, place of the next agent, host); an entry whose numbers no longer hold is passed over."""
        for host in self._lines:
            self._offer(host)

    def take(self) -> str | None:
        """The next agent; None while every line that is left has `most` agents under way."""
        while self._ready:
            under_way, place, host = heappop(self._ready)
            line = self._lines[host]
            if not line or (under_way, place) != (self._under_way[host], line[0][0]):
                continue
            _, slug = line.popleft()
            self.left -= 1
            self._under_way[host] += 1
            self._offer(host)
            return slug
        return None

    def done(self, slug: str) -> None:
        """Its place in the line is free."""
        host = self._host_of.get(slug, "")
        self._under_way[host] -= 1
        self._offer(host)

    def _offer(self, host: str) -> None:
        if self._lines[host] and self._under_way[host] < self._most:
            heappush(self._ready, (self._under_way[host], self._lines[host][0][0], host))


async def run_by_host(work: Callable[[str], Awaitable[object]], turns: HostQueues, width: int) -> None:
    """`await work(slug)` for each agent, at most `width` at a time; the first error stops the rest."""
    freed = asyncio.Event()
    under_way = 0

    async def run(slug: str) -> None:
        nonlocal under_way
        try:
            await work(slug)
        finally:
            under_way -= 1
            turns.done(slug)
            freed.set()

    try:
        async with asyncio.TaskGroup() as agents:
            while turns.left:
                slug = turns.take() if under_way < width else None
                if slug is None:
                    freed.clear()
                    await freed.wait()
                    continue
                under_way += 1
                agents.create_task(run(slug))
                await yield_to_others()
    except BaseExceptionGroup as group:
        raise first_error(group) from group
