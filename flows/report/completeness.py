"""Whether a night is complete: its share of terminal outcomes, and what keeps it from being complete.

Invariant: completeness = (agents due that ended in a terminal outcome + sources that gave something) / (agents due +
sources walked); deferred, not reached, queued, interrupted, our own errors and failed sources count against it.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field

from extractors.pages.snapshot import FetchOutcome
from records.database.runs import AgentOutcome
from records.store import Store
from scoring.claims import Frozen

NO_PAGES = "no listing yielded a page"


class SourceCount(Frozen):
    """How walking one source ended."""

    name: str
    listings: int = 0
    new: int = 0
    changed: int = 0
    missing: int = 0
    problem: str = ""
    left_out: dict[str, int] = Field(default_factory=dict)
    """What the source names and is not listed, by reason."""
    behind: int = Field(0, ge=0)
    """Agents that are known from it, whatever it gave this time."""

    @property
    def failed(self) -> bool:
        """True when it gave nothing it should; a part that could not be read is a problem, and no more."""
        return bool(self.problem) and not self.listings


def completeness(outcomes: Counter[AgentOutcome], sources: int = 0, failed: int = 0) -> Decimal:
    """Terminal outcomes of those due, and sources that did not fail of those walked; 1 when nothing was due."""
    due = sum(outcomes.values()) + sources
    if not due:
        return Decimal(1)
    terminal = sum(count for outcome, count in outcomes.items() if outcome.is_terminal) + sources - failed
    return (Decimal(terminal) / due).quantize(Decimal("0.0001"))


def problem_of(share: Decimal, least: float, sources: tuple[SourceCount, ...], outcomes: Counter[AgentOutcome]) -> str:
    """Why a night of this completeness is not complete; nothing when it is."""
    if sources and all(source.problem for source in sources):
        return "no source could be read: " + ", ".join(source.name for source in sources)
    read = (AgentOutcome.ASSESSED, AgentOutcome.UNCHANGED, AgentOutcome.WITHHELD, AgentOutcome.QUEUED)
    reached = (*read, AgentOutcome.UNPARSED, AgentOutcome.REFUSED, AgentOutcome.WAITING)
    if outcomes and not any(outcomes[outcome] for outcome in reached):
        return NO_PAGES
    if share >= Decimal(str(least)):
        return ""
    named = ", ".join(f"source {source.name} failed" for source in sources if source.failed)
    return f"completeness {share} is below {Decimal(str(least))}{': ' if named else ''}{named}"


def without_pages(store: Store, slugs: Sequence[str]) -> str:
    """A problem when pages were asked for and not one is there; the text of the listing itself is no page."""
    requested = False
    for slug in slugs:
        states = store.pages.states(store.pages.urls(slug)).values()
        if any(state.outcome in (FetchOutcome.FETCHED, FetchOutcome.UNCHANGED) for state in states):
            return ""
        requested = requested or bool(states)
    return NO_PAGES if requested else ""
