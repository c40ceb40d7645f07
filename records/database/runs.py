"""Runs, and how the night ended for each agent.

Idea: a run holds the lock `run:<kind>` while it works; a run row that is `running` while nobody holds its lock was
killed, and is marked `interrupted` by the next one. Invariants: at most one run of a kind is at work; who takes the
place of a run marks its row, so a row that is still `running` is that of whoever gets its lock.
"""

import os
import secrets
import socket
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from records.database.engine import Database
from records.database.locks import Lock, Locks
from records.database.tables import agents, endings, runs
from scoring.errors import NotFound, Refused, required


class AgentOutcome(StrEnum):
    """How looking at one agent ended."""

    ASSESSED = "assessed"
    UNCHANGED = "unchanged"
    WITHHELD = "withheld"
    """Assessed; the headline is withheld with a reason."""
    NOT_FOUND = "not_found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    """By the server or by robots.txt."""
    OPTED_OUT = "opted_out"
    NO_TEXT = "no_text"
    TOO_COSTLY = "too_costly"
    """Reading its pages costs more than a page may; it is tried again when they or the parser change."""
    NOT_THE_PAGE = "not_the_page"
    """Something else is in its page's place."""
    UNREACHABLE = "unreachable"
    DEFERRED = "deferred"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"
    """By the model or its endpoint's content filter: this page, prompt and model are not asked about again."""
    UNPARSED = "unparsed"
    """The model's reply was cut off or is no assessment."""
    QUEUED = "queued"
    """Pages are there; the model was away or the budget was used up."""
    WAITING = "waiting_for_batch"
    """Its question is in a batch of the model's endpoint; no failure, and looked at again the next night."""
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    """Our own error."""

    @property
    def is_terminal(self) -> bool:
        """True when it counts as complete for the night."""
        return self in _TERMINAL

    @property
    def comes_again(self) -> bool:
        """True when the next night looks at the agent, whatever its age."""
        return not self.is_terminal or self is AgentOutcome.WAITING


_TERMINAL = frozenset(
    {
        AgentOutcome.ASSESSED,
        AgentOutcome.UNCHANGED,
        AgentOutcome.WITHHELD,
        AgentOutcome.NOT_FOUND,
        AgentOutcome.GONE,
        AgentOutcome.FORBIDDEN,
        AgentOutcome.OPTED_OUT,
        AgentOutcome.NO_TEXT,
        AgentOutcome.REFUSED,
        AgentOutcome.TOO_COSTLY,
        AgentOutcome.WAITING,
    }
)

RunStatus = Literal["running", "finished", "failed", "interrupted"]


class Run(NamedTuple):
    id: str
    kind: str
    status: RunStatus
    holder: str
    """`machine|process` that began it, for a person; its lock says whether it lives."""
    started_at: datetime
    finished_at: datetime | None
    summary: dict[str, Any]


class Ending(NamedTuple):
    slug: str
    outcome: AgentOutcome
    reason: str
    at: datetime


_ENDED = (
    sa.update(agents)
    .where(agents.c.slug == sa.bindparam("of_slug"))
    .values(
        outcome=sa.bindparam("new_outcome"),
        outcome_reason=sa.bindparam("new_reason"),
        outcome_at=sa.bindparam("new_at"),
    )
)


