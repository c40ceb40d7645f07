"""The clock that politeness is measured by. Injectable, so that a night can be tested in a second.

Invariant: within a run it never goes back, whatever happens to the machine's own clock.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall time at the start, then the machine's monotonic clock."""

    def __init__(self) -> None:
        self._start = datetime.now(UTC)
        self._monotonic = time.monotonic()

    def now(self) -> datetime:
        """An aware time in UTC that never goes back."""
        return self._start + timedelta(seconds=time.monotonic() - self._monotonic)

    async def sleep(self, seconds: float) -> None:
        """Waits without holding anyone up."""
        await asyncio.sleep(seconds)
