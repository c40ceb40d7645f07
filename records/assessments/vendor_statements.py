"""What a vendor says in public about its product, beside the record: received, then put there by a person.

Idea: each word is an event of the chain; what stands is read off the last ones. Invariant: nothing that a vendor sent
is public before a person put it there, and it changes no claim and no score.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError

from records.store import Store
from scoring.errors import BadInput
from scoring.record import VendorStatement

_KIND = "vendor_statement."


def read_statement(store: Store, slug: str, told: dict[str, str]) -> VendorStatement:
    """A statement as it was typed. Raises `BadInput` that names what cannot be used."""
    try:
        statement = VendorStatement.model_validate({name: text.strip() for name, text in told.items()})
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
    """Keeps the next step: `removed` takes away what waits and what stands."""
    told = statement.model_dump(mode="json") if statement is not None else {}
    store.note(f"{_KIND}{step}", slug, told, actor)


def waiting_statement(store: Store, slug: str) -> VendorStatement | None:
    """What the vendor sent and nobody has put beside the record or removed."""
    steps = [event for event in store.events.about(slug) if event.kind.startswith(_KIND)]
    waits = bool(steps) and steps[-1].kind == f"{_KIND}received"
    return VendorStatement.model_validate(steps[-1].payload) if waits else None


def public_statements(store: Store) -> dict[str, VendorStatement | None]:
    """What stands beside each record that ever had a statement; None where it was removed."""
    found: dict[str, VendorStatement | None] = {}
    for event in store.events.all(kind=_KIND):
        if event.kind != f"{_KIND}received":
            found[event.slug] = VendorStatement.model_validate(event.payload) if event.payload else None
    return found
