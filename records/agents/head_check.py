"""Whether the heads on the agents' rows are the heads of what is kept.

Invariant: every head can be derived from the append-only rows, so a wrong one is a fault and not an opinion.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
import zstandard
from pydantic import ValidationError

from records.assessments.assessments import derived_columns
from records.assessments.reviews import Kept, standing_decisions
from records.database.tables import agents, assessments, extractions, history, publications, reviews
from scoring.claims import Extraction
from scoring.reviews import Review
from scoring.scores import Assessment

_BATCH = 500
"""Agents whose heads are compared together: memory does not grow with the store."""


def _newest(table: sa.Table, number: sa.Column[Any]) -> sa.Select[tuple[str, Any]]:
    """Slug and highest number of each agent of a batch, which are neighbours in the order of slugs."""
    here = table.c.slug.between(sa.bindparam("first"), sa.bindparam("last"))
    return sa.select(table.c.slug, sa.func.max(number)).where(here).group_by(table.c.slug)


_ASSESSED = sa.select(history.c.slug, history.c.assessment_digest).where(
    history.c.id.in_(_newest(history, history.c.id).with_only_columns(sa.func.max(history.c.id)))
)
_KEPT = (_ASSESSED, _newest(publications, publications.c.id), _newest(reviews, reviews.c.id))


def wrong_heads(connection: sa.Connection) -> list[str]:
    """One line for each head that is not what the rows say."""
    problems: list[str] = []
    columns = [column for column in agents.c if column is not agents.c.listing]
    query = sa.select(*columns).order_by(agents.c.slug)
    for rows in connection.execute(query).yield_per(_BATCH).partitions():
        here = {"first": rows[0].slug, "last": rows[-1].slug}
        last, published, reviewed = (dict(connection.execute(one, here).tuples().all()) for one in _KEPT)
        for row in rows:
            if row.assessment_digest != last.get(row.slug):
                problems.append(f"{row.slug}: its current assessment is not the last one that became current")
            if row.publication_id != published.get(row.slug):
                problems.append(f"{row.slug}: its current publication is not the last one")
            standing = _standing(connection, row.slug) if row.slug in reviewed else None
            expected = (standing.id, standing.review.assessment_digest) if standing else (None, None)
            if (row.review_id, row.reviewed_digest) != expected:
                problems.append(f"{row.slug}: its standing review is not the last that was not taken back")
            if row.assessment_digest is not None and not _columns_hold(connection, row):
                problems.append(f"{row.slug}: its columns are not those of its current assessment")
    return problems


def _standing(connection: sa.Connection, slug: str) -> Kept | None:
    query = sa.select(reviews.c.id, reviews.c.body, reviews.c.seconds).where(reviews.c.slug == slug)
    try:
        rows = connection.execute(query.order_by(reviews.c.id)).all()
        kept = tuple(Kept(row.id, Review.model_validate_json(row.body), row.seconds) for row in rows)
    except (zstandard.ZstdError, ValidationError):
        return None  # told where reviews are checked
    stack = standing_decisions(kept)
    return stack[-1] if stack else None


def _columns_hold(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> bool:
    query = (
        sa.select(extractions.c.body, assessments.c.body)
        .join(assessments, assessments.c.extraction_digest == extractions.c.digest)
        .where(assessments.c.digest == row.assessment_digest)
    )
    try:
        bodies = connection.execute(query).one()
        derived = derived_columns(Extraction.model_validate_json(bodies[0]), Assessment.model_validate_json(bodies[1]))
    except (zstandard.ZstdError, ValidationError, sa.exc.NoResultFound):
        return True  # told where assessments are checked
    return all(row._mapping[name] == value for name, value in derived.items())
