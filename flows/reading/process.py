"""The process that reads for another: a work with its arguments comes in, what it gives goes out.

Started by `flows.reading.time_limited_pool`. Invariants: a work that takes more than its processor time ends the
process, by the kernel's hand, whatever it is doing; the process ends with the one that started it.
"""

import os
import pickle
import resource
import signal
import sys
from typing import NamedTuple

import extractors.sources.directory_site  # noqa: F401 - before the first work, not during it
from extractors.lexical import LexicalAssessor
from extractors.model.completion import CompletionRequest, computed
from extractors.model.declared import DeclaringFile, ReadFrom
from extractors.pages.page_text import PageText
from extractors.prompting.prompt_files import load
from flows.reading.tasks import assessed_or_why, declared, text_of

MOST_MEMORY = 4 << 30
"""Bytes of address space."""


class TaskFailed(NamedTuple):
    """The work raised something: a defect."""

    error: str


def _prepared() -> None:
    """Reads a page of its own first, so that tables and patterns are there before anybody waits for them."""
    page = text_of(b"# Otter\n\nOtter runs <b>code</b>.\n", "https://otter.example/README.md", "", None)
    assert isinstance(page, PageText)
    request = CompletionRequest(prompt=load("assess"), slug="otter", name="Otter", kind=None, documents=(page,))
    declared((DeclaringFile("README.md", page.text, page),), ReadFrom())
    assessed_or_why(request, computed(LexicalAssessor(), request), "aivss-0.8-listing", (), ())


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    _prepared()
    try:
        answers.write(b"\n")
        answers.flush()
    except BrokenPipeError:  # who started it has ended
        return
    while True:
        try:
            seconds, work, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            answer = work(*arguments)
        except Exception as error:
            answer = TaskFailed(f"{type(error).__name__}: {error}"[:300])
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    from flows.reading.process import main as run  # under its own name, so that what is pickled is known by it

    run()
