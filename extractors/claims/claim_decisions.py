"""Second pass: from checked entries to decided claims. No text is written here.

Idea: one rule for every kind of claim and any number of entries, whether they came in one reply or in several that were
merged. Invariants: two sentences that carry opposite values decide nothing and both are shown; words that only hint are
shown and decide nothing; taking an entry away never makes a claim surer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from extractors.claims.certainty import OPPOSITE, clamped_to_prior, not_certain_reason
from extractors.claims.checked_reply import BARRED, USED_UP, CheckedEntry, CheckedReply
from extractors.support.passage import folded
from extractors.support.topics import cue_matches
from scoring.claims import TENTH, Evidence, RejectedQuote, SourceNotRead, SupportVerdict
from scoring.vocabulary import (
    EXPOSURE_VALUES,
    Basis,
    Certainty,
    Detail,
    ExposureFact,
    LayerStatus,
    MaestroLayer,
    NotCertainReason,
    RiskFactor,
    Support,
)

MOST_HINTS = 2
"""Sentences that are shown beside a claim which they only hint at."""
CUMULATIVE = frozenset(
    {
        ExposureFact.READS,
        ExposureFact.WRITES,
        ExposureFact.EXECUTES,
        ExposureFact.REACHES,
        ExposureFact.CHANGES,
        ExposureFact.SPENDS,
    }
)
"""What one sentence grants and another grants in part adds up to the larger; only *nothing* contradicts something."""
ASKED = Decimal("0.2")
"""Autonomy of what a person agrees to act by act, at most."""
_ASKS_FIRST = "asks first"
"""What the topic table calls it."""
_SURE = (Certainty.STATED, Certainty.INFERRED, Certainty.NOT_CERTAIN)


class AbsenceReasons(NamedTuple):
    """What decides why nothing was found."""

    not_read: Sequence[SourceNotRead] = ()
    truncated: bool = False
    silence: Detail | None = None
    """What the silence of this assessor means, where it is not that the pages are silent."""


class Decision(NamedTuple):
    """One claim, decided."""

    certainty: Certainty
    reason: NotCertainReason | None = None
    detail: Detail | None = None
    support: SupportVerdict | None = None
    evidence: tuple[Evidence, ...] = ()
    rejected: tuple[RejectedQuote, ...] = ()
    best: CheckedEntry | None = None
    """The entry that gives the value; None where nothing carries."""
    value: Decimal | str | None = None
    basis: Basis = Basis.SENTENCE

    @property
    def known(self) -> bool:
        return self.certainty is not Certainty.NOT_CERTAIN


class Decisions(NamedTuple):
    """One agent's claims, decided: the one table that every text is written from."""

    factors: dict[RiskFactor, Decision]
    layers: dict[MaestroLayer, Decision]
    exposure: dict[ExposureFact, Decision]

    def by_claim(self) -> dict[str, Decision]:
        """Every decision, in the order of the record."""
        return {str(claim): decision for group in self for claim, decision in group.items()}

    def facts(self) -> dict[ExposureFact, str]:
        """The known exposure facts."""
        return {fact: str(claim.value) for fact, claim in self.exposure.items() if claim.known}


def decide(
    checked: CheckedReply, around: AbsenceReasons, prior: Callable[[RiskFactor], Decimal], *, doubted: bool = False
) -> Decisions:
    """Decides every claim. A doubted reply gives no proposals for what stays uncertain."""
    return Decisions(
        {factor: _factor(entries, around, prior(factor), doubted) for factor, entries in checked.factors.items()},
        {layer: _layer(entries, around) for layer, entries in checked.layers.items()},
        {fact: _fact(fact, entries, around) for fact, entries in checked.exposure.items()},
    )


def agreeing(decided: Decisions, prior: Callable[[RiskFactor], Decimal]) -> Decisions:
    """Whether a person is asked before an act is known of approval or of nothing: autonomy is not low by words about it
    while approval is open."""
    low = decided.factors[RiskFactor.AUTONOMY_OF_ACTION]
    if (
        low.value is None
        or not low.known
        or Decimal(low.value) > ASKED
        or decided.exposure[ExposureFact.APPROVAL].known
    ):
        return decided
    words = [folded(each.quote) for each in low.evidence]
    if not any(
        each.cue.name == _ASKS_FIRST for text in words for each in cue_matches(RiskFactor.AUTONOMY_OF_ACTION, text)
    ):
        return decided
    hints = low.support and low.support.model_copy(update={"verdict": Support.HINTS})
    reason, value = (
        NotCertainReason.NOT_STATED,
        clamped_to_prior(None, prior(RiskFactor.AUTONOMY_OF_ACTION)).quantize(TENTH),
    )
    open_ = Decision(Certainty.NOT_CERTAIN, reason, Detail.ONLY_HINTED, hints, low.evidence, low.rejected, value=value)
    return decided._replace(factors=decided.factors | {RiskFactor.AUTONOMY_OF_ACTION: open_})


