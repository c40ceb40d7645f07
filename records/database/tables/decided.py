"""What was assessed, decided and published.

Idea: what is current is a head on the agent's row, moved in the same transaction. Invariant: a row is written once;
only five tables have a column that is set again later (`claim_decisions.undone`, the state of a generation, the answer
to a request or in a round, the one row of `event_head`), and what was decided stays as it was.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from records.database.column_types import METADATA, SCORE, SERIAL, CanonicalJson, Moment, Packed

__all__ = [
    "amendments",
    "assessments",
    "claim_decisions",
    "claim_reasons",
    "corrections",
    "event_head",
    "events",
    "extractions",
    "generations",
    "history",
    "notes",
    "publications",
    "requests",
    "reviews",
    "second_reviews",
]

extractions = Table(
    "extractions",
    METADATA,
    Column("digest", String(71), primary_key=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("body", Packed, nullable=False),
)

assessments = Table(
    "assessments",
    METADATA,
    Column("digest", String(71), primary_key=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("extraction_digest", String(71), ForeignKey("extractions.digest"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("score", SCORE),
    Column("low", SCORE, nullable=False),
    Column("high", SCORE, nullable=False),
    Column("severity", String(10)),
    Column("body", Packed, nullable=False),
)

history = Table(
    "history",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("assessment_digest", String(71), ForeignKey("assessments.digest"), nullable=False),
    Column("at", Moment, nullable=False),
)

reviews = Table(
    "reviews",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("assessment_digest", String(71), nullable=False),
    Column("decision", String(10), nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("automatic", Boolean, nullable=False),
    Column("seconds", Integer),
    Column("digest", String(71), nullable=False),
    Column("body", Packed, nullable=False),
    Column("act", String(40), nullable=False, server_default="", index=True),
    Index("ix_reviews_reviewer", "reviewer", "id"),
)

amendments = Table(
    "amendments",
    METADATA,
    Column("review", SERIAL, ForeignKey("reviews.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("path", String(100), nullable=False, index=True),
    Column("field", String(20), nullable=False),
    Column("reason", String(40), nullable=False),
)

claim_decisions = Table(
    "claim_decisions",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False),
    Column("path", String(100), nullable=False),
    Column("verdict", String(30), nullable=False),
    Column("assessment_digest", String(71), nullable=False),
    Column("source_digest", String(71), nullable=False),
    Column("claim_digest", String(71), nullable=False),
    Column("amendments", CanonicalJson, nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("seconds", Integer),
    Column("note", Text, nullable=False),
    Column("undone", Boolean, nullable=False),
    Column("act", String(40), nullable=False, server_default="", index=True),
    Column("way", String(20), nullable=False, server_default="one_by_one"),
    Column("reason", String(400), nullable=False, server_default=""),
    Index("ix_claim_decisions_slug", "slug", "id"),
    Index("ix_claim_decisions_reviewer", "reviewer", "id"),
    Index("ix_claim_decisions_reason", "reason", "verdict"),
)

claim_reasons = Table(
    "claim_reasons",
    METADATA,
    Column("slug", String(100), ForeignKey("agents.slug"), primary_key=True),
    Column("path", String(100), primary_key=True),
    Column("reason", String(400), nullable=False),
    Index("ix_claim_reasons_reason", "reason", "slug", "path"),
)
"""On which reason each quoted claim of the current drafts rests; replaced with the draft."""

second_reviews = Table(
    "second_reviews",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("round", String(40), nullable=False),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("path", String(100), nullable=False),
    Column("assessment_digest", String(71), nullable=False),
    Column("seed", String(20), nullable=False),
    Column("first", String(200), nullable=False),
    Column("first_value", String(40), nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("verdict", String(30), nullable=False),
    Column("value", String(40), nullable=False),
    Column("seconds", Integer),
    Column("at", Moment, nullable=False),
    Index("ix_second_reviews_claim", "assessment_digest", "path", "round", unique=True),
    Index("ix_second_reviews_reviewer", "reviewer", "verdict"),
)
"""Claims that are read a second time; without a verdict those that wait in a round."""

notes = Table(
    "notes",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("path", String(100), nullable=False),
    Column("author", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("text", Text, nullable=False),
)

publications = Table(
    "publications",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("record", String(110), nullable=False),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("generation", Integer, ForeignKey("generations.number"), nullable=False, index=True),
    Column("digest", String(71), nullable=False),
    Column("review", SERIAL, ForeignKey("reviews.id")),
    Column("published", Moment, nullable=False),
    Column("modified", Moment, nullable=False, index=True),
    Column("withdrawn", Moment),
    Column("at", Moment, nullable=False),
    Column("body", Packed, nullable=False),
)

generations = Table(
    "generations",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("at", Moment, nullable=False),
    Column("digest", String(71)),
    Column("reason", Text, nullable=False),
    Column("summary", CanonicalJson, nullable=False),
)

corrections = Table(
    "corrections",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("correction", String(100), nullable=False, index=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", CanonicalJson, nullable=False),
)

requests = Table(
    "requests",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("kind", String(30), nullable=False),
    Column("url", String(2000), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("result", Text, nullable=False),
)

events = Table(
    "events",
    METADATA,
    Column("sequence", SERIAL, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("kind", String(50), nullable=False),
    Column("slug", String(100), nullable=False),
    Column("payload", CanonicalJson, nullable=False),
    Column("previous", String(71), nullable=False),
    Column("digest", String(71), nullable=False),
    Index("ix_events_slug", "slug", "sequence"),
)

event_head = Table(
    "event_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", SERIAL, nullable=False),
    Column("digest", String(71), nullable=False),
)
