"""Many agents at once, made by the database itself: in every state, with every filter of the queue used."""

from records.store import Store

_MANY = """
INSERT INTO agents (slug, name, name_folded, kind, source, listing, first_seen, last_seen, missing_since, outcome,
  extraction_digest, assessment_digest, assessed_at, score, severity, bands_open, findings_hidden, findings_addressing,
  findings_own, findings_tools, review_id, decision, reviewed_digest, published_review, withdrawn_at,
  opted_out_at, evidence_lost)
WITH RECURSIVE
 number(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM number WHERE i + 1 < {count}),
 placed AS (SELECT i, (i * 7919) % {count} AS j, (i * 104729) % 1000 AS s FROM number),
 agent AS (SELECT i, j, s, s < 100 AS listed, s BETWEEN 250 AND 849 AS fresh, s < 100 OR i % 50 = 1 AS bare,
   '2026-10-21T00:00:00.' || substr('' || (1000000 + j), 2) || 'Z' AS at,
   'sha256:' || substr('' || (1000000000 + i), 2) AS one FROM placed)
SELECT 'agent-' || j, 'Agent ' || i, 'agent ' || i,
  CASE WHEN listed THEN NULL WHEN i % 1000 = 0 THEN 'platform' WHEN i % 3 = 0 THEN 'mcp_server' ELSE 'agent' END,
  CASE WHEN i % 997 = 0 THEN 'rare' ELSE 'source-' || (i % 5) END, {listing}, at, at,
  CASE WHEN i % 200 = 0 THEN at END,
  CASE WHEN s < 20 THEN 'no_text' WHEN s < 40 THEN 'forbidden' WHEN listed THEN NULL ELSE 'assessed' END,
  CASE WHEN NOT listed THEN one END, CASE WHEN NOT listed THEN one END, CASE WHEN NOT listed THEN at END,
  CASE WHEN NOT bare THEN j % 100 END,
  CASE WHEN bare THEN NULL WHEN j % 100 = 0 THEN 'None' WHEN j % 100 < 40 THEN 'Low' WHEN j % 100 < 70 THEN 'Medium'
    WHEN j % 100 < 90 THEN 'High' ELSE 'Critical' END,
  CASE WHEN bare THEN 0 ELSE i % 3 END, CASE WHEN i % 70 = 0 THEN 1 ELSE 0 END, CASE WHEN i % 50 = 0 THEN 1 ELSE 0 END,
  CASE WHEN i % 90 = 0 THEN 1 ELSE 0 END, CASE WHEN i % 110 = 0 THEN 1 ELSE 0 END,
  CASE WHEN NOT listed AND NOT fresh THEN i END,
  CASE WHEN listed OR fresh THEN NULL WHEN s > 990 THEN 'reject' ELSE 'approve' END,
  CASE WHEN listed OR fresh THEN NULL WHEN s < 150 THEN 'sha256:older' ELSE one END,
  CASE WHEN NOT listed AND NOT fresh AND s <= 980 THEN i END, CASE WHEN s = 240 THEN at END,
  CASE WHEN s = 241 THEN at END, CASE WHEN NOT listed AND NOT fresh AND i % 100 = 0 THEN 1 ELSE 0 END
FROM agent
"""


def add_agents(store: Store, count: int) -> None:
    """Rows of `agents` alone, six in ten drafts; then the database counts what it holds."""
    listing = "zeroblob(300)" if store.database.is_sqlite else "decode(repeat('00', 300), 'hex')"
    statement = _MANY.format(count=count, listing=listing)
    with store.database.writing() as connection:
        connection.exec_driver_sql(statement if store.database.is_sqlite else statement.replace("%", "%%"))
        connection.exec_driver_sql("ANALYZE")
