"""The rule table from exposure facts to a CVSS v4.0 base vector: derived, never guessed.

One scenario is scored for every product: an attacker controls content or messages that it processes, and
it does the worst that its evidenced capabilities allow. Each of the eleven metrics has one rule; the rule
gives the value and the reason. Invariant: no fact, moved from safest to worst, ever lowers a metric, so two
vectors bound every completion of the unknown facts.

Source: our convention (no method for a whole agent is published); metric meanings from FIRST, CVSS v4.0.
"User interaction" is that of a human other than the attacker; injected content is not user interaction.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from scoring.cvss.base_score import vector_of
from scoring.cvss.exposure_defaults import Facts
from scoring.vocabulary import ExposureFact as F

Row = tuple[str, str]
"""A metric's value and its reason."""


class Rule(NamedTuple):
    metric: str
    facts: tuple[F, ...]
    """The facts that the rule reads."""
    choose: Callable[[Facts], Row]


def _by(metric: str, fact: F, rows: Mapping[str, Row]) -> Rule:
    """A metric that follows one fact: a row for each of its values."""
    return Rule(metric, (fact,), lambda facts: rows[facts[fact]])


def attack_vector(facts: Facts) -> Row:
    if facts[F.RUNS_AT] == "hosted":
        return "N", "hosted, a bot or an API: reachable over the network"
    if facts[F.FED_BY] != "administrators" and facts[F.REACHES] != "nothing":
        return "N", "it fetches from other systems what others can write there: the attack comes by network"
    if facts[F.RUNS_AT] == "internal_network":
        return "A", "reachable inside an organisation's network only"
    return "L", "runs on its user's machine and fetches no foreign content by itself"


CODE_AT_LARGE: Row = ("H", "it runs arbitrary code that no sandbox confines")
CODE_CONFINED: Row = ("L", "it runs arbitrary code, confined by a sandbox")


def _runs_code(facts: Facts) -> Row | None:
    """What running arbitrary code does to each of its user's goods; None where it runs none."""
    if facts[F.EXECUTES] != "arbitrary_code":
        return None
    return CODE_CONFINED if facts[F.ISOLATION] == "sandbox" else CODE_AT_LARGE


def _own(facts: Facts, fact: F, wide: str, what: str) -> Row:
    """Confidentiality or integrity of its user's own data."""
    code = _runs_code(facts)
    if code is not CODE_AT_LARGE and facts[fact] == wide:
        return "H", f"it can {what} secrets or everything of its user"
    if code is not None:
        return code
    if facts[fact] == "limited":
        return "L", f"it can {what} a limited part of its user's data"
    return "N", f"it can {what} nothing private of its user"


def availability(facts: Facts) -> Row:
    if facts[F.EXECUTES] == "fixed_commands":
        return "L", "it runs fixed commands, which can be kept busy"
    return _runs_code(facts) or ("N", "it runs neither commands nor code")


def _reach(metric: str, fact: F, does: str) -> Rule:
    """What it does to other systems."""
    nothing = ("N", f"it {does} no other system")
    scoped = ("L", f"it {does} other systems with scoped rights")
    return _by(metric, fact, {"nothing": nothing, "scoped": scoped, "broad": ("H", f"it {does} other systems broadly")})


RULES: tuple[Rule, ...] = (
    Rule("AV", (F.RUNS_AT, F.FED_BY, F.REACHES), attack_vector),
    _by(
        "AC",
        F.INPUT_BARRIER,
        {
            "validated_barrier": ("H", "a validated barrier stands between foreign text and its actions"),
            "no_barrier": ("L", "no validated barrier stands between foreign text and its actions"),
        },
    ),
    _by(
        "AT",
        F.SET_UP_BY,
        {
            "integrator": ("P", "exposure depends on how an integrator configures it"),
            "vendor": ("N", "used as delivered: no further precondition"),
        },
    ),
    _by(
        "PR",
        F.FED_BY,
        {
            "administrators": ("H", "only administrators can put text before it"),
            "account_holders": ("L", "an account is needed to put text before it"),
            "anyone": ("N", "outsiders' text or third-party content reaches it"),
        },
    ),
    _by(
        "UI",
        F.APPROVAL,
        {
            "each_action": ("A", "a person approves each action"),
            "user_starts": ("P", "a user other than the attacker starts it"),
            "unattended": ("N", "it runs unattended"),
        },
    ),
    Rule("VC", (F.READS, F.EXECUTES, F.ISOLATION), lambda facts: _own(facts, F.READS, "secrets_or_all", "read")),
    Rule("VI", (F.WRITES, F.EXECUTES, F.ISOLATION), lambda facts: _own(facts, F.WRITES, "broad", "change")),
    Rule("VA", (F.EXECUTES, F.ISOLATION), availability),
    _reach("SC", F.REACHES, "reads"),
    _reach("SI", F.CHANGES, "changes"),
    _reach("SA", F.SPENDS, "can use up or take down"),
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
