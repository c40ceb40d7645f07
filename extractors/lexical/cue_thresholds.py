"""The thresholds of the built-in reader's cues: what a sentence must weigh, and say, before a cue of it is taken.

Idea: `data/support/built_in_reader_cues.toml` holds for each cue the log odds above which a sentence is taken, the
words that it needs and those with which it says something else. A reader that goes through every sentence must also be
choosy about who speaks of what, so a threshold rises where the form of a sentence does not tell that it speaks of the
product itself. The support stage has its own thresholds, beside its weights (`carries` in `data/support/weights.json`).
Invariants: the topic table has every cue and claim that is named; only the sentence, its kind of block and its document
decide, never its heading, its place or the length of the page.
"""

import math
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from extractors.lexical.statements import Statement
from extractors.pages.page_text import BlockKind
from extractors.support.hint_rules import protects
from extractors.support.passage import DATA, Passage, table_pattern
from extractors.support.topics import topics
from scoring.errors import BadInput
from scoring.vocabulary import ExposureFact, MaestroLayer, RiskFactor

_NO_STATEMENT = frozenset(
    {
        "question",
        "example",
        "option",
        "conditional",
        "plan",
        "comparison",
        "another",
        "past",
        "badge",
        "menu",
        "heading",
    }
    | {"switch", "usage note", "no words"}
)
_TO_ITS_USER = frozenset({"step", "advice"})
_OF_ITSELF = frozenset({"itself", "named first", "description", "tool line"})
_OF_THE_WHOLE = frozenset({"itself", "named first", "description"})
"""An item of a list speaks of one feature: what that one does not do, others may."""
_IN_OWN_INSTRUCTIONS = frozenset({"named first", "description"})
_A_DEFINITION = re.compile(r"\A\W*an? (?!guide|collection|list|sample|tutorial)", re.IGNORECASE)
_ALL_OF_IT = re.compile(
    r"\A\W*(?:all|each|every|none|no|nothing)\b(?: of)?(?: its| the)? (?:[\w-]+ ){0,2}?"
    r"(?:tools?|operations?|commands?|actions?|quer(?:y|ies)|calls?|data|changes?|requests?)\b",
    re.IGNORECASE,
)
_LISTED = frozenset({BlockKind.LIST_ITEM, BlockKind.TABLE_ROW})
_MACHINE_READ = frozenset({BlockKind.FACT, BlockKind.FRONT_MATTER})
LITERAL = _MACHINE_READ | {BlockKind.CODE}
"""Here quotation marks belong to the syntax."""
LONGEST_KEY = 40
UNSAID = 0.5
_LABEL = re.compile(r"\A\W*[A-Z](?:[\w &/'+-]{2,40}(?::| [-–—]) |[a-z]{2,20}s \w)")
"""A feature with its name, or what it does: `Smart filing: saves attachments`, `Remembers conversations`."""
SET_UP = frozenset[str]({ExposureFact.RUNS_AT, ExposureFact.SET_UP_BY, MaestroLayer.L4})
"""Told best by how it is set up: steps and commands count."""
_CREDENTIALS = frozenset[str]({RiskFactor.DYNAMIC_IDENTITY, MaestroLayer.L6})
"""Steps say what its user must hand it."""
_OF_SOURCES = frozenset[str](
    {RiskFactor.CONTEXTUAL_AWARENESS, ExposureFact.FED_BY, ExposureFact.REACHES, ExposureFact.READS}
)
_NO_SOURCE = re.compile(
    r"https?://|\w@\w|\bserver url\b|\bproject url\b|\bdefen[cs]es? against\b|\brebinding\b|"
    r"\bagainst (?:\w+ ){0,3}(?:injections?|attacks?|exfiltration|poisoning|abuse)\b|"
    r"\b(?:block|stop|reject)\w* (?:\S+ ){0,3}attacks?\b|\battacks? (?:in|by|where|from|that|which)\b|"
    r"\b(?:protect|guard|defend|mitigat|harden|prevent)\w* (?:\w+ ){0,4}(?:from|against)\b|"
    r"\b(?:malicious|hostile|rogue|attackers?)\b[^.]{0,60}\b(?:cannot|can't|could|can|may|might|must)\b",
    re.IGNORECASE,
)
"""An address in the text, or what attacks it, is no source that the product reads."""
_READING_TOOL = re.compile(r"\A\W*(?:\w+[-_])?(?:get|list|search|fetch|find|describe|explain|read|query)[-_]\w")
_OF_READING = frozenset[str](
    {ExposureFact.READS, ExposureFact.REACHES, ExposureFact.FED_BY, MaestroLayer.L2, MaestroLayer.L3}
    | {RiskFactor.CONTEXTUAL_AWARENESS, RiskFactor.GOAL_DRIVEN_PLANNING}
)
"""What a tool that reads can tell of the product."""
_PART = re.compile(r"\b(?:library|sdks?|framework|toolkit|package|integrat\w+)\b", re.IGNORECASE)
"""A product that others build in."""
_CODE = re.compile(
    r"```|>>>|\{'|=>|^\W*(?:import|from|def|class|const|let|var)\b|\w\(.{0,200}\) ?[{:=]|^[A-Z][A-Z0-9_]{4,}\b|"
    r"^\W*<\w+[ =]|│|^[\w.-]+\s*=\s|^\W?\w+\W? [\w-]+ = |=(?:true|[\"'])|^# |\n[^\S\n]*\w+:\s|^[\w./-]+/[\w.-]+\.\w+\b"
)
_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]+_[A-Z0-9_]+\b")
MOST_VARIABLES = 3
"""Names of variables from which on a sentence is a list of settings, which states nothing but what it acts with."""
_COMMENT = re.compile(r"\A(?:\W*?(?:#|//|;) \S|\W*\w+\W{1,3}[:=] ?[\[{]|\W*\w+ ?= ?[\[{])")
_NO_SUBJECT = re.compile(
    r"\A[\W\d]*(?:(?:sql|command|code|prompt|template|log|ldap|crlf|header) injection|hard-?coded|xss|csrf|ssrf|xxe|"
    r"idor|cwe-\d|cve-\d|cross-site|server-side request|(?:path|directory) traversal|deserialization|open redirect|"
    r"(?:insecure|unsafe|weak|missing|improper|insufficient|broken|excessive|unvalidated|unrestricted|vulnerable|outdated|"
    r"exposed|leaked|malicious) \w|privilege escalation|remote code execution|race conditions?|data exfiltration|"
    r"tool poisoning|backdoors?|"
    r"(?:this|these|they|those|which|that|such) includes?|such as|e\.g\.|for example|including|i\.e\.)\b",
    re.IGNORECASE,
)
"""A weakness that it looks for elsewhere, named first as in a list of finds, or what goes on with a sentence."""
_NAME = re.compile(r"[\w,;)] [\"'(`*_]{0,3}[A-Z][A-Za-z]*[a-z]")
"""A proper name within a sentence."""
_ABOUT_PAGES = re.compile(
    r"\b(?:guides?|tutorials?|cookbook|playground|walkthrough|prerequisites?|pre-?install\w*|documentation site|blog|"
    r"inspector|npm run|pytest|editable|insiders|debug\w*|workaround|on your own|class(?:es)? in)\b",
    re.IGNORECASE,
)
"""Its documentation, or work on it."""
_STORY = re.compile(
    r"\b(?:I|my|I'm|I've|me)\b|^\W?(?:\d{4}|v?\d+\.\d+)[-./]|"
    r"^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* \d",
    re.MULTILINE,
)
_TO_ITS_READER = re.compile(
    r"^\W*(?:for (?:more|advanced|support|details?|further|customi\w+)|to [a-z-]+ |you (?:can|may|must)|in this|"
    r"this (?:example|section|will|identifies|method)|these companies|"
    r"(?:then|next|now|here|also|please|note|let's|let us|workaround)\b|"
    r"our (?:mission|goal)|we (?:are|also|believe|aim|have)\b|"
    r"use [\w -]{1,40}? (?:to|when) |without it\b|"
    r"(?:ask|tell|open|use|update|modify|see|try|pass|add|create|get|set|replace|install|go)(?: or \w+)? "
    r"(?:your|the|an?|our|this|it|new|existing|or|\.)\b)",
    re.IGNORECASE,
)
CUES = "built_in_reader_cues.toml"


