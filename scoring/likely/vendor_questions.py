"""What to ask the vendor: each unknown that moves the score, in plain words, with what each answer would do.

Invariants: a question is about exactly one claim, so that its answer is a correction of that claim; the same record
gives the same questions in the same order.
"""

from collections.abc import Callable
from decimal import Decimal

from scoring.cvss.exposure_defaults import MEANINGS
from scoring.factor_estimates import Estimates
from scoring.formulas.profile import Profile
from scoring.headline import score_bounds
from scoring.headline.severity import plain
from scoring.likely.decision import Advice, Answer, Question
from scoring.likely.likely_range import Range, likely
from scoring.likely.reference_class import ReferenceClass, Unknown
from scoring.rubric import RUBRIC
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, RiskFactor

ANSWERED: tuple[Decimal, ...] = tuple(Decimal(anchor) for anchor in ("0.0", "0.5", "1.0"))
"""The anchors of a factor that are given as answers: the three points of the standard."""

QUESTIONS: dict[Unknown, str] = {
    RiskFactor.AUTONOMY_OF_ACTION: "Does it act without a person agreeing first? Which acts wait for a person?",
    RiskFactor.GOAL_DRIVEN_PLANNING: "Does it choose its own steps towards a goal, or does it carry out given steps?",
    RiskFactor.SELF_MODIFICATION: "Can it change its own prompts, tools or code while it runs? Who agrees to that?",
    RiskFactor.DYNAMIC_TOOL_USE: "Which tools can it call, and which of them change or delete something?",
    RiskFactor.PERSISTENT_MEMORY: "What does it remember from one run to the next, for how long, and who can write it?",
    RiskFactor.CONTEXTUAL_AWARENESS: "What does it read before it acts, and can strangers write into that?",
    RiskFactor.DYNAMIC_IDENTITY: "Under whose account and rights does it act, and can these change while it runs?",
    RiskFactor.MULTI_AGENT_INTERACTIONS: "Which other agents does it give orders to or take orders from?",
    RiskFactor.NON_DETERMINISM: "What checks or limits the answers of its model before they take effect?",
    RiskFactor.OPACITY_REFLEXIVITY: "Is each act recorded so that a customer can see afterwards what it did and why?",
    RiskFactor.NATURAL_LANGUAGE_INTERFACE: "Can free text, a user's or that of a page it reads, start its acts?",
    ExposureFact.RUNS_AT: "Where does it run: on the user's machine, inside the customer's network, or hosted by you?",
    ExposureFact.INPUT_BARRIER: "What stands between text of strangers and its acts, and how was that tested?",
    ExposureFact.SET_UP_BY: "Is it used as you deliver it, or does somebody build it in and decide who can reach it?",
    ExposureFact.FED_BY: "Whose text can reach it: administrators', account holders', or anybody's?",
    ExposureFact.APPROVAL: "Does each action wait for a person? Where is that switched?",
    ExposureFact.READS: "Which data of its own user can it read? Secrets and credentials too?",
    ExposureFact.WRITES: "Which files, records or settings of its own user can it change?",
    ExposureFact.EXECUTES: "Does it run commands or code? Which, and who composes them?",
    ExposureFact.ISOLATION: "In what sandbox, container or virtual machine does that run which it executes?",
    ExposureFact.REACHES: "Which other systems can it read, and with which rights?",
    ExposureFact.CHANGES: "Which other systems can it change, and with which rights?",
    ExposureFact.SPENDS: "Can it spend money, use up quota or take infrastructure down? What is the limit?",
    ExposureFact.INCIDENT: "Has it ever been exploited? Where do you say that you looked, and what you found?",
    ExposureFact.CONTROL: "Which control on its acts is enforced and cannot be talked away? Where is it documented?",
}
"""To the vendor, about their product."""


def path_of(unknown: str) -> str:
    """The claim of a fact or factor."""
    return f"{'exposure' if unknown in set(ExposureFact) else 'factors'}.{unknown}"


def questions(
    agent: Estimates, profile: Profile, reference: ReferenceClass, advised: Callable[[Decimal, Range], Advice]
) -> tuple[Question, ...]:
    """Those whose answers lie farthest apart first. `advised`: what a possible high end and a likely range give."""
    found: list[tuple[Decimal, Question]] = []
    for unknown in (*profile.factors.values(), *ExposureFact):
        if unknown in agent.facts or (isinstance(unknown, RiskFactor) and unknown not in agent.unknown):
            continue
        answers = []
        for value, text in _answers(unknown):
            settled = _settled(agent, unknown, value)
            ends = likely(settled, profile, reference)
            word = advised(plain(score_bounds.worst(settled, profile).figures.aivss), ends).word
            answers.append(Answer(value=value, text=text, low=ends.low, high=ends.high, word=word))
        lows, highs = [answer.low for answer in answers], [answer.high for answer in answers]
        apart = max(lows) - min(lows) + max(highs) - min(highs)
        if apart:
            question = Question(
                id=f"ask-{unknown.replace('_', '-')}",
                text=QUESTIONS[unknown],
                settles=path_of(unknown),
                answers=tuple(answers),
            )
            found.append((apart, question))
    return tuple(question for _, question in sorted(found, key=lambda pair: -pair[0]))


def _answers(unknown: Unknown) -> list[tuple[str, str]]:
    """Value and meaning of each answer, safest first."""
    if isinstance(unknown, ExposureFact):
        return list(zip(EXPOSURE_VALUES[unknown], MEANINGS[unknown], strict=True))
    return [(str(value), RUBRIC[unknown].anchors[value]) for value in ANSWERED]


def _settled(agent: Estimates, unknown: Unknown, value: str) -> Estimates:
    """As if the claim were known to have this value."""
    if isinstance(unknown, ExposureFact):
        return agent._replace(facts={**agent.facts, unknown: value})
    return agent._replace(factors={**agent.factors, unknown: Decimal(value)}, unknown=agent.unknown - {unknown})
