"""How long a site of 10,000 agents with bundles takes, in full and for ten changed agents.

The agreement agents are assessed, approved and published in a store; the catalogue shows each under 250 names, and its
record, texts and bundle are read from the store for each name. Names that follow each other are of different agents.
"""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from benches.figure import Figure
from benches.shared_data import SHARED as SHARED
from benches.shared_data import agreement_folders
from extractors.canonical_json import canonical_bytes
from extractors.lexical import LexicalAssessor
from extractors.listing import Listing
from extractors.pages.local_folder import files_in
from extractors.pages.snapshot import Fetched, FetchOutcome, PageSnapshot, sha256
from flows.assessment.agent_assessment import assess_agent
from flows.operations.publication import publish_site
from flows.settings import load
from publishing.catalogue import Catalogue, Names
from publishing.pages.agent_page import PAGE_LIMIT
from publishing.record_versions.lifecycle import mark_stale
from publishing.site import build
from publishing.store_catalogue import catalogue_of
from records.store import Store
from review.services import decisions, draft
from scoring.record import PublishedRecord
from scoring.reviews import Decision

AGENTS = 10_000
CHANGED = 10


class Taken(NamedTuple):
    wall: float
    cpu: float
    """Seconds of this process and those that it started."""
    written: int


class MemoryCatalogue:
    """The published agents of a store, each under so many names that there are `AGENTS`."""

    def __init__(self, store: Store) -> None:
        self._store = catalogue_of(store, Names(bundles=True))
        own = sorted(self._store.digests)
        self._own = {f"n{number:05}-{own[number % len(own)]}": own[number % len(own)] for number in range(AGENTS)}
        self._changed: dict[str, bytes] = {}
        self.digests = {slug: sha256(self.body(slug)) for slug in self._own}

    def body(self, slug: str) -> bytes:
        """The agent's own record under the other name."""
        own = self._own[slug]
        return self._changed.get(slug) or self._store.body(own).replace(own.encode(), slug.encode())

    def change(self, slug: str) -> None:
        before = PublishedRecord.model_validate_json(self.body(slug))
        after = mark_stale(before, "exposure.reads", now=before.modified + timedelta(days=1))
        self._changed[slug] = canonical_bytes(after)
        self.digests[slug] = sha256(self._changed[slug])

    def catalogue(self) -> Catalogue:
        bundle = self._store.bundle
        assert bundle is not None
        return replace(
            self._store,
            digests=dict(self.digests),
            body=self.body,
            bundle=lambda slug: bundle(self._own[slug]),
        )


def _publish_agents(store: Store, home: Path) -> None:
    """Each folder of the agreement agents as an agent, by the built-in reader."""
    settings = load().model_copy(update={"home": home})
    for number, folder in enumerate(agreement_folders()):
        slug = f"agent{number:02}of40"  # stands in no text of theirs
        store.listings.put(Listing(slug=slug, name=folder.name, source="bench", homepage=f"https://{slug}.example/"))
        pages = list(_pages(slug, folder, store))
        for page in pages:
            store.pages.keep(page)
        store.pages.assign(slug, [page.url for page in pages])
        asyncio.run(assess_agent(store, slug, LexicalAssessor(), settings))
        decisions.conclude(store, draft.read(store, slug), Decision.APPROVE, reviewer="bench", role="demo")
    publish_site(store, settings, home / "own", released_by="bench")


def _pages(slug: str, folder: Path, store: Store) -> Iterator[Fetched]:
    for document in files_in(folder):
        if document.body is not None:
            url, digest, size = f"file:{slug}/{document.path}", sha256(document.body), len(document.body)
            snapshot = PageSnapshot(
                url=url, final_url=url, fetched_at=store.now(), status=200, media_type="", digest=digest, length=size
            )
            yield Fetched(url=url, outcome=FetchOutcome.FETCHED, at=store.now(), snapshot=snapshot, body=document.body)


def run() -> list[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="assay-bench-"))
    try:
        with Store.open(folder / "assay.db") as store:
            _publish_agents(store, folder)
            return _figures(MemoryCatalogue(store), folder / "site")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _figures(shown: MemoryCatalogue, folder: Path) -> list[Figure]:
    def timed() -> Taken:
        catalogue = shown.catalogue()
        start, cpu = time.perf_counter(), sum(os.times()[:4])
        done = build(catalogue, folder, override="bench")
        return Taken(time.perf_counter() - start, sum(os.times()[:4]) - cpu, done.written)

    count = len(shown.digests)
    full = timed()
    largest = max(path.stat().st_size for path in (folder / "current" / "agents").glob("*.html"))
    quiet = timed()
    tens: list[Taken] = []
    for night in range(7):
        for slug in sorted(shown.digests)[night :: count // CHANGED][:CHANGED]:
            shown.change(slug)
        tens.append(timed())
    steady = sorted(tens[2:])[len(tens[2:]) // 2]
    recycled = "the first two, before a folder can be recycled"
    return [
        Figure(
            f"site of {count:,} agents with bundles, in full",
            f"{full.wall:.1f} s",
            "≤ 60 s",
            full.wall <= 60,
            f"{full.written:,} files; {full.cpu:.1f} s of CPU over all cores; the 40 agreement agents, each under "
            f"{count // 40} names, read from a store (SQLite) for each",
        ),
        Figure(
            f"{CHANGED} of {count:,} agents changed",
            f"{steady.wall:.2f} s",
            "≤ 1 s",
            steady.wall <= 1,
            f"median of {len(tens) - 2} publications, {steady.cpu:.2f} s of CPU, best {min(tens[2:]).wall:.2f} s; "
            f"{recycled}: {tens[0].wall:.2f} and {tens[1].wall:.2f} s",
        ),
        Figure(
            "unchanged catalogue",
            f"{quiet.written} files in {quiet.wall:.2f} s",
            "0 files",
            quiet.written == 0,
            f"{quiet.cpu:.2f} s of CPU",
        ),
        Figure("largest agent page", f"{largest:,} B", f"≤ {PAGE_LIMIT:,} B", largest <= PAGE_LIMIT, "of all"),
    ]
