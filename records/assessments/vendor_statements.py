"""What a vendor says in public about its product, beside the record: received, then put there by a person.

Idea: each word is an event of the chain; what is public is read off the last ones. Invariant: nothing that a vendor
sent is public before a person put it there, and it changes no claim and no score.
"""

from collections.abc import Iterable
from typing import Literal

from pydantic import ValidationError

from records.database.event_chain import Event
from records.store import Store
from scoring.errors import BadInput
from scoring.record import VendorStatement

_KIND = "vendor_statement."


def read_statement(store: Store, slug: str, fields: dict[str, str]) -> VendorStatement:
    """A statement as it was typed. Raises `BadInput` that names what cannot be used."""
    try:
        statement = VendorStatement.model_validate({name: text.strip() for name, text in fields.items()})
    except ValidationError as error:
        problem = error.errors()[0]
        raise BadInput(f"{problem['loc'][0]}: {problem['msg']}", subject=slug, step="statement") from None
    if statement.date > store.now().date():
        raise BadInput("date: it lies in the future", subject=slug, step="statement")
    return statement


def note_statement(
    store: Store,
    slug: str,
    step: Literal["received", "put", "removed"],
    statement: VendorStatement | None,
    actor: str,
) -> None:
    """Keeps the next step: `removed` takes away what waits and what is public."""
    payload = statement.model_dump(mode="json") if statement is not None else {}
    store.note(f"{_KIND}{step}", slug, payload, actor)


def undo_statement(store: Store, slug: str, actor: str) -> None:
    """Takes back what was put or removed last, if this person did it; both stay in the chain."""
    with store.writing():
        decided = _decided(store.events.all(slug=slug))
        if not decided or decided[-1].actor != actor:
            raise BadInput("there is nothing of yours to undo", subject=slug, step="statement")
        store.note(f"{_KIND}undone", slug, {}, actor)


def _steps(events: Iterable[Event]) -> list[Event]:
    """What happened to the statements of one agent, without what was taken back."""
    steps: list[Event] = []
    for event in events:
        if event.kind == f"{_KIND}undone":
            last = _decided(steps)[-1:]
            steps = [step for step in steps if step not in last]
        elif event.kind.startswith(_KIND):
            steps.append(event)
    return steps


def _decided(events: Iterable[Event]) -> list[Event]:
    return [step for step in _steps(events) if step.kind != f"{_KIND}received"]


def waiting_statement(store: Store, slug: str) -> VendorStatement | None:
    """What the vendor sent and nobody has put beside the record or removed."""
    steps = _steps(store.events.all(slug=slug))
    waits = bool(steps) and steps[-1].kind == f"{_KIND}received"
    return VendorStatement.model_validate(steps[-1].payload) if waits else None


def public_statements(store: Store) -> dict[str, VendorStatement | None]:
    """The public statement beside each record that ever had one; None where it was removed."""
    by_slug: dict[str, list[Event]] = {}
    for event in store.events.all(kind=_KIND):
        by_slug.setdefault(event.slug, []).append(event)
    received = f"{_KIND}received"
    return {slug: _public(events) for slug, events in by_slug.items() if any(e.kind != received for e in events)}


def standing_statement(store: Store, slug: str) -> VendorStatement | None:
    """The public statement beside the record of one agent, from its next publication on."""
    return _public(store.events.all(slug=slug))


def _public(events: Iterable[Event]) -> VendorStatement | None:
    last = next(reversed(_decided(events)), None)
    return VendorStatement.model_validate(last.payload) if last is not None and last.payload else None
