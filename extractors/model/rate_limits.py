"""Calls that may be made in a minute, and the pause that an endpoint asks for: shared by all calls of one process.

Invariant: while an endpoint asks for a pause nothing is sent.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from math import ceil


class RateLimiter:
    """Requests and tokens in any sixty seconds. None means no limit."""

    def __init__(
        self,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._requests = requests_per_minute
        self._tokens = tokens_per_minute
        self._clock = clock
        self._sleep = sleep
        self._admitted: deque[tuple[float, int]] = deque()

    async def admit(self, tokens: int) -> None:
        """Returns when the call may be sent. A call larger than a minute's tokens is sent alone."""
        while (wait := self._wait(tokens)) > 0:
            await self._sleep(wait)
        self._admitted.append((self._clock(), tokens))

    def _wait(self, tokens: int) -> float:
        now = self._clock()
        while self._admitted and now - self._admitted[0][0] >= 60:
            self._admitted.popleft()
        freed_requests = len(self._admitted) - self._requests + 1 if self._requests else 0
        freed_tokens = sum(t for _, t in self._admitted) + tokens - self._tokens if self._tokens else 0
        waits, freed = 0.0, 0
        for number, (at, used) in enumerate(self._admitted, start=1):
            if number > freed_requests and freed >= freed_tokens:
                break
            waits, freed = 60 - (now - at), freed + used
        return waits


class Pause:
    """Until when nothing is sent to an endpoint. Moments are seconds since 1970.

    After `ends`, such as the end of a night, waiting has no use; None leaves it to each call. `remember` gets every
    longer pause with its reason, so that another process knows of it.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._slept = 0.0
        self.until = 0.0
        self.reason = ""
        self.ends: float | None = None
        self.remember: Callable[[float, str], None] = lambda until, reason: None

    def now(self) -> float:
        """A wait that was slept is over, whatever the clock says."""
        return max(self._clock(), self._slept)

    def extend(self, seconds: float, reason: str) -> None:
        if (until := self.now() + seconds) > self.until:
            self.until, self.reason = until, reason
            self.remember(until, reason)

    async def over(self, deadline: float) -> bool:
        """Waits; False at once when it lasts beyond the deadline, or beyond `ends`."""
        while (until := self.until) > self.now():
            if until > (deadline if self.ends is None else self.ends):
                return False
            await self.rest(ceil((until - self.now()) * 100) / 100)
        return True

    async def rest(self, seconds: float) -> None:
        until = self.now() + seconds
        await self._sleep(seconds)
        self._slept = max(self._slept, until)
