"""Writes the files of a generation: agents' files on all cores when there are many, the rest one after the other.

Idea: a page depends on its record, texts, corrections and names only, so that pages can be made anywhere.
Invariant: how many cores there are changes no byte.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from pydantic_core import from_json

from extractors.pages.page_text import PageText
from publishing.catalogue import Catalogue, Names
from publishing.formats.published_formats import AGENT_FORMATS
from publishing.generation import Write
from publishing.pages import agent_page
from publishing.pages.index_rows import RENEWED, Row
from scoring.claims import Digest
from scoring.record import PublishedRecord
from scoring.reviews import Correction

MANY = 300
"""Agents from which other cores are worth their start."""
_AT_ONCE = 20
"""Agents a core is given at a time."""


class Agent(NamedTuple):
    """What an agent's files depend on, beside its body and texts."""

    row: Row
    corrections: tuple[Correction, ...]
    successors: tuple[tuple[str, str], ...]
    rivals: tuple[tuple[str, str], ...] = ()
    """Page and name of other records that state what belongs to one product only."""


@dataclass(slots=True)
class AgentFile:
    """One of an agent's files: a `Write` that can be made elsewhere."""

    agent: Agent
    form: str
    """`record`, `page`, or a name of `AGENT_FORMATS`."""
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
        """Writes every file."""
        agents: dict[str, tuple[Agent, dict[str, Path]]] = {}
        for target, write in pending:
            if isinstance(write, AgentFile):
                agents.setdefault(write.agent.row.slug, (write.agent, {}))[1][write.form] = target
            else:
                write(target)
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if len(agents) >= MANY and cores > 1:
            self._on_all_cores(list(agents.values()), cores)
        else:
            for agent, targets in agents.values():
                self.write_agent(agent, targets)

    def write_agent(self, agent: Agent, targets: dict[str, Path]) -> None:
        _make(Order(agent, self._body(agent.row.slug), (), targets), self._names, self._text_of)

    def _on_all_cores(self, agents: list[tuple[Agent, dict[str, Path]]], cores: int) -> None:
        """Batches go to one process a core, a few ahead of the work. What a broken pool leaves is made here."""
        batches = (agents[start : start + _AT_ONCE] for start in range(0, len(agents), _AT_ONCE))
        try:
            with ProcessPoolExecutor(cores, get_context("spawn"), gc.disable) as pool:
                running: deque[Future[None]] = deque()
                for batch in batches:
                    running.append(pool.submit(_make_batch, self._names, list(self._orders(batch))))
                    if len(running) > 4 * cores:
                        running.popleft().result()
                for one in running:
                    one.result()
        except BrokenExecutor:
            for agent, targets in agents:
                for target in targets.values():
                    target.unlink(missing_ok=True)
                self.write_agent(agent, targets)

    def _orders(self, batch: Iterable[tuple[Agent, dict[str, Path]]]) -> Iterator[Order]:
        for agent, targets in batch:
            body = self._body(agent.row.slug)
            read = from_json(body)["extraction"]["read"]
            texts = (self._text_of(digest) for digest in dict.fromkeys(source["text_digest"] for source in read))
            yield Order(agent, body, tuple(text for text in texts if text), targets)


def _make_batch(names: Names, orders: list[Order]) -> None:
    """In a process of the pool. What templates leave behind is collected once a batch."""
    for order in orders:
        _make(order, names, {text.digest: text for text in order.texts}.get)
    gc.collect()


def _make(order: Order, names: Names, text_of: Callable[[Digest], PageText | None]) -> None:
    agent, targets = order.agent, order.targets
    if "record" in targets:
        put(targets["record"], order.body)
    if targets.keys() == {"record"}:
        return
    record = PublishedRecord.model_validate_json(order.body)
    if "page" in targets:
        catalogue = Catalogue(digests={}, body=lambda _: order.body, text_of=text_of, names=names)
        html = agent_page.agent_page(
            record,
            catalogue,
            corrections=agent.corrections,
            successors=agent.successors,
            rivals=agent.rivals,
            in_renewal=RENEWED in agent.row.marks,
        )
        put(targets["page"], html)
    for name in AGENT_FORMATS.keys() & targets.keys():
        put(targets[name], AGENT_FORMATS[name].make(record, agent.row, names))


def put(target: Path, content: bytes | str) -> None:
    """A new file; an existing one is an error, since it may be shared with another generation."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        left = memoryview(content.encode() if isinstance(content, str) else content)
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)
