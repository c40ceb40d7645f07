"""Writes the files of a generation: agents' files on all cores when there are many, the rest one after the other.

Idea: a page depends on its record, texts, corrections and names only, so that pages can be made anywhere.
Invariant: how many cores there are changes no byte.
"""

import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from publishing.catalogue import Catalogue, Names
from publishing.formats.archive import zipped
from publishing.formats.published_formats import AGENT_FORMATS
from publishing.pages import agent_page
from publishing.pages.index_rows import RENEWED, Row
from publishing.processes import Processes
from scoring.claims import Digest
from scoring.record import PublishedRecord
from scoring.reviews import Correction

_QUOTED = re.compile(rb'"start":\d+,"text_digest":"(sha256:[0-9a-f]{64})"')
"""The text that a piece of evidence points into; no other text is shown on a page."""
_ASIDE = 2
"""Files at a time, beside those of agents: the two archives take longest, and copy without holding up Python."""


class Agent(NamedTuple):
    """What an agent's files depend on, beside its body and texts."""

    row: Row
    corrections: tuple[Correction, ...]
    successors: tuple[tuple[str, str], ...]
    rivals: tuple[tuple[str, str], ...] = ()
    """Page and name of other records that state what belongs to one product only."""


class AgentFile(NamedTuple):
    """One of an agent's files, which another process can make."""

    agent: Agent
    form: str
    """`record`, `page`, `bundle`, or a name of `AGENT_FORMATS`."""


Write = Callable[[Path], object]
"""Makes the file at a path that does not exist yet."""


class AgentFileJob(NamedTuple):
    """One agent's files to be made, here or by another core."""

    agent: Agent
    body: bytes
    texts: dict[Digest, bytes]
    bundle: dict[str, bytes]
    targets: dict[str, Path]


def write_all(
    catalogue: Catalogue,
    body: Callable[[str], bytes],
    processes: Processes,
    pending: list[tuple[Path, Write | AgentFile]],
) -> None:
    """Writes every file from what the catalogue gives: those of agents on all cores, the others meanwhile. `body` gives
    the bytes of a record."""
    agents: dict[str, tuple[Agent, dict[str, Path]]] = {}
    others: list[tuple[Path, Write]] = []
    for target, write in pending:
        if isinstance(write, AgentFile):
            agents.setdefault(write.agent.row.slug, (write.agent, {}))[1][write.form] = target
        else:
            others.append((target, write))

    def write_other(write: Write, target: Path) -> None:
        with catalogue.reading():  # in a later view than the rest: records are read by their digests
            write(target)

    def jobs(batch: Sequence[tuple[Agent, dict[str, Path]]]) -> list[AgentFileJob]:
        return [_job(catalogue, body, agent, targets) for agent, targets in batch]

    with ThreadPoolExecutor(_ASIDE) as threads:
        waiting = [threads.submit(write_other, write, target) for target, write in others]
        for _ in processes.each(list(agents.values()), jobs, partial(_make_batch, catalogue.names)):
            pass
        for written in waiting:
            written.result()


def _job(catalogue: Catalogue, body_of: Callable[[str], bytes], agent: Agent, targets: dict[str, Path]) -> AgentFileJob:
    slug, bundle = agent.row.slug, catalogue.bundle
    body = body_of(slug) if targets.keys() - {"bundle"} else b""
    texts: dict[Digest, bytes] = {}
    if "page" in targets:
        digests = {found.decode() for found in _QUOTED.findall(body, body.index(b'"extraction":{'))}
        texts = {digest: text for digest in digests if (text := catalogue.text(digest)) is not None}
    return AgentFileJob(agent, body, texts, bundle(slug) if bundle and "bundle" in targets else {}, targets)


def _make_batch(names: Names, jobs: list[AgentFileJob]) -> None:
    """In a process of the pool, or here what a broken pool left half done."""
    for job in jobs:
        for target in job.targets.values():
            target.unlink(missing_ok=True)
        _make(job, names)


def _make(job: AgentFileJob, names: Names) -> None:
    agent, targets = job.agent, job.targets
    if "record" in targets:
        put(targets["record"], job.body)
    if "bundle" in targets:
        put(targets["bundle"], zipped(job.bundle))
    if not targets.keys() - {"record", "bundle"}:
        return
    record = PublishedRecord.model_validate_json(job.body)
    if "page" in targets:
        catalogue = Catalogue(digests={}, body=lambda _: job.body, text=job.texts.get, names=names)
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
