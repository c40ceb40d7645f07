"""Evidence shelf life: every night the published quotes are looked up in the pages as they are now, without a model.

Invariants: a page that could not be read loses nothing; a record that only moved or was reworded is
re-anchored in the next publication; a lost quote puts its agent into review and, in time, marks the record stale.
"""

from collections.abc import Iterator

from extractors.pages.page_text import PageText
from flows.assessment.stored_pages import agent_pages
from flows.report.event_log import log_event
from flows.settings import Settings
from publishing.quote_recheck import Recheck, is_stale, reanchor, recheck
from publishing.record_versions import lifecycle
from records.agents.agent_lists import AgentRow, Filter
from records.agents.review_queue import AgentStatus
from records.database.runs import AgentOutcome
from records.maintenance.skipped_agents import skip_on_error
from records.publications import Published
from records.store import Store
from scoring.record import PublishedRecord

_LIVE = (AgentStatus.PUBLISHED, AgentStatus.CHANGED, AgentStatus.APPROVED, AgentStatus.DRAFT, AgentStatus.REJECTED)

_LOOKED_AT = (AgentOutcome.ASSESSED, AgentOutcome.UNCHANGED, AgentOutcome.WITHHELD)


def recheck_published(store: Store) -> tuple[str, ...]:
    """Marks published agents of which quotes were lost, clears those found again; gives the slugs that lost some."""
    lost: list[str] = []
    damaged: dict[str, str] = {}
    for row in _to_recheck(store):
        with skip_on_error(row.slug, damaged):
            if (found := _recheck(store, row.slug)) is not None:
                store.publications.set_lost_evidence(row.slug, found[1].lost_paths)
                lost += [row.slug] if found[1].lost_paths else []
    for slug, why in damaged.items():
        log_event("evidence.unread", slug=slug, why=why)
    return tuple(lost)


def _to_recheck(store: Store) -> Iterator[AgentRow]:
    """Agents with a live published record, but for those all of whose pages were looked at, of which what was
    published is what they gave last, and none of whose quotes is lost: there every quote stands."""
    for row in store.queue.walk(Filter(statuses=_LIVE)):
        moved = row.evidence_lost or row.outcome not in _LOOKED_AT or row.status is not AgentStatus.PUBLISHED
        if moved and row.published_at is not None and row.withdrawn_at is None:
            yield row


def _recheck(store: Store, slug: str) -> tuple[Published, Recheck, dict[str, PageText]] | None:
    published = store.publications.current(slug)
    if published is None or published.record.withdrawn is not None:
        return None
    record = published.record
    texts = {text.url: text for text in agent_pages(store, slug).texts}
    if all(
        texts.get(source.url) is None or texts[source.url].digest == source.text_digest
        for source in record.extraction.read
    ):
        return published, Recheck(()), texts
    return published, recheck(record, texts), texts


def records_with_lost_quotes(
    store: Store, settings: Settings, skipped: dict[str, str]
) -> Iterator[tuple[PublishedRecord, int | None]]:
    """The published records that their pages have changed, re-anchored or stale after the policy's days, each with the
    number of its review. Why one could not be looked at is noted in `skipped`."""
    for row in _to_recheck(store):
        with skip_on_error(row.slug, skipped):
            if (found := _recheck(store, row.slug)) is not None:
                after = _changed_record(store, settings, row, *found)
                if after != found[0].record:
                    yield after, found[0].review


def _changed_record(
    store: Store, settings: Settings, row: AgentRow, published: Published, checks: Recheck, texts: dict[str, PageText]
) -> PublishedRecord:
    record = published.record
    if checks.lost_paths and row.evidence_lost_since is not None:
        old = is_stale(row.evidence_lost_since, store.now(), settings.publish.stale_days)
        stale = record.stale_since is None and old
        return lifecycle.mark_stale(record, ", ".join(checks.lost_paths), now=store.now()) if stale else record
    after = reanchor(record, checks, texts, now=store.now())
    if after is record and not checks.lost_paths and all(s.url in texts for s in record.extraction.read):
        return lifecycle.clear_stale_mark(record, now=store.now())
    return after
