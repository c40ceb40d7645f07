"""The headline score: the derived vector, the equation, the range that the unknowns leave, and what moves it.

Idea: the equation is run three times, with every unknown at its estimate, at its safest and at its worst.
The equation and the CVSS base never decrease in any input, so the last two bound every truth that the
unknowns may hide: exact, no sampling. Invariants: low <= raw <= high; a scenario without technical impact has
no headline number, only the range (zero-impact guard), nor has one of which too little is known: fewer than three
factors and exposure facts that a sentence carries, or a main page in a language that its reader does not read.
"""

from scoring.cvss import vector_rules
from scoring.cvss.exposure_defaults import Facts, default
from scoring.factor_estimates import ENDS, Estimates
from scoring.formulas.profile import Profile, three_point
from scoring.headline import score_bounds
from scoring.headline.aivss_vector import aivss_vector
from scoring.headline.score_bounds import Point
from scoring.headline.severity import plain
from scoring.headline.withheld import FEWEST_KNOWN, too_little_known, why_withheld
from scoring.scores import AivssScore, MetricRow, Mover
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, RiskFactor

SCENARIO = (
    "the worst reasonable hijack of {name} as its own pages describe it: an attacker controls content or messages "
    "that it processes, and it does the worst that its evidenced capabilities allow"
)


def headline(agent: Estimates, profile: Profile, name: str = "the agent") -> AivssScore:
    """The score of one agent by one profile, with every intermediate."""
    ends = (score_bounds.estimated, score_bounds.safest, score_bounds.worst)
    point, low, high = (end(agent, profile) for end in ends)
    rows = metric_rows(agent)
    withheld = why_withheld(agent, point, low, high)
    thm, mf = score_bounds.levels(agent)
    by_hand = "set by hand for this what-if"
    return AivssScore(
        profile=profile.id,
        cvss_vector=point.vector,
        cvss_base=plain(point.base),
        metrics=rows,
        factor_sum=plain(point.figures.factor_sum),
        thm=plain(point.inputs.thm, 2),
        thm_reason=by_hand if agent.thm is not None else thm.reason,
        mitigation_factor=plain(point.inputs.mitigation, 2),
        mitigation_reason=by_hand if agent.mitigation is not None else mf.reason,
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
        movers=movers(agent, profile, point),
        conformance=conformance(agent, profile, point, rows),
        aivss_vector=aivss_vector(agent, point.inputs.thm, point.inputs.mitigation),
        scored=SCENARIO.format(name=name),
    )


def metric_rows(agent: Estimates) -> tuple[MetricRow, ...]:
    """The eleven metrics with the rule that gave each, and what the unknown facts leave open."""
    chosen, low, high = (agent.facts_at(end) for end in ENDS)
    rows = []
    for rule in vector_rules.RULES:
        value, reason = rule.choose(chosen)
        least, most = rule.choose(low)[0], rule.choose(high)[0]
        certain = least == most
        if not certain:
            reason = f"default: {reason} ({'; '.join(_assumed(rule, agent, chosen))})"
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


def _assumed(rule: vector_rules.Rule, agent: Estimates, chosen: Facts) -> list[str]:
    """Why the headline takes what it takes for each unknown fact that, alone, would change this metric."""
    unknown = [fact for fact in rule.facts if fact not in agent.facts]
    value = rule.choose(chosen)[0]
    alone = [f for f in unknown if any(rule.choose({**chosen, f: v})[0] != value for v in EXPOSURE_VALUES[f])]
    return [default(fact, agent.kind, agent.facts).reason for fact in alone or unknown]


def movers(agent: Estimates, profile: Profile, point: Point) -> tuple[Mover, ...]:
    """Which unknowns would move the score, alone, and by how much; the farthest reach first."""
    settled = agent._replace(facts=agent.headline_facts())
    unknowns: list[RiskFactor | ExposureFact] = [f for f in profile.factors.values() if f in agent.unknown]
    unknowns += [fact for fact in ExposureFact if fact not in agent.facts]
    found: list[Mover] = []
    for unknown in unknowns:
        least, most = (score_bounds.estimated(end, profile) for end in settled.extremes(unknown))
        low, high = least.figures.aivss, most.figures.aivss
        if low != high:
            moves = not least.band is point.band is most.band
            found.append(Mover(unknown=unknown, low=plain(low), high=plain(high), moves_band=moves))
    return tuple(sorted(found, key=lambda mover: mover.low - mover.high))


def conformance(agent: Estimates, profile: Profile, point: Point, rows: tuple[MetricRow, ...]) -> tuple[str, ...]:
    """Every departure from the standard, one line each."""
    values = [agent.factors[factor] for factor in profile.factors.values()]
    off_scale = any(value != three_point(value) for value in values)
    unknown = sum(factor in agent.unknown for factor in profile.factors.values())
    defaults = sum(not row.certain for row in rows)
    thm, mitigation = point.inputs.thm, point.inputs.mitigation
    departures = (
        (True, "the standard scores one finding; this scores one whole agent"),
        (
            True,
            "the CVSS vector is derived from listing facts by our rule table; no method for a whole agent is published",
        ),
        (
            off_scale and profile.strict,
            "tenths moved to the three-point scale (< .25 is 0, < .75 is 0.5, else 1)",
        ),
        (off_scale and not profile.strict, "factors in tenths, off the three-point scale 0.0, 0.5, 1.0"),
        (unknown, f"{unknown} of {len(values)} factors are not certain and enter as estimates"),
        (defaults, f"{defaults} of 11 CVSS metrics rest on a default"),
        (thm not in profile.thm.values(), f"ThM {plain(thm, 2)} is off the table of the standard"),
        (
            mitigation not in profile.mitigation.values(),
            f"MF {plain(mitigation, 2)} is off the table of the standard",
        ),
        (
            profile.mitigation["strong"] == mitigation < 1,
            "MF Strong needs validation evidence, which a listing cannot give",
        ),
        (
            too_little_known(agent),
            f"fewer than {FEWEST_KNOWN} known factors and facts, or a language not read: no headline",
        ),
        (
            point.base == 0,
            "zero-impact guard: the headline is withheld where the equation would give a number",
        ),
        (
            0 < point.base > point.figures.aivss,
            "result below its own CVSS base (an effect of the mitigation factor)",
        ),
    )
    return (*profile.conformance, *(line for holds, line in departures if holds))
