"""The documents of seventy real agents: from local folders, and crawled over HTTP as a directory."""

import html
import shutil
from pathlib import Path

import pytest

from extractors.canonical_json import canonical_bytes
from extractors.pages.local_folder import read_folder
from flows.night.night import run_night
from flows.operations.local_record import assess_folder
from flows.operations.sample_site import serve
from flows.settings import Settings, load
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from scoring.vocabulary import Certainty, LayerStatus
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]


def folders(shared: Path) -> list[Path]:
    agreement = [path for path in sorted((shared / "agreement").iterdir()) if path.is_dir()]
    corpus = sorted((shared / "corpus" / "agents").glob("*/files"))
    return agreement + corpus


def grounded_in(folder: Path, settings: Settings) -> tuple[str, int]:
    read, done = read_folder(folder), assess_folder(folder, settings)
    texts = {page.digest: page.text for page in read.pages}
    grounded = 0
    for claim in (*done.extraction.factors, *done.extraction.exposure, *done.extraction.layers):
        for evidence in claim.evidence:
            assert texts[evidence.text_digest][evidence.start : evidence.end] == evidence.quote
            grounded += 1
    for layer in done.extraction.layers:
        assert layer.evidence or layer.status is not LayerStatus.MAPPED
    assert all(f.evidence or f.certainty is Certainty.NOT_CERTAIN for f in done.extraction.factors)
    assert done.bodies == (canonical_bytes(done.extraction), canonical_bytes(done.assessment))
    head = done.assessment.headline
    assert head.low <= head.high and (head.score is None or head.low <= head.score <= head.high)
    return read.listing.slug, grounded


@pytest.mark.slow
def test_every_folder_gives_a_complete_record(shared: Path) -> None:
    settings = load()
    found = folders(shared)
    assert len(found) == 70
    results = dict(grounded_in(folder, settings) for folder in found)
    assert sum(1 for grounded in results.values() if grounded) >= 56, "the reader finds nothing in too many"


def as_directory(shared: Path, target: Path) -> int:
    """The same documents as a web site: index pages, a listing page an agent, its files beside it."""
    (target / "agents").mkdir(parents=True)
    cards: list[str] = []
    for number, folder in enumerate(folders(shared)):
        name = folder.parent.name if folder.name == "files" else folder.name
        slug = f"{name}-{number}"
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "meta.json"][:40]
        links = []
        for path in files:
            place = target / "repos" / slug / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            href = html.escape(f"/repos/{slug}/{path.relative_to(folder).as_posix()}")
            links.append(f'<a class="document" href="{href}">{html.escape(path.name)}</a>')
        page = f'<h1 class="name">{slug}</h1><p class="kind">agent</p>{" ".join(links)}'
        (target / "agents" / f"{slug}.html").write_text(f"<!doctype html><title>{slug}</title>{page}", "utf-8")
        cards.append(f'<article class="card"><h2><a href="/agents/{slug}.html">{slug}</a></h2></article>')
    (target / "index.html").write_text("<!doctype html><title>All</title>" + "".join(cards), "utf-8")
    return len(cards)


@pytest.mark.slow
async def test_the_same_documents_crawled_over_http_twice(shared: Path, tmp_path: Path) -> None:
    listed = as_directory(shared, tmp_path / "site")
    with serve(tmp_path / "site") as base:
        settings = settings_for(base)
        with open_store(settings) as store:
            store.sources.add("all", "directory_site", f"{base}/", {"selectors": "harbour"})
            first = await run_night(store, settings)
            assert first.due == listed == 70
            assessed, withheld = (first.outcomes.get(end, 0) for end in (AgentOutcome.ASSESSED, AgentOutcome.WITHHELD))
            assert assessed + withheld == 70 and assessed >= 20, (first.outcomes, first.failures)
            history = {slug: store.assessments.history(slug) for slug in store.listings.slugs()}
            second = await run_night(store, settings, again=True)
            expected = {AgentOutcome.UNCHANGED: assessed, AgentOutcome.WITHHELD: withheld}
            assert second.outcomes == expected, second.failures
            assert second.calls == 0 and {outcome.value for outcome in second.crawl.outcomes} == {"unchanged"}
            assert {slug: store.assessments.history(slug) for slug in store.listings.slugs()} == history
