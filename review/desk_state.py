"""What the desk holds while it runs: the store, the options, and what is remembered between requests.

Invariant: only what is named by its digest is remembered, so a memory is never wrong; counts of large lists
alone may be some seconds old.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from extractors.support.topics import claims_in
from records.store import Store
from review.accounts.sign_in_limits import SignInAttempts
from review.desk_options import DeskOptions

T = TypeVar("T")


class LruCache:
    """The last so many things by key, for so many seconds; from several threads."""

    def __init__(self, size: int, seconds: float = math.inf, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept; the next one to ask after that makes it anew."""
        now = self._clock()
        with self._lock:
            made_at, value = self._kept.get(key, (-math.inf, None))
            if now - made_at < self._seconds:
                self._kept.move_to_end(key)
                return value  # type: ignore[return-value]
        made = make()
        with self._lock:
            self._kept[key] = (self._clock(), made)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


class Desk:
    """One running desk."""

    def __init__(self, store: Store, options: DeskOptions) -> None:
        self.store = store
        self.options = options
        self.memory = LruCache(400)
        self.counts = LruCache(500, 20)
        self.background = ThreadPoolExecutor(1, "desk")
        """For what will soon be asked for; it reads no store."""
        self.background.submit(claims_in, "")  # the topic table takes a second to compile
        self.tries = SignInAttempts(options.sign_in_tries, options.sign_in_minutes * 60)
