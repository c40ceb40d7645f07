"""A source that suddenly lists far fewer agents than last time has failed: nothing of it is taken."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from records.database.tables import sources
from scoring.errors import Refused

MINIMUM_SHARE = Decimal("0.5")
"""A source that yields less than this share of last time's listings is refused."""


def refuse_large_drop(connection: sa.Connection, source: str, count: int, minimum_share: Decimal) -> None:
    """`Refused` when the source yields fewer than this share of what it gave last time."""
    last = connection.scalar(sa.select(sources.c.last_count).where(sources.c.name == source))
    if last and count < last * minimum_share:
        raise Refused(
            f"it yields {count} agents, last time {last}; nothing was changed",
            subject=source,
            step="listings",
            next_step="look at the source; if so many really left, `assay night run --accept-fewer`",
        )
