"""Which old page bytes may go: those that no published record, no current evidence and no page as it is now rests on.

Invariant: rows and texts stay, so that every quote can still be checked.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from records.database.tables import agents, extractions, pages, publications, snapshots
from scoring.claims import Extraction
from scoring.record import PublishedRecord

if TYPE_CHECKING:
    from records.store import Store


def needed_pages(connection: sa.Connection) -> set[str]:
    """Digests of the pages that must stay: published, current evidence, and the last version of every page."""
    needed: set[str] = {row[0] for row in connection.execute(sa.select(pages.c.digest)) if row[0]}
    for (body,) in connection.execute(sa.select(publications.c.body)).yield_per(200):
        record = PublishedRecord.model_validate_json(body)
        needed |= {source.page_digest for source in record.sources}
        needed |= {source.page_digest for source in record.extraction.read}
    current = sa.select(extractions.c.body).join(agents, agents.c.extraction_digest == extractions.c.digest)
    for (body,) in connection.execute(current).yield_per(200):
        needed |= {source.page_digest for source in Extraction.model_validate_json(body).read}
    return needed


def drop_old_pages(store: Store, before: datetime) -> int:
    """Drops the bytes of page versions fetched before, unless they are needed; gives the number of blobs.

    Rows and texts stay, so that every quote can still be checked. Rows are marked first: a kill in between
    leaves bytes that nothing names, never a name without its bytes. A version that came back meanwhile stays.
    """
    dropped: list[str] = []
    with store.database.writing() as connection:
        needed = needed_pages(connection)
        newest = sa.func.max(snapshots.c.fetched_at)
        query = sa.select(snapshots.c.digest).where(snapshots.c.blob_dropped_at.is_(None))
        for (digest,) in connection.execute(query.group_by(snapshots.c.digest).having(newest < before)).all():
            if digest not in needed:
                update = sa.update(snapshots).where(snapshots.c.digest == digest)
                connection.execute(update.values(blob_dropped_at=store.now()))
                dropped.append(digest)
        if dropped:
            store.database.note("pages.dropped", payload={"count": len(dropped)})
    back = sa.select(snapshots.c.blob_dropped_at).with_for_update()
    for digest in dropped:
        with store.database.writing() as connection:
            marks = connection.scalars(back.where(snapshots.c.digest == digest)).all()
            if all(mark is not None for mark in marks):
                store.blobs.drop(digest)
    return len(dropped)
