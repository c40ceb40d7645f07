"""In which order the claims of a draft are worth a reviewer's time.

Idea: first what a wrong claim would do harm by (it alone would move the band) and what the support check doubts, then
what rests on a quote, then what is unknown. Invariant: every claim is in the order once; the same draft gives the same
order.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from review.services import draft
from scoring.claims import Extraction
from scoring.factor_estimates import estimates
from scoring.formulas.table import profile_named
from scoring.headline import score_bounds
from scoring.likely.vendor_questions import path_of
from scoring.scores import Assessment
from scoring.vocabulary import ExposureFact, RiskFactor, Support


class ReviewPriority(StrEnum):
    """Why a claim comes where it comes."""

    FIRST = "Decides the band, or the support check doubts it"
    QUOTED = "Rests on a quote"
    UNKNOWN = "Unknown"


class ClaimOrder(NamedTuple):
    """The claims of a draft by worth."""

    tiers: dict[str, ReviewPriority]
    """Path to tier, in the order of work."""
    movers: frozenset[str]
    """Paths that alone would move the band."""

    def unknown(self) -> tuple[str, ...]:
        return tuple(path for path, tier in self.tiers.items() if tier is ReviewPriority.UNKNOWN)


def order_of(extraction: Extraction, assessment: Assessment) -> ClaimOrder:
    """The order of work on a draft."""
    movers = frozenset(_movers(extraction, assessment))
    claims = draft.paths(extraction)
    tiers = {path: _tier(path, claim, movers) for path, claim in claims.items()}
    places = {path: place for place, path in enumerate(claims)}
    by_tier = list(ReviewPriority)
    ranked = sorted(tiers, key=lambda path: (by_tier.index(tiers[path]), path not in movers, places[path]))
    return ClaimOrder({path: tiers[path] for path in ranked}, movers)


def _tier(path: str, claim: dict[str, object], movers: frozenset[str]) -> ReviewPriority:
    support = claim.get("support")
    doubted = isinstance(support, dict) and support["verdict"] != Support.CARRIES
    if doubted or (claim.get("evidence") and path in movers):
        return ReviewPriority.FIRST
    return ReviewPriority.QUOTED if claim.get("evidence") or draft.is_known(claim) else ReviewPriority.UNKNOWN


def _movers(extraction: Extraction, assessment: Assessment) -> Iterator[str]:
    """Unknowns as the assessment tells them; known claims that would, if they were otherwise."""
    for mover in assessment.headline.movers:
        if mover.moves_band:
            yield path_of(mover.unknown)
    agent, profile = estimates(extraction), profile_named(assessment.headline.profile)
    band = score_bounds.estimated(agent, profile).band
    knowns: list[RiskFactor | ExposureFact] = [f for f in profile.factors.values() if f not in agent.unknown]
    for known in (*knowns, *agent.facts):
        if any(score_bounds.estimated(end, profile).band != band for end in agent.extremes(known)):
            yield path_of(known)
