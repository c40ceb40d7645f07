"""How often a password may be tried: after so many tries a name and an address wait.

Invariant: a try counts before its password is looked at, so that many at once gain nothing.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from threading import Lock


class SignInAttempts:
    """Wrong passwords of late, by name and by address."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = Lock()

    def wait(self, *keys: str) -> int:
        """Seconds until another try is taken; 0 when one is taken now."""
        now = self._clock()
        waits = [0.0]
        with self._lock:
            for key in keys:
                times = self._times.get(key)
                while times and now - times[0] >= self._seconds:
                    times.popleft()
                if times is not None and len(times) >= self._most:
                    waits.append(times[0] + self._seconds - now)
        return int(max(waits) + 0.999)

    def add(self, *keys: str) -> None:
        """Remembers a try."""
        with self._lock:
            if len(self._times) > 10_000:
                self._times.clear()
            for key in keys:
                self._times[key].append(self._clock())

    def clear(self, *keys: str) -> None:
        with self._lock:
            for key in keys:
                self._times.pop(key, None)
