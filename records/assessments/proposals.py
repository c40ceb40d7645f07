"""What programs propose about claims: each proposal is an event of the chain, and so is its refusal.

Invariant: a proposal holds only for the draft it was made on; a later one of the same program about the same claim
takes its place.
"""

from datetime import datetime
from typing import Any, NamedTuple

from records.assessments.review_drafts import Verdict
from records.store import Store
from scoring.claims import Digest
from scoring.reviews import Amendment

_KIND = "proposal."


class StandingProposal(NamedTuple):
    """A proposal about one claim."""

    id: int
    """The number of its event."""
    by: str
    at: datetime
    path: str
    verdict: Verdict
    amendments: tuple[Amendment, ...]
    note: str
    after: int | None
    """The last decision about the claim when it was made."""


def note_proposal(store: Store, slug: str, assessment: Digest, proposed: StandingProposal) -> None:
    """Keeps a proposal; its number and moment are those of its event."""
    payload: dict[str, Any] = {"assessment": assessment, "amendments": [a.model_dump() for a in proposed.amendments]}
    payload |= {name: getattr(proposed, name) for name in ("path", "verdict", "note", "after")}
    store.note(f"{_KIND}made", slug, payload, proposed.by)


def note_answer(store: Store, slug: str, proposed: StandingProposal, answer: str, actor: str) -> None:
    """Keeps that a person took or refused a proposal."""
    store.note(f"{_KIND}{answer}", slug, {"proposal": proposed.id, "of": proposed.by, "path": proposed.path}, actor)


def proposals(store: Store, slug: str, assessment: Digest | None) -> tuple[StandingProposal, ...]:
    """What was proposed about a draft and not refused, oldest first."""
    open_ones: dict[tuple[str, str], StandingProposal] = {}
    for event in store.events.all(slug=slug, kind=_KIND):
        payload = event.payload
        if event.kind == f"{_KIND}refused":
            open_ones = {key: proposed for key, proposed in open_ones.items() if proposed.id != payload["proposal"]}
        elif event.kind == f"{_KIND}made" and payload["assessment"] == assessment:
            changes = tuple(Amendment.model_validate(amendment) for amendment in payload["amendments"])
            words = (payload["path"], payload["verdict"], changes, payload["note"], payload["after"])
            open_ones[event.actor, payload["path"]] = StandingProposal(event.sequence, event.actor, event.at, *words)
    return tuple(sorted(open_ones.values()))
