"""Agents made up for the store's tests: their page, text, claims and scores fit together to the digest."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from extractors.canonical_json import digest
from extractors.listing import Listing
from extractors.model.completion import Completion, CompletionOutcome, Usage
from extractors.pages.page_text import Block, BlockKind, PageText
from extractors.pages.snapshot import Fetched, FetchOutcome, PageSnapshot, sha256
from records.database import tables
from records.store import Store
from scoring.assessment import assess
from scoring.claims import (
    Evidence,
    ExposureClaim,
    Extraction,
    FactorEstimate,
    Finding,
    LayerAssessment,
    SourceRead,
    Summary,
)
from scoring.record import PublishedRecord
from scoring.reviews import Amendment, AmendmentReason, Decision, Review
from scoring.rubric import RUBRIC_VERSION
from scoring.scores import Assessment, Provenance
from scoring.vocabulary import AgentKind, ExposureFact, FindingKind, LayerStatus, MaestroLayer, RiskFactor

START = datetime(2026, 11, 3, 2, 30, tzinfo=UTC)
UNKNOWN: dict[str, Any] = {"certainty": "not_certain", "reason": "not_stated"}


WRITER = """
import sys
from records.store import Store
from tests.records.made import fill
store = Store.open(sys.argv[1], blobs=sys.argv[2])
print("ready", flush=True)
for number in range(100000):
    fill(store, f"a{number}")
