"""For each claim the sentence that carries it best, weighed as the support stage weighs, by weights of its own.

Idea: the topic table says what can be said of a claim and with which value; each sentence that says one of these things
outright is weighed, and what is above the bar is a claim. Invariants: the worst value that is carried is taken, so that
adding a sentence never lowers a claim; no sentence of prose gives more claims than it may carry; the same documents
give the same claims.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from extractors.claims.checked_reply import LISTED
from extractors.lexical.cue_thresholds import LITERAL, cue_thresholds, threshold_increase
from extractors.lexical.statements import Statement
from extractors.support import log_odds
from extractors.support.forms import forms
from extractors.support.model import kind_of_claim
from extractors.support.passage import folded
from extractors.support.topics import Cue, claims_in, cue_matches
from scoring.claims import MOST_CLAIMS_A_SENTENCE
from scoring.vocabulary import EXPOSURE_VALUES, Certainty, ExposureFact

_EXAMPLE = re.compile(r"[\"“](?=\w)[^\s\"“”]+(?: [^\s\"“”]+){3,}[\"”]")
"""Words that a sentence of prose only quotes: an example of a request or of content."""


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
                needed = bar + threshold_increase(claim, value, statement, shape)
                above = log_odds(claim, value, known, passage, name) - needed if needed < math.inf else -math.inf
                if above >= 0:
                    yield CarriedClaim(claim, value, statement, above)


def _values(cue: Cue) -> tuple[str, ...]:
    """The values that a cue carries: of a factor the middle one."""
    return cue.values or (str(Decimal((cue.low + cue.high) // 2) / 10),)
