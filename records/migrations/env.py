"""Runs migrations on the connection that `records.database.schema.migrate` hands in; it owns the transaction.

By hand: `alembic` is not needed; `assay doctor` upgrades. A new migration is made with `python -m records.migrations`.
"""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from records.database import tables as tables
from records.database.column_types import METADATA


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name the database's own types, so that an old one does not change with our code."""
    if kind != "type" or not isinstance(item, sa.TypeDecorator):
        return False
    return f"sa.{item.impl!r}"


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    render_item=plain_type,
    transaction_per_migration=False,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
