"""What a reader needs to decide about an agent: the likely range, an advice, what to ask, and on which conditions.

Idea: *possible* (in the score) is exact and holds whatever is unknown; *likely* is an estimate from comparable
products. It is calibrated and not monotone, and therefore never enough to allow. Invariant: a decision is a function of
the claims, the formula, the reference class that it names, and the limits that it names.
"""

from typing import Literal

from scoring.evidence import Frozen
from scoring.scores import Exact
from scoring.vocabulary import Severity

MOST_SHOWN = 7
"""Questions that a page shows; the JSON holds all."""


class LikelyRange(Frozen):
    """Where the score of such a product lies in 80 of 100 cases, judged by what comparable products are known to do."""

    low: Exact
    high: Exact
    low_severity: Severity
    high_severity: Severity
    reference: str
    """Name and digest of the reference class: `reference-1 0123456789ab`."""


class Advice(Frozen):
    """*allow* when the possible high end is within its limit, *ask* when only the likely one is or no score is given,
    *deny* otherwise."""

    word: Literal["allow", "ask", "deny"]
    reason: str
    """One sentence."""
    possible_limit: Exact
    """The highest possible high end that is allowed."""
    likely_limit: Exact
    """The highest likely high end that is asked about."""


class Answer(Frozen):
    """One answer that a vendor may give, and the likely range that the record would have with it."""

    value: str
    """A value of the fact, or of the factor in tenths."""
    text: str
    """In plain words."""
    low: Exact
    high: Exact
    word: Literal["allow", "ask", "deny"]
    """The advice that the record would have with it."""


class Question(Frozen):
    """One unknown, as a question to the vendor."""

    id: str
    """`ask-approval`, …; the same for the same unknown in every record."""
    text: str
    """In plain words."""
    settles: str
    """The claim that an answer settles: `exposure.approval`, `factors.persistent_memory`, …"""
    answers: tuple[Answer, ...]
    """The safest first."""


class Condition(Frozen):
    """Under which condition the product may be allowed, as far as the record itself supports it."""

    id: str
    """Of the rule."""
    text: str
    claim: str
    """The claim that it rests on: `exposure.isolation`, …"""


class Decision(Frozen):
    """Everything above for one record."""

    likely: LikelyRange
    firm: bool
    """The likely range lies in one band, and there is a headline."""
    advice: Advice
    questions: tuple[Question, ...] = ()
    """Those whose answer moves the score most first."""
    conditions: tuple[Condition, ...] = ()
