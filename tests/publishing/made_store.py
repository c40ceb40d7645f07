"""A store with one agent that went the whole way: crawled, assessed, reviewed with an amendment, published."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from extractors.lexical import LexicalAssessor
from extractors.listing import Listing
from extractors.pages.snapshot import Fetched, FetchOutcome, PageSnapshot, sha256
from flows.assessment.agent_assessment import assess_agent
from flows.operations.publication import source_dates
from flows.settings import Settings
from publishing.record_versions import lifecycle
from records.store import Store
from scoring.reviews import Amendment, AmendmentReason, Decision, Review
from scoring.vocabulary import RiskFactor

SLUG = "quay-bot"
NOW = datetime(2026, 11, 3, tzinfo=UTC)
URL = "https://quay.example/"
PAGE = b"""<html><head><title>Quay Bot</title></head><body><h1>Quay Bot</h1>
<p>Quay Bot reads the mailbox of a marina and answers it without a person in the loop.</p>
<p>It can charge the card on file. Conversations are kept for two years.</p></body></html>"""


def fill(store: Store, slug: str = SLUG, url: str = URL) -> None:
    """One agent, from its listing to its published record."""
    store.listings.put(
        Listing(slug=slug, name="Quay Bot", source="sample", homepage=url, entry="Quay Bot books berths for yachts.")
    )
    page(store, url, PAGE)
    missing = f"{url}security"
    store.pages.keep(Fetched(url=missing, outcome=FetchOutcome.NOT_FOUND, at=NOW))
    store.pages.assign(slug, [url, missing])
    asyncio.run(assess_agent(store, slug, LexicalAssessor(), Settings()))
    current = store.assessments.current(slug)
    assert current is not None
    value = str(current.extraction.factor(RiskFactor.PERSISTENT_MEMORY).value)
    change = Amendment(
        path="factors.persistent_memory",
        field="value",
        old=value,
        new="0.9" if value != "0.9" else "0.8",
        reason=AmendmentReason.MISREAD,
    )
    put(store, Decision.APPROVE, (change,), slug=slug)


def page(store: Store, url: str, body: bytes) -> None:
    """A page as the crawl keeps it."""
    snapshot = PageSnapshot(
        url=url,
        final_url=url,
        fetched_at=NOW,
        status=200,
        media_type="text/html",
        digest=sha256(body),
        length=len(body),
    )
    store.pages.keep(Fetched(url=url, outcome=FetchOutcome.FETCHED, at=NOW, snapshot=snapshot, body=body))


def put(
    store: Store, decision: Decision, amendments: tuple[Amendment, ...] = (), at: datetime = NOW, slug: str = SLUG
) -> None:
    """Reviews the draft that stands and publishes it."""
    digest = store.assessments.current_digest(slug)
    assert digest is not None
    number = store.reviews.append(
        Review(slug=slug, assessment_digest=digest, decision=decision, amendments=amendments, reviewer="r", at=at)
    )
    review = store.reviews.get(number).review
    assessment = store.assessments.assessment(review.assessment_digest)
    before = store.publications.current(slug)
    record = lifecycle.publish(
        before.record if before else None,
        store.assessments.extraction(assessment.extraction_digest),
        assessment,
        review,
        now=at,
        sources=source_dates(store, slug),
        homepage=URL,
    )
    keep(store, record, number)


def keep(store: Store, record: Any, review: int | None) -> None:
    """One version in a generation of its own."""
    generation = store.publications.begin()
    store.publications.put(record, generation=generation, review=review)
    store.publications.finish(generation, "live")


def filled(folder: Path) -> Path:
    """The database of such a store, to be copied."""
    with Store.open(folder / "assay.db") as store:
        fill(store)
    return folder
