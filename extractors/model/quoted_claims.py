"""The claims of a first reading as a second reader is asked about them: each with its sentences, and no page.

Idea: whoever sees only the words and the claim judges whether the one follows from the other. Invariant: a claim's own
part is vocabulary and rubric; foreign words stand only in its sentences.
"""

from __future__ import annotations

from scoring.claims import Frozen
from scoring.vocabulary import Certainty


class QuotedSentence(Frozen):
    """Words of a page with what stands beside them."""

    quote: str
    heading: str = ""
    before: str = ""
    after: str = ""
    own_instructions: bool = False
    """The page is what the product tells its own model."""


class QuotedClaim(Frozen):
    """One claim that rests on sentences of pages."""

    claim: str
    """A `RiskFactor`, `MaestroLayer` or `ExposureFact`."""
    asks: str
    """Its definition, in one line."""
    value: str
    means: str
    """What the value says, in one line."""
    certainty: Certainty
    sentences: tuple[QuotedSentence, ...]
