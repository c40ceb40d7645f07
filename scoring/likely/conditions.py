"""On which conditions a product may be allowed: *allow only if …*, by rule from what its record knows.

Idea: a protection that its pages state is worth what its switch is worth, and a power that they state can be cut down
from outside. Invariant: a condition rests on one claim that is known; what is not known is a question, no condition.
"""

from decimal import Decimal
from typing import NamedTuple

from scoring.factor_estimates import Estimates
from scoring.likely.decision import Condition
from scoring.vocabulary import ExposureFact as F
from scoring.vocabulary import RiskFactor


class FactRule(NamedTuple):
    """A condition that holds wherever a fact is known to have one of these values."""

    id: str
    fact: F
    values: tuple[str, ...]
    text: str


FACT_RULES: tuple[FactRule, ...] = (
    FactRule("approval-on", F.APPROVAL, ("each_action",), "the approval of each action stays switched on"),
    FactRule("owned-runs", F.APPROVAL, ("unattended",), "somebody owns its unattended runs and sees what they did"),
    FactRule("sandboxed", F.ISOLATION, ("sandbox",), "it runs in the sandbox that its pages name"),
    FactRule("barrier-on", F.INPUT_BARRIER, ("validated_barrier",), "the barrier before its actions stays switched on"),
    FactRule("control-on", F.CONTROL, ("enforceable",), "the control that its pages name is switched on"),
    FactRule("read-only-token", F.CHANGES, ("scoped", "broad"), "its token may only read where it need not change"),
    FactRule("few-systems", F.REACHES, ("broad",), "its rights are cut down to the systems that it needs"),
    FactRule("no-secrets", F.READS, ("secrets_or_all",), "no secrets and credentials lie where it can read"),
    FactRule("undo", F.WRITES, ("broad",), "what it changes is a copy, or can be undone"),
    FactRule("spending-limit", F.SPENDS, ("scoped", "broad"), "a limit on money and quota is set outside of it"),
    FactRule("watched-input", F.FED_BY, ("anyone",), "nothing that strangers wrote starts an act nobody looks at"),
)
"""In the order in which they are printed."""

OWN_SANDBOX = "it runs in a sandbox, container or virtual machine of yours"
CLEARED_MEMORY = "its memory can be looked through and cleared"
MUCH_MEMORY = Decimal("0.7")
"""From here on it keeps what it read from one run to the next."""


def conditions(agent: Estimates) -> tuple[Condition, ...]:
    """Every rule that the known claims meet."""
    found = [
        Condition(id=rule.id, text=rule.text, claim=f"exposure.{rule.fact}")
        for rule in FACT_RULES
        if agent.facts.get(rule.fact) in rule.values
    ]
    if agent.facts.get(F.EXECUTES) == "arbitrary_code" and agent.facts.get(F.ISOLATION) != "sandbox":
        found.append(Condition(id="own-sandbox", text=OWN_SANDBOX, claim=f"exposure.{F.EXECUTES}"))
    memory = RiskFactor.PERSISTENT_MEMORY
    if memory not in agent.unknown and agent.factors[memory] >= MUCH_MEMORY:
        found.append(Condition(id="cleared-memory", text=CLEARED_MEMORY, claim=f"factors.{memory}"))
    return tuple(found)
