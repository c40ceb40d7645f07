"""Questions about an agent with three answers: yes, no, not known.

Idea: whether a core risk or an attack chain applies is asked of the same estimates as the score, in Kleene's
logic. Invariant: taking evidence away turns an answer to "not known" or leaves it, never from yes to no.
"""

from __future__ import annotations

from decimal import Decimal

from scoring.factor_estimates import Estimates
from scoring.vocabulary import ExposureFact, RiskFactor

Truth = bool | None


def is_one_of(given: Estimates, fact: ExposureFact, *values: str) -> Truth:
    """Is the fact known to be one of these values?"""
    return None if fact not in given.facts else given.facts[fact] in values


def beyond(given: Estimates, fact: ExposureFact, safe: str) -> Truth:
    """Is the fact known to be another than its safe value?"""
    return None if fact not in given.facts else given.facts[fact] != safe


def at_least(given: Estimates, factor: RiskFactor, value: str) -> Truth:
    """Is the factor known and at or above this value? Only a sentence that states its absence is a no."""
    if factor in given.absent:
        return False
    return True if factor not in given.unknown and given.factors[factor] >= Decimal(value) else None


def any_of(*answers: Truth) -> Truth:
    if True in answers:
        return True
    return None if None in answers else False


def all_of(*answers: Truth) -> Truth:
    if False in answers:
        return False
    return None if None in answers else True


def presumed(given: Estimates) -> Estimates:
    """The same agent with every unknown at what the headline takes for it."""
    return given._replace(unknown=frozenset(), facts=given.headline_facts())
