"""What bars a passage as evidence: wide and cheap, where a finding is narrow.

Idea: a sentence about how this product is or should be assessed, by whomever, describes no product. Its weight decides
how far one goes: from `BARS` on its passage is no evidence, which costs one passage; from `LEADS` on neither is what
is behind it in its section, and its own words count for nothing at all; from `SURELY` on it is a finding, which
costs a person. Invariant: being an example, a quotation or denied lifts no bar.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extractors.injection.assessor_words import Column, sentences

BARS, LEADS, SURELY = 20, 70, 400
"""Hundredths of log odds; chosen by `benches.evidence.fit_addresses`."""


class Address(NamedTuple):
    """A sentence that may be meant for an assessor."""

    start: int
    end: int
    says: str
    leads: bool
    """True where what follows in its section belongs to it as well."""
    speaks: bool
    """True where its own words count for nothing at all; those around it may raise a risk."""
    sure: bool
    """True where it can be meant for nobody else: a finding."""


def addresses(text: str, ends: Sequence[int] = ()) -> Iterator[Address]:
    """Of a folded text whose blocks end at `ends`."""
    for start, end, weight, met, whole in sentences(text, ends):
        if met:
            addressed, wished = met & (Column.JUDGE | Column.MACHINE), met & Column.VALUE and met & Column.ORDER
            sure = bool(wished and (met & Column.JUDGE or (addressed and met & Column.ASSESS)))
            yield Address(start, end, "speaks to whoever assesses it, in another language", True, True, sure)
        elif weight >= BARS:
            leads = weight >= LEADS
            says = "speaks of how this product is assessed"
            yield Address(start, end, says, leads, leads and whole, weight >= SURELY and whole)
