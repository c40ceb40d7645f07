"""What happens to published records beside a new review: withdrawn, reinstated, superseded, disputed, opted out; and
what takes an agent off the list that has none.

Idea: `publishing.record_versions.lifecycle` makes the version, the store keeps it in the open generation, the next
publication shows it. Invariants: nothing enters a generation while it is being published; a dispute begins and ends
with the vendor's corrections, never by itself.
"""

from flows.store_access import acting
from publishing.pages.escaping import clip
from publishing.record_versions import lifecycle
from records.agents.review_queue import AgentStatus
from records.assessments.vendor_statements import public_statements
from records.maintenance.skipped_agents import skip_on_error
from records.publications import Published
from records.store import Store
from review.roles import Actor
from scoring import labels
from scoring.errors import BadInput, NotFound, Refused, required
from scoring.record import PublishedRecord
from scoring.reviews import Correction, CorrectionState

_OPEN = (CorrectionState.RECEIVED, CorrectionState.UNDER_REVIEW)
PUBLISHING = "run:publish"
"""The lock of whoever writes into the open generation, `Refused` while a publication is at work."""


def withdraw_record(store: Store, slug: str, reason: str, by: str = "") -> PublishedRecord:
    """Takes a published record back; its page stays, with the reason."""
    _may(store, by, slug, "withdraw", reason)
    with store.locks.held(PUBLISHING):
        before = _published(store, slug, "withdraw")
        return _keep(store, before, lifecycle.withdraw(before.record, reason, now=store.now()))


def reinstate_record(store: Store, slug: str, reason: str, by: str = "") -> PublishedRecord:
    """Undoes a withdrawal."""
    _may(store, by, slug, "reinstate", reason)
    with store.locks.held(PUBLISHING):
        before = _published(store, slug, "reinstate")
        return _keep(store, before, lifecycle.reinstate(before.record, reason, now=store.now()))


def supersede_record(store: Store, slug: str, older: str, by: str = "") -> PublishedRecord:
    """One record takes the place of another, which stays as a withdrawn one that points to it."""
    _may(store, by, slug, "supersede", f"superseded by {slug}")
    with store.locks.held(PUBLISHING):
        new, old = _published(store, slug, "supersede"), _published(store, older, "supersede")
        newer, gone = lifecycle.supersede(new.record, old.record, now=store.now())
        with store.writing():
            _keep(store, old, gone)
            return _keep(store, new, newer)


def opt_out(store: Store, slug: str, reason: str, by: str = "") -> PublishedRecord | None:
    """Its owner asked not to be assessed: it is never crawled again, and its record, if there is one, is withdrawn."""
    actor = _may(store, by, slug, "opt-out", reason)
    slug = store.listings.find(slug)
    with store.locks.held(PUBLISHING), store.writing():
        store.listings.opt_out(slug, reason, actor=actor.name)
        before = store.publications.current(slug)
        if before is None or before.record.withdrawn:
            return None
        return _keep(store, before, lifecycle.withdraw(before.record, reason, now=store.now()))


def opt_in(store: Store, slug: str, reason: str, by: str = "") -> None:
    """Undoes an opting out; the record, if there is one, stays withdrawn until it is reinstated."""
    actor = _may(store, by, slug, "opt-out", reason)
    store.listings.opt_in(store.listings.find(slug), reason, actor=actor.name)


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
            "it has a published record",
            subject=slug,
            step="remove",
            next_step=f"assay record withdraw {slug} --reason …",
        )
    if store.queue.status(slug) is AgentStatus.OPTED_OUT and slug not in store.listings.removed():
        raise Refused("its owner opted out, which stands", subject=slug, step="remove", next_step="assay status")
    store.listings.remove(slug, reason, actor=acting(store, slug=slug).name)
    return slug


def restore_agent(store: Store, slug: str, reason: str) -> str:
    """Undoes a removal."""
    slug = store.listings.find(slug)
    if slug not in store.listings.removed():
        raise Refused("it was not removed", subject=slug, step="restore", next_step=f"assay agents show {slug}")
    store.listings.restore(slug, reason, actor=acting(store, slug=slug).name)
    return slug


def mark_disputes(store: Store, generation: int, skipped: dict[str, str]) -> int:
    """A record is disputed while a correction of its vendor waits for a decision. Gives how many records changed; why
    one could not be marked is noted in `skipped`."""
    by_slug: dict[str, list[Correction]] = {}
    for correction in store.corrections.all():
        by_slug.setdefault(correction.slug, []).append(correction)
    changed = 0
    for slug, corrections in sorted(by_slug.items()):
        with skip_on_error(slug, skipped):
            changed += _mark(store, slug, corrections, generation)
    return changed


def _mark(store: Store, slug: str, corrections: list[Correction], generation: int) -> bool:
    before = store.publications.current(slug)
    if before is None:
        return False
    waiting = [c for c in corrections if c.state in _OPEN]
    if waiting:
        record = lifecycle.dispute(before.record, _claim(waiting[0]), now=store.now())
    else:
        last = max(corrections, key=lambda c: (c.decided or c.received, c.id))
        record = lifecycle.settle(before.record, _outcome(last), now=store.now())
    return store.publications.put(record, generation=generation, review=before.review)


def put_statements(store: Store, generation: int, skipped: dict[str, str]) -> int:
    """Puts the vendors' statements beside their records; gives how many records changed."""
    changed = 0
    for slug, statement in sorted(public_statements(store).items()):
        with skip_on_error(slug, skipped):
            before = store.publications.current(slug)
            if before is not None:
                record = lifecycle.put_statement(before.record, statement, now=store.now())
                changed += store.publications.put(record, generation=generation, review=before.review)
    return changed


def _claim(correction: Correction) -> str:
    return clip(f"{labels.path_title(correction.path)}: the vendor says {labels.plain(correction.proposed)}", 300)


def _outcome(correction: Correction) -> str:
    reason = f"{labels.path_title(correction.path)}: correction {labels.CORRECTIONS[correction.state]}"
    return clip(f"{reason}, {correction.reason}" if correction.reason else reason, 300)


def _may(store: Store, by: str, slug: str, step: str, reason: str) -> Actor:
    """Who acts, if they may and say why; whoever runs the command when nobody is named."""
    actor = acting(store, by, least="publisher", slug=slug, step=step)
    if not reason.strip():
        raise BadInput("it needs a reason", subject=slug, step=step, next_step="say it in one line with --reason")
    return actor


def _published(store: Store, slug: str, step: str) -> Published:
    slug = store.listings.find(slug)
    return required(store.publications.current(slug), NotFound("it was never published", subject=slug, step=step))


def _keep(store: Store, before: Published, record: PublishedRecord) -> PublishedRecord:
    store.publications.put(record, generation=store.publications.begin(), review=before.review)
    return record
