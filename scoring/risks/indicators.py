"""Questions about an agent with three answers: yes, no, not known.

Idea: whether a core risk or an attack chain applies is asked of the same estimates as the score, in Kleene's
logic. Invariant: taking evidence away turns an answer to "not known" or leaves it, never from yes to no.
"""

from collections.abc import Callable
from decimal import Decimal

from scoring.factor_estimates import Estimates
from scoring.vocabulary import ExposureFact, RiskFactor

Truth = bool | None
KLEENE: tuple[Truth, ...] = (False, None, True)
"""The answers in the order of Kleene's logic: *or* is the greatest of several, *and* the least."""
Condition = Callable[[Estimates], Truth]
"""A question, asked of the estimates of one agent."""


def is_one_of(fact: ExposureFact, *values: str) -> Condition:
    """Is the fact known to be one of these values?"""
    return lambda agent: agent.facts[fact] in values if fact in agent.facts else None


def beyond(fact: ExposureFact, safe: str) -> Condition:
    """Is the fact known to be another than its safe value?"""
    return lambda agent: agent.facts[fact] != safe if fact in agent.facts else None


def at_least(factor: RiskFactor, value: str) -> Condition:
    """Is the factor known and at or above this value? Only a sentence that states its absence is a no."""

    def answer(agent: Estimates) -> Truth:
        if factor in agent.absent:
            return False
        return True if factor not in agent.unknown and agent.factors[factor] >= Decimal(value) else None

    return answer


def any_of(*conditions: Condition) -> Condition:
    return lambda agent: max((condition(agent) for condition in conditions), key=KLEENE.index)


def all_of(*conditions: Condition) -> Condition:
    return lambda agent: min((condition(agent) for condition in conditions), key=KLEENE.index)


def presumed(agent: Estimates) -> Estimates:
    """The same agent with every unknown at what the headline takes for it."""
    return agent._replace(unknown=frozenset(), facts=agent.headline_facts())
