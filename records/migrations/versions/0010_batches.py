"""Batches of a model: which were sent, and which questions wait for them."""

import sqlalchemy as sa
from alembic import op

from records.database.column_types import Moment, Packed

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("batch", sa.String(200), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("problem", sa.Text(), nullable=False),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(64), sa.ForeignKey("batches.token"), nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("key", sa.String(71), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", Packed),
    )
    op.create_index("ix_questions_token", "questions", ["token"])
