"""Tools that contradict themselves: counted for each agent, so that lists can be filtered by them."""

import json

import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("findings_tools", sa.SmallInteger(), nullable=False, server_default="0"))
    _count()
    first = "" if op.get_bind().dialect.name == "sqlite" else " NULLS FIRST"
    filters = ["name_folded", "source", "kind", "severity", "score", "findings_hidden", "findings_addressing"]
    filters += ["findings_own", "findings_tools", "evidence_lost", "review_id", "missing_since"]
    orders = {
        "queue": ["priority DESC", f"assessed_at{first}", "slug"],
        "by_score": [f"score{first}", "slug"],
        "by_name": ["name_folded", "slug"],
        "by_age": [f"assessed_at{first}", "slug"],
        "by_slug": ["slug"],
    }
    for name, order in orders.items():
        op.drop_index(f"ix_agents_{name}", table_name="agents")
        rest = [column for column in filters if f"{column}{first}" not in order and column not in order]
        op.create_index(f"ix_agents_{name}", "agents", [sa.text(column) for column in ["status", *order, *rest]])


def _count() -> None:
    """Of the drafts that stand."""
    connection, last = op.get_bind(), ""
    current = sa.text(
        "SELECT agents.slug, extractions.body FROM agents JOIN extractions ON extractions.digest = "
        "agents.extraction_digest WHERE agents.slug > :last ORDER BY agents.slug LIMIT 500"
    )
    update = sa.text("UPDATE agents SET findings_tools = :count WHERE slug = :slug")
    while rows := connection.execute(current, {"last": last}).all():
        for slug, body in rows:
            found = json.loads(zstandard.ZstdDecompressor().decompress(bytes(body))).get("findings", ())
            count = sum(finding["kind"] == "tool_contradicts_itself" for finding in found)
            if count:
                connection.execute(update, {"count": count, "slug": slug})
        last = rows[-1].slug
