"""Who is at work, on what, with which money; and who may decide.

Idea: a lease row says who works; when its holder dies or its time is up, the next one takes it.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from records.database.column_types import METADATA, MONEY, SERIAL, CanonicalJson, Moment, Packed

__all__ = ["budget_blocks", "endings", "leases", "looks", "people", "runs", "shards", "tokens"]

runs = Table(
    "runs",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("kind", String(50), nullable=False),
    Column("status", String(12), nullable=False),
    Column("holder", String(200), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("summary", CanonicalJson, nullable=False),
    Index("ix_runs_kind", "kind", "started_at"),
)

leases = Table(
    "leases",
    METADATA,
    Column("name", String(300), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("until", Moment, nullable=False),
)

shards = Table(
    "shards",
    METADATA,
    Column("run", String(40), ForeignKey("runs.id"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("work", CanonicalJson, nullable=False),
    Column("holder", String(200), nullable=False),
    Column("until", Moment),
    Column("tries", Integer, nullable=False),
    Column("result", CanonicalJson, nullable=False),
)

endings = Table(
    "endings",
    METADATA,
    Column("run", String(40), ForeignKey("runs.id"), primary_key=True),
    Column("slug", String(100), ForeignKey("agents.slug"), primary_key=True),
    Column("outcome", String(30), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

looks = Table(
    "looks",
    METADATA,
    Column("slug", String(100), ForeignKey("agents.slug"), primary_key=True),
    Column("basis", String(71), nullable=False),
    Column("asked", Packed, nullable=False),
    Column("assessment_digest", String(71), nullable=False),
    Column("outcome", String(30), nullable=False),
    Column("reason", Text, nullable=False),
)

budget_blocks = Table(
    "budget_blocks",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("budget", String(100), nullable=False, index=True),
    Column("holder", String(200), nullable=False),
    Column("reserved", MONEY, nullable=False),
    Column("spent", MONEY, nullable=False),
    Column("until", Moment, nullable=False),
    Column("settled_at", Moment),
)

people = Table(
    "people",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("secret", Text),
    Column("added_at", Moment, nullable=False),
    Column("disabled_at", Moment),
)

tokens = Table(
    "tokens",
    METADATA,
    Column("digest", String(71), primary_key=True),
    Column("purpose", String(30), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("data", CanonicalJson, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("used_at", Moment),
    Index("ix_tokens_subject", "purpose", "subject"),
)
