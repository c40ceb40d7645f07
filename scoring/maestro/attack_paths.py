"""Attack paths across MAESTRO layers that the same facts make possible.

Idea: seven published patterns, each with the facts it needs. A path is certain when quoted facts open it, and
uncertain when only estimates or defaults do; a path that the facts exclude is not shown. Invariant: nothing
is asked here that the score was not asked.

Source of the patterns: cross-layer patterns of the MAESTRO playbook (agentic-threat-modeling).
"""

from typing import NamedTuple

from scoring.factor_estimates import Estimates
from scoring.risks.indicators import Condition, all_of, any_of, at_least, beyond, is_one_of, presumed
from scoring.scores import Chain
from scoring.vocabulary import ExposureFact as F
from scoring.vocabulary import MaestroLayer
from scoring.vocabulary import RiskFactor as R


class Pattern(NamedTuple):
    name: str
    layers: tuple[str, ...]
    why: str
    opens: Condition


ACTS = any_of(beyond(F.CHANGES, "nothing"), beyond(F.EXECUTES, "nothing"), is_one_of(F.WRITES, "broad"))


PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "hallucination to retrieval to tool misuse",
        ("L1", "L2", "L3"),
        "what a model makes up is stored or retrieved again, and tools act on it",
        all_of(at_least(R.PERSISTENT_MEMORY, "0.5"), ACTS),
    ),
    Pattern(
        "framework exploit to infrastructure to compliance bypass",
        ("L3", "L4", "L6"),
        "code that it runs is not confined, so a flaw in the agent reaches its host",
        all_of(is_one_of(F.EXECUTES, "arbitrary_code"), is_one_of(F.ISOLATION, "none")),
    ),
    Pattern(
        "data poisoning to action to ecosystem",
        ("L2", "L3", "L7"),
        "outsiders can write what it reads, and it changes other systems",
        all_of(is_one_of(F.FED_BY, "anyone"), beyond(F.CHANGES, "nothing")),
    ),
    Pattern(
        "log manipulation to evasion to undetected fraud",
        ("L3", "L5", "L6"),
        "its acts are hard to trace, and it can spend or change broadly",
        all_of(
            at_least(R.OPACITY_REFLEXIVITY, "0.7"),
            any_of(beyond(F.SPENDS, "nothing"), is_one_of(F.CHANGES, "broad")),
        ),
    ),
    Pattern(
        "cascading trust failure",
        tuple(MaestroLayer),
        "agents trust each other's results with nobody in between",
        all_of(at_least(R.MULTI_AGENT_INTERACTIONS, "0.5"), is_one_of(F.APPROVAL, "unattended")),
    ),
    Pattern(
        "confused deputy",
        ("L3", "L6", "L7"),
        "others' text reaches it while it acts with its user's rights in other systems",
        all_of(
            is_one_of(F.FED_BY, "anyone"),
            any_of(is_one_of(F.READS, "secrets_or_all"), at_least(R.DYNAMIC_IDENTITY, "0.3")),
            any_of(beyond(F.REACHES, "nothing"), beyond(F.CHANGES, "nothing")),
        ),
    ),
    Pattern(
        "overwhelmed approver and misplaced trust",
        ("L5", "L7"),
        "a person approves each act of something that strangers can feed",
        all_of(is_one_of(F.APPROVAL, "each_action"), is_one_of(F.FED_BY, "anyone")),
    ),
)
"""In the order of the source."""


def chains(agent: Estimates) -> tuple[Chain, ...]:
    """The patterns that facts, estimates or defaults open."""
    shown = []
    likely = presumed(agent)
    for pattern in PATTERNS:
        answer = pattern.opens(agent)
        if answer or (answer is None and pattern.opens(likely)):
            shown.append(Chain(name=pattern.name, layers=pattern.layers, why=pattern.why, certain=answer is True))
    return tuple(shown)
