"""Overrides by claim: how often reviewers amend which claim, also from the reviews that are there already."""

import json

import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    amendments = op.create_table(
        "amendments",
        sa.Column("review", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=100), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["review"], ["reviews.id"], name=op.f("fk_amendments_review")),
        sa.PrimaryKeyConstraint("review", "position", name=op.f("pk_amendments")),
    )
    op.create_index(op.f("ix_amendments_path"), "amendments", ["path"], unique=False)

    connection = op.get_bind()
    reviews = sa.table("reviews", sa.column("id"), sa.column("body", sa.LargeBinary))
    for number, body in connection.execute(sa.select(reviews.c.id, reviews.c.body).order_by(reviews.c.id)).all():
        review = json.loads(zstandard.ZstdDecompressor().decompress(bytes(body)))
        rows = [
            {"review": number, "position": place} | {name: amendment[name] for name in ("path", "field", "reason")}
            for place, amendment in enumerate(review["amendments"])
        ]
        if rows:
            connection.execute(sa.insert(amendments), rows)
