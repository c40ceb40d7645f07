"""Writes the files of a generation: agents' files on all cores when there are many, the rest one after the other.

Idea: a page depends on its record, texts, corrections and names only, so that pages can be made anywhere.
Invariant: how many cores there are changes no byte.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Literal, NamedTuple

from pydantic_core import from_json

from extractors.page_text import PageText
from publishing import render
from publishing.archive import ArchiveFile
from publishing.badge import badge, scorecard
from publishing.catalogue import Catalogue, Names
from publishing.generation import Write
from publishing.rows import Row
from scoring.claims import Digest
from scoring.outcomes import Correction, PublishedRecord

MANY = 300
"""Agents from which other cores are worth their start."""
_AT_ONCE = 20
"""Agents a core is given at a time."""


class Agent(NamedTuple):
    """What an agent's files depend on, beside its body and texts."""

    row: Row
    corrections: tuple[Correction, ...]
    successors: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class AgentFile:
    """One of an agent's files: a `Write` that can be made elsewhere."""

    agent: Agent
    form: Literal["record", "page", "badge", "summary"]
    press: Press

    def __call__(self, target: Path) -> None:
        self.press.write_agent(self.agent, {self.form: target})


class Order(NamedTuple):
    """One agent's files to be made by another core."""

    agent: Agent
    body: bytes
    texts: tuple[PageText, ...]
    targets: dict[str, Path]


class Press:
    """Makes files from the catalogue's bodies and texts."""

    def __init__(
        self, body: Callable[[str], bytes], text_of: Callable[[Digest], PageText | None], names: Names
    ) -> None:
        self._body = body
        self._text_of = text_of
        self._names = names

    def write_all(self, pending: list[tuple[Path, Write]]) -> None:
        """Writes every file. The archives are mostly copied by the system, so they go beside the rest."""
        agents: dict[str, tuple[Agent, dict[str, Path]]] = {}
        rest: list[tuple[Path, Write]] = []
        with ThreadPoolExecutor() as beside:
            copied = []
            for target, write in pending:
                if isinstance(write, AgentFile):
                    agents.setdefault(write.agent.row.slug, (write.agent, {}))[1][write.form] = target
                elif isinstance(write, ArchiveFile):
                    copied.append(beside.submit(write, target))
                else:
                    rest.append((target, write))
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
            if len(agents) >= MANY and cores > 1:
                self._on_all_cores(list(agents.values()), cores)
            else:
                for agent, targets in agents.values():
                    self.write_agent(agent, targets)
            for target, write in rest:
                write(target)
            for one in copied:
                one.result()

    def write_agent(self, agent: Agent, targets: dict[str, Path]) -> None:
        _make(Order(agent, self._body(agent.row.slug), (), targets), self._names, self._text_of)

    def _on_all_cores(self, agents: list[tuple[Agent, dict[str, Path]]], cores: int) -> None:
        """Orders go to one fresh process a core through its pipe, as it takes them. A process that cannot run or dies
        leaves its pages to this one."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        command = [sys.executable, "-c", "from publishing.press import work; work()"]
        workers = [Popen(command, stdin=PIPE, stderr=DEVNULL, env=environment) for _ in range(cores)]
        batches = iter([agents[start : start + _AT_ONCE] for start in range(0, len(agents), _AT_ONCE)])
        with ThreadPoolExecutor(cores) as feeders:
            endings = list(feeders.map(self._feed, workers, repeat(batches)))
        if any(endings):
            for agent, targets in agents:
                for target in targets.values():
                    target.unlink(missing_ok=True)
                self.write_agent(agent, targets)

    def _feed(self, worker: Popen[bytes], batches: Iterator[list[tuple[Agent, dict[str, Path]]]]) -> int:
        """Hands batches to one process until there are no more; its exit code."""
        assert worker.stdin is not None
        with suppress(BrokenPipeError), worker.stdin as inbox:
            for batch in batches:
                inbox.write(pickle.dumps((self._names, list(self._orders(batch)))))
        return worker.wait()

    def _orders(self, batch: Iterable[tuple[Agent, dict[str, Path]]]) -> Iterator[Order]:
        for agent, targets in batch:
            body = self._body(agent.row.slug)
            read = from_json(body)["extraction"]["read"]
            texts = (self._text_of(digest) for digest in dict.fromkeys(source["text_digest"] for source in read))
            yield Order(agent, body, tuple(text for text in texts if text), targets)


def work() -> None:
    """What another process does: makes the orders that come in until there are no more. What templates leave behind
    is collected once a batch; what was there before is not looked through again."""
    gc.disable()
    gc.freeze()
    with suppress(EOFError):
        while True:
            names, orders = pickle.load(sys.stdin.buffer)
            for order in orders:
                _make(order, names, {text.digest: text for text in order.texts}.get)
            del orders
            gc.collect()


def _make(order: Order, names: Names, text_of: Callable[[Digest], PageText | None]) -> None:
    agent, targets = order.agent, order.targets
    if "record" in targets:
        put(targets["record"], order.body)
    if "badge" in targets:
        put(targets["badge"], badge(agent.row, names))
    if not targets.keys() & {"page", "summary"}:
        return
    record = PublishedRecord.model_validate_json(order.body)
    if "page" in targets:
        catalogue = Catalogue(digests={}, body=lambda _: order.body, text_of=text_of, names=names)
        html = render.agent_page(record, catalogue, corrections=agent.corrections, successors=agent.successors)
        put(targets["page"], html)
    if "summary" in targets:
        put(targets["summary"], scorecard(record, agent.row, names))


def put(target: Path, content: bytes | str) -> None:
    """A new file; an existing one is an error, since it may be shared with another generation."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        left = memoryview(content.encode() if isinstance(content, str) else content)
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)
