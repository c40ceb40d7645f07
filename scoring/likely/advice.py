"""Allow, ask or deny, from the possible and the likely high end of a record.

    allow   possible high <= limits.possible
    ask     likely high <= limits.likely, or the headline is withheld
    deny    otherwise

Idea: deny rests on something that is known; a product of which too little is known for a headline is asked about, as
one is that no record speaks about. Invariant: only the possible range allows, and it never narrows when evidence is
hidden; so hiding evidence never turns deny or ask into allow. A decision is a pure function of the claims, the score,
the reference class and the limits.
"""

from decimal import Decimal
from typing import NamedTuple

from scoring.claims import Extraction
from scoring.factor_estimates import estimates
from scoring.formulas.table import profile_named
from scoring.headline.severity import severity
from scoring.likely.conditions import conditions
from scoring.likely.decision import Advice, Decision, LikelyRange
from scoring.likely.likely_range import Range, likely
from scoring.likely.reference_class import ReferenceClass
from scoring.likely.vendor_questions import questions
from scoring.scores import AivssScore


class Limits(NamedTuple):
    """The highest high ends that are accepted; a buyer's own are in their policy file."""

    possible: Decimal
    likely: Decimal


def advise(possible: Decimal, likely: Decimal, limits: Limits, *, withheld: bool = False) -> Advice:
    """The advice for these two high ends."""
    ends = {"possible_limit": limits.possible, "likely_limit": limits.likely}
    if possible <= limits.possible:
        return Advice(
            word="allow",
            reason=f"Whatever is not known, it is at most {possible}; {limits.possible} is allowed.",
            **ends,
        )
    if likely <= limits.likely:
        return Advice(
            word="ask",
            reason=f"It is likely at most {likely}, and may be up to {possible}: what is not known decides.",
            **ends,
        )
    if withheld:
        return Advice(word="ask", reason="Its score is withheld: what is not known decides.", **ends)
    return Advice(word="deny", reason=f"It is likely up to {likely}; {limits.likely} is the most to ask about.", **ends)


def decide(
    extraction: Extraction, headline: AivssScore, reference: ReferenceClass, limits: Limits, *, asks: bool = True
) -> Decision:
    """The decision about a scored extraction; with `asks` the questions too, which take most of its time."""
    agent, profile = estimates(extraction), profile_named(headline.profile)
    ends = likely(agent, profile, reference)
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
        questions=questions(agent, profile, reference, advised) if asks else (),
        conditions=conditions(agent),
    )
