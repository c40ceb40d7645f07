"""Allow, ask or deny, from the possible and the likely high end of a record.

    allow   possible high <= limits.possible
    ask     likely high <= limits.likely, or the headline is withheld
    deny    otherwise

Idea: deny rests on something that is known; a product of which too little is known for a headline is asked about, as
one is that no record speaks about. Invariant: only the possible range allows, and it never narrows when evidence is
hidden; so hiding evidence never turns deny or ask into allow.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from scoring.likely.decision import Advice


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
