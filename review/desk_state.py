"""What the desk holds while it runs: the store, the options, and what is remembered between requests.

Invariant: only what is named by its digest is remembered, so a memory is never wrong; counts of large lists
alone may be some seconds old.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from extractors.lexical.cue_index import claims_in
from records.store import Store
from review.accounts.sign_in_limits import Tries
from review.desk_options import DeskOptions

T = TypeVar("T")


class Memory:
    """The last so many things by key; from several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]  # type: ignore[return-value]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made


class Lately:
    """Answers that may be some seconds old; the next asker after that makes a new one."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, object]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and now - kept[0] < self._seconds:
                return kept[1]  # type: ignore[return-value]
        made = make()
        with self._lock:
            if len(self._kept) > 500:
                self._kept.clear()
            self._kept[key] = (self._clock(), made)
        return made

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


class Desk:
    """One running desk."""

    def __init__(self, store: Store, options: DeskOptions) -> None:
        self.store = store
        self.options = options
        self.memory = Memory(400)
        self.counts = Lately(20)
        self.background = ThreadPoolExecutor(1, "desk")
        """For what will soon be asked for; it reads no store."""
        self.background.submit(claims_in, "")  # the topic table takes a second to compile
        self.tries = Tries(options.sign_in_tries, options.sign_in_minutes * 60)
