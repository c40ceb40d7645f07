"""How long a site of 10,000 agents takes, in full and for ten changed agents."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from benches.figure import Figure
from benches.shared_data import ROOT
from extractors.canonical_json import canonical_bytes
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from publishing.catalogue import Catalogue
from publishing.pages.agent_page import PAGE_LIMIT
from publishing.site import build
from scoring.record import PublishedRecord

AGENTS = 10_000
CHANGED = 10
ROOM = "publishing"


def _made() -> ModuleType:
    """The tests' own record maker."""
    path = ROOT / "tests" / "publishing" / "made_records.py"
    spec = importlib.util.spec_from_file_location("made_records", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["made_records"] = module
    spec.loader.exec_module(module)
    return module


class Taken(NamedTuple):
    wall: float
    cpu: float
    """Seconds of this process and those that it started."""
    written: int


class Kept:
    """Records and texts as a store keeps them: bytes by name, read when they are asked for."""

    def __init__(self, made: ModuleType) -> None:
        self.made = made
        self.bodies: dict[str, bytes] = {}
        self.texts: dict[str, bytes] = {}
        for start in range(0, AGENTS, 500):
            for record, pages in made.many(500, seed=start):
                self.put(record, pages)

    def put(self, record: PublishedRecord, pages: Iterable[PageText]) -> None:
        self.bodies[record.slug] = canonical_bytes(record)
        self.texts |= {page.digest: canonical_bytes(page) for page in pages}

    def change(self, slug: str, seed: int) -> None:
        before = PublishedRecord.model_validate_json(self.bodies[slug])
        world = self.made.world(slug, seed=seed, kind=before.extraction.kind)
        self.put(self.made.publish(world, before, before.modified + timedelta(days=1)), world.pages)

    def catalogue(self) -> Catalogue:
        return Catalogue(
            digests={slug: sha256(body) for slug, body in self.bodies.items()},
            body=self.bodies.__getitem__,
            text=self.texts.get,
        )


def run() -> list[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="assay-bench-"))
    try:
        return _figures(Kept(_made()), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _figures(kept: Kept, folder: Path) -> list[Figure]:
    def timed() -> Taken:
        catalogue = kept.catalogue()
        start, cpu = time.perf_counter(), sum(os.times()[:4])
        done = build(catalogue, folder, override="bench")
        return Taken(time.perf_counter() - start, sum(os.times()[:4]) - cpu, done.written)

    count = len(kept.bodies)
    full = timed()
    largest = max(path.stat().st_size for path in (folder / "current" / "agents").glob("*.html"))
    quiet = timed()
    tens: list[Taken] = []
    for night in range(7):
        for slug in sorted(kept.bodies)[night :: count // CHANGED][:CHANGED]:
            kept.change(slug, night + 7)
        tens.append(timed())
    steady = sorted(tens[2:])[len(tens[2:]) // 2]
    recycled = "the first two, before a folder can be recycled"
    return [
        Figure(
            ROOM,
            f"site of {count:,} agents in full",
            f"{full.wall:.1f} s",
            "≤ 60 s",
            full.wall <= 60,
            f"{full.written:,} files; {full.cpu:.1f} s of CPU over all cores",
        ),
        Figure(
            ROOM,
            f"{CHANGED} of {count:,} agents changed",
            f"{steady.wall:.2f} s",
            "≤ 1 s",
            steady.wall <= 1,
            f"median of {len(tens) - 2} publications, {steady.cpu:.2f} s of CPU, best {min(tens[2:]).wall:.2f} s; "
            f"{recycled}: {tens[0].wall:.2f} and {tens[1].wall:.2f} s",
        ),
        Figure(
            ROOM,
            "unchanged catalogue",
            f"{quiet.written} files in {quiet.wall:.2f} s",
            "0 files",
            quiet.written == 0,
            f"{quiet.cpu:.2f} s of CPU",
        ),
        Figure(ROOM, "largest agent page", f"{largest:,} B", f"≤ {PAGE_LIMIT:,} B", largest <= PAGE_LIMIT, "of all"),
    ]


if __name__ == "__main__":
    for figure in run():
        print(figure)
