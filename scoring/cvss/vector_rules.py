"""The rule table from exposure facts to a CVSS v4.0 base vector: derived, never guessed.

One scenario is scored for every product: an attacker controls content or messages that it processes, and
it does the worst that its evidenced capabilities allow. Each of the eleven metrics has one rule; the rule
gives the value and the reason. Invariant: no fact, moved from safest to worst, ever lowers a metric, so two
vectors bound every completion of the unknown facts.

Source: our convention (no method for a whole agent is published); metric meanings from FIRST, CVSS v4.0.
"User interaction" is that of a human other than the attacker; injected content is not user interaction.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from scoring.cvss.base_score import vector_of
from scoring.cvss.exposure_defaults import Facts
from scoring.vocabulary import ExposureFact as F

Row = tuple[str, str]
"""A metric's value and its reason."""


def attack_vector(facts: Facts) -> Row:
    if facts[F.RUNS_AT] == "hosted":
        return "N", "hosted, a bot or an API: reachable over the network"
    if facts[F.FED_BY] != "administrators" and facts[F.REACHES] != "nothing":
        return "N", "it fetches from other systems what others can write there: the attack comes by network"
    if facts[F.RUNS_AT] == "internal_network":
        return "A", "reachable inside an organisation's network only"
    return "L", "runs on its user's machine and fetches no foreign content by itself"


def attack_complexity(facts: Facts) -> Row:
    if facts[F.INPUT_BARRIER] == "validated_barrier":
        return "H", "a validated barrier stands between foreign text and its actions"
    return "L", "no validated barrier stands between foreign text and its actions"


def attack_requirements(facts: Facts) -> Row:
    if facts[F.SET_UP_BY] == "integrator":
        return "P", "exposure depends on how an integrator configures it"
    return "N", "used as delivered: no further precondition"


def privileges_required(facts: Facts) -> Row:
    return {
        "administrators": ("H", "only administrators can put text before it"),
        "account_holders": ("L", "an account is needed to put text before it"),
        "anyone": ("N", "outsiders' text or third-party content reaches it"),
    }[facts[F.FED_BY]]


def user_interaction(facts: Facts) -> Row:
    return {
        "each_action": ("A", "a person approves each action"),
        "user_starts": ("P", "a user other than the attacker starts it"),
        "unattended": ("N", "it runs unattended"),
    }[facts[F.APPROVAL]]


def _confined(facts: Facts) -> bool:
    return facts[F.ISOLATION] == "sandbox"


def _own(facts: Facts, fact: F, wide: str, what: str) -> Row:
    code = facts[F.EXECUTES] == "arbitrary_code"
    if code and not _confined(facts):
        return "H", "it runs arbitrary code that no sandbox confines"
    if facts[fact] == wide:
        return "H", f"it can {what} secrets or everything of its user"
    if code:
        return "L", "it runs arbitrary code, confined by a sandbox"
    if facts[fact] == "limited":
        return "L", f"it can {what} a limited part of its user's data"
    return "N", f"it can {what} nothing private of its user"


def confidentiality(facts: Facts) -> Row:
    return _own(facts, F.READS, "secrets_or_all", "read")


def integrity(facts: Facts) -> Row:
    return _own(facts, F.WRITES, "broad", "change")


def availability(facts: Facts) -> Row:
    match facts[F.EXECUTES]:
        case "arbitrary_code" if not _confined(facts):
            return "H", "it runs arbitrary code that no sandbox confines"
        case "arbitrary_code":
            return "L", "it runs arbitrary code, confined by a sandbox"
        case "fixed_commands":
            return "L", "it runs fixed commands, which can be kept busy"
        case _:
            return "N", "it runs neither commands nor code"


def _reach(facts: Facts, fact: F, does: str) -> Row:
    return {
        "nothing": ("N", f"it {does} no other system"),
        "scoped": ("L", f"it {does} other systems with scoped rights"),
        "broad": ("H", f"it {does} other systems broadly"),
    }[facts[fact]]


def subsequent_confidentiality(facts: Facts) -> Row:
    return _reach(facts, F.REACHES, "reads")


def subsequent_integrity(facts: Facts) -> Row:
    return _reach(facts, F.CHANGES, "changes")


def subsequent_availability(facts: Facts) -> Row:
    return _reach(facts, F.SPENDS, "can use up or take down")


class Rule(NamedTuple):
    metric: str
    facts: tuple[F, ...]
    """The facts that the rule reads."""
    choose: Callable[[Facts], Row]


RULES: tuple[Rule, ...] = (
    Rule("AV", (F.RUNS_AT, F.FED_BY, F.REACHES), attack_vector),
    Rule("AC", (F.INPUT_BARRIER,), attack_complexity),
    Rule("AT", (F.SET_UP_BY,), attack_requirements),
    Rule("PR", (F.FED_BY,), privileges_required),
    Rule("UI", (F.APPROVAL,), user_interaction),
    Rule("VC", (F.READS, F.EXECUTES, F.ISOLATION), confidentiality),
    Rule("VI", (F.WRITES, F.EXECUTES, F.ISOLATION), integrity),
    Rule("VA", (F.EXECUTES, F.ISOLATION), availability),
    Rule("SC", (F.REACHES,), subsequent_confidentiality),
    Rule("SI", (F.CHANGES,), subsequent_integrity),
    Rule("SA", (F.SPENDS,), subsequent_availability),
)
"""One rule a metric, in the order of the vector."""

BASE_FACTS: tuple[F, ...] = tuple(fact for fact in F if any(fact in rule.facts for rule in RULES))
"""The facts that move the base; `incident` and `control` move ThM and MF instead."""


def metrics(facts: Facts) -> dict[str, str]:
    """The eleven metric values."""
    return {rule.metric: rule.choose(facts)[0] for rule in RULES}


def vector(facts: Facts) -> str:
    """The CVSS v4.0 base vector of a full set of facts."""
    return _vector(tuple(facts[fact] for fact in BASE_FACTS))


@lru_cache(maxsize=65_536)
def _vector(values: tuple[str, ...]) -> str:
    return vector_of(metrics(dict(zip(BASE_FACTS, values, strict=True))))
