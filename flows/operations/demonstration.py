"""The whole way on the bundled sample directory: real HTTP, a night, a named demo reviewer, the site.

Idea: what a new user sees first is the product itself, small. Invariant: it may be repeated; the second time
nothing is assessed anew and nothing is rewritten.
"""

import asyncio
from pathlib import Path

from flows.night.night import run_night
from flows.operations.publication import publish_site
from flows.operations.sample_site import serve
from flows.report.assessment_text import one_line
from flows.report.console import say, table
from flows.report.morning_report import morning_lines
from flows.settings import REPOSITORY, Settings, load
from flows.store_access import open_store
from records.agents.agent_lists import Filter
from records.agents.review_queue import IN_QUEUE
from records.store import Store
from review.services import decisions, draft
from scoring.reviews import Decision

SAMPLES = REPOSITORY / "data" / "samples"
REVIEWER = "demo reviewer (no person)"
PORT = 8797
"""Taken when it is free, so that a repeated demonstration finds its pages unchanged."""


def demonstrate(home: Path | None) -> None:
    """Crawl, assess, review, publish, and say where to look."""
    home = (home or REPOSITORY / "data" / "run" / "demo").absolute()
    home.mkdir(parents=True, exist_ok=True)
    with serve(SAMPLES / "site", SAMPLES / "redirects.toml", PORT) as base:
        settings = _settings(home, base)
        say(f"1  the sample directory answers at {base}")
        with open_store(settings) as store:
            store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
            say("2  a night crawls and assesses it")
            summary = asyncio.run(run_night(store, settings, again=True))
        for line in morning_lines(summary):
            say(f"   {line}")
    with open_store(settings) as store:
        say(f"3  {_approve(store)} drafts approved by the {REVIEWER}")
        say(f"4  published: {publish_site(store, settings, settings.site, released_by=REVIEWER).line}")
        say()
        rows = [
            one_line(current.extraction, current.assessment)
            for slug in store.listings.slugs()
            if (current := store.assessments.current(slug)) is not None
        ]
    table(rows, ("agent", "AIVSS", "band", "range", "claims", ""))
    say()
    say(f"Look:   {settings.site}/current/index.html")
    say(f"Desk:   ASSAY_HOME={home} assay review desk (nothing waits: `assay review reverse SLUG` brings one back)")
    say(f"Check:  ASSAY_HOME={home} assay store verify")


def _settings(home: Path, base: str) -> Settings:
    settings = load()
    host = base.removeprefix("http://")
    crawl = settings.crawl.model_copy(update={"allow_private": (host,), "pace": 0.0, "latency_factor": 0.0})
    return settings.model_copy(update={"home": home, "crawl": crawl})


def _approve(store: Store) -> int:
    """Approves what waits, as a reviewer that says it is none."""
    rows = store.queue.page(Filter(statuses=IN_QUEUE), limit=1000).rows
    note = "approved by `assay demo`"
    for row in rows:
        opened = int(store.now().timestamp())
        claims, spent = draft.read(store, row.slug), decisions.sat(store, opened)
        decisions.conclude(store, claims, Decision.APPROVE, reviewer=REVIEWER, role="demo", note=note, seconds=spent)
    return len(rows)
