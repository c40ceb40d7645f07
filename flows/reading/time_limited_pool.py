"""Pages are read and searched in processes of their own, under a deadline that no pattern outlives.

Idea: a few processes read for a night; one that takes too long is ended, and another is started when it is needed.
What is small is read at once (no pattern makes it costly, and an alarm holds where it runs), or by a process that is
idle; while calls of a model are under way, which the loop would hold up, by the next one that is. Invariants: the loop
never waits for a large page; one costly page delays nobody else for long; a night in which nothing changes starts no
process.
"""

import asyncio
import atexit
import os
import pickle
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from extractors.pages.deadline import too_costly, within
from flows.reading.process import TaskFailed

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")
SMALL = 4_000
"""Bytes or characters that may be read in the loop."""
MANY = 40
"""Small works of one program, after which its readers are started to share them."""
MOST_READERS = 8
USUAL_READERS = max(2, os.cpu_count() or 1)
CALLS = 4
"""Calls of a model under way at once, from which on the usual readers are there for their answers."""
STARTING = 30.0
"""Seconds that one that is being started is waited for."""
PATIENCE = 0.5
"""Seconds in which none of the usual readers comes free, before another is started, which takes longer."""


async def read_in_process(
    seconds: float, size: int, work: Callable[[*Arguments], Result], *arguments: *Arguments
) -> Result:
    """`work(*arguments)`, elsewhere unless it is small. Raises `TooCostly` when it takes longer than `seconds` of
    processor time. Work, arguments and what comes back are pickled; the work returns what it has to say, since
    errors that it raises come back as defects."""
    if size <= SMALL and not READERS.share():
        with within(seconds):
            return work(*arguments)
    return await READERS.answer(seconds, work, *arguments)


class ReaderPool:
    """The processes of this one; started when there is something to read."""

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)  # another process's readers answer that process

    def _begin(self) -> None:
        self._free = threading.Condition()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._busy = 0
        self._coming = 0
        """Being started, for nobody yet."""
        self._small = 0
        self.calls = 0
        """Of models, under way in this process."""
        self._threads = ThreadPoolExecutor(MOST_READERS, "reading")
        self.started = 0
        """So many processes since the program began."""

    def share(self) -> bool:
        """Whether a small work is for a reader; enough of them start the usual readers."""
        self._small += 1
        if self._small == MANY:
            self._start_usual()
        return bool(self._idle or (self.calls and self._busy + self._coming))

    @contextmanager
    def calling(self) -> Iterator[None]:
        """While a model is asked."""
        self.calls += 1
        if self.calls == CALLS:
            self._start_usual()
        try:
            yield
        finally:
            self.calls -= 1

    async def answer(self, seconds: float, work: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """`ask`, in a thread of its own."""
        ask = partial(self.ask, seconds, work, *arguments)
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)

    def ask(self, seconds: float, work: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Blocks its thread until the answer is there, or the reader was ended."""
        reader = self._taken()
        alive = False
        try:
            assert reader.stdin is not None and reader.stdout is not None
            pickle.dump((seconds, work, arguments), reader.stdin, pickle.HIGHEST_PROTOCOL)
            reader.stdin.flush()
            answers = select.poll()
            answers.register(reader.stdout, select.POLLIN)
            if not answers.poll(2000 * seconds):  # it waits; what works is ended by its own clock
                raise too_costly(seconds)
            answer: Result | TaskFailed = pickle.load(reader.stdout)
            alive = True
        except (EOFError, OSError, pickle.UnpicklingError):
            raise too_costly(seconds) from None
        finally:
            self._give_back(reader, alive=alive)
        if isinstance(answer, TaskFailed):
            raise RuntimeError(answer.error)
        return answer

    def close(self) -> None:
        """Ends who waits for work."""
        with self._free:
            self._small = 0
            while self._idle:
                _end(self._idle.pop())

    def _taken(self) -> subprocess.Popen[bytes]:
        with self._free:
            while not self._idle and (self._coming or self._busy >= USUAL_READERS):
                if not self._free.wait(STARTING if self._coming else PATIENCE):
                    break
            while self._idle:
                reader = self._idle.pop()
                if reader.poll() is None:
                    self._busy += 1
                    return reader
            self._busy += 1
            self.started += 1
        self._start_usual()  # the next one is there before it is needed
        try:
            return _start()
        except BaseException:
            with self._free:
                self._busy -= 1
            raise

    def _start_usual(self) -> None:
        with self._free, suppress(RuntimeError):  # no room for a thread
            for _ in range(USUAL_READERS - len(self._idle) - self._busy - self._coming):
                threading.Thread(target=self._start_another, daemon=True).start()
                self._coming += 1

    def _start_another(self) -> None:
        started: list[subprocess.Popen[bytes]] = []
        try:
            with suppress(OSError, RuntimeError):
                started.append(_start())
        finally:
            with self._free:
                self._coming -= 1
                self.started += len(started)
                self._idle += started
                self._free.notify_all()

    def _give_back(self, reader: subprocess.Popen[bytes], *, alive: bool) -> None:
        with self._free:
            self._busy -= 1
            usable = alive and len(self._idle) < USUAL_READERS
            if usable:
                self._idle.append(reader)
            self._free.notify_all()
        if not usable:
            _end(reader)


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    reader = subprocess.Popen(
        [sys.executable, "-m", "flows.reading.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert reader.stdout is not None
    if not reader.stdout.read(1):
        reader.wait()
        raise RuntimeError("a reader could not be started")
    return reader


def _end(reader: subprocess.Popen[bytes]) -> None:
    reader.kill()
    reader.wait()
    for pipe in (reader.stdin, reader.stdout):
        with suppress(OSError):
            pipe.close() if pipe is not None else None


READERS = ReaderPool()
atexit.register(READERS.close)
