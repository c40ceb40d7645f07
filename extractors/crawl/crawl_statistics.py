"""What a crawl did, computed from its outcomes; nothing is counted twice and nothing is left out.

Invariant: fetched + not_modified + not_found + forbidden + deferred + failed + opted_out + not_reached
equals due, and `outcomes` tells each of them apart.
"""

from collections import Counter
from typing import Self

from pydantic import Field

from extractors.pages.snapshot import FetchOutcome
from scoring.claims import Frozen

_CLASS: dict[FetchOutcome, str] = {
    FetchOutcome.FETCHED: "fetched",
    FetchOutcome.UNCHANGED: "not_modified",
    FetchOutcome.NOT_FOUND: "not_found",
    FetchOutcome.GONE: "not_found",
    FetchOutcome.FORBIDDEN: "forbidden",
    FetchOutcome.ROBOTS_FORBIDDEN: "forbidden",
    FetchOutcome.OPTED_OUT: "opted_out",
    FetchOutcome.DEFERRED: "deferred",
    FetchOutcome.RATE_LIMITED: "deferred",
    FetchOutcome.NOT_REACHED: "not_reached",
}


class CrawlLedger(Frozen):
    """One run's count."""

    due: int = Field(0, ge=0)
    """Pages the run was to ask for."""
    asked: int = Field(0, ge=0)
    """Pages whose turn came, whatever it gave."""
    sent: int = Field(0, ge=0)
    """Pages for which a request left this machine."""
    fetched: int = Field(0, ge=0)
    not_modified: int = Field(0, ge=0)
    """304, or the same bytes as before."""
    not_found: int = Field(0, ge=0)
    """404 and 410: the only outcomes that say a page is not there."""
    forbidden: int = Field(0, ge=0)
    """By robots.txt or by the server."""
    deferred: int = Field(0, ge=0)
    """Left for another night, rate limits included."""
    failed: int = Field(0, ge=0)
    """Asked without a usable answer."""
    opted_out: int = Field(0, ge=0)
    not_reached: int = Field(0, ge=0)
    """The run ended first."""
    bytes_received: int = Field(0, ge=0)
    outcomes: dict[FetchOutcome, int] = Field(default_factory=dict)

    @classmethod
    def counted(cls, outcomes: Counter[FetchOutcome], sent: int, received: int) -> Self:
        """The ledger of outcomes, one a page."""
        classes: Counter[str] = Counter()
        for outcome, count in outcomes.items():
            classes[_CLASS.get(outcome, "failed")] += count
        due = outcomes.total()
        asked = due - classes["not_reached"] - classes["opted_out"] - outcomes[FetchOutcome.DEFERRED]
        ordered = {outcome: outcomes[outcome] for outcome in FetchOutcome if outcomes[outcome]}
        return cls(due=due, asked=asked, sent=sent, bytes_received=received, outcomes=ordered, **classes)
