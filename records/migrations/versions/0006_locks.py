"""Locks: who is at work is told by locks of the system; the rows that told it are no more."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("leases", "shards", "budget_blocks"):
        op.drop_table(name)
