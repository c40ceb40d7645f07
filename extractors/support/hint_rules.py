"""Which words only hint at a claim, or are off it: a heading, an example, a plan, advice, an option, a denial.

Idea: each rule is a condition on the form of the sentence and the kind of claim, with a verdict and one line that a
record prints; the forms themselves are named in `data/support/forms.toml`. Rules only lower: none says that a sentence
carries. Invariant: the first rule that holds decides, in the order written here.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from extractors.claims.certainty import SAFETY_CLAIMS
from extractors.pages.page_text import BlockKind
from extractors.support.model import kind_of_claim
from extractors.support.passage import Passage, folded
from extractors.support.topics import CueMatch, distance
from scoring.vocabulary import EXPOSURE_VALUES, Certainty, ExposureFact, MaestroLayer, RiskFactor


class Verdict(StrEnum):
    CARRIES = "carries"
    HINTS = "hints"
    OFF = "off"


class Support(NamedTuple):
    """What a sentence does for a claim."""

    verdict: Verdict
    rule: str
    """Short id of what decided."""
    why: str
    """One line for a person."""
    certainty: Certainty = Certainty.NOT_CERTAIN
    """At most this sure. A statement that only follows from the words is lowered to inferred; nothing is raised."""


_PLAN = re.compile(r"\b(?:road ?map|coming soon|to-?do|planned|future|upcoming|what's next|not yet)\b")
_ELSEWHERE = re.compile(
    r"\b(?:contribut\w+|licen[sc]e|acknowledg\w+|credits|citation|sponsors?|related projects?|alternatives|"
    r"comparison|community|star history|change ?log|release notes|updates?|news|announcements?)\b"
)
_DENYING_LEAD = re.compile(r"\b(?:not|never|no longer|cannot|doesn't|don't|won't|none|refuses?)\b")
_OPTIONAL_LEAD = re.compile(r"\b(?:optional\w*|if you (?:enable|want)|can be enabled|opt-?in)\b")
_LOW_IS_SAFE = frozenset({RiskFactor.AUTONOMY_OF_ACTION, RiskFactor.DYNAMIC_TOOL_USE, RiskFactor.SELF_MODIFICATION})
_SENTENCE_END = re.compile(r"[.!?]")
_WORD = re.compile(r"\w")
_PLACES = frozenset({ExposureFact.RUNS_AT, ExposureFact.SET_UP_BY, ExposureFact.FED_BY})
_STARTED = frozenset[str]({RiskFactor.AUTONOMY_OF_ACTION, RiskFactor.NATURAL_LANGUAGE_INTERFACE})
"""When it is to be used tells who starts it, and with what words."""
_SANDBOX = EXPOSURE_VALUES[ExposureFact.ISOLATION][0]
_TOLD_TO_ITSELF = frozenset[str]({MaestroLayer.L1, MaestroLayer.L4})
"""What a product tells its own model names the model and the place where it runs, and otherwise only what to do,"""
_ABOUT_ITSELF = frozenset({"named", "itself"})
"""unless the sentence speaks of the product itself."""


def rule_verdict(
    claim: str,
    value: str,
    passage: Passage,
    shape: frozenset[str],
    found: Sequence[CueMatch],
    touched: Sequence[str],
    stepped: bool,
) -> Support | None:
    """The verdict of the first rule that holds, or None: then the words are weighed. `stepped`: one step of reasoning
    leads from the sentence to the value, so that a few words are no mere label."""
    off, hints = Verdict.OFF, Verdict.HINTS
    spoken = [each for each in found if not each.denied]
    agreeing = [each for each in spoken if distance(each.cue, value) == 0]
    lowered = hints if spoken or touched else off
    lead, kind, protected = folded(passage.before), kind_of_claim(claim), protects(claim, value)
    clause, plan_lead = _clause(lead), lead[-40:] if lead.endswith(":") else ""
    head = folded(passage.heading) if protected else ""
    denied = [each for each in found if each.denied and _denies(claim, value, each)]
    contrary = _DENYING_LEAD.search(clause) if agreeing else denied
    words = (denied or agreeing)[0].words if contrary else ""
    wish = claim in set(ExposureFact) and (ExposureFact(claim), value) in SAFETY_CLAIMS
    control = claim == ExposureFact.CONTROL
    low = claim in _LOW_IS_SAFE and float(value) <= 0.3
    switched = "switch" in shape
    risky = claim == RiskFactor.AUTONOMY_OF_ACTION and float(value) >= 0.8
    may = claim == ExposureFact.ISOLATION and value == _SANDBOX and "modal" in shape
    instructed = passage.own_instructions and ("usage note" in shape or not shape & _ABOUT_ITSELF)
    rules = (
        (
            claim == ExposureFact.INCIDENT and value != "cited",
            Support(off, "not for a page", "a page cannot say whether incidents were searched for"),
        ),
        ("no words" in shape, Support(off, "no words", "no words that could state anything")),
        (
            shape & {"badge", "menu"},
            Support(off, "badge or menu", "a badge, menu or call to join says nothing of the product"),
        ),
        (
            "licence" in shape,
            Support(
                hints if claim == RiskFactor.OPACITY_REFLEXIVITY else off,
                "licence",
                "a licence says what may be done with the code, not what the product does",
            ),
        ),
        (not found and not touched, Support(off, "another topic", "no word of it speaks of what is claimed")),
        (contrary, Support(off, "denied", f"“{words[:60]}” is denied, so it says the contrary")),
        (
            "heading" in shape and (passage.kind is BlockKind.HEADING or not stepped),
            Support(lowered, "heading", "a heading or a label names a topic and states nothing"),
        ),
        ("question" in shape, Support(lowered, "question", "a question states nothing")),
        (
            "plan" in shape or _PLAN.search(head) or _PLAN.search(plan_lead),
            Support(lowered, "plan", "a plan or a wish, not what the product does now"),
        ),
        (
            "comparison" in shape or _ELSEWHERE.search(head),
            Support(lowered, "somebody else", "it speaks of others or of the project, not of the product"),
        ),
        (
            "part" in shape and not control and (low or protected),
            Support(hints, "a part", "true of a part of it, which says nothing of the rest"),
        ),
        (
            wish and passage.own_instructions,
            Support(hints, "wish", "what a product tells its own model is a wish and no control"),
        ),
        (wish and "option" in shape, Support(hints, "option", "an option that may be set is no control")),
        (
            ((wish or low) and not control and (switched or _OPTIONAL_LEAD.search(clause)))
            or may
            or (risky and switched),
            Support(hints, "switched on", "it must be switched on, so it is not normal use"),
        ),
        (
            kind == "layer" and instructed and claim not in _TOLD_TO_ITSELF,
            Support(lowered, "instruction", "what to do, told to a model, not what the product is made of"),
        ),
        (
            kind == "layer" and "in time" in shape,
            Support(lowered, "in time", "a step before or after something else, not what the product is made of"),
        ),
        (
            kind == "factor" and "usage note" in shape and claim not in _STARTED,
            Support(lowered, "usage note", "when to use it, not what it does"),
        ),
        (
            kind == "factor" and "another" in shape,
            Support(lowered, "somebody else", "its subject is not this product"),
        ),
    )
    return next((verdict for holds, verdict in rules if holds), None)


def _denies(claim: str, value: str, match: CueMatch) -> bool:
    """What is denied carries the value, or is less than it: what runs no code does not rewrite its own."""
    less = claim == RiskFactor.SELF_MODIFICATION and match.cue.low >= 2 and match.cue.high < 10 * float(value)
    return less or distance(match.cue, value) == 0


def _clause(lead: str) -> str:
    """The clause of a lead that ends with a colon, without it; empty where the lead ends otherwise."""
    clause, colon, rest = lead.rpartition(":")
    return "" if not colon or _WORD.search(rest) else _SENTENCE_END.split(clause)[-1]


def protects(claim: str, value: str) -> bool:
    """The value says that something is confined, asked for or not done at all.

    A heading takes weight from such claims only: whoever renames one must not hide what raises the risk.
    """
    if claim not in set(ExposureFact) - _PLACES:
        return False
    return EXPOSURE_VALUES[ExposureFact(claim)][0] == value
