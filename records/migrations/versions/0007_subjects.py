"""Subjects: by what a machine matches each agent, and from when to when its pages said so."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subjects",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=2000), nullable=False),
        sa.Column("value", sa.String(length=2000), nullable=False),
        sa.Column("is_unique", sa.Boolean(), nullable=False),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["slug"], ["agents.slug"], name=op.f("fk_subjects_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subjects")),
    )
    op.create_index("ix_subjects_key", "subjects", ["key", "slug"])
    where = sa.text("until IS NULL")
    op.create_index(
        "uq_subjects_stated",
        "subjects",
        ["slug", "kind", "value"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
