"""On PostgreSQL agents are found by what a list is filtered by, and by part of a name.

The index on the time of the last look goes: no query reads it, and it kept PostgreSQL from updating a row in place.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_LOST = "CREATE STATISTICS IF NOT EXISTS agents_lost (mcv) ON status, evidence_lost FROM agents"
_WORDS = """DO $$ BEGIN
 CREATE EXTENSION IF NOT EXISTS pg_trgm;
 CREATE INDEX IF NOT EXISTS ix_agents_words ON agents USING gin ((name_folded || chr(10) || slug) gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'searches read every name: pg_trgm cannot be had'; END $$"""


def upgrade() -> None:
    op.drop_index("ix_agents_outcome_at", table_name="agents", if_exists=True)
    if op.get_bind().dialect.name != "postgresql":
        return
    for column in ("source", "kind", "severity"):
        op.create_index(f"ix_agents_{column}", "agents", [column, "status"], if_not_exists=True)
    for count in ("findings_hidden", "findings_addressing", "findings_own", "findings_tools", "evidence_lost"):
        some = sa.text(f"{count} > 0")
        op.create_index(f"ix_agents_{count}", "agents", ["status"], if_not_exists=True, postgresql_where=some)
    op.execute("ALTER TABLE agents SET (fillfactor = 80)")
    op.execute(_LOST)
    op.execute(_WORDS)
