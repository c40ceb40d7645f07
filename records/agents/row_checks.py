"""Whether the heads on the agents' rows are the heads of what is kept.

Invariant: every head can be derived from the append-only rows, so a wrong one is a fault and not an opinion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
import zstandard
from pydantic import ValidationError

from records.assessments.assessments import derived_columns
from records.assessments.reviews import StoredReview, standing_decisions
from records.database.column_types import still_packed, unpack
from records.database.engine import Database
from records.database.tables import agents, assessments, extractions, history, publications, reviews
from scoring.claims import Digest, Extraction
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
_REVIEWED = sa.select(reviews.c.slug, reviews.c.id, still_packed(reviews.c.body)).order_by(reviews.c.id)
_REVIEWED = _REVIEWED.where(reviews.c.slug.between(sa.bindparam("first"), sa.bindparam("last")))
_MADE_OF = (
    sa.select(assessments.c.digest, still_packed(extractions.c.body, "extraction"), still_packed(assessments.c.body))
    .join(assessments, assessments.c.extraction_digest == extractions.c.digest)
)  # fmt: skip


class AgentHeads(NamedTuple):
    """A batch of agents' rows and what their heads are compared with, by slug or by digest; documents compressed."""

    rows: list[dict[str, Any]]
    assessed: dict[str, Digest]
    published: dict[str, int]
    reviews: dict[str, list[tuple[int, bytes]]]
    documents: dict[Digest, tuple[bytes, bytes]]


def head_batches(database: Database) -> Iterator[tuple[AgentHeads]]:
    columns = [column for column in agents.c if column is not agents.c.listing]
    query = sa.select(*columns).order_by(agents.c.slug)
    with database.reading() as connection:
        for rows in connection.execute(query).yield_per(_BATCH).partitions():
            here = {"first": rows[0].slug, "last": rows[-1].slug}
            assessed = dict(connection.execute(_ASSESSED, here).tuples().all())
            published = dict(connection.execute(_newest(publications, publications.c.id), here).tuples().all())
            reviewed: dict[str, list[tuple[int, bytes]]] = {}
            for slug, number, body in connection.execute(_REVIEWED, here):
                reviewed.setdefault(slug, []).append((number, body))
            digests = [row.assessment_digest for row in rows if row.assessment_digest is not None]
            made_of = connection.execute(_MADE_OF.where(assessments.c.digest.in_(database.each(digests))))
            documents = {digest: (extraction, assessment) for digest, extraction, assessment in made_of}
            yield (AgentHeads([row._asdict() for row in rows], assessed, published, reviewed, documents),)


def wrong_heads(heads: AgentHeads) -> list[str]:
    """One line for each head that is not what the rows say."""
    problems: list[str] = []
    for row in heads.rows:
        slug, current = row["slug"], row["assessment_digest"]
        stands = _standing(heads.reviews.get(slug, ())) == (row["review_id"], row["reviewed_digest"])
        same_columns = current is None or _columns_hold(row, heads.documents.get(current))
        checks = (
            (current == heads.assessed.get(slug), "current assessment is not the last one that became current"),
            (row["publication_id"] == heads.published.get(slug), "current publication is not the last one"),
            (stands, "standing review is not the last that was not taken back"),
            (same_columns, "columns are not those of its current assessment"),
        )
        problems += [f"{slug}: its {problem}" for holds, problem in checks if not holds]
    return problems


def _standing(reviewed: Iterable[tuple[int, bytes]]) -> tuple[int | None, Digest | None]:
    """Number of the review that stands, and of what it is."""
    try:
        kept = tuple(StoredReview(number, Review.model_validate_json(unpack(body)), None) for number, body in reviewed)
    except (zstandard.ZstdError, ValidationError):
        return None, None  # told where reviews are checked
    stack = standing_decisions(kept)
    return (stack[-1].id, stack[-1].review.assessment_digest) if stack else (None, None)


def _columns_hold(row: dict[str, Any], documents: tuple[bytes, bytes] | None) -> bool:
    try:
        bodies = [unpack(packed) for packed in documents or ()]
        extraction, assessment = Extraction.model_validate_json(bodies[0]), Assessment.model_validate_json(bodies[1])
    except (zstandard.ZstdError, ValidationError, IndexError):
        return True  # told where assessments are checked
    return all(row[name] == value for name, value in derived_columns(extraction, assessment).items())
