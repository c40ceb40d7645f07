"""Lists by index: one index holds all that the queue is ordered and filtered by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("priority", "source", "status_priority", "status_score"):
        op.drop_index(f"ix_agents_{name}", table_name="agents")
    columns: list[str | sa.TextClause] = ["status", sa.text("priority DESC"), "assessed_at", "slug"]
    columns += ["name_folded", "source", "kind", "severity", "score", "findings_hidden", "findings_addressing"]
    columns += ["findings_own", "evidence_lost", "review_id", "missing_since"]
    op.create_index("ix_agents_queue", "agents", columns, unique=False)
