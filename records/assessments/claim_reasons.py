"""On which reasons the claims of waiting drafts rest, and what people said of claims that rested on them.

Idea: a reason is kept beside each quoted claim of the current draft, so that all its claims are found by one index.
Invariant: read only here; the rows are replaced with the draft that they belong to.
"""

from typing import NamedTuple

import sqlalchemy as sa

from records.agents.review_queue import IN_QUEUE
from records.database.store_part import StorePart
from records.database.tables import agents, claim_decisions, claim_reasons

_WAITING = agents.c.status.in_([status.value for status in IN_QUEUE])
_JOINED = claim_reasons.join(agents, agents.c.slug == claim_reasons.c.slug)


class ReasonCount(NamedTuple):
    """A reason in the drafts that wait."""

    reason: str
    claims: int
    agents: int


class DecisionTime(NamedTuple):
    """Of one reviewer on one claim, over all agents."""

    path: str
    reviewer: str
    timed: int
    """Decisions that were timed."""
    seconds: int
    """Of these together."""


class ClaimReasons(StorePart):
    """Claims by the reason on which they rest."""

    def waiting(self, limit: int = 200) -> tuple[ReasonCount, ...]:
        """The reasons of drafts that wait for a person, those of most claims first."""
        reason, number = claim_reasons.c.reason, sa.func.count()
        query = sa.select(reason, number, sa.func.count(claim_reasons.c.slug.distinct())).select_from(_JOINED)
        query = query.where(_WAITING).group_by(reason).order_by(number.desc(), reason).limit(limit)
        return self._db.read(ReasonCount, query)

    def claims(self, reason: str, limit: int) -> tuple[tuple[str, str], ...]:
        """(slug, path) of the claims of waiting drafts that rest on a reason, by slug."""
        query = sa.select(claim_reasons.c.slug, claim_reasons.c.path).select_from(_JOINED).limit(limit)
        query = query.where(claim_reasons.c.reason == reason, _WAITING).order_by(*claim_reasons.c["slug", "path"])
        return tuple((row[0], row[1]) for row in self._db.rows(query))

    def verdicts(self) -> dict[str, dict[str, int]]:
        """Reason to verdict to the number of decisions that were not undone."""
        return self._verdicts(claim_decisions.c.reason, claim_decisions, claim_decisions.c.reason != "")

    def by_assessor(self) -> dict[str, dict[str, int]]:
        """Who made the draft (a model, the built-in reader) to verdict to the number of decisions that were not undone;
        of the current drafts."""
        same = claim_decisions.c.assessment_digest == agents.c.assessment_digest
        joined = claim_decisions.join(agents, (agents.c.slug == claim_decisions.c.slug) & same)
        return self._verdicts(agents.c.assessor, joined, agents.c.assessor.is_not(None))

    def _verdicts(
        self, by: sa.ColumnElement[str], rows: sa.FromClause, where: sa.ColumnElement[bool]
    ) -> dict[str, dict[str, int]]:
        verdict = claim_decisions.c.verdict
        query = sa.select(by, verdict, sa.func.count()).select_from(rows)
        query = query.where(where, claim_decisions.c.undone.is_(False)).group_by(by, verdict).order_by(by, verdict)
        found: dict[str, dict[str, int]] = {}
        for name, decision, number in self._db.rows(query):
            found.setdefault(name, {})[decision] = int(number)
        return found

    def times(self) -> tuple[DecisionTime, ...]:
        """How long decisions that were not undone took, by claim and reviewer."""
        by, seconds = (claim_decisions.c.path, claim_decisions.c.reviewer), claim_decisions.c.seconds
        query = sa.select(*by, sa.func.count(seconds), sa.func.coalesce(sa.func.sum(seconds), 0))
        query = query.where(claim_decisions.c.undone.is_(False)).group_by(*by).order_by(*by)
        return self._db.read(DecisionTime, query)
