"""Second readings of decided claims, and rounds with false claims mixed in."""

import sqlalchemy as sa
from alembic import op

from records.database.column_types import SERIAL, Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_reviews",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("round", sa.String(40), nullable=False),
        sa.Column("slug", sa.String(100), sa.ForeignKey("agents.slug"), nullable=False),
        sa.Column("path", sa.String(100), nullable=False),
        sa.Column("assessment_digest", sa.String(71), nullable=False),
        sa.Column("seed", sa.String(20), nullable=False),
        sa.Column("first", sa.String(200), nullable=False),
        sa.Column("first_value", sa.String(40), nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("verdict", sa.String(30), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.Column("seconds", sa.Integer()),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("ix_second_reviews_slug", "second_reviews", ["slug"])
    op.create_index(
        "ix_second_reviews_claim", "second_reviews", ["assessment_digest", "path", "round"], unique=True
    )
    op.create_index("ix_second_reviews_reviewer", "second_reviews", ["reviewer", "verdict"])
