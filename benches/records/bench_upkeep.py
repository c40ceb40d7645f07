"""verify, export, import and retention: how much memory they need beside a store of how many agents, and how long.

Each runs in a process of its own on SQLite; what grows with the store is the difference between two sizes of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from benches.figure import Figure
from extractors.pages.snapshot import sha256
from records.database.event_chain import FIRST_PREVIOUS, UnchainedEvent, event_digest
from records.maintenance.export import export, import_
from records.pages.blobs import Blobs
from records.store import Store
from tests.records.made import Clock, body, fill, page_text, publish, review

SIZES = (3_000, 8_000)
ALL = 300_000
_SLUG, _NAME = "a000000", "A000000"
_NUMBERS = {
    "agents": ("review_id", "publication_id", "published_review"),
    "publications": ("id", "review"),
    "amendments": ("review",),
} | dict.fromkeys(("history", "reviews", "completions", "fetches"), ("id",))
"""Columns that hold row numbers: each agent has one row of these tables."""
_RUN = """
import sys, time
from datetime import timedelta
from functools import partial
from pathlib import Path
from flows.reading.time_limited_pool import READERS
from records.maintenance.export import export, import_
from records.maintenance.retention import drop_old_pages
from records.maintenance.verify import verify
from records.store import Store

def memory(name):
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024

work, database, folder = sys.argv[1:]
with Store.open(database) as store:
    store.listings.count()
    before, begun = memory("VmRSS"), time.perf_counter()
    if work == "verify":
        problems = verify(store, ask=partial(READERS.ask, 600.0)).problems
        assert not problems, problems[:3]
    elif work == "export":
        export(store, Path(folder))
    elif work == "import":
        import_(store, Path(folder))
    else:
        drop_old_pages(store, store.now() + timedelta(days=1000))
    print(memory("VmHWM") - before, time.perf_counter() - begun)
"""


def run() -> list[Figure]:
    measured = {work: [measure(work, size) for size in SIZES] for work in ("verify", "export", "import", "retention")}
    return [_figure(work, *pair) for work, pair in measured.items()]


def measure(work: str, size: int) -> tuple[float, float]:
    """MiB at the peak above what an opened store takes, and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        fill_store(home, size)
        database = Path(folder) / "copy" / "assay.db" if work == "import" else home / "assay.db"
        files = home / "made" if work == "import" else Path(folder) / "export"
        command = [sys.executable, "-c", _RUN, work, str(database), str(files)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        grown, took = map(float, done.stdout.split())
        return grown, took


def _figure(work: str, small: tuple[float, float], large: tuple[float, float]) -> Figure:
    more, agents = max(0.0, large[0] - small[0]), SIZES[1] - SIZES[0]
    grown, took = large[0] + more / agents * (ALL - SIZES[1]), large[1] / SIZES[1] * ALL / 60
    how = (
        f"peak {small[0]:.0f} MiB above an opened store of {SIZES[0]:,} agents and {large[0]:.0f} MiB of {SIZES[1]:,}, "
        f"{large[1]:.0f} s; carried on to {ALL:,} by arithmetic; SQLite"
    )
    met = grown <= 50 and took <= 10
    return Figure(f"{work}, memory and time", f"{grown:.0f} MiB, {took:.1f} min", "≤ 50 MiB, ≤ 10 min", met, how)


def fill_store(home: Path, size: int) -> None:
    """A store of so many agents that hold, each assessed, approved and published: one is made, the others are it under
    other names, digests and numbers, written as an export and imported."""
    made = home / "made"
    with Store.open(home / "one.db", clock=Clock()) as store:
        store.reviews.append(review(fill(store, _SLUG)))
        publish(store, _SLUG)
        export(store, made)
    page, text = body(_SLUG).decode(), page_text(_SLUG).text
    rows = {file.stem: file.read_text().splitlines() for file in (made / "tables").iterdir()}
    documents = [page, text, _SLUG]
    for table in ("extractions", "assessments", "reviews", "publications"):
        documents += [json.loads(line)["body"] for line in rows[table]]
    names = [_names(documents, f"a{number:06d}") for number in range(size)]
    for named in names:
        Blobs(made / "blobs").put(_renamed(page, named).encode())
    _write_tables(made, rows, names)
    with Store.open(home / "assay.db", clock=Clock()) as store:
        import_(store, made)


def _names(documents: list[str], slug: str) -> dict[str, str]:
    """What stands in another agent's documents in place of what stands in these."""
    named = {_SLUG: slug, _NAME: slug.title()}
    for document in documents:
        named[sha256(document.encode())] = sha256(_renamed(document, named).encode())
    return named


def _renamed(document: str, named: dict[str, str]) -> str:
    for old, new in named.items():
        document = document.replace(old, new)
    return document


def _write_tables(folder: Path, rows: dict[str, list[str]], names: list[dict[str, str]]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    previous, sequence = FIRST_PREVIOUS, 0
    for table, lines in rows.items():
        with (folder / "tables" / f"{table}.jsonl").open("w") as file:
            for number, line in _numbered(lines, names):
                row = json.loads(line) | dict.fromkeys(_NUMBERS.get(table, ()), number)
                if table == "events":
                    sequence += 1
                    row |= {"sequence": sequence, "previous": previous}
                    noted = UnchainedEvent(
                        datetime.fromisoformat(row["at"]), *(row[key] for key in UnchainedEvent._fields[1:])
                    )
                    row["digest"] = previous = event_digest(sequence, noted, previous)
                file.write(json.dumps(row) + "\n")
    (folder / "tables" / "event_head.jsonl").write_text(
        json.dumps({"id": 1, "sequence": sequence, "digest": previous}) + "\n"
    )
    files = {name: sha256((folder / "tables" / f"{name}.jsonl").read_bytes()) for name in rows}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"files": files}))


def _numbered(lines: list[str], names: list[dict[str, str]]) -> Iterator[tuple[int, str]]:
    """What names no agent once, the rest once an agent, with the agent's number."""
    for line in lines:
        if _SLUG not in line:
            yield 1, line
    for number, named in enumerate(names, 1):
        for line in lines:
            if _SLUG in line:
                yield number, _renamed(line, named)
