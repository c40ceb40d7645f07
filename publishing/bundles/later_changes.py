"""The changes of a record since its review, made again: withdrawals, disputes, statements, re-anchored quotes."""

from collections.abc import Mapping

from extractors.pages.page_text import PageText
from publishing import quote_recheck
from publishing.bundles.contents import ReplayMismatch
from publishing.record_versions import lifecycle
from scoring.record import PublishedRecord


def next_version(
    before: PublishedRecord, published: PublishedRecord, texts: Mapping[tuple[str, str], PageText]
) -> PublishedRecord:
    """The version after `before`, made by the change that the first note of `published` names."""
    note, now = published.changes[0], published.modified
    if published.extraction != before.extraction:
        pages = {s.url: texts[s.url, s.text_digest] for s in published.extraction.read}
        return quote_recheck.reanchor(before, quote_recheck.recheck(before, pages), pages, now=now)
    if published.withdrawn and not before.withdrawn:
        return lifecycle.withdraw(before, published.withdrawn_reason or "", now=now, cause=note.cause)
    if before.withdrawn and not published.withdrawn:
        return lifecycle.reinstate(before, note.after.removeprefix("reinstated: "), now=now)
    if published.disputed != before.disputed:
        change = lifecycle.dispute if published.disputed else lifecycle.settle
        return change(before, note.after, now=now)
    if published.statement != before.statement:
        return lifecycle.put_statement(before, published.statement, now=now)
    if published.stale_since and not before.stale_since:
        return lifecycle.mark_stale(before, note.after, now=now)
    if before.stale_since and not published.stale_since:
        return lifecycle.clear_stale_mark(before, now=now)
    if published.supersedes != before.supersedes:
        return lifecycle.superseding(before, published.supersedes[-1], now=now)
    raise ReplayMismatch(f"an unknown change at {now.isoformat()}")


def chained_as(published: PublishedRecord, made: PublishedRecord) -> PublishedRecord:
    """Versions that named none before them were written by an earlier program."""
    return made if published.previous is not None else made.model_copy(update={"previous": None})
