"""What the last look at an agent rested on, so that a night in which none of it changed works nothing out again.

Idea: a look is a pure function of the listing, the answers to what was asked, and the versions of what worked on
them. Invariant: a look is given back only while the assessment that it led to is the current one.
"""

from __future__ import annotations

import json
from typing import NamedTuple

import rfc8785
import sqlalchemy as sa

from extractors.snapshot import sha256
from records.engine import Database
from records.runs import AgentOutcome
from records.tables import agents, looks
from scoring.claims import Digest


class Look(NamedTuple):
    """One look and how it ended."""

    basis: Digest
    """Of listing, settings and versions; the caller's to make."""
    asked: tuple[tuple[str, str], ...]
    """Every URL asked for, in order, with the digest of its page, or the outcome where there was none."""
    outcome: AgentOutcome
    reason: str = ""


class Stand(NamedTuple):
    """What an agent's last look is to be held against."""

    source: str
    listing_digest: Digest
    look: Look | None
    """None when there was none, or when the agent's assessment was changed since."""


_STAND = (
    sa.select(agents.c.source, agents.c.listing, agents.c.assessment_digest)
    .add_columns(looks.c.assessment_digest.label("led_to"), looks.c.basis, looks.c.asked, looks.c.outcome)
    .add_columns(looks.c.reason)
    .outerjoin(looks, looks.c.slug == agents.c.slug)
    .where(agents.c.slug == sa.bindparam("of_slug"))
)
_CURRENT = sa.select(agents.c.assessment_digest).where(agents.c.slug == sa.bindparam("of_slug"))


class Looks:
    """One row an agent: only the last look counts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, slug: str, look: Look) -> None:
        """Keeps it for the agent's current assessment; nothing where there is none."""
        with self._db.writing(quick=True) as connection:
            current = connection.scalar(_CURRENT, {"of_slug": slug})
            if current is None:
                return
            row = {"slug": slug, "basis": look.basis, "asked": rfc8785.dumps(list(map(list, look.asked)))}
            told = {"assessment_digest": current, "outcome": look.outcome.value, "reason": look.reason}
            self._db.put(looks, row | told)

    def stand(self, slug: str) -> Stand | None:
        """None for an agent that is not listed."""
        with self._db.reading() as connection:
            row = connection.execute(_STAND, {"of_slug": slug}).one_or_none()
        if row is None:
            return None
        look = None
        if row.led_to is not None and row.led_to == row.assessment_digest:
            asked = tuple((url, told) for url, told in json.loads(row.asked))
            look = Look(row.basis, asked, AgentOutcome(row.outcome), row.reason)
        return Stand(row.source, sha256(row.listing), look)
