"""Which slug a mistyped one may have meant."""

from __future__ import annotations

import difflib

import sqlalchemy as sa

from extractors.listing import slugify
from records.database.tables import agents


def near(connection: sa.Connection, words: str, count: int = 3) -> list[str]:
    """Slugs that look like what was typed, best first."""
    slug = slugify(words)
    part = max(slug.split("-"), key=len)
    pattern = sa.or_(agents.c.slug.startswith(slug[:2], autoescape=True), agents.c.slug.contains(part, autoescape=True))
    candidates = list(connection.scalars(sa.select(agents.c.slug).where(pattern).order_by(agents.c.slug).limit(5000)))
    return difflib.get_close_matches(slug, candidates, count, 0.6)
