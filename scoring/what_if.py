"""What if one thing were known, or otherwise: a score before and after, with the cause. Nothing is kept.

Idea: settings change the view that is scored, never the record. A setting is `name=value`:

    autonomy_of_action=0.6     a factor, a tenth
    executes=nothing           an exposure fact, one of its values; `unknown` takes its evidence away
    mitigation=partial         none, partial, strong, or a number
    thm=attacked               attacked, proof_of_concept, unreported, or a number

Invariant: a factor can be set back to unknown as well, and no setting reaches the extraction. To keep a change
it has to become an amendment; only a factor's value can, since anything else needs a quote.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from scoring.assessment import assess_estimates
from scoring.claims import Digest, Extraction
from scoring.errors import BadInput, Refused
from scoring.factor_estimates import Estimates, estimates
from scoring.formulas.profile import Profile
from scoring.formulas.score_line import number
from scoring.formulas.table import HEADLINE, profile_named
from scoring.reviews import Amendment, AmendmentReason
from scoring.scores import Assessment, Provenance
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, RiskFactor

UNKNOWN = "unknown"
Settings = Iterable[str] | Mapping[str, str]


class WhatIf(NamedTuple):
    """One agent scored twice."""

    before: Assessment
    after: Assessment
    causes: tuple[str, ...]
    """One line for each thing that differs: `executes: unknown -> nothing`."""


def with_settings(agent: Estimates, settings: Settings, profile: Profile) -> tuple[Estimates, tuple[str, ...]]:
    """The estimates as set, and one line for each setting that changes something. `BadInput` names a bad one."""
    causes: list[str] = []
    for name, value in _pairs(settings):
        changed, before = _set(agent, name, value, profile)
        if changed != agent:
            causes.append(f"{name}: {before} -> {value}")
        agent = changed
    return agent, tuple(causes)


def what_if(
    extraction: Extraction,
    extraction_digest: Digest,
    provenance: Provenance,
    settings: Settings = (),
    profile: str = HEADLINE,
    before_profile: str = HEADLINE,
) -> WhatIf:
    """The assessment as it is, and as it would be with these settings under this profile."""
    agent = estimates(extraction)
    changed, causes = with_settings(agent, settings, profile_named(profile))
    if profile != before_profile:
        causes = (f"profile: {before_profile} -> {profile}", *causes)
    before = provenance.model_copy(update={"formula": before_profile})
    after = provenance.model_copy(update={"formula": profile})
    return WhatIf(
        assess_estimates(agent, extraction, extraction_digest, before, before_profile),
        assess_estimates(changed, extraction, extraction_digest, after, profile),
        causes,
    )


def as_amendments(
    extraction: Extraction, settings: Settings, reason: AmendmentReason, note: str
) -> tuple[Amendment, ...]:
    """The settings as amendments that can be kept. `Refused` for one that would need a quote."""
    changes = []
    for name, value in _pairs(settings):
        if name not in tuple(RiskFactor) or value == UNKNOWN:
            raise Refused(
                f"{name}={value} cannot be saved without a quote",
                subject=extraction.slug,
                step="rescore",
                next_step=f"assay review amend {extraction.slug} PATH FIELD=VALUE, with the evidence",
            )
        _factor(name, value)
        changes.append(
            Amendment(
                path=f"factors.{name}",
                field="value",
                old=str(extraction.factor(RiskFactor(name)).value),
                new=value,
                reason=reason,
                note=note,
            )
        )
    return tuple(changes)


def _pairs(settings: Settings) -> tuple[tuple[str, str], ...]:
    if isinstance(settings, Mapping):
        return tuple((str(name), str(value)) for name, value in settings.items())
    pairs = []
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not value.strip():
            raise BadInput(f"a setting is name=value, not {setting!r}")
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


def _set(agent: Estimates, name: str, value: str, profile: Profile) -> tuple[Estimates, str]:
    if name in tuple(RiskFactor):
        factor = RiskFactor(name)
        before = f"{agent.factors[factor]}" + (" (not certain)" if factor in agent.unknown else "")
        if value == UNKNOWN:
            return agent._replace(unknown=agent.unknown | {factor}, absent=agent.absent - {factor}), before
        factors = {**agent.factors, factor: _factor(name, value)}
        absent = agent.absent - {factor} if factors[factor] else agent.absent | {factor}
        return agent._replace(factors=factors, unknown=agent.unknown - {factor}, absent=absent), before
    if name in tuple(ExposureFact):
        fact = ExposureFact(name)
        before = agent.facts.get(fact, UNKNOWN)
        if value == UNKNOWN:
            return agent._replace(facts={f: v for f, v in agent.facts.items() if f is not fact}), before
        if value not in EXPOSURE_VALUES[fact]:
            raise BadInput(f"{name} is one of {', '.join((*EXPOSURE_VALUES[fact], UNKNOWN))}, not {value}")
        return agent._replace(facts={**agent.facts, fact: value}), before
    if name in ("mitigation", "mitigation_factor"):
        set_mitigation = _level(name, value, profile.mitigation)
        return agent._replace(mitigation=set_mitigation), _by_hand(agent.mitigation)
    if name == "thm":
        return agent._replace(thm=_level(name, value, profile.thm)), _by_hand(agent.thm)
    raise BadInput(
        f"nothing is called {name!r}; there are {', '.join((*RiskFactor, *ExposureFact, 'mitigation', 'thm'))}"
    )


def _by_hand(number: Decimal | None) -> str:
    return "from the facts" if number is None else str(number)


def _factor(name: str, value: str) -> Decimal:
    tenth = number(value, name)
    if not 0 <= tenth <= 1 or tenth % Decimal("0.1"):
        raise BadInput(f"{name} is a tenth from 0.0 to 1.0, not {value}")
    return tenth.quantize(Decimal("0.1"))


def _level(name: str, value: str, table: Mapping[str, Decimal]) -> Decimal:
    if value in table:
        return table[value]
    try:
        exact = number(value, name)
    except BadInput:
        raise BadInput(f"{name} is {', '.join(table)} or a number, not {value}") from None
    if not 0 <= exact <= 1:
        raise BadInput(f"{name} is from 0.00 to 1.00, not {value}")
    return exact