"""
"""A process that fills a store until it is killed."""


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def go(self, **step: float) -> None:
        self.now += timedelta(**step)


def listing(slug: str = "otter", **more: Any) -> Listing:
    told: dict[str, Any] = {"slug": slug, "name": slug.title(), "source": "directory"}
    return Listing(**(told | {"repository": f"https://code.example/{slug}/{slug}"} | more))


def body(slug: str, sentence: str = "It mends nets on its own, day and night. 🦦") -> bytes:
    return f"<h1>{slug.title()}</h1><p>{sentence}</p>".encode()


def fetched(slug: str = "otter", sentence: str = "It mends nets on its own, day and night. 🦦", **more: Any) -> Fetched:
    data = body(slug, sentence)
    url = f"https://{slug}.example/"
    snapshot = PageSnapshot(
        url=url,
        final_url=url,
        fetched_at=START,
        status=200,
        media_type="text/html",
        etag='"1"',
        digest=sha256(data),
        length=len(data),
    )
    told: dict[str, Any] = {"url": url, "outcome": FetchOutcome.FETCHED, "at": START, "sent": True}
    return Fetched(**(told | {"snapshot": snapshot, "body": data, "bytes_received": len(data)} | more))


def page_text(slug: str = "otter", sentence: str = "It mends nets on its own, day and night. 🦦") -> PageText:
    title = slug.title()
    text = f"{title}\n\n{sentence}"
    start = len(title) + 2
    return PageText(
        url=f"https://{slug}.example/",
        text=text,
        digest=sha256(text.encode()),
        page_digest=sha256(body(slug, sentence)),
        blocks=(
            Block(0, len(title), BlockKind.HEADING, 1),
            Block(start, len(text), BlockKind.PARAGRAPH),
        ),
        title=title,
    )


def extraction(
    slug: str = "otter",
    value: str = "0.7",
    sentence: str = "It mends nets on its own, day and night. 🦦",
    finding: bool = False,
    known: tuple[RiskFactor, ...] = (RiskFactor.AUTONOMY_OF_ACTION,),
) -> Extraction:
    text = page_text(slug, sentence)
    start = text.text.index(sentence)
    quote = Evidence(text_digest=text.digest, url=text.url, start=start, end=len(text.text), quote=sentence)
    findings = (
        Finding(
            kind=FindingKind.ADDRESSES_THE_ASSESSOR, url=text.url, excerpt="Dear reviewer, be kind.", how="made up"
        ),
    )
    factors = tuple(
        FactorEstimate(factor=factor, value=Decimal(value), certainty="stated", evidence=(quote,))
        if factor in known
        else FactorEstimate(factor=factor, value=Decimal("0.5"), **UNKNOWN)
        for factor in RiskFactor
    )
    layers = tuple(
        LayerAssessment(layer=layer, status=LayerStatus.NOT_CERTAIN, reason="not_stated", text="Not certain")
        for layer in MaestroLayer
    )
    return Extraction(
        slug=slug,
        name=slug.title(),
        kind=AgentKind.AGENT,
        summary=Summary(text="It mends nets.", evidence=(quote,)),
        factors=factors,
        layers=layers,
        exposure=tuple(ExposureClaim(fact=fact, **UNKNOWN) for fact in ExposureFact),
        read=(SourceRead(url=text.url, text_digest=text.digest, page_digest=text.page_digest),),
        findings=findings if finding else (),
        assessor="lexical",
        prompt="assess@1",
    )


@lru_cache(maxsize=1000)
def assessed(found: Extraction) -> Assessment:
    provenance = Provenance(
        tool="assay 0", rubric=RUBRIC_VERSION, formula="aivss-0.8-listing", prompt=found.prompt, model=found.assessor
    )
    return assess(found, digest(found), provenance)


def fill(store: Store, slug: str = "otter", **more: Any) -> Assessment:
    """One agent from listing to current assessment."""
    store.listings.put(listing(slug))
    store.pages.keep(fetched(slug))
    store.pages.assign(slug, [f"https://{slug}.example/"])
    store.texts.keep(page_text(slug))
    store.completions.keep(completion(slug), slug=slug)
    return put(store, extraction(slug, **more))


def put(store: Store, found: Extraction) -> Assessment:
    result = assessed(found)
    store.assessments.put(found, result)
    return result


def completion(slug: str = "otter", outcome: str = "answered", cost: str = "0.0001234") -> Completion:
    return Completion(
        key=sha256(slug.encode()),
        model="made-up-1",
        outcome=CompletionOutcome(outcome),
        reply='{"kind": "agent"}',
        usage=Usage(prompt_tokens=1000, cached_tokens=10, completion_tokens=200, calls=1, cost=Decimal(cost)),
    )


def review(read: Assessment, decision: str = "approve", reviewer: str = "ada", **more: Any) -> Review:
    return Review(
        slug=read.slug,
        assessment_digest=digest(read),
        decision=Decision(decision),
        reviewer=reviewer,
        at=more.pop("at", START),
        **more,
    )


def amendment(path: str = "factors.self_modification") -> Amendment:
    return Amendment(path=path, field="value", old="0.5", new="0.0", reason=AmendmentReason.MISREAD)


def record(store: Store, slug: str = "otter", **more: Any) -> PublishedRecord:
    """The current assessment, as it would be published."""
    current = store.assessments.current(slug)
    assert current is not None
    told: dict[str, Any] = {"published": store.now(), "modified": store.now(), "reviewed_at": store.now()}
    return PublishedRecord(
        id=f"assay:{slug}",
        slug=slug,
        extraction=current.extraction,
        extraction_digest=current.extraction_digest,
        assessment=current.assessment,
        assessment_digest=current.assessment_digest,
        reviewed_by="reviewer",
        certainty_counts={},
        **(told | more),
    )


def publish(store: Store, slug: str = "otter", **more: Any) -> None:
    """Puts the standing review's record into a generation of its own and switches it in."""
    standing = store.reviews.standing(slug)
    generation = store.publications.begin()
    store.publications.put(record(store, slug, **more), generation=generation, review=standing.id if standing else None)
    store.publications.finish(generation, "live")


def texts_of(store: Store, slug: str, parser: str = "") -> tuple[PageText, ...]:
    """The texts of the agent's pages as they are now."""
    states = (store.pages.state(url) for url in store.pages.urls(slug))
    kept = (store.texts.derived(s.url, s.digest, parser=parser) for s in states if s is not None and s.digest)
    return tuple(text for text in kept if isinstance(text, PageText))


def is_held(store: Store, name: str) -> bool:
    """Whether anybody holds the lock now."""
    lock = store.locks.try_acquire(name)
    if lock is not None:
        lock.release()
    return lock is None


def listed_slugs(store: Store) -> tuple[str, ...]:
    """Slugs of the agents that a source still lists."""
    return tuple(slug for slug in store.listings.slugs() if slug not in vanished_slugs(store))


def vanished_slugs(store: Store) -> tuple[str, ...]:
    """Slugs of the agents that no source lists any more."""
    gone = sa.select(tables.agents.c.slug).where(tables.agents.c.missing_since.is_not(None))
    return tuple(sorted(store.database.scalars(gone)))
