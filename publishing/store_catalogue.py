"""The catalogue of what is kept: the last version of every record, page texts, and the crawl's ledger in numbers.

Idea: only digests are read up front; bodies and texts are read when a page is made. Invariant: nothing is
written, and nothing depends on the clock.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from pydantic import ValidationError
from zstandard import ZstdError

from assay_check.lookup.record_summary import RecordSummary
from extractors.canonical_json import canonical_bytes
from extractors.crawl.crawl_statistics import CrawlLedger
from publishing.catalogue import Catalogue, Coverage, Names, Run
from publishing.formats.lookup import keys_of, summary_of
from records.adoptions import in_renewal
from records.agents.agent_lists import Filter
from records.agents.review_queue import AgentStatus
from records.store import Store
from scoring.claims import Digest
from scoring.errors import Corrupt, NotFound, required

_UNREAD = (AgentStatus.UNREACHABLE, AgentStatus.NO_TEXT, AgentStatus.LISTED)
_WAITING = (AgentStatus.DRAFT, AgentStatus.CHANGED, AgentStatus.APPROVED)


def catalogue_of(store: Store, names: Names | None = None) -> Catalogue:
    """Everything that the site is made from. A body is that of the digest that was read with the others, so that all
    files speak of the same versions, whatever is published meanwhile and in whichever view it is read."""
    digests = store.publications.digests()

    def body(slug: str) -> bytes:
        try:
            stored = store.publications.version(slug, digests[slug])
        except ZstdError as error:
            raise Corrupt(
                "its record is damaged", subject=slug, step="publish", next_step="assay store verify"
            ) from error
        gone = Corrupt("its publication is gone", subject=slug, step="publish", next_step="assay store verify")
        return required(stored, gone).body

    def text(digest: Digest) -> bytes | None:
        try:
            return store.texts.body(digest)
        except (NotFound, ZstdError):
            return None

    def bundle(slug: str) -> dict[str, bytes]:
        from publishing.bundles.bundle import INCOMPLETE, README, bundle_files  # half of what a lookup would load

        try:
            return bundle_files(store, slug)
        except (NotFound, Corrupt, ValueError, ZstdError) as error:
            why = error.problem if isinstance(error, NotFound) else "what it was made from is damaged"
            return {README: INCOMPLETE.format(slug=slug, why=why).encode()}

    return Catalogue(
        digests=digests,
        body=body,
        text=text,
        reading=store.reading,
        bundle=bundle,
        trail=lambda: canonical_bytes(store.events.anchor()),
        in_renewal=in_renewal(store),
        corrections=store.corrections.all(),
        coverage=coverage(store),
        run=last_run(store),
        names=names or Names(),
    )


def coverage(store: Store) -> Coverage:
    """Reviewed, waiting, not read and opted out, of all that the sources list but what a person took off the list."""
    statuses = store.queue.statuses()
    unread = Counter(row.outcome or "not_reached" for row in store.queue.walk(Filter(statuses=_UNREAD)))
    removed = store.listings.removed()
    opted_out = store.queue.walk(Filter(statuses=(AgentStatus.OPTED_OUT,)))
    return Coverage(
        listed=store.listings.count() - len(removed),
        reviewed=statuses[AgentStatus.PUBLISHED] + statuses[AgentStatus.CHANGED],
        waiting=sum(statuses[status] for status in _WAITING),
        not_reached=tuple(sorted(unread.items())),
        opted_out=tuple(row.name for row in opted_out if row.slug not in removed),
        sources=tuple((s.name, s.last_count or 0, s.last_taken_at) for s in store.sources.all()),
    )


def last_run(store: Store) -> Run | None:
    """The last nightly run that came to its end, complete or not."""
    for run in store.runs.recent("nightly"):
        if run.status in ("finished", "failed") and run.finished_at is not None and "due" in run.summary:
            counts = store.runs.counts(run.id)
            return Run(
                finished=run.finished_at,
                due=int(run.summary["due"]),
                completeness=Decimal(str(run.summary.get("completeness", 1))),
                failed=tuple((o.value, number) for o, number in counts.items() if not o.is_terminal),
                pages=_ledger(run.summary.get("crawl")),
            )
    return None


def _ledger(summary: object) -> CrawlLedger:
    """What the run's summary says of its pages; one of another version says nothing."""
    try:
        return CrawlLedger.model_validate(summary or {})
    except ValidationError:
        return CrawlLedger()


class KeptRecords:
    """The published records of a store, looked up by subject, as a published site is."""

    def __init__(self, store: Store, place: str) -> None:
        """`place`: where its records are published."""
        self._store = store
        self.place = place

    def lookup(self, keys: Iterable[str]) -> dict[str, list[RecordSummary]]:
        found: dict[str, list[RecordSummary]] = {key: [] for key in keys}
        for slug in self._store.subjects.stating(list(found)):
            published = self._store.publications.current(slug)
            if published is None:
                continue
            for key in found.keys() & set(keys_of(published.record)):
                found[key].append(summary_of(published.record, published.digest))
        return found

    def records(self) -> list[RecordSummary]:
        return [
            summary_of(stored.record, stored.digest)
            for stored in self._store.publications.all()
            if keys_of(stored.record)
        ]
