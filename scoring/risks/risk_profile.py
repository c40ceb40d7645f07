"""The ten-risk profile: each core risk as its own scenario, with vector, score, range and reason.

Idea: AIVSS scores findings under one of ten core risks; a record shows all ten side by side and names the
highest. The factors are the agent's, estimated once. The rows are ordinal: they are never averaged
(AIVSS 0.8 section 3.2). Invariant: taking evidence away never lowers the high end of a row.
"""

from decimal import Decimal

from scoring.claims import Extraction, Framework
from scoring.cvss import base_score, vector_rules
from scoring.factor_estimates import ENDS, End, Estimates
from scoring.formulas.profile import Profile
from scoring.headline.score_bounds import Inputs, inputs, point
from scoring.headline.severity import plain, severity
from scoring.risks.core_risks import RULES, CoreRiskRule
from scoring.risks.indicators import Truth, all_of, is_one_of
from scoring.scores import Applicability, RiskRow
from scoring.vocabulary import Certainty, CoreRisk, ExposureFact

Metrics = dict[str, str]
Scenario = dict[End, Metrics]
"""A scenario's metrics: as the headline takes them, and at both ends of the range."""
AIVSS_08 = Framework(name="OWASP AIVSS", version="0.8")

APPLICABILITY: dict[Truth, Applicability] = {
    True: Applicability.APPLIES,
    False: Applicability.DOES_NOT_APPLY,
    None: Applicability.UNKNOWN,
}
CONTAINED = all_of(is_one_of(ExposureFact.RUNS_AT, "hosted"), is_one_of(ExposureFact.ISOLATION, "sandbox"))
_REFERENCES = {rule.risk: base_score.metrics_of(base_score.PREFIX + rule.reference) for rule in RULES}
"""The standard's own example of each risk."""


def risk_rows(extraction: Extraction, agent: Estimates, profile: Profile) -> tuple[RiskRow, ...]:
    """Ten rows, in the order of `CoreRisk`."""
    facts = {end: agent.facts_at(end) for end in ENDS}
    ends = {end: inputs(agent, profile, end, facts[end]) for end in ENDS}
    own = {end: vector_rules.metrics(facts[end]) for end in ENDS}
    return tuple(_row(rule, extraction, agent, profile, ends, own) for rule in RULES)


def maximum(rows: tuple[RiskRow, ...]) -> CoreRisk | None:
    """The highest-scored risk that is known to apply; the earlier one of equals."""
    known = [row for row in rows if row.applicability is Applicability.APPLIES and row.score is not None]
    return max(known, key=lambda row: row.score or Decimal(0)).risk if known else None


def scenario(rule: CoreRiskRule, agent: Estimates, own: Scenario) -> Scenario:
    """The risk's metrics. `moved` follows what is known, else stays at the reference."""
    if rule.risk is CoreRisk.SUPPLY_CHAIN:
        own = _foreign_part(rule, agent)
    reference = _REFERENCES[rule.risk]
    chosen, low, high = dict(reference), dict(reference), dict(reference)
    for metric in (*rule.moved, *rule.derived):
        low[metric], high[metric] = own["low"][metric], own["high"][metric]
    for metric in rule.moved:
        chosen[metric] = _within(metric, reference[metric], low[metric], high[metric])
    for metric in rule.derived:
        chosen[metric] = own["headline"][metric]
    return {"headline": chosen, "low": low, "high": high}


def _foreign_part(rule: CoreRiskRule, agent: Estimates) -> Scenario:
    """A foreign part does less harm where somebody else hosts it in a sandbox; both must be known."""
    contained = CONTAINED(agent)
    return {
        "headline": dict.fromkeys(rule.moved, "L" if contained else "H"),
        "low": dict.fromkeys(rule.moved, "H" if contained is False else "L"),
        "high": dict.fromkeys(rule.moved, "L" if contained else "H"),
    }


def _within(metric: str, value: str, low: str, high: str) -> str:
    return sorted((value, low, high), key=base_score.METRICS[metric].index)[1]


def _row(
    rule: CoreRiskRule,
    extraction: Extraction,
    agent: Estimates,
    profile: Profile,
    ends: dict[End, Inputs],
    own: Scenario,
) -> RiskRow:
    answer = rule.applies(agent)
    metrics = scenario(rule, agent, own)
    chosen, low, high = (point(profile, base_score.vector_of(metrics[end]), ends[end]) for end in ENDS)
    score = None if answer is False or chosen.base == 0 else chosen.figures.aivss
    why = {True: rule.yes, False: rule.no, None: rule.unknown}[answer]
    if answer is not False:
        why += _as_printed(rule, metrics)
        why += "; its pages state no technical impact in this scenario" if chosen.base == 0 else ""
    return RiskRow(
        risk=rule.risk,
        framework=AIVSS_08,
        applicability=APPLICABILITY[answer],
        why=why,
        cvss_vector=chosen.vector,
        cvss_base=chosen.base,
        score=None if score is None else plain(score),
        severity=None if score is None else severity(score),
        low=plain(low.figures.aivss if answer else Decimal(0)),
        high=plain(Decimal(0) if answer is False else high.figures.aivss),
        evidence=_quotes(rule, extraction, agent),
    )


def _as_printed(rule: CoreRiskRule, metrics: Scenario) -> str:
    """Says which metrics no page settles, so that the row takes them from the standard's own example."""
    left = [metric for metric in rule.moved if metrics["low"][metric] != metrics["high"][metric]]
    return f"; {', '.join(left)} not known, as in the standard's example" if left else ""


def _quotes(rule: CoreRiskRule, extraction: Extraction, agent: Estimates) -> int:
    """Quotes of the claims that the row rests on, and that count."""
    facts = (extraction.fact(fact) for fact in rule.facts if fact in agent.facts)
    factors = (extraction.factor(factor) for factor in rule.factors if factor not in agent.unknown)
    return sum(len(claim.evidence) for claim in (*facts, *factors) if claim.certainty is not Certainty.NOT_CERTAIN)