class Runs:
    """Runs of any kind: `nightly`, `publish`, `rescore`, …"""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._db = database
        self._locks = locks
        self._run_locks: dict[str, Lock] = {}

    def begin(self, kind: str) -> Run:
        """Starts a run and marks killed ones of its kind; `Refused` while another one works."""
        lock = required(
            self._locks.try_acquire(f"run:{kind}"),
            Refused("another run is at work", subject=kind, step="run", next_step="`assay status`"),
        )
        try:
            with self._db.writing() as connection:
                self._interrupt(connection, kind)
                row = {"id": secrets.token_hex(8), "kind": kind, "status": "running"}
                row |= {"holder": f"{socket.gethostname()}|{os.getpid()}"}
                connection.execute(sa.insert(runs).values(**row, started_at=self._db.now(), summary={}))
                self._db.note("run.begun", payload={"run": row["id"], "kind": kind})
            self._run_locks[row["id"]] = lock
            return self.get(row["id"])
        except BaseException:
            lock.release()
            raise

    def is_ours(self, run: Run) -> bool:
        """Whether the run still has its place. A lock that was lost with its connection is taken again, unless another
        run took the place meanwhile."""
        lock = self._run_locks.get(run.id)
        if lock is not None and lock.still_held():
            return True
        lock = self._locks.try_acquire(f"run:{run.kind}")
        if lock is None:
            return False
        if self.is_running(run.id):
            self._run_locks[run.id] = lock
            return True
        lock.release()
        return False

    def is_running(self, identifier: str) -> bool:
        """Whether the run has neither ended nor been marked."""
        query = sa.select(runs.c.id).where(runs.c.id == identifier, runs.c.status == "running")
        return self._db.scalar(query) is not None

    def plan(self, run: Run, plan: dict[str, Any]) -> None:
        """Keeps what the parts of a run have to know, in the place of its summary until it ends."""
        self._db.write(sa.update(runs).where(runs.c.id == run.id).values(summary=plan))

    def finish(self, run: Run, status: RunStatus = "finished", summary: dict[str, Any] | None = None) -> bool:
        """Ends a run once. False, and nothing written, when it had ended already or lost its place: another run took
        over and marked it, so that the store holds no summary of it."""
        if not self.is_ours(run):
            return False
        with self._db.writing() as connection:
            update = sa.update(runs).where(runs.c.id == run.id, runs.c.status == "running")
            columns = {"status": status, "finished_at": self._db.now(), "summary": summary or {}}
            ended = bool(connection.execute(update.values(**columns)).rowcount)
            if ended:
                self._db.note(f"run.{status}", payload={"run": run.id, "kind": run.kind})
        self._run_locks.pop(run.id).release()
        return ended

    def get(self, identifier: str) -> Run:
        found = self._db.first(Run, sa.select(runs).where(runs.c.id == identifier))
        return required(found, NotFound("no such run", subject=identifier, step="runs", next_step="`assay status`"))

    def recent(self, kind: str | None = None, limit: int = 20) -> tuple[Run, ...]:
        """Newest first."""
        query = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.id).limit(limit)
        if kind is not None:
            query = query.where(runs.c.kind == kind)
        return self._db.read(Run, query)

    def reclaim(self) -> tuple[str, ...]:
        """Marks every killed run as interrupted; gives their ids."""
        reclaimed: list[str] = []
        kinds = self._db.scalars(sa.select(runs.c.kind).where(runs.c.status == "running").distinct())
        for kind in sorted(kinds):
            lock = self._locks.try_acquire(f"run:{kind}")
            if lock is not None:
                with lock, self._db.writing() as connection:
                    reclaimed += self._interrupt(connection, kind)
        return tuple(reclaimed)

    def _interrupt(self, connection: sa.Connection, kind: str) -> list[str]:
        left = sa.select(runs.c.id).where(runs.c.kind == kind, runs.c.status == "running").order_by(runs.c.id)
        found = list(connection.scalars(left))
        for identifier in found:
            update = sa.update(runs).where(runs.c.id == identifier)
            connection.execute(update.values(status="interrupted", finished_at=self._db.now(), summary={}))
            self._db.note("run.interrupted", payload={"run": identifier, "kind": kind})
        return found

    def end_agent(self, run: str | None, slug: str, outcome: AgentOutcome, reason: str = "") -> None:
        """Says how looking at this agent ended, in this run (None: a command about one agent).

        A night that lives on while a database server is killed must not miss it; where both die together, the
        agent is looked at again.
        """
        now = self._db.now()
        columns = {"outcome": outcome.value, "reason": reason, "at": now}
        with self._db.writing(quick=self._db.is_sqlite) as connection:
            heads = {"of_slug": slug, "new_outcome": outcome.value, "new_reason": reason, "new_at": now}
            if not connection.execute(_ENDED, heads).rowcount:
                raise NotFound("no such agent", subject=slug, step="runs")
            if run is not None:
                self._db.put(endings, {"run": run, "slug": slug, **columns})

    def endings(self, run: str) -> tuple[Ending, ...]:
        """How the run ended for each agent, by slug."""
        query = sa.select(endings.c.slug, endings.c.outcome, endings.c.reason, endings.c.at)
        query = query.where(endings.c.run == run).order_by(endings.c.slug)
        return tuple(Ending(r.slug, AgentOutcome(r.outcome), r.reason, r.at) for r in self._db.rows(query))

    def counts(self, run: str) -> dict[AgentOutcome, int]:
        """How many agents ended how, in the order of `AgentOutcome`."""
        query = sa.select(endings.c.outcome, sa.func.count()).where(endings.c.run == run).group_by(endings.c.outcome)
        found = {AgentOutcome(row[0]): int(row[1]) for row in self._db.rows(query)}
        return {outcome: found[outcome] for outcome in AgentOutcome if outcome in found}
