"""robots.txt of an origin: asked at most once a day, read by RFC 9309 section 2.3.

    2xx                      its rules hold
    401, 403, 404, 410, 4xx  absent: everything may be asked
    more than five redirects absent
    429, 5xx, any network or TLS failure, a refused redirect target
                             unreachable: nothing may be asked until it can be had

Invariant: a page is never asked for blind, and a copy older than a day never decides.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import lru_cache

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.http.exchange import Failure, Reply, deferral
from extractors.crawl.http.fetch_outcome import REDIRECTS
from extractors.crawl.http.url import Address, parse
from extractors.crawl.politeness.clock import Clock
from extractors.crawl.politeness.delay_and_backoff import HostThrottle
from extractors.crawl.politeness.host_state import RobotsCopy, RobotsState
from extractors.crawl.politeness.robots_rules import LONGEST_PARSED, Robots, decoded
from extractors.pages.snapshot import FetchOutcome, PageRequest
from scoring.errors import BadInput

Ask = Callable[[Address, PageRequest, bool], Awaitable[Reply | Failure]]
"""Asks for one URL in its host's turn, repeating what may pass; True cuts the body instead of refusing it."""

REDIRECTS_FOLLOWED = 5
COPY_LIFETIME = timedelta(hours=24)
_COPIES_KEPT = 8
"""Of one host: its memory is written with every request, and a host has 65,535 ports."""


@lru_cache(maxsize=128)
def _rules(body: str, product: str) -> Robots:
    """Parsed once while its host is being asked; few are kept, since a body may have half a megabyte."""
    return Robots(body, product)


class RobotsCache:
    """Which URLs may be asked. Origins are asked for their rules when a page of theirs is due."""

    def __init__(self, settings: CrawlSettings, pace: HostThrottle, clock: Clock, ask: Ask) -> None:
        self._settings = settings
        self._throttle = pace
        self._clock = clock
        self._ask = ask
        self._locks: dict[str, asyncio.Lock] = {}

    async def refusal(self, address: Address) -> Failure | None:
        """Why this URL may not be asked now; None when it may."""
        if address.host in self._settings.api_hosts:
            return None
        copy = await self.copy(address)
        if isinstance(copy, Failure):
            return copy
        match copy.state:
            case RobotsState.UNREACHABLE:
                until = copy.fetched_at + timedelta(seconds=self._settings.deferral)
                return deferral(FetchOutcome.DEFERRED, f"robots.txt cannot be had: {copy.reason}", until)
            case RobotsState.RULES if not _rules(copy.body, self._settings.product).allows(address.href):
                return Failure(FetchOutcome.ROBOTS_FORBIDDEN, f"robots.txt forbids {address.href}"[:500])
        return None

    async def copy(self, address: Address) -> RobotsCopy | Failure:
        """The origin's robots.txt, from memory while it is fresh."""
        async with self._locks.setdefault(address.origin, asyncio.Lock()):
            known = next((c for c in self._throttle.memory(address.host).robots if c.origin == address.origin), None)
            if known is not None and self._is_fresh(known):
                return known
            copy = await self._fetch(address, known)
            if isinstance(copy, RobotsCopy):
                await self._remember(address.host, copy)
            return copy

    def _is_fresh(self, copy: RobotsCopy) -> bool:
        unreachable = copy.state is RobotsState.UNREACHABLE
        lifetime = timedelta(seconds=self._settings.deferral) if unreachable else COPY_LIFETIME
        return copy.fetched_at <= self._clock.now() < copy.fetched_at + lifetime

    async def _remember(self, host: str, copy: RobotsCopy) -> None:
        async with self._throttle.exclusive(host) as memory:
            others = [c for c in memory.robots if c.origin != copy.origin and self._is_fresh(c)]
            copies = (*others[1 - _COPIES_KEPT :], copy)
            bodies = [c.body for c in copies if c.state is RobotsState.RULES]
            delays = [_rules(body, self._settings.product).crawl_delay for body in bodies]
            self._throttle.update(memory.model_copy(update={"robots": copies, "crawl_delay": max(delays, default=0.0)}))

    async def _fetch(self, address: Address, known: RobotsCopy | None) -> RobotsCopy | Failure:
        target = parse("/robots.txt", address.origin + "/")
        known = known if known is not None and known.state is RobotsState.RULES else None
        request = PageRequest(
            url=target.href,
            etag=known.etag if known else None,
            last_modified=known.last_modified if known else None,
            accept="text/plain, */*;q=0.5",
        )
        for _ in range(REDIRECTS_FOLLOWED + 1):
            reply = await self._ask(target, request, True)
            if isinstance(reply, Failure):
                refused = reply.outcome in (FetchOutcome.BLOCKED_ADDRESS, FetchOutcome.BAD_URL)
                if reply.is_deferral or (refused and target.href == request.url):
                    return reply
                return self._without_rules(address, RobotsState.UNREACHABLE, reply.reason)
            if reply.status == 304 and known is not None:
                return known.model_copy(update={"fetched_at": self._clock.now()})
            if reply.status not in REDIRECTS:
                return self._read(address, reply)
            try:
                target = parse(reply.headers.get("location") or "nowhere:", target.href)
            except BadInput as problem:
                return self._without_rules(address, RobotsState.UNREACHABLE, f"redirected to {problem.problem}")
        return self._without_rules(address, RobotsState.ABSENT, f"more than {REDIRECTS_FOLLOWED} redirects")

    def _read(self, address: Address, reply: Reply) -> RobotsCopy:
        if 200 <= reply.status < 300:
            return RobotsCopy(
                origin=address.origin,
                state=RobotsState.RULES,
                body=decoded(reply.body[:LONGEST_PARSED]),
                fetched_at=self._clock.now(),
                etag=reply.headers.get("etag"),
                last_modified=reply.headers.get("last-modified"),
            )
        absent = 400 <= reply.status < 500 and reply.status != 429
        state = RobotsState.ABSENT if absent else RobotsState.UNREACHABLE
        return self._without_rules(address, state, f"HTTP {reply.status}")

    def _without_rules(self, address: Address, state: RobotsState, reason: str) -> RobotsCopy:
        return RobotsCopy(origin=address.origin, state=state, fetched_at=self._clock.now(), reason=reason[:300])
