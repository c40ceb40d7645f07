"""Claims that are known to be false, to measure who reads: a value moved, a quote that does not carry, a fact that
is on the page and said to be unknown.

Invariants: a false claim is worked out of a true one when it is shown, the same each time, and is kept nowhere; it
differs from the true one in what its kind says and in nothing else.
"""

from collections.abc import Iterator
from typing import Any, get_args

from extractors.canonical_json import digest
from extractors.support import Passage, Verdict, support
from records.assessments.second_reviews import Seed
from review.services import draft
from scoring.claims import Extraction
from scoring.vocabulary import EXPOSURE_VALUES, Certainty, ExposureFact

SEEDS: tuple[Seed, ...] = tuple(seed for seed in get_args(Seed) if seed)


def shown(extraction: Extraction, path: str, seed: Seed) -> dict[str, Any] | None:
    """The claim as the second reader has it before them; None when it cannot be made false in this way."""
    claim: dict[str, Any] = draft.claim_at(extraction, path)
    if not seed:
        return claim
    if path.partition(".")[0] not in ("factors", "exposure") or not draft.is_known(claim):
        return None
    if seed == "value_moved":
        moved = claim | {"value": _moved(path, claim["value"])}
        return None if any(_carries(extraction, path, moved, quote) for quote in draft.quotes(claim)) else moved
    if seed == "quote_elsewhere":
        quotes = sorted(_strange_quotes(extraction, path, claim), key=lambda item: digest([path, item]))
        return claim | {"evidence": quotes[:1]} if quotes else None
    return claim | {"certainty": Certainty.NOT_CERTAIN.value, "evidence": []}


def _moved(path: str, value: str) -> str:
    """Half the scale away, or the other end."""
    if path.startswith("factors."):
        return f"{(float(value) + 0.5 if float(value) <= 0.5 else float(value) - 0.5):.1f}"
    legal = EXPOSURE_VALUES[ExposureFact(path.partition(".")[2])]
    return legal[-1] if value == legal[0] else legal[0]


def _strange_quotes(extraction: Extraction, path: str, claim: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Evidence of other claims that does not carry this one."""
    own = set(draft.quotes(claim))
    for other in draft.paths(extraction).values():
        for item in other.get("evidence", ()):  # type: ignore[attr-defined]
            if item["quote"] not in own and not _carries(extraction, path, claim, item["quote"]):
                yield item


def _carries(extraction: Extraction, path: str, claim: dict[str, Any], quote: str) -> bool:
    name, certainty = path.partition(".")[2], Certainty(claim["certainty"])
    return support(name, claim["value"], certainty, Passage(quote), extraction.name).verdict is Verdict.CARRIES
