"""`python -m benches.same_bytes FOLDER`: everything the product writes, under a fixed clock, with a digest a part.

Idea: a change of names or places changes no byte. The sample directory is crawled, assessed, approved and published;
its site, store and replay bundles, and the records of the agents in `../shared`, are written to FOLDER. Invariant: two
runs of the same code print the same digests, so that two commits can be compared by their output.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from benches.shared_data import SHARED
from extractors.canonical_json import canonical_bytes
from extractors.pages.local_folder import read_folder
from flows.night.assessment import assess_completion, completion_client, request_for
from flows.night.night import run_night
from flows.operations.demonstration import SAMPLES, _approve
from flows.operations.publication import publish_site, write_bundle_file
from flows.operations.sample_site import serve
from flows.settings import Settings, load
from flows.store_access import open_store

AT = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
PORT = 8798


class FixedClock:
    """A clock for the crawler on which waiting costs nothing."""

    def now(self) -> datetime:
        return AT

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def sample_directory(out: Path) -> None:
    """Site, store and bundles of the sample directory."""
    with serve(SAMPLES / "site", SAMPLES / "redirects.toml", PORT) as base:
        crawl = load().crawl.model_copy(
            update={"allow_private": (base.removeprefix("http://"),), "pace": 0.0, "latency_factor": 0.0}
        )
        settings = load().model_copy(update={"home": out / "home", "crawl": crawl})
        with open_store(settings, clock=lambda: AT, actor="tester") as store:
            store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
            asyncio.run(run_night(store, settings, again=True, clock=FixedClock()))
            _approve(store)
            publish_site(store, settings, out / "site", released_by="tester")
            (out / "store.jsonl").write_bytes(store.dump(without=("hosts",)))
            (out / "bundles").mkdir()
            for slug in store.listings.slugs():
                write_bundle_file(store, slug, out / "bundles" / f"{slug}.zip")


def shared_agents(out: Path, settings: Settings) -> None:
    """Extraction and assessment of every folder of documents."""
    out.mkdir()
    folders = [path for path in sorted((SHARED / "agreement").iterdir()) if path.is_dir()]
    for folder in [*folders, *sorted((SHARED / "corpus" / "agents").glob("*/files"))]:
        read = read_folder(folder)
        client = completion_client(settings)
        request = request_for(read.listing, read.pages, settings, client)
        done = assess_completion(
            request, asyncio.run(client.complete(request)), settings.profile, read.not_read, read.findings
        )
        name = f"{folder.parent.name}-{folder.name}.json"
        (out / name).write_bytes(canonical_bytes(done.extraction) + b"\n" + canonical_bytes(done.assessment) + b"\n")


def digest_of(folder: Path) -> str:
    """One digest of all files below a folder, or of one file; archives by their members."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        if path.is_file():
            whole.update(str(path.relative_to(folder)).encode())
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    for name in sorted(archive.namelist()):
                        whole.update(name.encode() + hashlib.sha256(archive.read(name)).digest())
            else:
                whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def main(out: Path) -> None:
    out.mkdir(parents=True)
    sample_directory(out)
    shared_agents(out / "agents", load())
    for part in ("site/current", "store.jsonl", "bundles", "agents"):
        print(part, digest_of((out / part).resolve()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
