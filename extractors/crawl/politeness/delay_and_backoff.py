"""When a host may be asked: one request at a time, and never before its pause is over.

    pause = max(crawl-delay, configured pace, last latency × factor), from the end of the last answer

Idea: this is the only place of the crawl that waits. Invariant: the memory of a host is handed out before
a request leaves and again when it has ended, so that a run which is killed and started again is no less
polite. A request that waits for its host takes none of the places of `in_flight` and keeps no other host waiting
(how many may wait at once is up to the caller); a wait past the night's end is reported, not slept.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.http.exchange import Failure, deferral
from extractors.crawl.politeness.clock import Clock
from extractors.crawl.politeness.host_state import HostState
from extractors.pages.snapshot import FetchOutcome

Remember = Callable[[HostState], None]
HostLock = Callable[[str], AbstractAsyncContextManager[HostState | None]]
"""Gives a host to this process alone, with what others last remembered of it (None: nothing newer)."""
LONGEST_PAUSE = 366 * 86_400.0
"""Seconds: what a clock can count, whatever an older memory says."""
_FAILURES_BEFORE_DEFERRAL = 6
_SHORTEST_BACK_OFF = 1.0
_LONGEST_BACK_OFF = 60.0


@dataclass(slots=True)
class RequestSlot:
    """Leave to send one request. Whoever has it says how it ended."""

    bytes_left: int
    """What the host may still send tonight."""
    received: int = 0
    answered: bool = False
    """True when the server gave any answer at all."""
    troubled: bool = False
    """True when the answer or its absence asks for a longer pause (5xx, 429, timeout)."""
    wait_until: datetime | None = None
    """What the server itself asked for."""
    wait_reason: str = ""


class HostThrottle:
    """The turns of all hosts in one run."""

    def __init__(
        self,
        settings: CrawlSettings,
        hosts: Mapping[str, HostState],
        clock: Clock,
        *,
        night: str = "",
        ends_at: datetime | None = None,
        remember: Remember | None = None,
        hold: HostLock | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._hold = hold or _no_lock
        self._night = night
        self._ends_at = ends_at
        self._remember = remember
        self._started_at = clock.now()
        self._hosts = dict(hosts)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._in_flight = asyncio.Semaphore(settings.in_flight)

    def memory(self, host: str) -> HostState:
        """What is known of the host now."""
        memory = self._hosts[host] = self._of_tonight(self._hosts.get(host) or HostState(host=host))
        return memory

    def memories(self) -> dict[str, HostState]:
        """What to hand in next time."""
        return dict(self._hosts)

    def update(self, memory: HostState) -> None:
        """Replace what is known of a host, and hand it out."""
        self._hosts[memory.host] = memory
        if self._remember is not None:
            self._remember(memory)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[RequestSlot | Failure]:
        """Waits for the host's turn; gives a deferral when it does not come."""
        async with self._locks[name]:
            while True:
                async with self.exclusive(name) as memory:
                    wait = self._wait(memory)
                    if isinstance(wait, Failure):
                        yield wait
                        return
                    if wait <= 0:
                        async with self._in_flight, self._sending(name) as turn:
                            yield turn
                        return
                await self._clock.sleep(wait)  # while others may have the host

    @asynccontextmanager
    async def exclusive(self, name: str) -> AsyncIterator[HostState]:
        """What is known of a host, also by other processes, which leave it alone meanwhile."""
        async with self._hold(name) as newer:
            if newer is not None:
                self._hosts[name] = newer
            yield self.memory(name)

    @asynccontextmanager
    async def _sending(self, name: str) -> AsyncIterator[RequestSlot]:
        memory = self.memory(name)
        turn = RequestSlot(bytes_left=self._settings.bytes_per_host - memory.received)
        asked_at = self._clock.now()
        asking = {"asked": memory.asked + 1, "last_asked_at": asked_at, "last_ended_at": None}
        self.update(memory.model_copy(update=asking))
        try:
            yield turn
        finally:
            self.update(self._ended(self.memory(name), turn, asked_at))

    def _of_tonight(self, memory: HostState) -> HostState:
        if memory.night == self._night:
            return memory
        return memory.model_copy(update={"night": self._night, "asked": 0, "received": 0})

    def _wait(self, memory: HostState) -> float | Failure:
        """Seconds until the host may be asked, or why not tonight."""
        settings, now = self._settings, self._clock.now()
        if self._ends_at is not None and now >= self._ends_at:
            return deferral(FetchOutcome.NOT_REACHED, "the night ended before its turn")
        budgets = (
            (memory.asked, settings.pages_per_host, "requests"),
            (memory.received, settings.bytes_per_host, "bytes"),
        )
        for used, limit, what in budgets:
            if used >= limit:
                return deferral(FetchOutcome.DEFERRED, f"the host's {limit} {what} of tonight are used up")
        own = self._pause_over(memory, now)
        asked_for = memory.not_before
        ready = max(own, asked_for) if asked_for else own
        wait = (ready - now).total_seconds()
        if wait <= 0:
            return 0.0
        if asked_for is not None and asked_for >= own and self._too_long(asked_for, wait):
            return deferral(FetchOutcome.DEFERRED, memory.not_before_reason or "the host asked for a pause", asked_for)
        if self._too_long(ready, wait):
            if wait > settings.longest_wait:
                return deferral(
                    FetchOutcome.DEFERRED, f"the host's pause of {wait:.0f} s is too long for tonight", ready
                )
            return deferral(FetchOutcome.NOT_REACHED, "the night ends before its turn", ready)
        return wait

    def _too_long(self, ready: datetime, wait: float) -> bool:
        return wait > self._settings.longest_wait or (self._ends_at is not None and ready >= self._ends_at)

    def _pause_over(self, memory: HostState, now: datetime) -> datetime:
        """When the host's own pause is over. An answer still open when a run was killed ends with the next run."""
        if memory.last_asked_at is None:
            return now
        ended = memory.last_ended_at or max(memory.last_asked_at, self._started_at)
        return ended + timedelta(seconds=self.pause(memory))

    def pause(self, memory: HostState) -> float:
        """Seconds between the end of one answer and the next request."""
        settings = self._settings
        if memory.host in settings.api_hosts:
            return settings.api_pace
        pause = max(memory.crawl_delay, settings.pace, memory.last_latency * settings.latency_factor)
        return min(pause, LONGEST_PAUSE)

    def _ended(self, memory: HostState, turn: RequestSlot, asked_at: datetime) -> HostState:
        now = self._clock.now()
        failures = memory.failures + 1 if turn.troubled else 0
        not_before, reason = memory.not_before, memory.not_before_reason
        if turn.troubled:
            back_off = min(_SHORTEST_BACK_OFF * 2 ** min(failures - 1, 10), _LONGEST_BACK_OFF)
            if failures >= _FAILURES_BEFORE_DEFERRAL and not turn.answered:
                back_off = self._settings.deferral
            not_before, reason = now + timedelta(seconds=back_off), "the host is in trouble"
        if turn.wait_until is not None:
            not_before, reason = turn.wait_until, turn.wait_reason
        return memory.model_copy(
            update={
                "last_ended_at": now,
                "last_latency": (now - asked_at).total_seconds(),
                "received": memory.received + turn.received,
                "failures": failures,
                "not_before": not_before,
                "not_before_reason": reason,
            }
        )


def _no_lock(_host: str) -> nullcontext[None]:
    """No other process asks."""
    return nullcontext()
