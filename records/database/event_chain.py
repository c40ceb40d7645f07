"""Append-only events, each holding the digest of the one before.

Idea: whoever deletes, edits, reorders or re-dates an event breaks a digest; the head row (last sequence and
digest, moved in the same transaction) makes a cut tail show as well.

digest = sha256(canonical JSON of {sequence, at, actor, kind, slug, payload, previous})
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import digest
from records.database.column_types import stamp
from records.database.tables import event_head, events

FIRST_PREVIOUS = "sha256:" + "0" * 64
"""What the first event names as the one before it."""


class UnchainedEvent(NamedTuple):
    """An event that is not chained yet."""

    at: datetime
    actor: str
    kind: str
    slug: str
    payload: dict[str, Any]


class Event(NamedTuple):
    """One link of the chain."""

    sequence: int
    at: datetime
    actor: str
    kind: str
    """`review.approve`, `publication.withdrawn`, …"""
    slug: str
    """Empty when the event is about no single agent."""
    payload: dict[str, Any]
    previous: str
    digest: str

    @property
    def detail(self) -> str:
        """The payload in one line; digests by their first signs, lists by their length."""
        return ", ".join(f"{name} {_short(value)}" for name, value in self.payload.items() if value not in ("", None))


def _short(value: object) -> str:
    if isinstance(value, list | dict) and len(str(value)) > 100:
        return f"({len(value)})"
    return str(value)[: 19 if str(value).startswith("sha256:") else 200]


def event_digest(sequence: int, noted: UnchainedEvent, previous: str) -> str:
    """The digest of one link."""
    return digest(
        {
            "sequence": sequence,
            "at": stamp(noted.at),
            "actor": noted.actor,
            "kind": noted.kind,
            "slug": noted.slug,
            "payload": noted.payload,
            "previous": previous,
        }
    )


_HEAD = sa.select(event_head.c.sequence, event_head.c.digest)
_LOCKED_HEAD = _HEAD.with_for_update()
_LINKS, _MOVE = sa.insert(events), sa.update(event_head)


def write_events(connection: sa.Connection, noted: Sequence[UnchainedEvent], *, locked: bool) -> None:
    """Chains the events of a unit of work, as the last thing it does."""
    if not noted:
        return
    sequence, previous = connection.execute(_LOCKED_HEAD if locked else _HEAD).one()
    rows = []
    for event in noted:
        sequence += 1
        link = event_digest(sequence, event, previous)
        rows.append({"sequence": sequence, **event._asdict(), "previous": previous, "digest": link})
        previous = link
    connection.execute(_LINKS, rows)
    connection.execute(_MOVE, {"sequence": sequence, "digest": previous})


def broken_links(connection: sa.Connection) -> list[str]:
    """Every place where the chain does not hold, one line each."""
    problems: list[str] = []
    expected, previous = 1, FIRST_PREVIOUS
    for row in connection.execute(sa.select(events).order_by(events.c.sequence)).yield_per(1000):
        event = Event(*row)
        name = f"event {event.sequence} ({event.kind})"
        if event.sequence != expected:
            problems.append(f"{name}: event {expected} is missing")
        if event.previous != previous:
            problems.append(f"{name}: does not follow the event before it")
        if event_digest(event.sequence, UnchainedEvent(*event[1:6]), event.previous) != event.digest:
            problems.append(f"{name}: does not match its digest")
        expected, previous = event.sequence + 1, event.digest
    head = connection.execute(sa.select(event_head.c.sequence, event_head.c.digest)).one_or_none()
    if head is None or tuple(head) != (expected - 1, previous):
        problems.append("event chain: its end is not where the head says")
    return problems
