"""How long a site of 10,000 agents takes, in full and for ten changed agents."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from types import ModuleType

from benches.figure import Figure
from extractors.canonical import canonical_bytes
from extractors.page_text import PageText
from extractors.snapshot import sha256
from publishing.catalogue import Catalogue
from publishing.render import PAGE_LIMIT
from publishing.site import build
from scoring.outcomes import PublishedRecord

AGENTS = 10_000
CHANGED = 10
ROOM = "publishing"


def _made() -> ModuleType:
    """The tests' own record maker."""
    path = Path(__file__).parents[1] / "tests" / "publishing" / "made_records.py"
    spec = importlib.util.spec_from_file_location("made_records", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["made_records"] = module
    spec.loader.exec_module(module)
    return module


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
        world = self.made.world(slug, seed=seed)
        self.put(self.made.publish(world, before, before.modified + timedelta(days=1)), world.pages)

    def catalogue(self) -> Catalogue:
        return Catalogue(
            digests={slug: sha256(body) for slug, body in self.bodies.items()},
            body=self.bodies.__getitem__,
            text_of=lambda digest: PageText.model_validate_json(self.texts[digest]),
        )


def run() -> list[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="assay-bench-"))
    try:
        return _figures(Kept(_made()), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _figures(kept: Kept, folder: Path) -> list[Figure]:
    def timed() -> tuple[float, int]:
        catalogue = kept.catalogue()
        start = time.perf_counter()
        done = build(catalogue, folder, override="bench")
        return time.perf_counter() - start, done.written

    count = len(kept.bodies)
    full, files = timed()
    largest = max(path.stat().st_size for path in (folder / "current" / "agents").glob("*.html"))
    quiet, rewritten = timed()
    tens: list[float] = []
    for night in range(7):
        for slug in sorted(kept.bodies)[night :: count // CHANGED][:CHANGED]:
            kept.change(slug, night + 7)
        tens.append(timed()[0])
    steady = sorted(tens[2:])[len(tens[2:]) // 2]
    return [
        Figure(ROOM, f"site of {count:,} agents in full", f"{full:.1f} s", "≤ 60 s", full <= 60, f"{files:,} files"),
        Figure(
            ROOM,
            f"{CHANGED} of {count:,} agents changed",
            f"{steady:.2f} s",
            "≤ 1 s",
            steady <= 1,
            f"median of {len(tens) - 2} publications (best {min(tens[2:]):.2f} s); the first two, before a folder can "
            f"be recycled, {tens[0]:.2f} and {tens[1]:.2f} s",
        ),
        Figure(
            ROOM,
            "unchanged catalogue",
            f"{rewritten} files in {quiet:.2f} s",
            "0 files",
            rewritten == 0,
            "same records",
        ),
        Figure(ROOM, "largest agent page", f"{largest:,} B", f"≤ {PAGE_LIMIT:,} B", largest <= PAGE_LIMIT, "of all"),
    ]


if __name__ == "__main__":
    for figure in run():
        print(figure)
