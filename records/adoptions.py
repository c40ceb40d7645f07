"""How far a store has taken on new versions: under way, stopped or taken back, read off the event chain.

Invariant: nothing but the last word of a person counts, whatever was killed since.
"""

from datetime import datetime
from typing import Literal, NamedTuple

from records.store import Store

Versions = dict[str, str | None]
"""The provenance of an assessment, by name."""


class Adoption(NamedTuple):
    """Of new versions by a store."""

    state: Literal["open", "stopped", "back"]
    versions: Versions
    began: datetime
    a_night: int
    """Drafts that a night may make anew only because versions changed."""


def last_adoption(store: Store) -> Adoption | None:
    """What a person said last; None when nothing was ever adopted."""
    found = store.events.all(kind="adoption.")
    if not found:
        return None
    payload = found[-1].payload
    return Adoption(
        found[-1].kind.removeprefix("adoption."),  # type: ignore[arg-type]
        payload["versions"],
        datetime.fromisoformat(payload["began"]),
        payload["a_night"],
    )


def keep_adoption(store: Store, adoption: Adoption, actor: str, reason: str) -> None:
    """Adds the word of a person to the chain."""
    payload = {"versions": adoption.versions, "began": adoption.began.isoformat(), "a_night": adoption.a_night}
    store.note(f"adoption.{adoption.state}", "", {**payload, "reason": reason}, actor)


def in_renewal(store: Store) -> frozenset[str]:
    """Slugs of live records that older versions made, while newer ones are being adopted."""
    adoption = last_adoption(store)
    if adoption is None or adoption.state == "back":
        return frozenset()
    return frozenset(
        slug
        for slug, made_by in store.publications.provenances()
        if made_by.model_dump(mode="json") != adoption.versions
    )
