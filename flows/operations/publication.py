"""From approved drafts to the site: records first, then one generation of files, switched in at once.

Idea: a record is made by `publishing.record_versions.lifecycle` from what a person approved; the site is made from all
records. Invariants: nothing goes out that nobody approved; a generation that is held changes no file; killed
anywhere and run again, the result is the same.
"""

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from extractors.pages.snapshot import FetchOutcome
from extractors.sources.listing_entry import entry_page
from flows.fetching.quote_recheck import records_with_lost_quotes
from flows.night.interrupted_nights import ended_nights
from flows.operations.first_notice import pending_notice
from flows.operations.record_lifecycle import mark_disputes, put_statements
from flows.settings import Settings
from flows.store_access import operator, refuse_home
from publishing.bundles.bundle import write_bundle
from publishing.catalogue import Names
from publishing.generation import locked
from publishing.publication_hold import PublicationLimits
from publishing.record_versions import lifecycle
from publishing.site import build
from publishing.store_catalogue import catalogue_of
from records.maintenance.copy_destinations import refuse_own_file, refuse_own_folder
from records.maintenance.skipped_agents import skip_on_error
from records.store import Store
from review.services.confirmations import unconfirmed
from scoring.errors import NotFound, Refused, required
from scoring.record import SourceDate


class Publication(NamedTuple):
    """What a publication did."""

    generation: int
    records: int
    """Records that are new or changed."""
    written: int
    unchanged: int
    removed: int
    folder: str
    skipped: tuple[str, ...] = ()
    """`slug: why` of the agents whose record could not be made; what stood of them stays."""
    unconfirmed: int = 0
    """Approved drafts that wait for a second person."""
    unnoticed: int = 0
    """First publications that wait for a notice to their vendor."""

    @property
    def line(self) -> str:
        skipped = f"{len(self.skipped)} agents skipped, " if self.skipped else ""
        skipped += f"{self.unconfirmed} wait for a second person, " if self.unconfirmed else ""
        skipped += f"{self.unnoticed} wait for a notice (assay record notice), " if self.unnoticed else ""
        return (
            f"generation {self.generation}: {self.records} records new or changed, {skipped}{self.written} files "
            f"written, {self.unchanged} unchanged, {self.removed} removed; open {self.folder}/index.html"
        )


def names_of(settings: Settings) -> Names:
    """What the site calls itself."""
    return Names(
        title=settings.publish.title,
        base_url=settings.publish.base_url.rstrip("/"),
        corrections_url=settings.publish.correction_contact,
        decide_within_days=settings.desk.correction_days,
        bundles=settings.publish.bundles,
    )


def publish_site(store: Store, settings: Settings, out: Path, *, released_by: str = "") -> Publication:
    """Publishes every approved draft and builds the site. Raises `Refused` when it is held.

    An agent whose record cannot be made is skipped and named. After a failed night nothing is put at all, unless a
    named person releases it.
    """
    refuse_own_folder(out, store.database.path, store.blobs, "publish")
    refuse_home(out, settings, "publish")
    if not released_by:
        _hold_after_failed_night(store)
    run = store.runs.begin("publish")
    try:
        generation = store.publications.begin()
        skipped: dict[str, str] = {}
        changed = waiting = unnoticed = 0
        for slug in store.queue.to_publish():
            with skip_on_error(slug, skipped):
                if unconfirmed(store, slug, settings.approval.two_people) is not None:
                    waiting += 1
                    continue
                if pending_notice(store, slug, settings.publish.notice_days) is not None:
                    unnoticed += 1
                    continue
                changed += _put(store, slug, generation, settings)
        for record, number in list(records_with_lost_quotes(store, settings, skipped)):
            with skip_on_error(record.slug, skipped):
                changed += store.publications.put(record, generation=generation, review=number)
        changed += mark_disputes(store, generation, skipped)
        changed += put_statements(store, generation, skipped)
        limits = PublicationLimits(
            changed_bands=Decimal(str(settings.publish.max_band_changes)),
            withdrawn=Decimal(str(settings.publish.max_withdrawn)),
            completeness=Decimal(str(settings.alarm.completeness)),
        )
        try:
            with store.reading():
                catalogue = catalogue_of(store, names_of(settings))
                built = build(catalogue, out, limits=limits, override=released_by or None, skipped=skipped)
        except Refused as held:
            store.publications.finish(generation, "held", reason=held.problem, actor=operator())
            raise
        named = tuple(f"{slug}: {why}" for slug, why in sorted(skipped.items()))
        files = (built.written, built.unchanged, built.removed)
        publication = Publication(generation, changed, *files, str(out / "current"), named, waiting, unnoticed)
        summary = {**publication._asdict(), "skipped": list(named), "site_generation": built.number}
        del summary["folder"]
        reason = f"released by {released_by}" if released_by else ""
        store.publications.finish(generation, "live", reason=reason, summary=summary, actor=operator())
    except BaseException:
        store.runs.finish(run, "failed")
        raise
    store.runs.finish(run, "finished", summary)
    return publication


