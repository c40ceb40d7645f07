"""For each claim the sentence that carries it best, weighed as the support stage weighs, by weights of its own.

Idea: the topic table says what can be said of a claim and with which value; each sentence that says one of these things
outright is weighed, and what is above the bar is a claim. Invariants: the worst value that is carried is taken, so that
adding a sentence never lowers a claim; no sentence of prose gives more claims than it may carry; the same documents
give the same claims.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from extractors.claims.checked_reply import LISTED
from extractors.lexical.cue_index import claims_in
from extractors.lexical.own_statements import LITERAL, SET_UP, bar_increase
from extractors.lexical.statements import Statement
from extractors.support import log_odds
from extractors.support.features import kind_of_claim
from extractors.support.forms import forms
from extractors.support.passage import DATA, folded, table_pattern
from extractors.support.topics import Cue, cue_matches, topics
from scoring.claims import MOST_CLAIMS_A_SENTENCE
from scoring.errors import BadInput
from scoring.vocabulary import EXPOSURE_VALUES, Certainty, ExposureFact

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


_EXAMPLE = re.compile(r"[\"“](?=\w)[^\s\"“”]+(?: [^\s\"“”]+){3,}[\"”]")
"""Words that a sentence of prose only quotes: an example of a request or of content."""
_DOES = "of what it does"
"""Ruled out for every claim but those on how it is set up."""


@cache
def cue_thresholds() -> CueThresholds:
    """The table, checked on reading."""
    table = tomllib.loads((DATA / CUES).read_text(encoding="utf-8"))
    bars = {claim: cues for group in table["bars"].values() for claim, cues in group.items()}
    known = {cue.name for cues in topics().values() for cue in cues}
    strange = [cue for cue in (*(cue for cues in bars.values() for cue in cues), *table["needs"]) if cue not in known]
    strange += [claim for claim in table["never"] if claim not in {*topics(), *known, "all", _DOES}]
    if strange:
        raise BadInput(f"no such cue or claim: {strange}", subject=CUES, step="read the reader's table")
    needs, never = (
        {name: table_pattern(words) for name, words in table[group].items()} for group in ("needs", "never")
    )
    return CueThresholds(bars, needs, never)


class CarriedClaim(NamedTuple):
    """One claim with the sentence that carries it."""

    claim: str
    value: str
    """Tenths for a factor, a status for a layer, a legal value for a fact."""
    statement: Statement
    above: float
    """By how much its log odds are above the bar."""

    @property
    def danger(self) -> float:
        if kind_of_claim(self.claim) == "fact":
            return EXPOSURE_VALUES[ExposureFact(self.claim)].index(self.value)
        return float(self.value) if kind_of_claim(self.claim) == "factor" else 0.0


def carried_claims(name: str, statements: Sequence[Statement]) -> Mapping[str, CarriedClaim]:
    """The claims that the sentences carry, by claim."""
    by_claim: dict[str, list[CarriedClaim]] = defaultdict(list)
    for statement in statements:
        for found in _weighed(name, statement):
            by_claim[found.claim].append(found)
    used: Counter[tuple[int, int]] = Counter()
    best: dict[str, CarriedClaim] = {}
    for claim, carried in by_claim.items():
        for found in sorted(carried, key=lambda each: (-each.danger, -each.above, each.statement[:2])):
            place = found.statement[:2]
            if found.statement.passage.kind in LISTED or used[place] < MOST_CLAIMS_A_SENTENCE:
                used[place] += 1
                best[claim] = found
                break
    return best


def _weighed(name: str, statement: Statement) -> Iterator[CarriedClaim]:
    """What one sentence carries."""
    passage = statement.passage
    text = folded(passage.sentence if passage.kind in LITERAL else _EXAMPLE.sub(" ", passage.sentence))
    claims = claims_in(text)
    shape = forms(passage, name) if claims else frozenset[str]()
    for claim in sorted(claims):
        kind = kind_of_claim(claim)
        known = Certainty.INFERRED if kind == "factor" else Certainty.STATED
        for cue in (each.cue for each in cue_matches(claim, text) if each.plain and not each.denied):
            bar = cue_thresholds().bars.get(claim, {}).get(cue.name, math.inf)
            for value in _values(cue) if bar < math.inf and cue_thresholds().admit(claim, cue.name, text) else ():
                needed = bar + bar_increase(claim, value, statement, shape)
                above = log_odds(claim, value, known, passage, name) - needed if needed < math.inf else -math.inf
                if above >= 0:
                    yield CarriedClaim(claim, value, statement, above)


def _values(cue: Cue) -> tuple[str, ...]:
    """The values that a cue carries: of a factor the middle one."""
    return cue.values or (str(Decimal((cue.low + cue.high) // 2) / 10),)
