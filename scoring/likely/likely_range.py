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
from functools import lru_cache, partial
from itertools import accumulate, repeat
from math import ceil
from operator import add, getitem
from typing import NamedTuple

from scoring.cvss import base_score, vector_rules
from scoring.factor_estimates import Estimates, runs_code
from scoring.formulas.profile import Profile, three_point
from scoring.formulas.table import PROFILES
from scoring.formulas.threat_and_mitigation import MITIGATION_LEVELS, THREAT_LEVELS
from scoring.likely.reference_class import ReferenceClass, Unknown, values_of
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact, RiskFactor

CASES = 251
_SELF, _NO_CODE = RiskFactor.SELF_MODIFICATION, "nothing"
GENERATOR = 67
_PLACES: dict[Unknown, int] = {unknown: place for place, unknown in enumerate((*RiskFactor, *ExposureFact))}
_ALL, _WHETHER = len(_PLACES), len(_PLACES) + 1
"""The column that all unknowns follow in some cases, and the one that says in which."""


class Range(NamedTuple):
    """Both ends, in tenths."""

    low: Decimal
    high: Decimal


def likely(agent: Estimates, profile: Profile, reference: ReferenceClass) -> Range:
    """The central part of the scores of comparable products."""
    scores = sorted(case_scores(agent, profile, reference))
    beyond = int((1 - reference.central) / 2 * CASES)  # cases on either side of the range
    return Range(Decimal(scores[beyond]).scaleb(-1), Decimal(scores[-1 - beyond]).scaleb(-1))


def case_scores(agent: Estimates, profile: Profile, reference: ReferenceClass) -> Iterable[int]:
    """The score of every case, in tenths. Only what is unknown differs from case to case, and its sums are kept: the
    answers to one question leave the same unknown."""
    kind, strict = agent.kind, profile.strict
    tenths = {factor: _tenths(str(agent.factors[factor]), strict) for factor in profile.factors.values()}
    known = {factor: own for factor, own in tenths.items() if factor not in agent.unknown}
    unknown = tuple(factor for factor in tenths if factor not in known)
    executes = agent.facts.get(ExposureFact.EXECUTES) if profile.code_modifies and _SELF in tenths else _NO_CODE
    facts = tuple(fact for fact in vector_rules.BASE_FACTS if fact not in agent.facts)
    number = sum(_NUMBERS[fact][agent.facts[fact]] for fact in vector_rules.BASE_FACTS if fact in agent.facts)
    incident = agent.facts.get(ExposureFact.INCIDENT) if agent.thm is None else agent.thm
    control = agent.facts.get(ExposureFact.CONTROL) if agent.mitigation is None else agent.mitigation
    sums = _sums(reference, kind, unknown, strict, sum(known.values()), known.get(_SELF), executes)
    return map(
        getitem,
        _tables(profile.id, reference, kind, incident, control),
        map(add, _bases(reference, kind, facts, number), sums),
    )


@lru_cache(maxsize=1_024)
def _bases(
    reference: ReferenceClass, kind: AgentKind, unknown: tuple[ExposureFact, ...], known: int
) -> tuple[int, ...]:
    """The base of each case, as `_Bases` has it."""
    return tuple(_BASES[known + number] for number in _summed(reference, kind, unknown, False))


@lru_cache(maxsize=1_024)
def _sums(
    reference: ReferenceClass,
    kind: AgentKind,
    unknown: tuple[RiskFactor, ...],
    strict: bool,
    known: int,
    own: int | None,
    executes: str | None,
) -> tuple[int, ...]:
    """The sum of the factors of each case. Whatever runs code has all of self-modification, not its `own`."""
    sums = [known + tenths for tenths in _summed(reference, kind, unknown, strict)]
    if executes == _NO_CODE:
        return tuple(sums)
    run = _values(reference, kind, ExposureFact.EXECUTES) if executes is None else repeat(executes, CASES)
    mine = _summands(reference, kind, _SELF, strict) if own is None else repeat(own, CASES)
    return tuple(
        total + 10 - tenths if runs_code({ExposureFact.EXECUTES: value}) else total
        for total, tenths, value in zip(sums, mine, run, strict=True)
    )


@lru_cache(maxsize=1_024)
def _summed(reference: ReferenceClass, kind: AgentKind, unknowns: tuple[Unknown, ...], strict: bool) -> tuple[int, ...]:
    """What these unknowns add in each case: factors their tenths, facts the number of their value."""
    columns = [
        [_NUMBERS[unknown][value] for value in _values(reference, kind, unknown)]
        if isinstance(unknown, ExposureFact)
        else _summands(reference, kind, unknown, strict)
        for unknown in unknowns
    ]
    return tuple(map(sum, zip(*columns, strict=True))) if columns else (0,) * CASES


@lru_cache(maxsize=1_024)
def _tables(
    name: str,
    reference: ReferenceClass,
    kind: AgentKind,
    incident: str | Decimal | None,
    control: str | Decimal | None,
) -> tuple[_Scores, ...]:
    """The table that holds the score of each case; an incident or a control that is not known differs by case."""
    incidents: Iterable[str | Decimal] = repeat(incident, CASES) if incident is not None else ()
    controls: Iterable[str | Decimal] = repeat(control, CASES) if control is not None else ()
    return tuple(
        map(
            partial(_table, name),
            incidents or _values(reference, kind, ExposureFact.INCIDENT),
            controls or _values(reference, kind, ExposureFact.CONTROL),
        )
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


class _Bases(dict[int, int]):
    """The CVSS base in tenths, times `_WIDE`, by the sum of the numbers of its facts' values."""

    def __missing__(self, key: int) -> int:
        facts = {}
        rest = key
        for fact in vector_rules.BASE_FACTS:
            rest, place = divmod(rest, len(EXPOSURE_VALUES[fact]))
            facts[fact] = EXPOSURE_VALUES[fact][place]
        self[key] = int(10 * base_score.base(vector_rules.vector(facts))) * _WIDE
        return self[key]


class _Scores(dict[int, int]):
    """The equation's result in tenths by base and sum of the factors, both in tenths: base x `_WIDE` + sum. Every
    equation reads its factors by their sum alone."""

    def __init__(self, profile: Profile, thm: Decimal, mitigated: Decimal) -> None:
        super().__init__()
        self._profile, self._thm, self._mitigated = profile, thm, mitigated

    def __missing__(self, key: int) -> int:
        base, factors = (Decimal(part).scaleb(-1) for part in divmod(key, _WIDE))
        self[key] = int(10 * self._profile.equation(base, (factors,), self._thm, self._mitigated).aivss)
        return self[key]


@lru_cache(maxsize=256)
def _table(name: str, incident: str | Decimal, control: str | Decimal) -> _Scores:
    profile = PROFILES[name]
    thm = profile.thm[THREAT_LEVELS[incident].headline] if isinstance(incident, str) else incident
    factor = profile.mitigation[MITIGATION_LEVELS[control].headline] if isinstance(control, str) else control
    return _Scores(profile, thm, factor)


def _numbered() -> dict[ExposureFact, dict[str, int]]:
    """A number for each value of the facts that move the base, so that any sum of one of each is met once."""
    found, step = {}, 1
    for fact in vector_rules.BASE_FACTS:
        found[fact] = {value: place * step for place, value in enumerate(EXPOSURE_VALUES[fact])}
        step *= len(EXPOSURE_VALUES[fact])
    return found


_WIDE = 128
"""More than any sum of factors in tenths."""
_BASES = _Bases()
_NUMBERS = _numbered()
