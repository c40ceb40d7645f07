"""By what a machine matches each agent, and from when to when its pages said so.

Idea: one row a statement. A look that finds the same writes nothing, what is no longer stated gets its end, and a new
version is a row of its own. Invariants: nothing is deleted; two agents that state one package are both kept, as rivals,
and are never joined.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from extractors.stated_subjects import is_unique, subject_key
from records.database.store_part import StorePart
from records.database.tables import agents, extractions, subjects
from scoring.claims import Digest
from scoring.record import StatedSubject
from scoring.vocabulary import SubjectKind


class StatedPeriod(NamedTuple):
    """One statement, and from when to when the agent's pages made it."""

    subject: StatedSubject
    since: datetime
    until: datetime | None


class CompetingAgent(NamedTuple):
    """Another agent that states what belongs to one product only."""

    value: str
    """As this agent states it."""
    slug: str
    since: datetime
    """Since when the other one states it."""


_LONGEST = 2_000
_ORDER = {kind: place for place, kind in enumerate(SubjectKind)}
_NOW = subjects.c.until.is_(None)
_OWN_NOW = (subjects.c.slug == sa.bindparam("of_slug")) & _NOW
_KEPT = sa.select(subjects.c.body, subjects.c.key).where(_OWN_NOW)
_STANDING = sa.select(subjects.c.id, subjects.c.kind, subjects.c.value).where(_OWN_NOW).with_for_update()
_LISTED = agents.c.missing_since.is_(None) & agents.c.opted_out_at.is_(None)


def _columns(subject: StatedSubject) -> dict[str, Any]:
    """What a later program may write otherwise."""
    return {"body": subject.model_dump(mode="json"), "key": subject_key(subject)}


class Subjects(StorePart):
    """What each agent's own pages and its registry call it."""

    def keep(self, slug: str, stated: Sequence[StatedSubject]) -> bool:
        """All that the agent's pages state now; False and nothing written when that is as it was."""
        found = {(subject.kind.value, subject.value): subject for subject in stated if len(subject.value) <= _LONGEST}
        rows = self._db.rows(_KEPT, {"of_slug": slug})
        stored = {(StatedSubject.model_validate(row.body), row.key) for row in rows}
        if stored == {(subject, subject_key(subject)) for subject in found.values()}:
            return False  # by the keys of this program: a later one may know it by another
        with self._db.writing() as connection:
            now = self._db.now()
            current = {(row.kind, row.value): row.id for row in connection.execute(_STANDING, {"of_slug": slug})}
            for key, number in current.items():
                changes: dict[str, Any] = _columns(found[key]) if key in found else {"until": now}
                connection.execute(sa.update(subjects).where(subjects.c.id == number).values(**changes))
            for key, subject in found.items():
                if key not in current:
                    names = {"slug": slug, "kind": key[0], "value": key[1], "is_unique": is_unique(subject)}
                    connection.execute(sa.insert(subjects).values(**names, since=now, **_columns(subject)))
        return True

    def of(self, slug: str) -> tuple[StatedSubject, ...]:
        """What the agent's pages state now."""
        return tuple(reading.subject for reading in self._select(slug, _NOW))

    def beside(self, slug: str, extraction: Digest) -> tuple[StatedSubject, ...]:
        """What the pages stated that an extraction was made from: what they state now while it is the agent's latest,
        else what they stated when it was made."""
        made = sa.select(agents.c.extraction_digest, extractions.c.at).join_from(
            agents, extractions, extractions.c.slug == agents.c.slug
        )
        row = self._db.row(made.where(agents.c.slug == slug, extractions.c.digest == extraction))
        if row is None or row.extraction_digest == extraction:
            return self.of(slug)
        then = (subjects.c.since <= row.at) & (_NOW | (subjects.c.until > row.at))
        return tuple(reading.subject for reading in self._select(slug, then))

    def history(self, slug: str) -> tuple[StatedPeriod, ...]:
        """Every statement that the agent's pages ever made, oldest first."""
        return tuple(sorted(self._select(slug, sa.true()), key=lambda reading: reading.since))

    def stating(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The agents whose pages state, or stated, one of these keys."""
        query = sa.select(subjects.c.slug).where(subjects.c.key.in_(self._db.each(keys))).distinct()
        return tuple(sorted(self._db.scalars(query)))

    def rivals(self, slug: str) -> tuple[CompetingAgent, ...]:
        """Other agents that state now what belongs to one product only: look-alikes, takeovers, or one product that is
        listed twice. Who said so first comes first."""
        mine, other = subjects.alias("mine"), subjects.alias("other")
        query = (
            sa.select(mine.c.value, other.c.slug, sa.func.min(other.c.since).label("since"))
            .join_from(mine, other, (other.c.key == mine.c.key) & (other.c.slug != mine.c.slug))
            .join(agents, agents.c.slug == other.c.slug)
            .where(mine.c.slug == slug, mine.c.is_unique, mine.c.until.is_(None), other.c.until.is_(None), _LISTED)
            .group_by(mine.c.value, other.c.slug)
        )
        return tuple(sorted(self._db.read(CompetingAgent, query), key=lambda agent: (agent.since, agent)))

    def _select(self, slug: str, where: sa.ColumnElement[bool]) -> list[StatedPeriod]:
        query = sa.select(subjects.c.body, subjects.c.since, subjects.c.until).where(subjects.c.slug == slug, where)
        rows = self._db.rows(query.order_by(subjects.c.id))
        found = [StatedPeriod(StatedSubject.model_validate(row.body), row.since, row.until) for row in rows]
        return sorted(found, key=lambda reading: (_ORDER[reading.subject.kind], reading.subject.value))
