"""When a headline is withheld: too little is known, or no technical impact is stated. The range is always given.

Idea: a number that is mostly what is usual for its kind would say more than is known. Invariant: less evidence never
brings a withheld headline back.
"""

from scoring.factor_estimates import Estimates
from scoring.headline.score_bounds import Point
from scoring.headline.severity import plain

FEWEST_KNOWN = 3
"""Known factors and exposure facts below which a score would be little more than what is usual for its kind."""
TOO_LITTLE = "too little is known: between {low} and {high}"
ZERO_IMPACT = (
    "its pages state no technical impact (CVSS base 0.0); the equation alone would still give {raw}, which would say "
    "more than is known"
)


def too_little_known(agent: Estimates) -> bool:
    """Fewer than `FEWEST_KNOWN` factors and facts are known, or a main page is in a language that is not read."""
    known = len(agent.factors) - len(agent.unknown) + len(agent.facts)
    return agent.language_not_read or known < FEWEST_KNOWN


def why_withheld(agent: Estimates, point: Point, low: Point, high: Point) -> str | None:
    """Why there is no headline number; None where there is one."""
    if too_little_known(agent):
        return TOO_LITTLE.format(low=plain(low.figures.aivss), high=plain(high.figures.aivss))
    return ZERO_IMPACT.format(raw=plain(point.figures.aivss)) if point.base == 0 else None
