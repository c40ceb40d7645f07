"""Servers inside a simulation: they keep the log that politeness is judged by."""

import asyncio
import itertools
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from extractors.crawl.crawler import Crawler
from extractors.pages.snapshot import Fetched, PageRequest
from tests.extractors.crawl.web import SimulatedClock


@dataclass
class Visit:
    """One request as the server saw it."""

    host: str
    path: str
    arrived: float
    ended: float = 0.0
    answered: bool = False
    """False when the client was gone before the answer was out."""
    wait: float = 0.0
    """What the answer asked for by Retry-After."""


Answer = Callable[[Visit], tuple[int, dict[str, str], bytes]]


@dataclass
class World(httpx.AsyncBaseTransport):
    """Every host of the simulation. `answer` decides what a visit gets, `latency` how long it takes."""

    answer: Answer
    latency: Callable[[Visit], float] = lambda visit: 0.05
    clock: SimulatedClock = field(default_factory=SimulatedClock)
    began: float = 0.0
    log: list[Visit] = field(default_factory=list)
    active: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    most_active: int = 0
    most_at_once: int = 0

    def time(self) -> float:
        """Seconds since the world began, over all runs."""
        return self.began + asyncio.get_running_loop().time()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        visit = Visit(request.url.host, request.url.path, self.time())
        self.log.append(visit)
        self.active[visit.host] += 1
        self.most_active = max(self.most_active, self.active[visit.host])
        self.most_at_once = max(self.most_at_once, sum(self.active.values()))
        try:
            await asyncio.sleep(self.latency(visit))
            visit.answered = True
        finally:
            visit.ended = self.time()
            self.active[visit.host] -= 1
        status, headers, body = self.answer(visit)
        if headers.get("Retry-After", "").isdigit():
            visit.wait = float(headers["Retry-After"])
        return httpx.Response(status, headers=headers, content=body)

    def visits(self, host: str) -> list[Visit]:
        return [visit for visit in self.log if visit.host == host]


def early(world: World, pace: float, factor: float, delays: dict[str, float]) -> list[str]:
    """Every request that came before its host's pause was over, told from the servers' log alone."""
    found = []
    for host in {visit.host for visit in world.log}:
        delay, asked_for = 0.0, 0.0
        visits = world.visits(host)
        for before, after in itertools.pairwise(visits):
            if before.path == "/robots.txt" and before.answered:
                delay = delays.get(host, 0.0)
            pause = max(pace, delay)
            if before.answered:
                pause = max(pause, (before.ended - before.arrived) * factor)
                asked_for = max(asked_for, before.ended + before.wait)
            earliest = max(before.ended + pause, asked_for)
            if after.arrived < earliest - 1e-3:
                found.append(f"{host}{after.path}: {earliest - after.arrived:.3f} s early")
    return found


def random_latency(seed: int) -> Callable[[Any], float]:
    source = random.Random(seed)
    return lambda visit: source.choice((0.01, 0.05, 0.2, 1.0, 3.0))


async def crawl(crawler: Crawler, requests: Iterable[PageRequest]) -> AsyncIterator[Fetched]:
    """Every request's outcome, as they come; hosts side by side, each host's pages in the order given."""
    queues: dict[str, list[PageRequest]] = defaultdict(list)
    for request in requests:
        queues[httpx.URL(request.url).host].append(request)
    done: asyncio.Queue[Fetched] = asyncio.Queue(maxsize=64)

    async def host(pages: list[PageRequest]) -> None:
        for page in pages:
            await done.put(await crawler.get(page))

    async with asyncio.TaskGroup() as tasks:
        for pages in queues.values():
            tasks.create_task(host(pages))
        for _ in range(sum(map(len, queues.values()))):
            yield await done.get()
