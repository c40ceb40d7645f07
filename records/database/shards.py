"""A run cut into pieces for many machines, and money reserved in blocks.

Idea: a worker takes the next piece that is open or whose worker died, works, and says what came of it; doing a
piece twice must change nothing. Invariant: a piece has one worker at a time; a budget is never overdrawn, since
what is reserved counts as spent until its block is settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from records.database.engine import Database, utc_now
from records.database.leases import is_free
from records.database.tables import budget_blocks, shards
from scoring.errors import Refused


class Shard(NamedTuple):
    run: str
    key: str
    state: Literal["open", "taken", "done", "failed"]
    work: dict[str, Any]
    """What to do, such as the hosts or slugs of this piece."""
    holder: str
    tries: int
    result: dict[str, Any]


_COLUMNS = [shards.c[name] for name in Shard._fields]


class Shards:
    """The pieces of a run."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, run: str, pieces: Mapping[str, Mapping[str, Any]]) -> None:
        """Adds pieces in their order; those that are there already stay as they are."""
        with self._db.writing() as connection:
            start = connection.scalar(sa.select(sa.func.count()).where(shards.c.run == run)) or 0
            for position, (key, work) in enumerate(pieces.items(), start):
                row = {"run": run, "key": key, "position": position, "work": dict(work), "state": "open"}
                self._db.put(shards, {**row, "holder": "", "tries": 0, "result": {}}, replace=False)

    def take(self, run: str, holder: str, seconds: int, *, begins: str = "", most_tries: int = 3) -> Shard | None:
        """The next piece for this worker; None when none is to be had now (all done, failed or in other hands).

        `begins`: only pieces whose key begins so.

        A piece whose workers died `most_tries` times is failed, so that one that kills its worker ends.
        """
        now = utc_now()
        with self._db.writing() as connection:
            waiting = sa.select(*_COLUMNS, shards.c.until).where(shards.c.run == run)
            waiting = waiting.where(shards.c.key.startswith(begins, autoescape=True))
            waiting = waiting.where(shards.c.state.in_(("open", "taken"))).order_by(shards.c.position)
            for row in connection.execute(waiting.with_for_update(skip_locked=True)):
                if row.state == "taken" and not is_free(row.holder, row.until, seconds, now):
                    continue
                here = (shards.c.run == run) & (shards.c.key == row.key)
                if row.tries >= most_tries:
                    columns = {"state": "failed", "result": {"error": f"its worker died {row.tries} times"}}
                    connection.execute(sa.update(shards).where(here).values(**columns))
                    continue
                taken = {"state": "taken", "holder": holder, "tries": row.tries + 1}
                until = now + timedelta(seconds=seconds)
                connection.execute(sa.update(shards).where(here).values(**taken, until=until))
                return Shard(*row[:7])._replace(**taken)
        return None

    def renew(self, shard: Shard, seconds: int) -> None:
        """`Refused` when another worker has taken it: this one must stop."""
        self._update(shard, {"until": utc_now() + timedelta(seconds=seconds)})

    def finish(self, shard: Shard, result: Mapping[str, Any], *, failed: bool = False) -> None:
        """`Refused` when another worker has taken it meanwhile."""
        self._update(shard, {"state": "failed" if failed else "done", "result": dict(result)})

    def all(self, run: str) -> tuple[Shard, ...]:
        query = sa.select(*_COLUMNS).where(shards.c.run == run).order_by(shards.c.position)
        with self._db.reading() as connection:
            return tuple(Shard(*row) for row in connection.execute(query))

    def _update(self, shard: Shard, columns: dict[str, Any]) -> None:
        here = (shards.c.run == shard.run) & (shards.c.key == shard.key) & (shards.c.holder == shard.holder)
        with self._db.writing() as connection:
            if not connection.execute(
                sa.update(shards).where(here, shards.c.state == "taken").values(**columns)
            ).rowcount:
                raise Refused("another worker has taken it over", subject=shard.key, step="shard")


class Budget:
    """Money (or calls of a rate) shared by workers. A budget is a name such as `night:2026-11-21`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def reserve(self, budget: str, limit: Decimal, amount: Decimal, *, holder: str, seconds: int = 3600) -> int:
        """A block of `amount` to spend from; `Refused` when the limit would be passed."""
        now = utc_now()
        with self._db.writing() as connection:
            if not self._db.is_sqlite:  # one at a time a budget; SQLite has one writer anyway
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(budget))))
            self._settle_dead(connection, budget)
            gone = self._gone(connection, budget)
            if gone + amount > limit:
                left = max(limit - gone, Decimal(0))
                raise Refused(
                    f"{left} of {limit} are left, {amount} were asked for",
                    subject=budget,
                    step="budget",
                    next_step="raise the budget setting or wait for the next night",
                )
            row = {"budget": budget, "holder": holder, "reserved": amount, "spent": Decimal(0)}
            until = now + timedelta(seconds=seconds)
            key = connection.execute(sa.insert(budget_blocks).values(**row, until=until)).inserted_primary_key
            assert key is not None
            return int(key[0])

    def spend(self, block: int, amount: Decimal) -> None:
        """Counts what was really spent from a block; in one unit with the completion that cost it."""
        with self._db.writing() as connection:
            table = budget_blocks
            values = {"spent": table.c.spent + sa.bindparam("amount", amount, table.c.spent.type)}
            connection.execute(sa.update(table).where(table.c.id == block).values(**values))

    def settle(self, block: int) -> None:
        """Gives back what was not spent."""
        with self._db.writing() as connection:
            here = (budget_blocks.c.id == block) & budget_blocks.c.settled_at.is_(None)
            connection.execute(sa.update(budget_blocks).where(here).values(settled_at=utc_now()))

    def gone(self, budget: str) -> Decimal:
        """What is spent, or reserved and not settled."""
        with self._db.reading() as connection:
            return self._gone(connection, budget)

    @staticmethod
    def _gone(connection: sa.Connection, budget: str) -> Decimal:
        query = sa.select(budget_blocks).where(budget_blocks.c.budget == budget)
        rows = connection.execute(query).all()
        counted = (row.spent if row.settled_at else max(row.spent, row.reserved) for row in rows)
        return sum(counted, Decimal(0))

    def _settle_dead(self, connection: sa.Connection, budget: str) -> None:
        """A killed worker's block keeps what it spent; the rest is free again."""
        now = utc_now()
        here = (budget_blocks.c.budget == budget) & budget_blocks.c.settled_at.is_(None)
        for row in connection.execute(sa.select(budget_blocks).where(here)).all():
            if is_free(row.holder, row.until, 10**8, now):
                self.settle(row.id)
