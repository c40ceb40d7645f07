"""The likely range: where the score of a comparable product lies, over a fixed set of what the unknowns may be.

    x[i][j] = (i * 67^j mod 251 + 1/2) / 251         i: one of 251 cases, j: one of the 25 unknowns, or all of them

Idea: each unknown takes the values of the reference class by its column of a lattice rule (Korobov), so that every
value is met as often as its weight says and the same record gives the same bytes. Products that do much do it in every
respect, so in a share of the cases all unknowns follow one column. Invariant: the range lies within the possible one,
and is one point where nothing that the formula reads is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, repeat
from math import ceil
from typing import NamedTuple

from scoring.cvss import base_score, vector_rules
from scoring.factor_estimates import Estimates, runs_code
from scoring.formulas.profile import Profile, three_point
from scoring.formulas.table import PROFILES
from scoring.headline.threat_and_mitigation import mitigation, threat
from scoring.likely.reference_class import ReferenceClass, Unknown, values_of
from scoring.vocabulary import AgentKind, ExposureFact, RiskFactor

CASES = 251
GENERATOR = 67
_PLACES: dict[Unknown, int] = {unknown: place for place, unknown in enumerate((*RiskFactor, *ExposureFact))}
_ALL, _WHETHER = len(_PLACES), len(_PLACES) + 1
"""The column that all unknowns follow in some cases, and the one that says in which."""


class Range(NamedTuple):
    """Both ends, in tenths."""

    low: Decimal
    high: Decimal


def likely(given: Estimates, profile: Profile, reference: ReferenceClass) -> Range:
    """The central part of the scores of comparable products."""
    scores = sorted(case_scores(given, profile, reference))
    beyond = int((1 - reference.central) / 2 * CASES)
    return Range(Decimal(scores[beyond]).scaleb(-1), Decimal(scores[-1 - beyond]).scaleb(-1))


def case_scores(given: Estimates, profile: Profile, reference: ReferenceClass) -> Iterable[int]:
    """The score of every case, in tenths."""
    kind, strict, summed = given.kind, profile.strict, tuple(profile.factors.values())

    def column(fact: ExposureFact) -> Iterable[str]:
        known = given.facts.get(fact)
        return repeat(known, CASES) if known else _values(reference, kind, fact)

    def summands(factor: RiskFactor) -> Iterable[int]:
        if factor in given.unknown:
            own: Iterable[int] = _summands(reference, kind, factor, strict)
        else:
            own = repeat(_tenths(str(given.factors[factor]), strict), CASES)
        if factor is not RiskFactor.SELF_MODIFICATION or not profile.code_modifies:
            return own
        executes = column(ExposureFact.EXECUTES)
        return [
            10 if runs_code({ExposureFact.EXECUTES: value}) else tenths
            for value, tenths in zip(executes, own, strict=True)
        ]

    return map(
        _score,
        repeat(profile.id),
        map(_base, zip(*map(column, vector_rules.BASE_FACTS), strict=True)),
        map(sum, zip(*map(summands, summed), strict=True)),
        column(ExposureFact.INCIDENT) if given.thm is None else repeat(given.thm, CASES),
        column(ExposureFact.CONTROL) if given.mitigation is None else repeat(given.mitigation, CASES),
    )


@lru_cache(maxsize=2_048)
def _values(reference: ReferenceClass, kind: AgentKind, unknown: Unknown) -> tuple[str, ...]:
    """The value that an unknown has in each case. Whole numbers compare with a fraction as with the next whole one."""
    sure = 2 * CASES
    ends = [ceil(sure * end) for end in accumulate(reference.weights(kind, unknown))]
    at = [values_of(unknown)[sum(end <= 2 * place + 1 for end in ends)] for place in range(CASES)]
    together = ceil(sure * reference.together) if reference.speaks_of(unknown) else 0
    own, common, whether = (_places(column) for column in (_PLACES[unknown], _ALL, _WHETHER))
    return tuple(at[common[case] if 2 * whether[case] + 1 < together else own[case]] for case in range(CASES))


def _places(column: int) -> list[int]:
    """A permutation of 0 to `CASES` - 1."""
    step = pow(GENERATOR, column, CASES)
    return [case * step % CASES for case in range(CASES)]


@lru_cache(maxsize=2_048)
def _summands(reference: ReferenceClass, kind: AgentKind, factor: RiskFactor, strict: bool) -> tuple[int, ...]:
    """The tenths that an unknown factor adds in each case."""
    return tuple(_tenths(value, strict) for value in _values(reference, kind, factor))


def _tenths(value: str, strict: bool) -> int:
    return int(10 * (three_point(Decimal(value)) if strict else Decimal(value)))


@lru_cache(maxsize=65_536)
def _base(facts: tuple[str, ...]) -> int:
    """The CVSS base in tenths of `BASE_FACTS` in their order."""
    return int(10 * base_score.base(vector_rules.vector(dict(zip(vector_rules.BASE_FACTS, facts, strict=True)))))


@lru_cache(maxsize=65_536)
def _score(name: str, base: int, factors: int, incident: str | Decimal, control: str | Decimal) -> int:
    """The equation's result in tenths. Every equation reads its factors by their sum alone."""
    profile = PROFILES[name]
    thm = profile.thm[threat(incident).headline] if isinstance(incident, str) else incident
    factor = profile.mitigation[mitigation(control).headline] if isinstance(control, str) else control
    total = (Decimal(factors).scaleb(-1),)
    return int(10 * profile.equation(Decimal(base).scaleb(-1), total, thm, factor).aivss)
