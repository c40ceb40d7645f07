"""The store that a released version wrote, with any number of approved and published agents.

What stands for each further agent is what that version wrote of one of the nine, under a slug of its own.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

from extractors.canonical_json import digest
from records.store import Store

ARCHIVE = Path(__file__).parents[2] / "released" / "a4eccde.tar.xz"


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
