"""How the look at an agent ends when it gives no draft: what its pages did, or what the model did.

Invariant: every agent ends in one outcome; a failure that leaves more hope is preferred to one that leaves less.
"""

from typing import NamedTuple

from extractors.model.completion import Completion, CompletionOutcome
from extractors.pages.deadline import TOO_COSTLY
from extractors.pages.snapshot import FetchOutcome
from flows.assessment.assessment import Assessed
from flows.assessment.stored_pages import HAS_PAGE, AgentPages
from records.database.runs import AgentOutcome

_AGENT_OUTCOME = {
    FetchOutcome.NOT_FOUND: AgentOutcome.NOT_FOUND,
    FetchOutcome.GONE: AgentOutcome.GONE,
    FetchOutcome.FORBIDDEN: AgentOutcome.FORBIDDEN,
    FetchOutcome.ROBOTS_FORBIDDEN: AgentOutcome.FORBIDDEN,
    FetchOutcome.OPTED_OUT: AgentOutcome.OPTED_OUT,
    FetchOutcome.DEFERRED: AgentOutcome.DEFERRED,
    FetchOutcome.RATE_LIMITED: AgentOutcome.DEFERRED,
    FetchOutcome.NOT_REACHED: AgentOutcome.NOT_REACHED,
    FetchOutcome.NOT_THE_PAGE: AgentOutcome.NOT_THE_PAGE,
}
_WORST_FIRST = (
    AgentOutcome.DEFERRED,
    AgentOutcome.NOT_REACHED,
    AgentOutcome.UNREACHABLE,
    AgentOutcome.NOT_THE_PAGE,
    AgentOutcome.FORBIDDEN,
    AgentOutcome.OPTED_OUT,
    AgentOutcome.GONE,
    AgentOutcome.NOT_FOUND,
)
"""When no page of an agent gave text: the outcome that leaves most hope is the agent's."""


class AgentResult(NamedTuple):
    """How looking at one agent ended."""

    outcome: AgentOutcome
    reason: str = ""
    assessed: Assessed | None = None
    owed: bool = False
    """The next look has to make a draft, also when no page has changed."""


def without_text(pages: AgentPages) -> AgentResult:
    """Why there is nothing to assess."""
    named = {_agent_outcome(outcome) for outcome in pages.outcomes if outcome not in HAS_PAGE}
    if (worst := next((outcome for outcome in _WORST_FIRST if outcome in named), None)) is not None:
        return AgentResult(worst, "no page could be read")
    if any(source.outcome == TOO_COSTLY for source in pages.not_read):
        return AgentResult(AgentOutcome.TOO_COSTLY, "its pages cost more to read than a page may")
    ways = ", ".join(dict.fromkeys(finding.how for finding in pages.findings))
    hidden = f", only hidden text ({ways})" if ways else ""
    return AgentResult(AgentOutcome.NO_TEXT, f"its pages hold no readable text{hidden}")


def pages_away(pages: AgentPages, ended: AgentResult) -> AgentResult:
    """How the look ends when a draft stands, but none of the pages that it rests on was there: as the pages did."""
    if ended.outcome not in (AgentOutcome.UNCHANGED, AgentOutcome.WITHHELD):
        return ended
    states = pages.states
    if not states or any(state.outcome in HAS_PAGE for state in states):
        return ended
    failed_state = min(states, key=lambda state: _WORST_FIRST.index(_agent_outcome(state.outcome)))
    why = f"what was read last stands; {failed_state.url}: {failed_state.reason or failed_state.outcome.value}"
    return AgentResult(_agent_outcome(failed_state.outcome), why[:500])


def _agent_outcome(outcome: FetchOutcome) -> AgentOutcome:
    return _AGENT_OUTCOME.get(outcome, AgentOutcome.UNREACHABLE)


_MODEL_ENDINGS = {
    CompletionOutcome.REFUSED: AgentOutcome.REFUSED,
    CompletionOutcome.TRUNCATED: AgentOutcome.UNPARSED,
    CompletionOutcome.UNPARSED: AgentOutcome.UNPARSED,
    CompletionOutcome.FAILED: AgentOutcome.QUEUED,
    CompletionOutcome.OVER_BUDGET: AgentOutcome.QUEUED,
}


def ending_of(completion: Completion) -> AgentResult | None:
    """How the agent ends when its completion holds no answer; None when there is one."""
    if completion.outcome is CompletionOutcome.ANSWERED:
        return None
    return AgentResult(_MODEL_ENDINGS[completion.outcome], completion.reason or completion.outcome.value)
