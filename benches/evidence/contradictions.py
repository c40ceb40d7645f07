"""What cannot both be true within one record: the rules that the tests hold records to and `measure_records` counts by.

Idea: what is known of one thing excludes what may be known of another; a risk that does not apply rests on something
known; a text says of its claim what was decided.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from scoring.claims import Extraction
from scoring.risks.core_risks import RULES
from scoring.scores import Applicability, RiskRow
from scoring.vocabulary import NOT_CERTAIN_OPENING, Certainty, ExposureFact, LayerStatus, RiskFactor

HIGH, LOW = Decimal("0.7"), Decimal("0.2")
EXCLUDED: tuple[tuple[ExposureFact, str, RiskFactor, bool], ...] = (
    (ExposureFact.APPROVAL, "each_action", RiskFactor.AUTONOMY_OF_ACTION, True),
    (ExposureFact.APPROVAL, "unattended", RiskFactor.AUTONOMY_OF_ACTION, False),
    (ExposureFact.CHANGES, "nothing", RiskFactor.DYNAMIC_TOOL_USE, True),
    (ExposureFact.CHANGES, "broad", RiskFactor.DYNAMIC_TOOL_USE, False),
    (ExposureFact.EXECUTES, "nothing", RiskFactor.SELF_MODIFICATION, True),
    (ExposureFact.EXECUTES, "arbitrary_code", RiskFactor.DYNAMIC_TOOL_USE, False),
)
"""A known fact with the known factor that it excludes: a high value where true, a low one where not."""


class Contradiction(NamedTuple):
    rule: str
    claim: str
    """With its value, as is the other."""
    against: str


def contradictions(extraction: Extraction, risks: Iterable[RiskRow]) -> Iterator[Contradiction]:
    """Each contradiction within one record."""
    facts = {claim.fact: claim.value for claim in extraction.exposure if claim.certainty is not Certainty.NOT_CERTAIN}
    factors = {
        claim.factor: claim.value for claim in extraction.factors if claim.certainty is not Certainty.NOT_CERTAIN
    }
    for fact, value, factor, high in EXCLUDED:
        known = factors.get(factor)
        if facts.get(fact) == value and known is not None and (known >= HIGH if high else known <= LOW):
            rule = "the fact excludes so high a factor" if high else "the fact excludes so low a factor"
            yield Contradiction(rule, f"exposure.{fact} is {value}", f"factors.{factor} is {known}")
    autonomy = extraction.factor(RiskFactor.AUTONOMY_OF_ACTION)
    asks = autonomy.support is not None and "asks first" in autonomy.support.why
    if asks and factors.get(autonomy.factor, HIGH) <= LOW and ExposureFact.APPROVAL not in facts:
        text = f"factors.{autonomy.factor} is {autonomy.value}, since it asks a person"
        yield Contradiction("who asks a person has an approval", text, "exposure.approval is not known")
    rules = {rule.risk: rule for rule in RULES}
    for row in risks:
        rests_on = {*rules[row.risk].facts, *rules[row.risk].factors}
        if row.applicability is Applicability.DOES_NOT_APPLY and not rests_on & {*facts, *factors}:
            text = f"none of {', '.join(sorted(rests_on))} is known"
            yield Contradiction("what does not apply rests on something known", f"{row.risk} does not apply", text)
    for layer in extraction.layers:
        if (layer.status is LayerStatus.NOT_CERTAIN) != layer.text.startswith(NOT_CERTAIN_OPENING):
            text = f"its text begins with {layer.text[:40]!r}"
            yield Contradiction("a text says what was decided", f"layers.{layer.layer} is {layer.status}", text)
