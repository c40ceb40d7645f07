"""What sources list and pages say: sources, agents, pages, texts, completions.

Idea: one row an agent (`agents`) carries its listing and the heads of everything else known about it;
its status is computed by the database from those heads and cannot be set.
"""

from typing import Any

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    ColumnElement,
    Computed,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    event,
    literal_column,
    text,
)

from records.agents.review_queue import PRIORITY, STATUS
from records.database.column_types import METADATA, MONEY, SCORE, SERIAL, CanonicalJson, EmptyFirst, Moment, Packed

__all__ = [
    "agent_pages",
    "agents",
    "aliases",
    "completions",
    "fetches",
    "hosts",
    "pages",
    "prompts",
    "sightings",
    "snapshots",
    "sources",
    "subjects",
    "texts",
]

sources = Table(
    "sources",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("kind", String(50), nullable=False),
    Column("location", Text, nullable=False),
    Column("options", CanonicalJson, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("last_count", Integer),
    Column("last_taken_at", Moment),
)

agents = Table(
    "agents",
    METADATA,
    Column("slug", String(100), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("name_folded", String(400), nullable=False),
    Column("kind", String(20)),
    Column("source", String(100), nullable=False),
    Column("listing", Packed, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("missing_since", Moment),
    Column("opted_out_at", Moment),
    # how the last look at its pages ended
    Column("outcome", String(30)),
    Column("outcome_reason", Text),
    Column("outcome_at", Moment),
    # head of the assessments, with what the queue sorts and filters by
    Column("extraction_digest", String(71)),
    Column("assessment_digest", String(71)),
    Column("assessed_at", Moment),
    Column("assessor", String(200)),
    Column("score", SCORE),
    Column("low", SCORE),
    Column("high", SCORE),
    Column("severity", String(10)),
    Column("band_stable", Boolean),
    Column("bands_open", SmallInteger, nullable=False, server_default="0"),
    Column("mover", String(100), nullable=False, server_default=""),
    Column("not_certain", SmallInteger, nullable=False, server_default="0"),
    Column("rejected_quotes", SmallInteger, nullable=False, server_default="0"),
    Column("findings_hidden", SmallInteger, nullable=False, server_default="0"),
    Column("findings_addressing", SmallInteger, nullable=False, server_default="0"),
    Column("findings_own", SmallInteger, nullable=False, server_default="0"),
    Column("findings_tools", SmallInteger, nullable=False, server_default="0"),
    # head of the reviews that stand
    Column("review_id", SERIAL),
    Column("decision", String(10)),
    Column("reviewed_digest", String(71)),
    Column("reviewed_at", Moment),
    # head of the publications
    Column("publication_id", SERIAL),
    Column("published_review", SERIAL),
    Column("published_at", Moment),
    Column("modified_at", Moment),
    Column("withdrawn_at", Moment),
    Column("evidence_lost", SmallInteger, nullable=False, server_default="0"),
    Column("evidence_lost_since", Moment),
    Column("evidence_lost_paths", CanonicalJson),
    Column("status", String(12), Computed(STATUS, persisted=True)),
    Column("priority", Integer, Computed(PRIORITY)),
)
FLAGS = ("findings_hidden", "findings_addressing", "findings_own", "findings_tools", "evidence_lost")
QUEUE_COLUMNS = ("name_folded", "source", "kind", "severity", "score", *FLAGS, "review_id", "missing_since")
"""All that a list can be filtered by: with them in the index, a filter that finds nothing reads no row."""


def _in_order(name: str, *order: ColumnElement[Any], ordered_by: str = "") -> None:
    """An index of each state's agents in one of the orders of `records.agents.agent_lists`."""
    rest = (agents.c[column] for column in QUEUE_COLUMNS if column != ordered_by)
    Index(name, agents.c.status, *order, *rest)


_in_order("ix_agents_queue", agents.c.priority.desc(), EmptyFirst(agents.c.assessed_at), agents.c.slug)
_in_order("ix_agents_by_score", EmptyFirst(agents.c.score), agents.c.slug, ordered_by="score")
_in_order("ix_agents_by_name", agents.c.name_folded, agents.c.slug, ordered_by="name_folded")
_in_order("ix_agents_by_age", EmptyFirst(agents.c.assessed_at), agents.c.slug)
_in_order("ix_agents_by_slug", agents.c.slug)
Index("ix_agents_name_folded", agents.c.name_folded)
for _column in (agents.c.source, agents.c.kind, agents.c.severity):
    Index(f"ix_agents_{_column.name}", _column, agents.c.status).ddl_if("postgresql")
for _flag in FLAGS:
    Index(f"ix_agents_{_flag}", agents.c.status, postgresql_where=text(f"{_flag} > 0")).ddl_if("postgresql")
WORDS: ColumnElement[str] = agents.c.name_folded.op("||")(literal_column("chr(10)")).op("||")(agents.c.slug)
"""What a search looks through on PostgreSQL, by an index of its own where the server has the extension `pg_trgm`."""
ROOM = "ALTER TABLE agents SET (fillfactor = 80)"
"""Beside each row, for what the next look writes: in place, so that no index changes."""
LOST_BY_STATE = "CREATE STATISTICS agents_lost (mcv) ON status, evidence_lost FROM agents"
"""Lost evidence is that of published records; a planner that did not know would walk all drafts for it."""
WORDS_BY_INDEX = """DO $$ BEGIN
 CREATE EXTENSION IF NOT EXISTS pg_trgm;
 CREATE INDEX ix_agents_words ON agents USING gin ((name_folded || chr(10) || slug) gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'searches read every name: pg_trgm cannot be had'; END $$"""
for _statement in (ROOM, LOST_BY_STATE, WORDS_BY_INDEX):
    event.listen(agents, "after_create", DDL(_statement).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]

sightings = Table(
    "sightings",
    METADATA,
    Column("source", String(100), primary_key=True),
    Column("identity", String(2000), primary_key=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("missing_since", Moment),
)

aliases = Table(
    "aliases",
    METADATA,
    Column("alias", String(200), primary_key=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False, index=True),
)

subjects = Table(
    "subjects",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("slug", String(100), ForeignKey("agents.slug"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("key", String(2000), nullable=False),
    Column("value", String(2000), nullable=False),
    Column("is_unique", Boolean, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("body", CanonicalJson, nullable=False),
    Index("ix_subjects_key", "key", "slug"),
    Index(
        "uq_subjects_stated",
        "slug",
        "kind",
        "value",
        unique=True,
        sqlite_where=text("until IS NULL"),
        postgresql_where=text("until IS NULL"),
    ),
)

pages = Table(
    "pages",
    METADATA,
    Column("url", String(2000), primary_key=True),
    Column("host", String(255), nullable=False, index=True),
    Column("outcome", String(30), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("not_before", Moment),
    Column("digest", String(71)),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("fetched_at", Moment),
)

snapshots = Table(
    "snapshots",
    METADATA,
    Column("url", String(2000), primary_key=True),
    Column("digest", String(71), primary_key=True),
    Column("fetched_at", Moment, nullable=False),
    Column("length", Integer, nullable=False),
    Column("body", CanonicalJson, nullable=False),
    Column("blob_dropped_at", Moment),
    Index("ix_snapshots_digest", "digest"),
)

fetches = Table(
    "fetches",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("run", String(40), index=True),
    Column("slug", String(100)),
    Column("url", String(2000), nullable=False, index=True),
    Column("outcome", String(30), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sent", Boolean, nullable=False),
    Column("bytes_received", Integer, nullable=False),
)

hosts = Table(
    "hosts",
    METADATA,
    Column("host", String(255), primary_key=True),
    Column("memory", CanonicalJson, nullable=False),
    Column("at", Moment, nullable=False),
)

agent_pages = Table(
    "agent_pages",
    METADATA,
    Column("slug", String(100), ForeignKey("agents.slug"), primary_key=True),
    Column("url", String(2000), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

texts = Table(
    "texts",
    METADATA,
    Column("url", String(2000), primary_key=True),
    Column("page_digest", String(71), primary_key=True),
    Column("parser", String(50), primary_key=True),
    Column("text_digest", String(71), index=True),
    Column("reason", Text, nullable=False),
    Column("body", Packed),
)

completions = Table(
    "completions",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("key", String(71), nullable=False),
    Column("slug", String(100), nullable=False, index=True),
    Column("run", String(40), index=True),
    Column("at", Moment, nullable=False),
    Column("model", String(200), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("cost", MONEY, nullable=False),
    Column("body", Packed, nullable=False),
    Column("parts", Packed),
    Column("answered", String(71), unique=True),
    Index("ix_completions_key", "key"),
)

prompts = Table(
    "prompts",
    METADATA,
    Column("digest", String(71), primary_key=True),
    Column("body", Packed, nullable=False),
)
