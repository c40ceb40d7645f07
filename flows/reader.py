"""The process that reads for another: a work with its arguments comes in, what it gives goes out.

Started by `flows.reading`. Invariants: a work that takes more than its processor time ends the process, by the
kernel's hand, whatever it is doing; the process ends with the one that started it.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
from typing import NamedTuple

import extractors.page  # noqa: F401 - before the first work, not during it
import flows.assessing  # noqa: F401

MOST_MEMORY = 4 << 30
"""Bytes of address space."""


class Failed(NamedTuple):
    """The work raised something: a defect."""

    error: str


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    answers.write(b"\n")
    answers.flush()
    while True:
        try:
            seconds, work, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            answer = work(*arguments)
        except Exception as error:
            answer = Failed(f"{type(error).__name__}: {error}"[:300])
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    from flows.reader import main as run  # under its own name, so that what is pickled is known by it

    run()
