"""The store of a released version, with any number of approved and published agents, and a slice of them renewed.

What stands for each further agent is what that version wrote of one of the nine, under a slug of its own.
"""

import asyncio
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from extractors.canonical_json import digest
from flows.operations.adoption import RenewalPlan, adopt, back
from flows.operations.publication import publish_site
from flows.settings import Settings
from records.adoptions import in_renewal
from records.publications import Published
from records.store import Store
from review.roles import Actor
from scoring.errors import Refused
from scoring.reviews import Decision

ARCHIVE = Path(__file__).parents[2] / "released" / "a4eccde.tar.xz"
ADA = Actor("ada", "publisher")
WHY = "the new reader"
T = TypeVar("T")


class Renewed(NamedTuple):
    """What became of the records while a slice of agents was adopted, published and taken back."""

    agents: int
    rows: int
    """Agents of the slice."""
    left: int
    stand: frozenset[str]
    """Agents of the slice whose approval stands."""
    changed_by_adopting: frozenset[str]
    """Records that were others before anything was published."""
    changed: frozenset[str]
    """Records that were others when it was."""
    lost: frozenset[str]
    """Records that were gone after some step."""
    unapproved: frozenset[str]
    """Records that were live after some step and that no standing approval names."""
    under_renewal: frozenset[str]
    unserved: frozenset[str]
    """Records without their file on the site."""
    held: str
    """Why the gate held the publication until somebody released it by name; empty where it did not."""
    held_again: bool
    """The next publication was held too."""
    restored: int
    seconds: dict[str, float]
    """By step."""


def unpack(folder: Path) -> Path:
    """The home of the store of nine agents."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder / "home"


def multiply(store: Store, count: int) -> None:
    """Brings the store to `count` agents in one transaction."""
    originals = store.listings.slugs()
    with store.writing():
        generation = store.publications.begin()
        for number in range(len(originals), count):
            _copy(store, originals[number % len(originals)], number, generation)
        store.publications.finish(generation, "live")


def _copy(store: Store, original: str, number: int, generation: int) -> None:
    slug = f"agent-{number:04}-{original}"
    told = {"slug": slug, "name": f"{original} {number}", "source": "copies", "repository": None, "aliases": ()}
    nowhere = {"homepage": None, "listing_url": None, "identity": slug}
    store.listings.put(store.listings.get(original).model_copy(update=told | nowhere))
    store.pages.assign(slug, store.pages.urls(original))
    kept, current, out = (
        store.reviews.standing(original),
        store.assessments.current(original),
        store.publications.current(original),
    )
    assert kept is not None and current is not None and out is not None
    extraction = current.extraction.model_copy(update={"slug": slug})
    of_it = {"slug": slug, "extraction_digest": digest(extraction)}
    assessment = current.assessment.model_copy(update=of_it)
    store.assessments.put(extraction, assessment)
    review = store.reviews.append(
        kept.review.model_copy(update={"slug": slug, "assessment_digest": digest(assessment)})
    )
    as_published = {"extraction": extraction, "assessment": assessment, "assessment_digest": digest(assessment)}
    record = out.record.model_copy(update=of_it | as_published | {"id": f"assay:{slug}"})
    store.publications.put(record, generation=generation, review=review)


class Live(NamedTuple):
    """The records that the public gets."""

    digests: dict[str, str]
    unapproved: frozenset[str]
    """Of these, what no approval names as it is."""


def live(store: Store) -> Live:
    """Every record that is not withdrawn."""
    every = [one for one in store.publications.all() if one.record.withdrawn is None]
    unapproved = frozenset(one.record.slug for one in every if not _is_approved(store, one))
    return Live({one.record.slug: one.digest for one in every}, unapproved)


def _is_approved(store: Store, one: Published) -> bool:
    if one.review is None:
        return False
    review = store.reviews.get(one.review).review
    same = bool(review.amendments) or one.record.assessment_digest == review.assessment_digest
    return review.decision is Decision.APPROVE and same


def publish(store: Store, settings: Settings, released_by: str = "") -> int:
    return publish_site(store, settings, settings.site, released_by=released_by).records


def slice_of(store: Store, agents: int, settings: Settings) -> RenewalPlan:
    return asyncio.run(adopt(store, settings, agents, ADA, WHY))


def held(store: Store, settings: Settings) -> str:
    """Why the gate holds a publication that nobody releases."""
    try:
        publish(store, settings)
    except Refused as refused:
        return refused.problem
    return ""


def renew(store: Store, settings: Settings, agents: int) -> Renewed:
    """Publishes, adopts a slice, publishes it under a name, takes it back and publishes again."""
    seconds: dict[str, float] = {}
    steps: list[Live] = []

    def timed(step: str, done: Callable[[], T]) -> T:
        begun = time.perf_counter()
        result = done()
        seconds[step] = time.perf_counter() - begun
        steps.append(live(store))
        return result

    timed("first publication", lambda: publish(store, settings))
    plan = timed("adopting the slice", lambda: slice_of(store, agents, settings))
    why = timed("held publication", lambda: held(store, settings))
    timed("released publication", lambda: publish(store, settings, released_by=ADA.name))
    again, waiting = bool(held(store, settings)), in_renewal(store)
    served = {file.stem for file in (settings.site / "current" / "agents").glob("*.json")}
    restored, _ = timed("taking it back", lambda: back(store, ADA, "a fault in the reader"))
    timed("publishing what was before", lambda: publish(store, settings, released_by=ADA.name))
    before, adopted, _, released, *_ = (step.digests for step in steps)
    return Renewed(
        agents=len(before),
        rows=len(plan.rows),
        left=plan.left,
        stand=frozenset(row.slug for row in plan.rows if row.approval == "stands"),
        changed_by_adopting=frozenset(slug for slug in before if adopted.get(slug) != before[slug]),
        changed=frozenset(slug for slug in before if released.get(slug) != before[slug]),
        lost=frozenset(slug for step in steps for slug in before.keys() - step.digests.keys()),
        unapproved=frozenset(slug for step in steps for slug in step.unapproved),
        under_renewal=frozenset(waiting),
        unserved=frozenset(before.keys() - served),
        held=why,
        held_again=again,
        restored=len(restored),
        seconds=seconds,
    )
