"""What bars a passage as evidence: wide and cheap, where a finding is narrow.

Idea: barring a harmless sentence costs one sentence of evidence, so words that could be meant for an assessor are
enough; an alarm costs a person, so it needs an address that nobody would write to anyone else (`sure`). Invariant:
being an example, a quotation or denied lifts no bar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extractors.injection.assessor_words import Column, Sentence, near, sentences

_NOTE = "is a note to whoever assesses this product"
_NOTE_TO = re.compile(
    r"\b(?:note|memo|remark|message|hint|notice|attention|instruction|directive|guidance|reminder|advice|word|letter|comment"
    r"|request|appeal)s?[ ,:]{1,2}(?:to|for)\b|\b(?:dear|attention|attn)\b"
)


class Address(NamedTuple):
    """A sentence that may be meant for an assessor."""

    start: int
    end: int
    says: str
    sure: bool = False
    """True where it can be meant for nobody else: a finding."""
    heads: bool = False
    """True where it can head what follows."""
    aside: bool = False
    """True where it speaks of assessing at all, so that what it says of danger still counts."""


def addresses(text: str, ends: Sequence[int] = ()) -> Iterator[Address]:
    """Of a folded text whose blocks end at `ends`."""
    for sentence in sentences(text, ends):
        if how := _english(sentence):
            says, sure, heads = how
            sure = sure and (says != _NOTE or bool(_NOTE_TO.search(text, sentence.start, sentence.end)))
            yield Address(sentence.start, sentence.end, says, sure, heads)
        elif met := sentence.foreign:
            addressed, wished = met & (Column.JUDGE | Column.MACHINE), met & Column.VALUE and met & Column.ORDER
            sure = bool(wished and (met & Column.JUDGE or (addressed and met & Column.ASSESS)))
            yield Address(
                sentence.start, sentence.end, "speaks to whoever assesses it, in another language", sure, True
            )
        elif _of_assessing(sentence):
            yield Address(sentence.start, sentence.end, "speaks of assessing", heads=True, aside=True)


def _of_assessing(said: Sentence) -> bool:
    """Whether those who assess are named beside any word that an address would have."""
    beside = Column.VALUE | Column.THIS | Column.ORDER | Column.MAY | Column.NOTE | Column.OUTCOME
    return bool(said.at(Column.ROLE) and said.at(beside))


def _english(said: Sentence) -> tuple[str, bool, bool] | None:
    """What an English sentence says to an assessor, whether surely, and whether it can head what follows."""
    judge, machine = said.at(Column.JUDGE), said.at(Column.MACHINE)
    note = said.at(Column.NOTE)
    assess, outcome, value = said.at(Column.ASSESS), said.at(Column.OUTCOME), said.at(Column.VALUE)
    machine_that_assesses = near(machine, assess, 6)
    if note and (near(note, judge, 7) or (near(note, machine, 7, after=True) and machine_that_assesses)):
        opening = near(said.at(Column.NOTE, opens=True), judge, 5, after=True)
        return _NOTE, opening and bool(value or outcome), True
    order, told = said.at(Column.ORDER), said.at(Column.IMPERATIVE, opens=True)
    may = sorted([*order, *said.at(Column.MAY)])
    if said.label and near(judge, may, 3):
        return "is a label for whoever assesses", False, True
    called = near([number for number in judge if number < 3], sorted([*order, *told]), 6, after=True)
    allowed = near(judge, may, 3, after=True) and near(may, said.at(Column.IMPERATIVE), 3, after=True)
    if called or (allowed and (value or outcome or said.at(Column.THIS))):
        return "speaks to whoever assesses this product", False, True
    this = said.at(Column.THIS)
    if not (judge or assess or outcome or (told and this)):
        return None
    addressed = bool(judge) or machine_that_assesses
    asked = order and (value or (outcome and this) or (judge and machine))
    if addressed and (asked or (told and value and (outcome or this))):
        sure = bool(judge and value and outcome and near(judge, order, 8, after=True))
        return "tells whoever assesses this product what to find", sure, True
    if judge and value and (outcome or this):
        return "speaks of what an assessor finds", False, False
    of_this = near(told, this, 4, after=True) and near(this, value, 6, after=True)
    spoken_of = near(told, outcome, 9, after=True) or (assess and near(told, this, 9, after=True))
    if of_this or (near(told, value, 14, after=True) and spoken_of):
        return "dictates a verdict", False, False
    if order and near(assess, value, 10) and (outcome or this):
        return "dictates a verdict", False, False
    if outcome and value and this and (assess or note or len(outcome) > 1):
        return "says how this product is assessed", False, False
    if note and assess and value and outcome:
        return "corrects an assessment", False, True
    if len(outcome) > 1 and len(value) > 1 and near(outcome, value, 2, after=True):
        return "writes into the assessment itself", False, False
    return None
