"""The clear cases: what never carries a claim, whatever its words weigh.

Idea: each rule is a condition on the form of the sentence and the kind of claim, with a verdict and one line that a
record prints. Rules only lower: none says that a sentence carries. Invariant: the first rule that holds decides, in
the order written here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from extractors.claims.certainty import SAFETY_CLAIMS
from extractors.pages.page_text import BlockKind
from extractors.support.features import kind_of_claim
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
    spoken = [each for each in found if not each.denied]
    agreeing = [each for each in spoken if distance(each.cue, value) == 0]
    lowered = Verdict.HINTS if spoken or touched else Verdict.OFF
    if claim == ExposureFact.INCIDENT and value != "cited":
        return Support(Verdict.OFF, "not for a page", "a page cannot say whether incidents were searched for")
    if "no words" in shape:
        return Support(Verdict.OFF, "no words", "no words that could state anything")
    if "badge" in shape or "menu" in shape:
        return Support(Verdict.OFF, "badge or menu", "a badge, menu or call to join says nothing of the product")
    if "licence" in shape:
        verdict = Verdict.HINTS if claim == RiskFactor.OPACITY_REFLEXIVITY else Verdict.OFF
        return Support(verdict, "licence", "a licence says what may be done with the code, not what the product does")
    if not found and not touched:
        return Support(Verdict.OFF, "another topic", "no word of it speaks of what is claimed")
    lead = folded(passage.before)
    head = folded(passage.heading) if protects(claim, value) else ""
    denied = next((each for each in found if each.denied and _denies(claim, value, each)), None)
    if (denied and not agreeing) or (agreeing and _DENYING_LEAD.search(_clause(lead))):
        words = (denied or agreeing[0]).words
        return Support(Verdict.OFF, "denied", f"“{words[:60]}” is denied, so it says the contrary")
    if "heading" in shape and (passage.kind is BlockKind.HEADING or not stepped):
        return Support(lowered, "heading", "a heading or a label names a topic and states nothing")
    if "question" in shape:
        return Support(lowered, "question", "a question states nothing")
    if "plan" in shape or _PLAN.search(head) or _PLAN.search(lead[-40:] if lead.endswith(":") else ""):
        return Support(lowered, "plan", "a plan or a wish, not what the product does now")
    if "comparison" in shape or _ELSEWHERE.search(head):
        return Support(lowered, "somebody else", "it speaks of others or of the project, not of the product")
    return _switched(claim, value, passage, shape, lead) or _of_claim(claim, passage, shape, lowered)


def _denies(claim: str, value: str, said: CueMatch) -> bool:
    """What is denied carries the value, or is less than it: what runs no code does not rewrite its own."""
    less = claim == RiskFactor.SELF_MODIFICATION and said.cue.low >= 2 and said.cue.high < 10 * float(value)
    return less or distance(said.cue, value) == 0


def _clause(lead: str) -> str:
    """The clause of a lead that ends with a colon, without it; empty where the lead ends otherwise."""
    clause, colon, rest = lead.rpartition(":")
    return "" if not colon or _WORD.search(rest) else _SENTENCE_END.split(clause)[-1]


_PLACES = frozenset({ExposureFact.RUNS_AT, ExposureFact.SET_UP_BY, ExposureFact.FED_BY})


def protects(claim: str, value: str) -> bool:
    """The value says that something is confined, asked for or not done at all.

    A heading takes weight from such claims only: whoever renames one must not hide what raises the risk.
    """
    if claim not in set(ExposureFact) - _PLACES:
        return False
    return EXPOSURE_VALUES[ExposureFact(claim)][0] == value


def _switched(claim: str, value: str, passage: Passage, shape: frozenset[str], lead: str) -> Support | None:
    """What protects only when somebody turns it on, or was only wished for, is no protection."""
    safe = claim in set(ExposureFact) and (ExposureFact(claim), value) in SAFETY_CLAIMS
    low = claim in _LOW_IS_SAFE and float(value) <= 0.3
    if "part" in shape and claim != ExposureFact.CONTROL and (low or protects(claim, value)):
        return Support(Verdict.HINTS, "a part", "true of a part of it, which says nothing of the rest")
    if safe and passage.own_instructions:
        return Support(Verdict.HINTS, "wish", "what a product tells its own model is a wish and no control")
    if safe and "option" in shape:
        return Support(Verdict.HINTS, "option", "an option that may be set is no control")
    if (safe or low) and claim != ExposureFact.CONTROL and ("switch" in shape or _OPTIONAL_LEAD.search(_clause(lead))):
        return Support(Verdict.HINTS, "switched on", "it must be switched on, so it is not normal use")
    risky = claim == RiskFactor.AUTONOMY_OF_ACTION and float(value) >= 0.8
    may = claim == ExposureFact.ISOLATION and value == _SANDBOX and "modal" in shape
    if may or (risky and "switch" in shape):
        return Support(Verdict.HINTS, "switched on", "it must be switched on, so it is not normal use")
    return None


_STARTED = frozenset[str]({RiskFactor.AUTONOMY_OF_ACTION, RiskFactor.NATURAL_LANGUAGE_INTERFACE})
"""When it is to be used tells who starts it, and with what words."""


_SANDBOX = EXPOSURE_VALUES[ExposureFact.ISOLATION][0]
_TOLD_TO_ITSELF = frozenset[str]({MaestroLayer.L1, MaestroLayer.L4})
"""What a product tells its own model names the model and the place where it runs, and otherwise only what to do,"""
_ABOUT_ITSELF = frozenset({"named", "itself"})
"""unless the sentence speaks of the product itself."""


def _of_claim(claim: str, passage: Passage, shape: frozenset[str], lowered: Verdict) -> Support | None:
    """Forms that carry some kinds of claims and not others."""
    kind = kind_of_claim(claim)
    told = passage.own_instructions and ("usage note" in shape or not shape & _ABOUT_ITSELF)
    if kind == "layer" and told and claim not in _TOLD_TO_ITSELF:
        return Support(lowered, "instruction", "what to do, told to a model, not what the product is made of")
    if kind == "layer" and "in time" in shape:
        return Support(lowered, "in time", "a step before or after something else, not what the product is made of")
    if kind != "factor":
        return None
    if "usage note" in shape and claim not in _STARTED:
        return Support(lowered, "usage note", "when to use it, not what it does")
    if "another" in shape:
        return Support(lowered, "somebody else", "its subject is not this product")
    return None
