"""The headline score: the derived vector, the equation, the range that the unknowns leave, and what moves it.

Idea: the equation is run three times, with every unknown at its estimate, at its safest and at its worst.
The equation and the CVSS base never decrease in any input, so the last two bound every truth that the
unknowns may hide: exact, no sampling. Invariant: low <= raw <= high; a scenario without technical impact has
no headline number, only the range (zero-impact guard).
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from scoring import cvss4, cvss_base, multipliers
from scoring.estimates import Estimates, Facts
from scoring.exposure import default, safest, worst
from scoring.outcomes import AivssScore, MetricRow, Mover
from scoring.profiles.profile import Figures, Profile, three_point
from scoring.severity import plain, severity
from scoring.vectors import aivss_vector
from scoring.vocabulary import ExposureFact, RiskFactor, Severity

SCENARIO = (
    "the worst reasonable hijack of {name} as its own pages describe it: an attacker controls content or messages "
    "that it processes, and it does the worst that its stated capabilities allow"
)
ZERO_IMPACT = (
    "its pages state no technical impact (CVSS base 0.0); the equation alone would still give {raw}, which would say "
    "more than is known"
)


class Point(NamedTuple):
    """One run of the equation, with what went in."""

    vector: str
    base: Decimal
    thm: Decimal
    mitigation: Decimal
    figures: Figures

    @property
    def band(self) -> Severity:
        return severity(self.figures.aivss)


def factor_value(profile: Profile, value: Decimal) -> Decimal:
    """A tenth as the profile takes it."""
    return three_point(value) if profile.strict else value


def run(profile: Profile, facts: Facts, factors: list[Decimal], thm: Decimal, mitigation: Decimal) -> Point:
    vector = cvss_base.vector(facts)
    base = cvss4.base(vector)
    return Point(vector, base, thm, mitigation, profile.equation(base, factors, thm, mitigation))


def levels(given: Estimates) -> tuple[multipliers.Levels, multipliers.Levels]:
    """ThM and MF levels from the known facts."""
    return (
        multipliers.threat(given.facts.get(ExposureFact.INCIDENT)),
        multipliers.mitigation(given.facts.get(ExposureFact.CONTROL)),
    )


def middle(given: Estimates, profile: Profile) -> Point:
    """The headline: unknown factors at their estimates, unknown facts at their defaults."""
    thm, mf = levels(given)
    return run(
        profile,
        given.headline_facts(),
        [factor_value(profile, given.factors[factor]) for factor in profile.factors.values()],
        given.thm if given.thm is not None else profile.thm[thm.headline],
        given.mitigation if given.mitigation is not None else profile.mitigation[mf.headline],
    )


def bottom(given: Estimates, profile: Profile) -> Point:
    """Every unknown at its safest."""
    thm, mf = levels(given)
    return run(
        profile,
        given.safest_facts(),
        [factor_value(profile, given.low_factor(factor)) for factor in profile.factors.values()],
        given.thm if given.thm is not None else profile.thm[thm.low],
        given.mitigation if given.mitigation is not None else profile.mitigation[mf.low],
    )


def top(given: Estimates, profile: Profile) -> Point:
    """Every unknown at its worst."""
    thm, mf = levels(given)
    return run(
        profile,
        given.worst_facts(),
        [factor_value(profile, given.high_factor(factor)) for factor in profile.factors.values()],
        given.thm if given.thm is not None else profile.thm[thm.high],
        given.mitigation if given.mitigation is not None else profile.mitigation[mf.high],
    )


def headline(given: Estimates, profile: Profile, name: str = "the agent") -> AivssScore:
    """The score of one agent by one profile, with every intermediate."""
    point, low, high = middle(given, profile), bottom(given, profile), top(given, profile)
    withheld = ZERO_IMPACT.format(raw=plain(point.figures.aivss)) if point.base == 0 else None
    thm, mf = levels(given)
    by_hand = "set by hand for this what-if"
    return AivssScore(
        profile=profile.id,
        cvss_vector=point.vector,
        cvss_base=plain(point.base),
        metrics=metric_rows(given),
        factor_sum=plain(point.figures.factor_sum),
        thm=plain(point.thm, 2),
        thm_reason=by_hand if given.thm is not None else thm.reason,
        mitigation_factor=plain(point.mitigation, 2),
        mitigation_reason=by_hand if given.mitigation is not None else mf.reason,
        aars=plain(point.figures.aars),
        raw=plain(point.figures.raw),
        score=None if withheld else plain(point.figures.aivss),
        withheld=withheld,
        severity=None if withheld else point.band,
        low=plain(low.figures.aivss),
        high=plain(high.figures.aivss),
        low_severity=low.band,
        high_severity=high.band,
        band_stable=not withheld and low.band is point.band is high.band,
        movers=movers(given, profile, point),
        conformance=conformance(given, profile, point),
        aivss_vector=aivss_vector(given, point.thm, point.mitigation),
        scored=SCENARIO.format(name=name),
    )


def metric_rows(given: Estimates) -> tuple[MetricRow, ...]:
    """The eleven metrics with the rule that gave each, and what the unknown facts leave open."""
    chosen, low, high = given.headline_facts(), given.safest_facts(), given.worst_facts()
    rows = []
    for rule in cvss_base.RULES:
        value, reason = rule.choose(chosen)
        least, most = rule.choose(low)[0], rule.choose(high)[0]
        certain = least == most
        if not certain:
            assumed = "; ".join(default(f, given.kind).reason for f in rule.facts if f not in given.facts)
            reason = f"default: {reason} ({assumed})"
        rows.append(
            MetricRow(
                metric=rule.metric,
                value=value,
                rule=reason,
                facts=rule.facts,
                certain=certain,
                safest=least,
                worst=most,
            )
        )
    return tuple(rows)


def movers(given: Estimates, profile: Profile, point: Point) -> tuple[Mover, ...]:
    """Which unknowns would move the score, alone, and by how much; the farthest reach first."""
    found: list[Mover] = []

    def add(unknown: RiskFactor | ExposureFact, least: Point, most: Point) -> None:
        low, high = least.figures.aivss, most.figures.aivss
        if low != high:
            moves = not least.band is point.band is most.band
            found.append(Mover(unknown=unknown, low=plain(low), high=plain(high), moves_band=moves))

    for factor in profile.factors.values():
        if factor in given.unknown:
            at_zero, at_one = ({**given.factors, factor: Decimal(end)} for end in ("0.0", "1.0"))
            add(
                factor,
                middle(given._replace(factors=at_zero), profile),
                middle(given._replace(factors=at_one), profile),
            )
    for fact in given.unknown_facts():
        safe, bad = ({**given.facts, fact: end} for end in (safest(fact), worst(fact)))
        add(fact, middle(given._replace(facts=safe), profile), middle(given._replace(facts=bad), profile))
    return tuple(sorted(found, key=lambda mover: mover.low - mover.high))


def conformance(given: Estimates, profile: Profile, point: Point) -> tuple[str, ...]:
    """Every departure from the standard, one line each."""
    values = [given.factors[factor] for factor in profile.factors.values()]
    off_scale = any(value != three_point(value) for value in values)
    notes = [
        *profile.conformance,
        "the standard scores one finding; this scores one whole agent",
        "the CVSS vector is derived from listing facts by our rule table; no method for a whole agent is published",
    ]
    if off_scale:
        moved = "tenths moved to the three-point scale (< .25 is 0, < .75 is 0.5, else 1)"
        notes.append(moved if profile.strict else "factors in tenths, off the three-point scale 0.0, 0.5, 1.0")
    unknown = sum(factor in given.unknown for factor in profile.factors.values())
    if unknown:
        notes.append(f"{unknown} of {len(values)} factors are not certain and enter as estimates")
    defaults = sum(not row.certain for row in metric_rows(given))
    if defaults:
        notes.append(f"{defaults} of 11 CVSS metrics rest on a default")
    if point.thm not in profile.thm.values():
        notes.append(f"ThM {plain(point.thm, 2)} is off the table of the standard")
    if point.mitigation not in profile.mitigation.values():
        notes.append(f"MF {plain(point.mitigation, 2)} is off the table of the standard")
    elif profile.mitigation["strong"] == point.mitigation < 1:
        notes.append("MF Strong needs validation evidence, which a listing cannot give")
    if point.base == 0:
        notes.append("zero-impact guard: the headline is withheld where the equation would give a number")
    elif point.figures.aivss < point.base:
        notes.append("result below its own CVSS base (an effect of the mitigation factor)")
    return tuple(notes)
