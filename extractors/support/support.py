"""Does this sentence carry this claim? A verdict with the rule that decided and one line why.

Idea: rules settle the clear cases; of the rest a small learned model weighs what is said (the topic table), what
follows in one step, and what sort of sentence says it. Invariants: pure and deterministic; case and markup change
nothing; words that say nothing of the topic, or deny it, never carry; a heading alone carries no claim; the given
certainty is never raised, and what carries a statement carries the inference too; what is not said outright is
inferred, a layer too.
"""

import math
from decimal import Decimal
from typing import NamedTuple

from extractors.support.forms import forms
from extractors.support.hint_rules import Support, Verdict, rule_verdict
from extractors.support.model import NEAR, READER_WEIGHTS, Model, features, fitted, kind_of_claim
from extractors.support.passage import Passage, folded
from extractors.support.steps import matching_steps, step
from extractors.support.topics import Cue, CueMatch, cue_matches, distance, topic_words
from scoring.vocabulary import Certainty

SUPPORT = "support@9"
"""Version of the verdicts, raised when the same words and claim get another one: every agent is then assessed again."""


def support(claim: str, value: Decimal | str, certainty: Certainty, passage: Passage, product: str) -> Support:
    """What one sentence does for one claim.

    `claim` is a factor, layer or exposure fact; `value` 0.0 to 1.0, a layer's status or a legal value of the fact.
    `certainty` is what the reader of the page says: stated or inferred.
    """
    reading = _reading(str(claim), str(value), passage, product)
    inferred = reading.inferred
    reading = reading._replace(touched=reading.touched or (inferred or ())[1:])
    refused = reading.refused(passage)
    if refused is not None:
        return refused
    kind = kind_of_claim(reading.claim)
    if kind == "factor" and reading.contrary:
        return reading.hinted()
    model = fitted()
    named = inferred is not None and not reading.agrees  # no cue carries the value, so the record names the step
    for known in () if named else (Certainty.STATED,) if kind == "layer" else (Certainty.STATED, Certainty.INFERRED):
        if reading.score(model, known) >= model.carries[f"{kind} {known}"]:
            stated = known is certainty is Certainty.STATED and reading.outright
            return reading.carried(Certainty.STATED if stated else Certainty.INFERRED, certainty)
    if inferred is not None:
        name, words = inferred
        return Support(Verdict.CARRIES, "one step", f"“{words[:60]}”: {name}", Certainty.INFERRED)
    return reading.hinted()


def log_odds(claim: str, value: Decimal | str, certainty: Certainty, passage: Passage, product: str) -> float:
    """Log odds, by the weights of the built-in reader, that these words carry the claim; minus infinity where a rule
    refuses."""
    reading = _reading(str(claim), str(value), passage, product)
    if reading.refused(passage) or (kind_of_claim(reading.claim) == "factor" and reading.contrary):
        return -math.inf
    return reading.score(fitted(READER_WEIGHTS), certainty)


QUITE_ANOTHER = 4
"""Tenths between a claimed value and what the words carry, at which they contradict each other."""


class ClaimReading(NamedTuple):
    """What a sentence says of a claim, ready to be weighed and to be put in a line."""

    claim: str
    claimed: str
    shape: frozenset[str]
    found: tuple[CueMatch, ...]
    steps: tuple[tuple[Cue, str], ...]
    inferred: tuple[str, str] | None
    """The first step of reasoning to the claimed value, and the words that it starts from."""
    touched: tuple[str, ...]

    def refused(self, passage: Passage) -> Support | None:
        """The verdict of a rule, if one decides."""
        stepped = self.inferred is not None
        return rule_verdict(self.claim, self.claimed, passage, self.shape, self.found, self.touched, stepped)

    def score(self, model: Model, known: Certainty) -> float:
        """Log odds that the words carry the claim."""
        return model.score(
            features(self.claim, self.claimed, str(known), self.found, self.touched, self.steps, sorted(self.shape))
        )

    @property
    def spoken(self) -> list[CueMatch]:
        return [each for each in self.found if not each.denied]

    @property
    def best(self) -> CueMatch | None:
        """The cue that comes closest to the claimed value."""
        by = ((distance(each.cue, self.claimed), not each.plain, each.at, each) for each in self.spoken)
        return min(by, key=lambda each: each[:3], default=(0, False, 0, None))[3]

    @property
    def agrees(self) -> bool:
        """A cue carries the claimed value."""
        return any(distance(each.cue, self.claimed) == 0 for each in self.spoken)

    @property
    def contrary(self) -> bool:
        """A quite different value is said outright, and the claimed one is not."""
        plain = [distance(each.cue, self.claimed) for each in self.spoken if each.plain]
        return bool(plain) and min(plain) >= QUITE_ANOTHER

    @property
    def outright(self) -> bool:
        return any(each.plain and distance(each.cue, self.claimed) == 0 for each in self.spoken)

    def carried(self, known: Certainty, asked_for: Certainty) -> Support:
        rule = "says it" if known is Certainty.STATED else "follows"
        follows = "" if known is Certainty.STATED else ", from which it follows in one step"
        lowered = " (not said outright, so inferred at most)" if known is not asked_for else ""
        return Support(Verdict.CARRIES, rule, f"{self._words(self.best)}{follows}{lowered}", known)

    def hinted(self) -> Support:
        best, value = self.best, self.claimed.replace("_", " ")
        if self.contrary:
            best = next(each for each in self.spoken if each.plain)
        if best is None or distance(best.cue, self.claimed) <= NEAR:
            return Support(Verdict.HINTS, "touches on it", f"{self._words(best)}, but does not settle {value}")
        return Support(Verdict.HINTS, "another value", f"{self._words(best)} rather than {value}")

    def _words(self, best: CueMatch | None) -> str:
        if best is None:
            return f"speaks of it with “{', '.join(self.touched)}”"
        return f"“{best.words[:60]}” speaks of: {best.cue.name}"


def _reading(claim: str, value: str, passage: Passage, product: str) -> ClaimReading:
    text = folded(passage.sentence)
    return ClaimReading(
        claim=claim,
        claimed=value,
        shape=forms(passage, product),
        found=cue_matches(claim, text),
        steps=matching_steps(claim, text),
        inferred=step(claim, value, text),
        touched=topic_words(claim, text),
    )