def _factor(entries: Sequence[CheckedEntry], around: AbsenceReasons, prior: Decimal, doubted: bool) -> Decision:
    def apart(values: Sequence[Decimal | str]) -> bool:
        tenths = [Decimal(value) * 10 for value in values]
        return max(tenths) - min(tenths) >= OPPOSITE

    decision = _decided(entries, around, apart, lambda entry: -Decimal(entry.value))
    if decision.best is not None:
        return decision._replace(value=Decimal(decision.best.value))
    trusted = [Decimal(entry.value) for entry in entries if not entry.quote.hostile]
    proposal = max(trusted) if trusted and not doubted else None
    return decision._replace(value=clamped_to_prior(proposal, prior).quantize(TENTH))


def _layer(entries: Sequence[CheckedEntry], around: AbsenceReasons) -> Decision:
    decision = _decided(entries, around, lambda values: len(set(values)) > 1, lambda entry: 0)
    status = decision.best.value if decision.best is not None else LayerStatus.NOT_CERTAIN
    return decision._replace(value=LayerStatus(str(status)))


def _fact(fact: ExposureFact, entries: Sequence[CheckedEntry], around: AbsenceReasons) -> Decision:
    def danger(entry: CheckedEntry) -> int:
        return -EXPOSURE_VALUES[fact].index(str(entry.value)) if entry.value else 0

    def opposed(values: Sequence[Decimal | str]) -> bool:
        different = set(values)
        return len(different) > 1 and (fact not in CUMULATIVE or EXPOSURE_VALUES[fact][0] in different)

    decision = _decided(entries, around, opposed, danger)
    return decision._replace(value=str(decision.best.value) if decision.best is not None else None)


def _decided(
    entries: Sequence[CheckedEntry],
    around: AbsenceReasons,
    opposed: Callable[[Sequence[Decimal | str]], bool],
    rank: Callable[[CheckedEntry], Decimal | int],
) -> Decision:
    rejected = [entry.quote.rejected for entry in entries if entry.quote.rejected is not None]
    rejected += [_refused(entry) for entry in entries if entry.support in (USED_UP, BARRED)]
    surest = min((_SURE.index(entry.certainty) for entry in entries), default=len(_SURE))
    carried = [entry for entry in entries if entry.carried and _SURE.index(entry.certainty) == surest]
    if carried and opposed([entry.value for entry in carried]):
        return Decision(
            Certainty.NOT_CERTAIN,
            NotCertainReason.SOURCES_CONTRADICT,
            support=carried[0].support,
            evidence=_evidence(carried),
            rejected=_once(rejected),
        )
    if carried:
        best = min(carried, key=rank)
        return Decision(
            best.certainty,
            support=best.support,
            evidence=_evidence([best, *(entry for entry in carried if entry is not best)]),
            rejected=_once(rejected),
            best=best,
        )
    hints = [entry for entry in entries if entry.support and entry.support.verdict is Support.HINTS]
    silence = not_certain_reason((entry.quote for entry in entries), around.not_read, around.truncated)
    if hints:
        return Decision(
            Certainty.NOT_CERTAIN,
            silence,
            Detail.ONLY_HINTED,
            hints[0].support,
            _evidence(hints[:MOST_HINTS]),
            _once(rejected),
        )
    off = [entry for entry in entries if entry.support and entry.support.verdict is Support.OFF]
    if off:
        rejected += [_refused(entry) for entry in off]
        judged = next((entry.support for entry in off if entry.support is not BARRED), None)
        reason, detail = NotCertainReason.QUOTE_REJECTED, Detail.QUOTE_DOES_NOT_CARRY if judged else Detail.BARRED_WORDS
        return Decision(Certainty.NOT_CERTAIN, reason, detail, judged, rejected=_once(rejected))
    unread = silence in (NotCertainReason.NOT_STATED, NotCertainReason.PAGE_TRUNCATED)
    return Decision(Certainty.NOT_CERTAIN, silence, around.silence if unread else None, rejected=_once(rejected))


def _refused(entry: CheckedEntry) -> RejectedQuote:
    """A quote that stands and does not carry is shown to the reviewer with the reason."""
    assert entry.quote.evidence is not None and entry.support is not None
    return RejectedQuote(quote=entry.quote.evidence.quote, why=entry.support.why, nearest=entry.quote.evidence)


def _evidence(entries: Sequence[CheckedEntry]) -> tuple[Evidence, ...]:
    """Without repetition, in the order given."""
    return tuple(dict.fromkeys(entry.quote.evidence for entry in entries if entry.quote.evidence is not None))


def _once(rejected: Sequence[RejectedQuote]) -> tuple[RejectedQuote, ...]:
    return tuple(dict.fromkeys(rejected))
