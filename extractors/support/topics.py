"""What a sentence says about a claim: the topic table, and which of its cues the words bear out.

Idea: a claim's topic is not one list of words but a few things that can be said of it, each with the values that
it carries; a claim agrees with a sentence when a thing is said that carries its value. Invariant: a cue that the
sentence denies ("no longer asks", "none of its tools") is not said.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

from extractors.injection.pattern_starts import Patterns
from extractors.support.passage import DATA, table_pattern
from scoring.errors import BadInput
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

FAR = 10
"""Distance, in tenths, of a value that no cue speaks of."""

_DENIED = re.compile(
    r"\b(?:no longer|none of|not(?! only| just| merely)|never|neither|nor|cannot|can't|won't|(?:does|do|did|is|are|was|"
    r"has|have|should|could|would)n't|without|refuses?|instead of|rather than|lacks?|avoids?|stopped|ceased)\b"
)
"""Denies what follows in its clause."""
_DENIED_NEXT = re.compile(r"\b(?:no|nothing|nobody)(?: \w+){0,2} ?$")
"""Denies the next words."""
_JUST_DENIED = re.compile(_DENIED.pattern + r"(?: \w+){0,2} ?$")
_DENIAL = re.compile(r"\b(?:no|not|never|none|nothing|nobody|without|neither|nor|cannot|\w+n't)\b")
_CLAUSE = re.compile(
    r"[.;:!?()|](?=\s|$)|, (?=(?:it|you|we|they|the|this|these|so|which|all|each|your|our)\b)|"
    r"\b(?:but|unless|until|because|so that|while)\b| - "
)
_CONDITION = re.compile(r"^ ?(?:if|when|without|instead of|rather than)\b.*, ")
REACH = 120
"""Characters before a cue in which a denial is looked for, within its clause."""
MOST_TOUCHES, MOST_PLACES = 4, 4


class Cue(NamedTuple):
    name: str
    """What is said, in our words: `keeps across sessions`."""
    values: tuple[str, ...]
    """Legal values, for a layer or a fact."""
    low: int
    high: int
    """Tenths, for a factor."""
    pattern: re.Pattern[str]
    plainly: re.Pattern[str]
    """The words that say it outright; those of `pattern` may only touch on it."""

    @property
    def centre(self) -> float:
        return (self.low + self.high) / 2


class CueMatch(NamedTuple):
    """One cue in one sentence."""

    cue: Cue
    words: str
    at: int
    plain: bool
    denied: bool


@cache
def topics() -> Mapping[str, tuple[Cue, ...]]:
    """The table, checked on reading: every claim has its cues and every value is legal."""
    table = tomllib.loads((DATA / "topics.toml").read_text(encoding="utf-8"))
    groups = (table["factors"], table["layers"], table["facts"])
    found = {claim: tuple(cue(claim, *row) for row in rows) for group in groups for claim, rows in group.items()}
    claims = {str(claim) for each in (RiskFactor, MaestroLayer, ExposureFact) for claim in each}
    missing = (claims ^ set(found)) | (claims ^ set(table["words"]))
    if missing:
        raise BadInput(f"no such claim, or a claim without topic: {sorted(missing)}", step="read the topic table")
    return found


def cue(claim: str, name: str, values: str, words: str, outright: str) -> Cue:
    """A row of a table; raises `BadInput` for a value that the claim cannot have."""
    low, high, legal = 0, FAR, tuple(values.split("|"))
    if claim in set(RiskFactor):
        low, high = (int(part) for part in values.split("-"))
        legal = ()
    known = EXPOSURE_VALUES[ExposureFact(claim)] if claim in set(ExposureFact) else tuple(LayerStatus)
    if any(value not in known for value in legal):
        raise BadInput(f"{values!r} is no value of {claim}", subject=name, step="read the topic table")
    return Cue(name, legal, low, high, _words(words), _words(outright))


def _words(pattern: str) -> re.Pattern[str]:
    return table_pattern(rf"(?<!\w)(?:{pattern})")


@cache
def _touching() -> Mapping[str, re.Pattern[str]]:
    table = tomllib.loads((DATA / "topics.toml").read_text(encoding="utf-8"))["words"]
    return {claim: table_pattern(rf"(?<!\w)(?:{words})\w*") for claim, words in table.items()}


@lru_cache(maxsize=8_192)
def topic_words(claim: str, text: str) -> tuple[str, ...]:
    """The first words of a folded sentence that belong to the topic of a claim, whatever they say of it."""
    return tuple(islice(dict.fromkeys(match.group() for match in _touching()[claim].finditer(text)), MOST_TOUCHES))


@lru_cache(maxsize=8_192)
def cue_matches(claim: str, text: str) -> tuple[CueMatch, ...]:
    """Every cue of a claim that is in a folded sentence, in the order of the table; denied ones are marked."""
    found = (_said(each, text) for each in topics()[claim])
    return tuple(each for each in found if each is not None)


def _said(cue: Cue, text: str) -> CueMatch | None:
    """Where a cue is said outright, else where it is touched on, else where it is denied; None where it is not."""
    denied: CueMatch | None = None
    for plain, pattern in ((True, cue.plainly), (False, cue.pattern)):
        for match in islice(pattern.finditer(text), MOST_PLACES):
            if not is_denied(text, match):
                return CueMatch(cue, match.group(), match.start(), plain, False)
            denied = denied or CueMatch(cue, match.group(), match.start(), plain, True)
        if denied is not None and plain:
            return denied
    return denied


def is_denied(text: str, match: re.Match[str]) -> bool:
    """Denied in its clause, or in its own words where the pattern only let a denial pass ("run without any sandbox").

    A cue that is a denial itself ("keeps no history") is denied only by one right before it.
    """
    before = text[max(0, match.start() - REACH) : match.start()]
    clause = _CONDITION.sub("", _CLAUSE.split(before)[-1])
    own = _DENIAL.search(match.group())
    if own is None:
        return bool(_DENIED.search(clause) or _DENIED_NEXT.search(clause))
    other = match.group()[: own.start()] + "some" + match.group()[own.end() :]
    return match.re.search(other) is not None or bool(_JUST_DENIED.search(clause))


def distance(cue: Cue, value: str) -> int:
    """Tenths between a claimed value and what a cue carries; 0 when it carries the value."""
    if cue.values:
        return 0 if value in cue.values else FAR
    tenths = round(float(value) * 10)
    return max(cue.low - tenths, tenths - cue.high, 0)


@cache
def _outright() -> tuple[tuple[str, ...], Patterns]:
    """The claim of each cue, and what says the cue outright."""
    rows = [(claim, cue.plainly) for claim, cues in topics().items() for cue in cues]
    return tuple(claim for claim, _ in rows), Patterns([pattern for _, pattern in rows])


def claims_in(text: str) -> frozenset[str]:
    """The claims that a folded sentence may state outright, found by the first letters of its words; what begins with a
    mark and no word may be missed, which only makes a reader find less."""
    claims, patterns = _outright()
    return frozenset(claims[number] for number in patterns.that_may_match(text))
