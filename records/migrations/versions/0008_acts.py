"""Acts: decisions made by one press belong together, say in which way they were made and on which reason they rest.

The queue's order is worked out anew, each agent keeps what would move its band most, and claims are found by reason.
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PRIORITY = """(CASE WHEN evidence_lost > 9 THEN 9 ELSE evidence_lost END) * 1000000
 + COALESCE(high, 0) * (CASE WHEN not_certain > 32 THEN 0 ELSE 32 - not_certain END) * (1 + bands_open)
 * (CASE WHEN findings_addressing > 0 THEN 2 ELSE 1 END)"""


def upgrade() -> None:
    op.add_column("claim_decisions", sa.Column("act", sa.String(length=40), nullable=False, server_default=""))
    op.add_column(
        "claim_decisions", sa.Column("way", sa.String(length=20), nullable=False, server_default="one_by_one")
    )
    op.add_column("claim_decisions", sa.Column("reason", sa.String(length=400), nullable=False, server_default=""))
    op.add_column("reviews", sa.Column("act", sa.String(length=40), nullable=False, server_default=""))
    op.execute("UPDATE claim_decisions SET act = 'd' || id")
    op.execute("UPDATE reviews SET act = 'r' || id")
    for table in ("claim_decisions", "reviews"):
        op.create_index(f"ix_{table}_act", table, ["act"])
        op.create_index(f"ix_{table}_reviewer", table, ["reviewer", "id"])
    op.create_index("ix_claim_decisions_reason", "claim_decisions", ["reason", "verdict"])
    op.drop_index("ix_agents_queue", table_name="agents")
    op.drop_column("agents", "priority")
    op.add_column("agents", sa.Column("mover", sa.String(length=100), nullable=False, server_default=""))
    op.add_column("agents", sa.Column("priority", sa.Integer(), sa.Computed(_PRIORITY)))
    first = "" if op.get_bind().dialect.name == "sqlite" else " NULLS FIRST"
    order = ["status", "priority DESC", f"assessed_at{first}", "slug", "name_folded", "source", "kind", "severity"]
    order += ["score", "findings_hidden", "findings_addressing", "findings_own", "evidence_lost", "review_id"]
    op.create_index("ix_agents_queue", "agents", [sa.text(column) for column in (*order, "missing_since")])
    reasons = op.create_table(
        "claim_reasons",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("path", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["slug"], ["agents.slug"], name=op.f("fk_claim_reasons_slug")),
        sa.PrimaryKeyConstraint("slug", "path", name=op.f("pk_claim_reasons")),
    )
    op.create_index("ix_claim_reasons_reason", "claim_reasons", ["reason", "slug", "path"])
    _fill(reasons)


def _fill(reasons: sa.Table) -> None:
    connection = op.get_bind()
    current = sa.text(
        "SELECT agents.slug, extractions.body AS extraction, assessments.body AS assessment FROM agents "
        "JOIN extractions ON extractions.digest = agents.extraction_digest "
        "JOIN assessments ON assessments.digest = agents.assessment_digest "
        "WHERE agents.slug > :last ORDER BY agents.slug LIMIT 500"
    )
    last = ""
    while rows := connection.execute(current, {"last": last}).all():
        found = []
        for slug, extraction, assessment in rows:
            found += [{"slug": slug, "path": path, "reason": reason} for path, reason in _reasons(_json(extraction))]
            movers = [mover for mover in _json(assessment)["headline"]["movers"] if mover["moves_band"]]
            if movers:
                told = f"{movers[0]['unknown']} {movers[0]['low']} {movers[0]['high']}"
                connection.execute(
                    sa.text("UPDATE agents SET mover = :told WHERE slug = :slug"), {"told": told, "slug": slug}
                )
        if found:
            connection.execute(sa.insert(reasons), found)
        last = rows[-1].slug


def _json(body: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(zstandard.ZstdDecompressor().decompress(bytes(body)))
    return document


def _reasons(extraction: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for group, name, value in (
        ("factors", "factor", "value"),
        ("layers", "layer", "status"),
        ("exposure", "fact", "value"),
    ):
        for claim in extraction[group]:
            support = claim.get("support")
            if support and claim["evidence"]:
                path, told = f"{group}.{claim[name]}", support["why"].partition("speaks of: ")[2]
                for end in (", from which", " (not said", ", but does not settle", " rather than"):
                    told = told.partition(end)[0]
                yield path, f"{path}|{claim[value] or 'unknown'}|{support['rule']}|{told}"[:400]
