"""One record's decision: the likely range beside its score, the advice, what to ask, and on which conditions.

Invariant: a pure function of the claims, the score, the reference class and the limits.
"""

from __future__ import annotations

from decimal import Decimal

from scoring.claims import Extraction
from scoring.factor_estimates import estimates
from scoring.formulas.table import profile_named
from scoring.headline.severity import severity
from scoring.likely.advice import Limits, advise
from scoring.likely.conditions import conditions
from scoring.likely.decision import Advice, Decision, LikelyRange
from scoring.likely.likely_range import Range, likely
from scoring.likely.reference_class import ReferenceClass
from scoring.likely.vendor_questions import questions
from scoring.scores import AivssScore


def decide(
    extraction: Extraction, headline: AivssScore, reference: ReferenceClass, limits: Limits, *, asks: bool = True
) -> Decision:
    """The decision about a scored extraction; with `asks` the questions too, which take most of its time."""
    given, profile = estimates(extraction), profile_named(headline.profile)
    ends = likely(given, profile, reference)
    bands = severity(ends.low), severity(ends.high)

    def advised(possible: Decimal, ends: Range) -> Advice:
        return advise(possible, ends.high, limits, withheld=headline.score is None)

    return Decision(
        likely=LikelyRange(
            low=ends.low,
            high=ends.high,
            low_severity=bands[0],
            high_severity=bands[1],
            reference=reference.name,
        ),
        firm=headline.score is not None and bands[0] is bands[1],
        advice=advised(headline.high, ends),
        questions=questions(given, profile, reference, advised) if asks else (),
        conditions=conditions(given),
    )
