"""Which agents tonight is for: new ones, ones that changed upstream, then the oldest, within a host's page budget.

Idea: a night that asked for more than its hosts' budgets would defer the same agents every night, so the cut is made
before anything is asked, oldest first. Invariant: deterministic; every known agent is due tonight, waiting, or left
over; who was left over stands before those that were looked at when the next night begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Known(NamedTuple):
    """An agent, when it was looked at, and what looking at it asks of each host."""

    slug: str
    pages: Mapping[str, int]
    """Host to pages, as of the last look; for a new agent what its listing lets expect."""
    last_look: datetime | None = None
    """None for an agent that was never looked at."""
    changed: bool = False
    """Its source says something else of it than before."""
    again: bool = False
    """The last look came to no end: due again, whatever its age."""
    passed_over: bool = False
    """Its turn did not come in the last look: before others of its age, since it has cost nobody anything."""


class Due(NamedTuple):
    """All known agents, in three parts."""

    tonight: tuple[str, ...]
    """Most urgent first."""
    waiting: tuple[str, ...]
    """Looked at recently enough."""
    left_over: tuple[str, ...]
    """Due, but beyond the page budget of a host of theirs."""


def due(agents: Iterable[Known], *, before: datetime, pages_per_host: int) -> Due:
    """An agent is due when new, changed, passed over, to be looked at again, or last looked at before `before`.

    One whose pages alone pass a host's budget is not left over for ever: it goes first on a night of its own.
    """
    waiting: list[str] = []
    candidates: list[Known] = []
    for agent in agents:
        recent = agent.last_look is not None and agent.last_look >= before
        if recent and not (agent.changed or agent.again or agent.passed_over):
            waiting.append(agent.slug)
        else:
            candidates.append(agent)
    tonight: list[str] = []
    left_over: list[str] = []
    asked: Counter[str] = Counter()
    for agent in sorted(candidates, key=_urgency):
        if all(asked[host] + pages <= pages_per_host or not asked[host] for host, pages in agent.pages.items()):
            asked.update(agent.pages)
            tonight.append(agent.slug)
        else:
            left_over.append(agent.slug)
    return Due(tuple(tonight), tuple(sorted(waiting)), tuple(left_over))


def _urgency(agent: Known) -> tuple[bool, bool, bool, datetime, str]:
    seen = agent.last_look is not None
    return seen, not agent.changed, not agent.passed_over, agent.last_look or _NEVER, agent.slug
