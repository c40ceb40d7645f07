"""How sure a claim is, computed from what is on the pages, never asked.

Idea: a grounded quote raises, everything else lowers. Invariants (monotone honesty): without a quote that
counts a claim is `not_certain` with its reason; the model's own flag can only lower; taking a quote away
never raises a certainty; an ungrounded number stays within 0.2 of the prior of the product's kind.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from extractors.pages.snapshot import FetchOutcome
from extractors.prompting.reply import Known
from scoring.claims import Evidence, RejectedQuote, SourceNotRead
from scoring.vocabulary import EXPOSURE_VALUES, Certainty, ExposureFact, NotCertainReason

HELD_WITHIN = Decimal("0.2")
OPPOSITE = 5
"""Tenths: two documents whose quotes give values this far apart contradict each other."""

_ABSENT = frozenset({FetchOutcome.NOT_FOUND, FetchOutcome.GONE, FetchOutcome.BAD_URL})
"""The page is known not to exist, so nothing on it was missed."""

_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|ico|bmp)(?:[?#]|$)", re.IGNORECASE)
"""A picture was not read either, but a logo beside a README is no page that was missed."""

_NEVER_FROM_A_LISTING: frozenset[tuple[ExposureFact, str]] = frozenset(
    {(ExposureFact.INCIDENT, "searched_none_found"), (ExposureFact.INCIDENT, "not_searched")}
)
"""Whether an incident search was made is known to who made it; a page cannot state it."""

SAFETY_CLAIMS: frozenset[tuple[ExposureFact, str]] = frozenset(
    (fact, EXPOSURE_VALUES[fact][0])
    for fact in (ExposureFact.INPUT_BARRIER, ExposureFact.APPROVAL, ExposureFact.ISOLATION, ExposureFact.CONTROL)
)
"""Values that say "this is safe". In a product's own instructions they are wishes, not controls."""

SURENESS = (Certainty.STATED, Certainty.INFERRED, Certainty.NOT_CERTAIN)
"""Surest first."""

_CONTROLS = frozenset(pair for pair in SAFETY_CLAIMS if pair[0] is not ExposureFact.APPROVAL)


class QuoteResult(NamedTuple):
    """What became of one offered quote."""

    evidence: Evidence | None = None
    rejected: RejectedQuote | None = None
    hostile: bool = False
    """The words are only in text that addresses the assessor."""
    beside: bool = False
    """They are hostile only because of what is beside them: they count for what raises the risk."""
    own_instructions: bool = False
    """The words are in the instructions that the product gives to its own model."""
    heading_only: bool = False
    """The words are a heading: a mention, no statement."""

    @property
    def counts(self) -> bool:
        return self.evidence is not None and not self.hostile


def certainty(known: Known, quote: QuoteResult, *, at_most: Certainty = Certainty.STATED) -> Certainty:
    """A quote that counts, lowered by the model's flag and by `at_most`."""
    if not quote.counts or known is Known.UNKNOWN or at_most is Certainty.NOT_CERTAIN:
        return Certainty.NOT_CERTAIN
    if known is Known.INFERRED or quote.heading_only or at_most is Certainty.INFERRED:
        return Certainty.INFERRED
    return Certainty.STATED


def exposure_counts(fact: ExposureFact, value: str, known: Known, quote: QuoteResult) -> bool:
    """Whether the words may carry this value: a claim is not a control, and a wish is not one either."""
    claimed = (fact, value)
    if claimed in _NEVER_FROM_A_LISTING or (claimed in SAFETY_CLAIMS and quote.own_instructions):
        return False
    return claimed not in _CONTROLS or (known is Known.STATED and not quote.heading_only)


def absence_reason(not_read: Sequence[SourceNotRead], truncated: bool) -> NotCertainReason:
    """Why nothing was found where no quote was rejected: a page was due and not read, a page was cut, nothing is
    said."""
    if any(map(is_missing_page, not_read)):
        return NotCertainReason.PAGE_NOT_REACHED
    return NotCertainReason.PAGE_TRUNCATED if truncated else NotCertainReason.NOT_STATED


def is_missing_page(source: SourceNotRead) -> bool:
    """True when the page exists or may exist, so that a sentence may be on it."""
    is_picture = source.outcome == FetchOutcome.UNSUPPORTED_TYPE and _PICTURE.search(source.url)
    return not is_picture and source.outcome not in _ABSENT


def clamped_to_prior(proposal: Decimal | None, prior: Decimal) -> Decimal:
    """`min(max(proposal, prior − 0.2), prior + 0.2)` within 0 and 1; the prior where nothing is proposed."""
    if proposal is None:
        return prior
    low, high = max(prior - HELD_WITHIN, Decimal(0)), min(prior + HELD_WITHIN, Decimal(1))
    return min(max(proposal, low), high)
