"""Runs and how they ended, what each look rested on, what waits for a batch of a model; and who may decide."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from records.database.column_types import METADATA, CanonicalJson, Moment, Packed

__all__ = ["batches", "endings", "looks", "people", "questions", "runs", "tokens"]

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

batches = Table(
    "batches",
    METADATA,
    Column("token", String(64), primary_key=True),
    Column("endpoint", Text, nullable=False),
    Column("model", String(200), nullable=False),
    Column("file", String(200), nullable=False),
    Column("batch", String(200), nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("problem", Text, nullable=False),
)

questions = Table(
    "questions",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("token", String(64), ForeignKey("batches.token"), nullable=False, index=True),
    Column("slug", String(100), nullable=False),
    Column("key", String(71), nullable=False),
    Column("status", Integer),
    Column("body", Packed),
)