def serve_previous_generation(store: Store, out: Path) -> int:
    """Serves the generation before again; gives its number. No record changes: the next publication shows them."""
    refuse_own_folder(out, store.database.path, store.blobs, "publish")
    with locked(out) as folders:
        number = folders.back().number
    store.note("site.back", "", {"site_generation": number}, operator())
    return number


def _hold_after_failed_night(store: Store) -> None:
    last = next(iter(ended_nights(store)), None)
    if last is not None and last.status == "failed":
        raise Refused(
            f"the last night failed: {last.summary.get('problem') or 'it left no summary'}",
            subject="site",
            step="publish",
            next_step="`assay night run` for a full night, or `assay site publish --released-by NAME`",
        )


def _put(store: Store, slug: str, generation: int, settings: Settings) -> bool:
    """The record of one approved draft, kept in the open generation; False when it stands already."""
    stored = store.reviews.standing(slug)
    if stored is None:
        return False
    assessment = store.assessments.assessment(stored.review.assessment_digest)
    extraction = store.assessments.extraction(assessment.extraction_digest)
    before = store.publications.current(slug)
    listing = store.listings.get(slug)
    sources = source_dates(store, slug)
    record = lifecycle.publish(
        before.record if before else None,
        extraction,
        assessment,
        stored.review,
        now=store.now(),
        sources=sources,
        homepage=listing.homepage,
        repository=listing.repository,
        aliases=listing.aliases,
        subjects=store.subjects.beside(slug, assessment.extraction_digest),
        expires=lifecycle.good_until(extraction, stored.review, sources, settings.publish.shelf_life_days),
        limits=settings.limits,
        by_name=stored.review.reviewer in settings.publish.reviewers_named,
    )
    return store.publications.put(record, generation=generation, review=stored.id)


def source_dates(store: Store, slug: str) -> tuple[SourceDate, ...]:
    """When the pages of an agent were last read or confirmed as unchanged; the listing's own text with its source."""
    states = store.pages.states(store.pages.urls(slug))
    found = [
        SourceDate(url=url, page_digest=state.digest, fetched_at=state.fetched_at)
        for url, state in states.items()
        if state.digest is not None and state.fetched_at is not None and state.outcome in FetchOutcome
    ]
    listing = store.listings.get(slug)
    taken = next((s.last_taken_at for s in store.sources.all() if s.name == listing.source), None)
    entry = entry_page(listing) if taken else None
    if entry is not None and taken is not None:
        found.append(SourceDate(url=entry.url, page_digest=entry.page_digest, fetched_at=taken))
    return tuple(found)


def write_bundle_file(store: Store, slug: str, out: Path | None) -> Path:
    """A replay bundle of one published record."""
    slug = store.listings.find(slug)
    unpublished = NotFound("it was never published", subject=slug, step="bundle", next_step="assay site publish")
    required(store.publications.current(slug), unpublished)
    target = out or Path(f"{slug}.assay.zip")
    refuse_own_file(target, store.database.path, store.blobs, "bundle")
    write_bundle(store, slug, target)
    return target