class CueThresholds(NamedTuple):
    """What the reader takes for a claim, read from `built_in_reader_cues.toml`."""

    bars: Mapping[str, Mapping[str, float]]
    """By claim the cues that are read, each with the log odds above which a sentence is taken."""
    needs: Mapping[str, re.Pattern[str]]
    """By cue the words that a sentence must have."""
    never: Mapping[str, re.Pattern[str]]
    """By claim or cue the words with which a sentence says something else."""

    def admit(self, claim: str, cue: str, text: str) -> bool:
        """Whether the words of a folded sentence may be taken for what a cue of a claim says."""
        needed = self.needs.get(cue)
        if needed is not None and not needed.search(text):
            return False
        barring = ("all", cue, claim) if claim in SET_UP else ("all", cue, claim, _DOES)
        return not any(name in self.never and self.never[name].search(text) for name in barring)


_DOES = "of what it does"
"""Ruled out for every claim but those on how it is set up."""


@cache
def cue_thresholds() -> CueThresholds:
    """The table, checked on reading."""
    table = tomllib.loads((DATA / CUES).read_text(encoding="utf-8"))
    bars = {claim: cues for group in table["bars"].values() for claim, cues in group.items()}
    known = {cue.name for cues in topics().values() for cue in cues}
    named = {*table["needs"], *(cue for cues in bars.values() for cue in cues)}
    strange = (named - known) | (set(table["never"]) - known - {*topics(), "all", _DOES})
    if strange:
        raise BadInput(f"no such cue or claim: {sorted(strange)}", subject=CUES, step="read the reader's table")
    needs, never = (
        {name: table_pattern(words) for name, words in table[group].items()} for group in ("needs", "never")
    )
    return CueThresholds(bars, needs, never)


