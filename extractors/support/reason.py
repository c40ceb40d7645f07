"""The reason on which a claim rests: its value, the rule that decided and the cue that its words bear out.

Idea: hundreds of claims over all agents rest on a few reasons, so that a person can judge a reason once. Invariant:
claims with one reason have the same path, value, rule and cue, whatever their words.
"""

from typing import Any, NamedTuple

LONGEST = 400
_ENDS = (", from which", " (not said", ", but does not settle", " rather than")
"""What the line of a verdict says after the name of its cue."""


class Reason(NamedTuple):
    """The four parts of a reason."""

    path: str
    value: str
    rule: str
    cue: str
    """Empty where the rule names none."""


def reason_of(path: str, claim: dict[str, Any]) -> str:
    """The reason of a claim, given as JSON; empty where no quote or no verdict on it is recorded."""
    support = claim.get("support")
    if not support or not claim.get("evidence"):
        return ""
    cue = support["why"].partition("speaks of: ")[2]
    for end in _ENDS:
        cue = cue.partition(end)[0]
    value = claim.get("value", claim.get("status")) or "unknown"
    return "|".join(Reason(path, str(value), support["rule"], cue))[:LONGEST]


def parts_of(reason: str) -> Reason:
    """The parts of a reason as `reason_of` wrote it."""
    return Reason(*(reason.split("|", 3) + [""] * 4)[:4])
