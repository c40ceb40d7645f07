"""Lists in every order: an index for each order of the queue, with what is empty where PostgreSQL looks for it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    first = "" if op.get_bind().dialect.name == "sqlite" else " NULLS FIRST"
    for name in ("queue", "score", "assessed_at"):
        op.drop_index(f"ix_agents_{name}", table_name="agents")
    filters = ["name_folded", "source", "kind", "severity", "score", "findings_hidden", "findings_addressing"]
    filters += ["findings_own", "evidence_lost", "review_id", "missing_since"]
    orders = {
        "queue": ["priority DESC", f"assessed_at{first}", "slug"],
        "by_score": [f"score{first}", "slug"],
        "by_name": ["name_folded", "slug"],
        "by_age": [f"assessed_at{first}", "slug"],
        "by_slug": ["slug"],
    }
    for name, order in orders.items():
        rest = [column for column in filters if f"{column}{first}" not in order and column not in order]
        op.create_index(f"ix_agents_{name}", "agents", [sa.text(column) for column in ["status", *order, *rest]])
