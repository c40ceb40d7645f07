"""Lists of agents: chosen by a filter, in an order, page by page.

Idea: one row here is one line of a list, and each order is read off an index. Invariant: an order ends with the slug,
so that no two agents share a place.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from records.agents.review_queue import AgentStatus
from records.database.store_part import StorePart
from records.database.tables import agents
from records.database.tables.crawled import WORDS
from scoring.claims import CLAIMS, ClaimCount, Digest
from scoring.errors import NotFound, required
from scoring.labels import claims_known, unknown_title
from scoring.vocabulary import FindingKind

Sort = Literal["priority", "score", "name", "age", "slug"]
Where = list[sa.ColumnElement[bool]]
"""Conditions that all hold."""


class SortKey(NamedTuple):
    """One column of an order. Empty values come first, in a descending one last."""

    column: str
    descending: bool = False
    may_be_empty: bool = False


SORTS: dict[Sort, tuple[SortKey, ...]] = {
    "priority": (SortKey("priority", descending=True), SortKey("assessed_at", may_be_empty=True), SortKey("slug")),
    "score": (SortKey("score", descending=True, may_be_empty=True), SortKey("slug", descending=True)),
    "name": (SortKey("name_folded"), SortKey("slug")),
    "age": (SortKey("assessed_at", may_be_empty=True), SortKey("slug")),
    "slug": (SortKey("slug"),),
}
"""Each is that of an index of the agents."""


def _ordered(key: SortKey, columns: Any) -> sa.ColumnElement[Any]:
    column: sa.ColumnElement[Any] = columns[key.column]
    if key.descending:
        return column.desc().nulls_last() if key.may_be_empty else column.desc()
    return column.nulls_first() if key.may_be_empty else column


def rows_after(sort: Sort, row: Any) -> list[Where]:
    """Which agents follow a row in an order, as alternatives that exclude each other: each is one walk of an index."""
    found: list[Where] = []
    same: Where = []
    for key in SORTS[sort]:
        column, value = agents.c[key.column], getattr(row, key.column)
        if value is not None:
            found.append([*same, column < value if key.descending else column > value])
        if key.may_be_empty and (value is None) is not key.descending:
            found.append([*same, column.is_(None) if key.descending else column.is_not(None)])
        same.append(column == value)
    return found


class AgentRow(NamedTuple):
    """One agent, as a list shows it. Times and digests are None before the thing they tell of."""

    slug: str
    name: str
    kind: str | None
    source: str
    status: AgentStatus
    priority: int
    """A million a lost quote (up to 9); below that exposure times evidence times the chance to change the band."""
    first_seen: datetime
    last_seen: datetime
    missing_since: datetime | None
    outcome: str | None
    """An `AgentOutcome`."""
    outcome_reason: str | None
    outcome_at: datetime | None
    extraction_digest: Digest | None
    assessment_digest: Digest | None
    assessed_at: datetime | None
    assessor: str | None
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    severity: str | None
    band_stable: bool | None
    mover: str
    """The unknown that alone moves the band most, and the scores it could make: `executes 4.1 8.9`; empty for none."""
    not_certain: int
    """Of all claims."""
    rejected_quotes: int
    findings_hidden: int
    findings_addressing: int
    findings_own: int
    findings_tools: int
    review_id: int | None
    decision: str | None
    reviewed_digest: Digest | None
    reviewed_at: datetime | None
    published_at: datetime | None
    modified_at: datetime | None
    withdrawn_at: datetime | None
    evidence_lost: int
    evidence_lost_since: datetime | None

    @property
    def claims(self) -> ClaimCount:
        return ClaimCount(known=CLAIMS - self.not_certain, of=CLAIMS)

    @property
    def why(self) -> tuple[str, ...]:
        """Why it is where it is in the queue, most important first; what is unknown is named, so that each tells its
        own."""
        unknown, _, ends = self.mover.partition(" ")
        moved = f"{unknown_title(unknown)} could make it {' or '.join(ends.split())}" if unknown else ""
        known = f"{claims_known(self.claims)}, {self.low} to {self.high}"
        reasons = (
            (self.evidence_lost > 0, f"{self.evidence_lost} published quotes are no longer on their pages"),
            (self.findings_addressing > 0, "a page addresses the assessor"),
            (self.findings_tools > 0, "a tool contradicts its own name"),
            (bool(unknown), moved),
            (self.band_stable is False and not unknown, "what is not certain, together, may change its band"),
            (self.assessment_digest is not None, known),
            (self.status is AgentStatus.CHANGED, "assessed anew since publication"),
            (self.review_id is None, "seen for the first time"),
        )
        return tuple(reason for holds, reason in reasons if holds)


class Filter(NamedTuple):
    """All that is set must hold."""

    statuses: tuple[AgentStatus, ...] = ()
    source: str | None = None
    kind: str | None = None
    severity: str | None = None
    finding: FindingKind | None = None
    evidence_lost: bool | None = None
    first_time: bool | None = None
    """True: never reviewed."""
    search: str = ""
    """Part of the name or slug, any case."""


class Page(NamedTuple):
    rows: tuple[AgentRow, ...]
    more: bool
    """True when rows follow after these."""


_COLUMNS = [agents.c[name] for name in AgentRow._fields]
COUNTED_FINDINGS = {
    FindingKind.HIDDEN_TEXT: agents.c.findings_hidden,
    FindingKind.ADDRESSES_THE_ASSESSOR: agents.c.findings_addressing,
    FindingKind.INSTRUCTS_ITS_OWN_MODEL: agents.c.findings_own,
    FindingKind.TOOL_CONTRADICTS_ITSELF: agents.c.findings_tools,
}


def _row(row: Any) -> AgentRow:
    return AgentRow(*row)._replace(status=AgentStatus(row.status))


def _where(chosen: Filter, is_sqlite: bool) -> Where:
    """All conditions but the statuses; each by a column that every index of the lists holds."""
    words = chosen.search.strip().casefold()
    named = sa.func.instr(agents.c.name_folded, words) + sa.func.instr(agents.c.slug, words) > 0
    lost, reviewed = agents.c.evidence_lost > 0, agents.c.review_id.is_not(None)
    conditions = (
        (chosen.source, agents.c.source == chosen.source),
        (chosen.kind, agents.c.kind == chosen.kind),
        (chosen.severity, agents.c.severity == chosen.severity),
        (chosen.finding, COUNTED_FINDINGS[chosen.finding or FindingKind.HIDDEN_TEXT] > 0),
        (chosen.evidence_lost, lost if chosen.evidence_lost else agents.c.evidence_lost == 0),
        (chosen.first_time, agents.c.review_id.is_(None) if chosen.first_time else reviewed),
        (words or None, named if is_sqlite else WORDS.contains(words, autoescape=True)),
    )
    return [condition for given, condition in conditions if given is not None]


_ROW = sa.select(*_COLUMNS).where(agents.c.slug == sa.bindparam("of_slug"))
_LOCKED_ROW = _ROW.with_for_update()


class Queue(StorePart):
    """Lists of agents. Read only."""

    def get(self, slug: str, *, locked: bool = False) -> AgentRow:
        """`locked`: nobody else decides about it, or assesses it, before the open unit of work ends."""
        return _row(
            required(
                self._db.row(_LOCKED_ROW if locked else _ROW, {"of_slug": slug}),
                NotFound("no such agent", subject=slug, step="store", next_step="`assay status`"),
            )
        )

    def status(self, slug: str) -> AgentStatus:
        return self.get(slug).status

    def page(
        self,
        chosen: Filter | None = None,
        *,
        sort: Sort = "priority",
        limit: int = 50,
        offset: int = 0,
        after: AgentRow | None = None,
    ) -> Page:
        """A page of the agents chosen, behind the row `after`. `score` has the highest first, without a score last."""
        with self._db.reading() as connection:
            slugs = self._slugs(connection, chosen or Filter(), sort, limit + 1, offset, after)
            found = connection.execute(sa.select(*_COLUMNS).where(agents.c.slug.in_(slugs[:limit]))).all()
        rows = {row.slug: _row(row) for row in found}
        return Page(tuple(rows[slug] for slug in slugs[:limit]), len(slugs) > limit)

    def walk(self, chosen: Filter) -> Iterator[AgentRow]:
        """All agents chosen, by slug, read a thousand at a time; who leaves the list meanwhile moves nobody."""
        page = Page((), True)
        while page.more:
            page = self.page(chosen, sort="slug", limit=1000, after=page.rows[-1] if page.rows else None)
            yield from page.rows

    def _slugs(
        self, connection: sa.Connection, chosen: Filter, sort: Sort, limit: int, offset: int, after: Any = None
    ) -> list[str]:
        """A page's slugs in order, those behind the row `after` when one is given.

        They are asked for state by state, since each state's agents stand in every order in an index; the first of
        each are then merged. PostgreSQL fetches and sorts those that a filter or a search leaves, where it takes them
        for few.
        """
        keys = [agents.c[key.column] for key in SORTS[sort]]
        where = _where(chosen, self._db.is_sqlite)
        if where and not self._db.is_sqlite:  # a plan for any values walks a whole order for rare ones
            connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
        first = [
            sa.select(*keys)
            .where(agents.c.status == status.value, *where, *later)
            .order_by(*(_ordered(key, agents.c) for key in SORTS[sort]))
            .limit(limit + offset)
            .subquery()
            for status in chosen.statuses or AgentStatus
            for later in ([[]] if after is None else rows_after(sort, after))
        ]
        merged = sa.union_all(*(sa.select(part) for part in first)).subquery()
        query = sa.select(merged.c.slug).order_by(*(_ordered(key, merged.c) for key in SORTS[sort]))
        return list(connection.scalars(query.limit(limit).offset(offset)))

    def neighbours(self, slug: str, chosen: Filter | None = None, *, sort: Sort = "priority") -> tuple[str, ...]:
        """The next agents of this list behind one, at most two, also when it has left the list; none at its end."""
        keys = sa.select(*(agents.c[key.column] for key in SORTS[sort])).where(agents.c.slug == slug)
        with self._db.reading() as connection:
            row = connection.execute(keys).one_or_none()
            return () if row is None else tuple(self._slugs(connection, chosen or Filter(), sort, 2, 0, row))

    def count(self, chosen: Filter) -> int:
        in_state = [agents.c.status.in_([status.value for status in chosen.statuses])] if chosen.statuses else []
        where = (*in_state, *_where(chosen, self._db.is_sqlite))
        query = sa.select(sa.func.count()).select_from(agents).where(*where)
        return int(self._db.scalar(query) or 0)

    def statuses(self) -> dict[AgentStatus, int]:
        """How many agents are in which state."""
        query = sa.select(agents.c.status, sa.func.count()).group_by(agents.c.status)
        found = {AgentStatus(row[0]): int(row[1]) for row in self._db.rows(query)}
        return {status: found.get(status, 0) for status in AgentStatus}

    def groups(self, by: Literal["source", "kind", "severity"]) -> dict[str, int]:
        """Counts for the filters of a list; the empty name stands for none."""
        query = sa.select(agents.c[by], sa.func.count()).group_by(agents.c[by])
        return dict(sorted((row[0] or "", int(row[1])) for row in self._db.rows(query)))

    def to_publish(self) -> tuple[str, ...]:
        """Slugs approved and not yet published."""
        query = sa.select(agents.c.slug).where(agents.c.status == AgentStatus.APPROVED.value).order_by(agents.c.slug)
        return tuple(self._db.scalars(query))
