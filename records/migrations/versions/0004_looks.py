"""Looks: what the last look at each agent rested on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("basis", sa.String(length=71), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("assessment_digest", sa.String(length=71), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["slug"], ["agents.slug"], name=op.f("fk_looks_slug")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_looks")),
    )
