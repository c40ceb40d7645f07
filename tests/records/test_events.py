"""The head of the log as evidence: a log that was rewritten from its first event on and hashed anew still shows."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from records.database import events as events_module
from records.database import tables
from records.database.event_chain import FIRST_PREVIOUS, Event, UnchainedEvent, broken_links, event_digest
from records.database.events import Anchor
from records.maintenance.verify import verify
from records.store import Store
from tests.records.made import fill

Forge = Callable[[list[Event], int], list[Event]]
FORGERIES: dict[str, Forge] = {
    "an edit": lambda log, n: [*log[:n], log[n]._replace(payload={"forged": True}), *log[n + 1 :]],
    "another actor": lambda log, n: [*log[:n], log[n]._replace(actor="nobody"), *log[n + 1 :]],
    "a removal": lambda log, n: [*log[:n], *log[n + 1 :]],
    "another order": lambda log, n: [*log[:n], log[(n + 1) % len(log)], log[n], *log[n + 2 :]],
    "an event between": lambda log, n: [*log[:n], log[n]._replace(kind="review.forged"), *log[n:]],
    "a cut tail": lambda log, n: log[:n],
}


def rewrite(connection: sa.Connection, log: list[Event]) -> None:
    """The log of a forger who can hash: each digest fits, and so does the head."""
    previous, rows = FIRST_PREVIOUS, []
    for number, event in enumerate(log, 1):
        link = event_digest(number, UnchainedEvent(*event[1:6]), previous)
        rows.append(event._replace(sequence=number, previous=previous, digest=link)._asdict())
        previous = link
    connection.execute(sa.delete(tables.events))
    if rows:
        connection.execute(sa.insert(tables.events), rows)
    connection.execute(sa.update(tables.event_head).values(sequence=len(rows), digest=previous))


@pytest.mark.slow
@pytest.mark.parametrize("most", [1024, 4])
def test_each_forgery_of_each_event_is_found_and_named(full: Store, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(events_module, "MOST_DIGESTS", most)
    full.note("person.put", payload={"name": "ada"}, actor="ada")
    anchor = Anchor.model_validate_json(full.events.anchor().model_dump_json())
    log = list(full.events.all())
    assert len(log) >= 6 and anchor.sequence == len(log) and len(anchor.digests) <= most
    full.note("person.put", payload={"name": "eve"}, actor="ada")  # a longer log is none that was rewritten
    assert verify(full, against=anchor.points).problems == ()
    for name, forged in FORGERIES.items():
        for n in range(len(log) - (name == "another order")):
            with pytest.raises(InterruptedError), full.database.writing() as connection:
                rewrite(connection, forged(log, n))
                assert not broken_links(connection), "the forger is careful"
                (told,) = full.events.differences(anchor.points)
                first = (n // anchor.every) * anchor.every + 1
                number = told.partition(":")[0]
                assert f"event {n + 1} was" in number or f"an event from {first} to " in number, (name, n, told)
                raise InterruptedError  # takes the forgery back
    assert verify(full, against=anchor.points).problems == ()


def test_what_a_publication_notes_of_itself_moves_no_anchor(full: Store) -> None:
    before = full.events.anchor()
    full.publications.finish(full.publications.begin(), "live")
    assert full.events.anchor() == before and full.events.head().sequence == before.sequence + 1
    fill(full, "stoat")
    assert full.events.anchor().sequence == full.events.head().sequence


def test_an_empty_log_is_the_beginning_of_every_log(store: Store) -> None:
    nothing = store.events.anchor()
    assert nothing.sequence == 0
    fill(store)
    assert store.events.differences(nothing.points) == []


def test_events_of_an_agent_a_person_and_a_day(full: Store) -> None:
    log = full.events.all()
    for slug in ("otter", "heron"):
        assert full.events.all(slug=slug) == tuple(event for event in log if event.slug == slug)
    assert full.events.all(actor="ada") == tuple(event for event in log if event.actor == "ada") != ()
    assert full.events.all(since=log[3].at) == tuple(event for event in log if event.at >= log[3].at)
    assert full.events.last(2, before=log[-1].sequence) == tuple(reversed(log[-3:-1]))
