"""The current draft of an agent, claim by claim: what a reviewer reads before anything is decided.

Idea: every claim has a path (`factors.memory_use`); its digests tell whether the words it rests on, or what it
says, are still those that somebody decided on. Invariant: offsets do not count, for text may move.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from extractors.canonical_json import digest
from records.assessments.reviews import StaleState
from records.store import Store
from scoring.claims import Digest, Extraction
from scoring.errors import NotFound, required
from scoring.scores import Assessment
from scoring.vocabulary import ExposureFact, MaestroLayer, RiskFactor

PATHS: tuple[str, ...] = (
    "summary",
    *(f"factors.{factor}" for factor in RiskFactor),
    *(f"layers.{layer}" for layer in MaestroLayer),
    *(f"exposure.{fact}" for fact in ExposureFact),
)
"""Every claim that an extraction has, in the order of the record."""

_SHOWN = re.compile("(?:sha256:)?[0-9a-f]{8,64}")


class Claims(NamedTuple):
    """The current draft of one agent, as the reviewer has it."""

    extraction: Extraction
    assessment: Assessment
    digest: Digest
    """Of the assessment: what the review will name."""


def read(store: Store, slug: str) -> Claims:
    """The current draft of an agent. Raises `NotFound` with the next step."""
    slug = store.listings.find(slug)
    current = required(
        store.assessments.current(slug),
        NotFound("it was never assessed", subject=slug, step="review", next_step=f"assay agents assess {slug}"),
    )
    return Claims(current.extraction, current.assessment, current.assessment_digest)


def read_as(store: Store, slug: str, shown: str) -> Claims:
    """The current draft, if it is the one that was shown: `shown` is its digest or the first eight signs or more.

    Raises `StaleState` when there is another one by now.
    """
    claims = read(store, slug)
    check(shown, claims.digest, claims.extraction.slug, "it changed since you read it", claims.digest)
    return claims


def check(shown: str, now: str, slug: str, moved: str, current: Digest) -> None:
    """Raises `StaleState` unless the current digest begins with the one that was shown."""
    if not is_shown(shown) or not now.removeprefix("sha256:").startswith(shown.removeprefix("sha256:")):
        raise StaleState(moved, subject=slug, current=current, read=shown)


def is_shown(text: str) -> bool:
    """Whether a text can be a digest as it was shown, in whole or in its first signs."""
    return _SHOWN.fullmatch(text) is not None


def paths(extraction: Extraction) -> dict[str, dict[str, object]]:
    """Every claim by its path, as its JSON object: summary, eleven factors, seven layers, exposure facts."""
    named = {"summary": extraction.summary, **extraction.claims}
    return {path: claim.model_dump(mode="json") for path, claim in named.items()}


def is_known(claim: Mapping[str, object]) -> bool:
    """Whether a claim, as its JSON object, says anything; a layer has a status and the summary neither."""
    return claim.get("certainty", claim.get("status")) != "not_certain"


def claim_at(extraction: Extraction, path: str) -> dict[str, object]:
    """One claim as its JSON object."""
    return extraction.claims.get(path, extraction.summary).model_dump(mode="json")


def digests(extraction: Extraction) -> dict[str, tuple[Digest, Digest]]:
    """Path to (digest of the words it rests on, digest of the claim). Offsets do not count: text may move.

    A claim that rests on no words rests on the pages that were read.
    """
    pages: list[object] = [*sorted(source.text_digest for source in extraction.read)]
    marks = {}
    for path, claim in paths(extraction).items():
        words: list[object] = [*quotes(claim)]
        plain = {key: value for key, value in claim.items() if key not in ("evidence", "rejected")}
        marks[path] = (digest(words or pages), digest({**plain, "quotes": words}))
    return marks


def quotes(claim: dict[str, object]) -> list[str]:
    """The words a claim rests on."""
    evidence = claim.get("evidence")
    return [item["quote"] for item in evidence] if isinstance(evidence, list) else []
