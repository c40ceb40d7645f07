"""Which old page bytes may go: those that no published record, no current evidence and no page as it is now rests on.

Idea: what is needed is written into a private file, and the old versions are held against it batch by batch, so that
memory does not grow with the store. Invariants: rows and texts stay, so that every quote can still be checked; what
becomes needed meanwhile stays.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from records.database.tables import agents, assessments, extractions, history, pages, publications, snapshots
from records.store import Store
from scoring.claims import Digest, Extraction
from scoring.record import PublishedRecord

BATCH = 200
"""Page versions that are marked in one unit of work."""
_PUBLISHED = sa.select(publications.c.body)
_CURRENT = sa.select(extractions.c.body).join(agents, agents.c.extraction_digest == extractions.c.digest)


class _Needed:
    """Digests on disk; the file has no name and goes with its connection."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        file.execute("CREATE TABLE needed (digest TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, digests: Iterable[Digest]) -> None:
        self._file.executemany("INSERT OR IGNORE INTO needed VALUES (?)", ((digest,) for digest in digests))

    def without(self, digests: Sequence[Digest]) -> list[Digest]:
        """Those of them that are not needed."""
        query = "SELECT 1 FROM needed WHERE digest = ?"
        return [digest for digest in digests if self._file.execute(query, (digest,)).fetchone() is None]


def _evidence(connection: sa.Connection, published: sa.Select[Any], assessed: sa.Select[Any]) -> Iterator[Digest]:
    """The pages that these records and extractions rest on."""
    for (body,) in connection.execute(published).yield_per(BATCH):
        record = PublishedRecord.model_validate_json(body)
        yield from (source.page_digest for source in record.sources)
        yield from (source.page_digest for source in record.extraction.read)
    for (body,) in connection.execute(assessed).yield_per(BATCH):
        yield from (source.page_digest for source in Extraction.model_validate_json(body).read)


def _made_since(view: sa.Connection) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """The records that others publish, and the extractions that become current, after this view."""
    last, current = (view.scalar(sa.select(sa.func.max(table.c.id))) or 0 for table in (publications, history))
    assessed = sa.select(extractions.c.body).where(extractions.c.digest == assessments.c.extraction_digest)
    assessed = assessed.where(assessments.c.digest == history.c.assessment_digest, history.c.id > current)
    return _PUBLISHED.where(publications.c.id > last), assessed


def drop_old_pages(store: Store, before: datetime) -> int:
    """Drops the bytes of page versions fetched before, unless they are needed; gives the number of blobs.

    Rows are marked first: a kill in between leaves bytes that nothing names, never a name without its bytes. A version
    that came back meanwhile stays.
    """
    dropped = 0
    newest = sa.func.max(snapshots.c.fetched_at)
    query = sa.select(snapshots.c.digest).where(snapshots.c.blob_dropped_at.is_(None)).group_by(snapshots.c.digest)
    old = query.having(newest < before).order_by(snapshots.c.digest)
    with closing(sqlite3.connect("")) as file, store.database.reading() as view:
        needed = _Needed(file)
        needed.add(_evidence(view, _PUBLISHED, _CURRENT))
        since = _made_since(view)
        for digests in view.scalars(old).yield_per(BATCH).partitions():
            marked = _mark(store, needed.without(digests), before, since)
            for digest in marked:
                _drop(store, digest)
            dropped += len(marked)
    return dropped


def _mark(
    store: Store, digests: Sequence[Digest], before: datetime, since: tuple[sa.Select[Any], sa.Select[Any]]
) -> list[Digest]:
    """Marks what is old and not needed still: other work goes on meanwhile."""
    fresh = sa.or_(snapshots.c.fetched_at >= before, pages.c.digest == snapshots.c.digest)
    query = sa.select(snapshots.c.digest).outerjoin(pages, pages.c.url == snapshots.c.url)
    with store.database.writing() as connection:
        needed = {
            *connection.scalars(query.where(snapshots.c.digest.in_(digests), fresh)),
            *_evidence(connection, *since),
        }
        marked = [digest for digest in digests if digest not in needed]
        if marked:
            update = sa.update(snapshots).where(snapshots.c.digest.in_(marked), snapshots.c.blob_dropped_at.is_(None))
            connection.execute(update.values(blob_dropped_at=store.now()))
            store.database.note("pages.dropped", payload={"count": len(marked)})
    return marked


def _drop(store: Store, digest: Digest) -> None:
    with store.database.writing() as connection:
        query = sa.select(snapshots.c.blob_dropped_at).where(snapshots.c.digest == digest)
        if all(mark is not None for mark in connection.scalars(query.with_for_update()).all()):
            store.blobs.drop(digest)
