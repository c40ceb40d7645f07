"""What happens to published records beside a new review: withdrawn, reinstated, superseded, disputed, opted out; and
what takes an agent off the list that has none.

Idea: `publishing.life` makes the version, the store keeps it in the open generation, the next publication shows
it. Invariant: a dispute begins and ends with the vendor's corrections, never by itself.
"""

from __future__ import annotations

from flows.keeping import operator
from publishing import life
from publishing.safe import clip
from publishing.words import path_title
from records.publications import Published
from records.queue import AgentStatus
from records.store import Store
from scoring.errors import BadInput, NotFound, Refused
from scoring.outcomes import Correction, CorrectionState, PublishedRecord

_OPEN = (CorrectionState.RECEIVED, CorrectionState.UNDER_REVIEW)


def withdraw_record(store: Store, slug: str, reason: str) -> PublishedRecord:
    """Takes a published record back; its page stays, with the reason."""
    before = _published(store, slug, "withdraw")
    return _keep(store, before, life.withdraw(before.record, reason, now=store.now()))


def reinstate_record(store: Store, slug: str, reason: str) -> PublishedRecord:
    """Undoes a withdrawal."""
    before = _published(store, slug, "reinstate")
    return _keep(store, before, life.reinstate(before.record, reason, now=store.now()))


def supersede_record(store: Store, slug: str, older: str) -> PublishedRecord:
    """One record takes the place of another, which stays as a withdrawn one that points to it."""
    new, old = _published(store, slug, "supersede"), _published(store, older, "supersede")
    newer, gone = life.supersede(new.record, old.record, now=store.now())
    _keep(store, old, gone)
    return _keep(store, new, newer)


def opt_out(store: Store, slug: str, reason: str) -> PublishedRecord | None:
    """Its owner asked not to be assessed: it is never crawled again, and its record, if there is one, is withdrawn."""
    slug = store.listings.find(slug)
    store.listings.opt_out(slug, reason, actor=operator())
    before = store.publications.current(slug)
    if before is None or before.record.withdrawn:
        return None
    return _keep(store, before, life.withdraw(before.record, reason, now=store.now()))


def opt_in(store: Store, slug: str, reason: str) -> None:
    """Undoes an opting out; the record, if there is one, stays withdrawn until it is reinstated."""
    store.listings.opt_in(store.listings.find(slug), reason, actor=operator())


def remove_agent(store: Store, slug: str, reason: str) -> str:
    """Takes an agent off the list: never due, in no queue and nowhere in public, also where a source lists it still.

    `Refused` while a record of it is published (withdraw it first: readers must see why) or its owner opted out.
    """
    if not reason.strip():
        raise BadInput("a removal needs a reason", subject=slug, step="remove", next_step="add --reason")
    slug = store.listings.find(slug)
    before = store.publications.current(slug)
    if before is not None and not before.record.withdrawn:
        raise Refused(
            "it has a published record", subject=slug, step="remove", next_step=f"assay withdraw {slug} --reason …"
        )
    if store.queue.status(slug) is AgentStatus.OPTED_OUT and slug not in store.listings.removed():
        raise Refused("its owner opted out, which stands", subject=slug, step="remove", next_step="assay status")
    store.listings.remove(slug, reason, actor=operator())
    return slug


def restore_agent(store: Store, slug: str, reason: str) -> str:
    """Undoes a removal."""
    slug = store.listings.find(slug)
    if slug not in store.listings.removed():
        raise Refused("it was not removed", subject=slug, step="restore", next_step=f"assay show {slug}")
    store.listings.restore(slug, reason, actor=operator())
    return slug


def mark_disputes(store: Store, generation: int) -> int:
    """A record is disputed while a correction of its vendor waits for a decision. Gives how many records changed."""
    by_slug: dict[str, list[Correction]] = {}
    for correction in store.corrections.all():
        by_slug.setdefault(correction.slug, []).append(correction)
    changed = 0
    for slug, corrections in sorted(by_slug.items()):
        before = store.publications.current(slug)
        if before is None:
            continue
        waiting = [c for c in corrections if c.state in _OPEN]
        if waiting:
            record = life.dispute(before.record, _claim(waiting[0]), now=store.now())
        else:
            last = max(corrections, key=lambda c: (c.decided or c.received, c.id))
            record = life.settle(before.record, _outcome(last), now=store.now())
        changed += store.publications.put(record, generation=generation, review=before.review)
    return changed


def _claim(correction: Correction) -> str:
    return clip(f"{path_title(correction.path)}: the vendor says {correction.proposed.replace('_', ' ')}", 300)


def _outcome(correction: Correction) -> str:
    told = f"{path_title(correction.path)}: correction {correction.state.value.replace('_', ' ')}"
    return clip(f"{told}, {correction.reason}" if correction.reason else told, 300)


def _published(store: Store, slug: str, step: str) -> Published:
    slug = store.listings.find(slug)
    before = store.publications.current(slug)
    if before is None:
        raise NotFound("it was never published", subject=slug, step=step)
    return before


def _keep(store: Store, before: Published, record: PublishedRecord) -> PublishedRecord:
    store.publications.put(record, generation=store.publications.begin(), review=before.review)
    return record
