"""Whether the heads on the agents' rows are the heads of what is kept.

Invariant: every head can be derived from the append-only rows, so a wrong one is a fault and not an opinion.
"""

from __future__ import annotations

import sqlalchemy as sa
import zstandard
from pydantic import ValidationError

from records.assessments.assessments import derived_columns
from records.assessments.reviews import Kept, standing_decisions
from records.database.tables import agents, assessments, extractions, history, publications, reviews
from scoring.claims import Extraction
from scoring.reviews import Review
from scoring.scores import Assessment


def wrong_heads(connection: sa.Connection) -> list[str]:
    """One line for each head that is not what the rows say."""
    problems: list[str] = []
    last = _last_assessments(connection)
    newest = sa.select(publications.c.slug, sa.func.max(publications.c.id)).group_by(publications.c.slug)
    published = {row[0]: int(row[1]) for row in connection.execute(newest)}
    columns = [column for column in agents.c if column is not agents.c.listing]
    for row in connection.execute(sa.select(*columns).order_by(agents.c.slug)).yield_per(500):
        if row.assessment_digest != last.get(row.slug):
            problems.append(f"{row.slug}: its current assessment is not the last one that became current")
        if row.publication_id != published.get(row.slug):
            problems.append(f"{row.slug}: its current publication is not the last one")
        standing = _standing(connection, row.slug)
        expected = (standing.id, standing.review.assessment_digest) if standing else (None, None)
        if (row.review_id, row.reviewed_digest) != expected:
            problems.append(f"{row.slug}: its standing review is not the last that was not taken back")
        if row.assessment_digest is not None and not _columns_hold(connection, row):
            problems.append(f"{row.slug}: its columns are not those of its current assessment")
    return problems


def _last_assessments(connection: sa.Connection) -> dict[str, str]:
    newest = sa.select(sa.func.max(history.c.id)).group_by(history.c.slug)
    query = sa.select(history.c.slug, history.c.assessment_digest).where(history.c.id.in_(newest))
    return {row[0]: row[1] for row in connection.execute(query)}


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
