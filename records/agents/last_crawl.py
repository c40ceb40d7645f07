"""What the last look at an agent rested on, so that a night in which none of it changed works nothing out again.

Idea: a look is a pure function of the listing, the answers to what was asked, and the versions of what worked on
them. Invariant: a look is given back only while the assessment that it led to is the current one.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from extractors.pages.snapshot import sha256
from records.database.runs import AgentOutcome
from records.database.store_part import StorePart
from records.database.tables import agents, looks
from scoring.claims import Digest


class CrawlResult(NamedTuple):
    """One look and how it ended."""

    basis: Digest
    """Of listing, settings and versions; the caller's to make."""
    asked: tuple[tuple[str, str], ...]
    """Every URL asked for, in order, with the digest of its page, or the outcome where there was none."""
    outcome: AgentOutcome
    reason: str = ""


class CrawlBasis(NamedTuple):
    """What an agent's last look is to be held against."""

    source: str
    listing_digest: Digest
    look: CrawlResult | None
    """None when there was none, or when the agent's assessment was changed since."""


_STAND = (
    sa.select(agents.c.source, agents.c.listing, agents.c.assessment_digest)
    .add_columns(looks.c.assessment_digest.label("led_to"), looks.c.basis, looks.c.asked, looks.c.outcome)
    .add_columns(looks.c.reason)
    .outerjoin(looks, looks.c.slug == agents.c.slug)
    .where(agents.c.slug == sa.bindparam("of_slug"))
)
_ENDED = (
    sa.update(looks)
    .where(looks.c.slug == sa.bindparam("of_slug"))
    .values(
        basis=sa.bindparam("new_basis"),
        outcome=sa.bindparam("new_outcome"),
        reason=sa.bindparam("new_reason"),
        assessment_digest=sa.select(agents.c.assessment_digest).where(agents.c.slug == looks.c.slug).scalar_subquery(),
    )
)


class LastCrawls(StorePart):
    """One row an agent: only the last look counts."""

    def crawled(self, slug: str, asked: Sequence[tuple[str, str]]) -> None:
        """A look begins with what was asked for; it leads to nothing yet."""
        columns = {"basis": "", "assessment_digest": "", "outcome": "", "reason": ""}
        body = canonical_bytes([list(pair) for pair in asked])
        self._db.put(looks, {"slug": slug, "asked": body, **columns}, quick=True)

    def ended(self, slug: str, basis: Digest, outcome: AgentOutcome, reason: str = "") -> None:
        """It led to the agent's current assessment."""
        result = {"new_basis": basis, "new_outcome": outcome.value, "new_reason": reason}
        with self._db.writing(quick=True) as connection:
            connection.execute(_ENDED, {"of_slug": slug, **result})

    def stand(self, slug: str) -> CrawlBasis | None:
        """None for an agent that is not listed."""
        row = self._db.row(_STAND, {"of_slug": slug})
        if row is None:
            return None
        look = None
        if row.led_to and row.led_to == row.assessment_digest:
            asked = tuple((url, answer) for url, answer in json.loads(row.asked))
            look = CrawlResult(row.basis, asked, AgentOutcome(row.outcome), row.reason)
        return CrawlBasis(row.source, sha256(row.listing), look)
