"""Work on foreign text in this thread, under a deadline that no pattern outlives.

Idea: the engine of patterns looks for signals while it works, so an alarm ends it where no second process is worth
its start: a command about one agent, a small page, the index of a source. Invariant: what is too costly ends as
`TooCostly`, which no `except Exception` on the way takes for a fault of the page. Off the main thread, where Python
gives no alarm, nothing is bounded here; `flows.reading.time_limited_pool` bounds it there.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from scoring.errors import TerminalError

SECONDS = 10.0
"""Of processor time, unless settings say otherwise."""
AGAIN = 0.25
"""Seconds to the next alarm, after one that went off while something was thrown away: there an error is lost."""
TOO_COSTLY = "too_costly"
"""As the outcome of a page: it is there, and could not be read at a bearable cost."""


class TooCostly(TerminalError):
    """Reading took longer than it may; tried again when page or parser changes."""


class _OverError(BaseException):
    """Raised by the alarm, wherever the work is."""


def too_costly(seconds: float, subject: str = "") -> TooCostly:
    return TooCostly(f"too costly to read: more than {seconds:g} s", subject=subject, step="page text")


@contextmanager
def within(seconds: float, subject: str = "") -> Iterator[Alarm]:
    """Raises `TooCostly` when the work inside takes more processor time than this. Not to be nested."""
    alarm = Alarm(seconds)
    try:
        with alarm:
            yield alarm
    except _OverError:
        raise too_costly(seconds, subject) from None


class Alarm:
    """Goes off after so much processor time, unless it is set again."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._works = threading.current_thread() is threading.main_thread()
        self._before: object = None
        self._set = False

    def __enter__(self) -> None:
        if self._works:
            self._before = signal.signal(signal.SIGPROF, self._go_off)
            self.start()

    def __exit__(self, *_: object) -> None:
        if self._works:
            self.stop()
            signal.signal(signal.SIGPROF, self._before or signal.SIG_DFL)  # type: ignore[arg-type]

    def start(self) -> None:
        """From now on, the whole time again."""
        if self._works:
            self._set = True
            signal.setitimer(signal.ITIMER_PROF, self._seconds, AGAIN)

    def stop(self) -> None:
        """Until it is started again: while somebody else works."""
        self._set = False
        if self._works:
            signal.setitimer(signal.ITIMER_PROF, 0.0)

    def _go_off(self, number: int, frame: FrameType | None) -> None:
        if self._set and not _throws_away(frame):
            raise _OverError


def _throws_away(frame: FrameType | None) -> bool:
    """In finalizers and while something is collected an exception is only printed: the next alarm serves."""
    for _ in range(10):
        if frame is None:
            return False
        if frame.f_code.co_name in ("__del__", "_collection_gced") or frame.f_code.co_filename.endswith("/weakref.py"):
            return True
        frame = frame.f_back
    return False