def threshold_increase(claim: str, value: str, statement: Statement, shape: frozenset[str]) -> float:
    """Log odds that a sentence of these forms has to have above the threshold of a cue; infinity where it states
    nothing.

    Nothing where it says of the product itself; `UNSAID` where its subject is not told.
    """
    passage = statement.passage
    if _states_nothing(claim, value, passage, shape):
        return math.inf
    if passage.own_instructions or not statement.main:
        return 0.0 if shape & _IN_OWN_INSTRUCTIONS and not _is_told(passage, shape) else math.inf
    if claim in SET_UP or (claim in _CREDENTIALS and passage.kind is not BlockKind.CODE):
        return 0.0
    label, colon, rest = passage.sentence.partition(": ")
    whole = _ALL_OF_IT.match(rest if colon and len(label) <= LONGEST_KEY else passage.sentence)
    listed = passage.kind in _LISTED and ("tool verb" in shape or _LABEL.match(passage.sentence))
    of_one_feature = listed and protects(claim, value) and not (whole or shape & _OF_THE_WHOLE)
    if passage.kind is BlockKind.CODE or _is_told(passage, shape) or of_one_feature:
        return math.inf
    defines = "definition" in shape and _A_DEFINITION.match(passage.sentence)
    return 0.0 if shape & _OF_ITSELF or defines or listed or whole else UNSAID


def _states_nothing(claim: str, value: str, passage: Passage, shape: frozenset[str]) -> bool:
    """A sentence of this form says nothing of the claim, whatever its words weigh."""
    sentence = passage.sentence
    tool = {"tool line", "tool verb"} <= shape
    settings = claim != RiskFactor.DYNAMIC_IDENTITY and len(_VARIABLE.findall(sentence)) >= MOST_VARIABLES
    no_system = claim == ExposureFact.REACHES and value == "scoped" and not _NAME.search(sentence)
    no_part = claim == ExposureFact.SET_UP_BY and shape & _OF_ITSELF and not _PART.search(sentence)
    return bool(
        passage.kind is BlockKind.HEADING
        or shape & (_NO_STATEMENT - ({"option", "switch"} if tool else set()))
        or _COMMENT.match(sentence)
        or _STORY.search(sentence)
        or _NO_SUBJECT.search(sentence)
        or (not tool and _ABOUT_PAGES.search(sentence))
        or (passage.kind in _MACHINE_READ and "description" not in sentence[:LONGEST_KEY])
        or settings
        or no_system
        or (claim in _OF_SOURCES and _NO_SOURCE.search(sentence))
        or (claim not in _OF_READING and _READING_TOOL.match(sentence))
        or no_part
        or ("modal" in shape and protects(claim, value))
    )


def _is_told(passage: Passage, shape: frozenset[str]) -> bool:
    """It tells its reader what to do, or is code."""
    if shape & _TO_ITS_USER or _CODE.search(passage.sentence):
        return True
    return "tool line" not in shape and _TO_ITS_READER.search(passage.sentence) is not None
