"""Second pass: from checked entries to decided claims. No text is written here.

Idea: one rule for every kind of claim and any number of entries, whether they came in one reply or in several that were
merged. Invariants: two sentences that carry opposite values decide nothing and both are shown; words that only hint are
shown and decide nothing; taking an entry away never makes a claim surer.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from extractors.claims.certainty import OPPOSITE, SURENESS, clamped_to_prior
from extractors.claims.checked_reply import BARRED, USED_UP, CheckedEntry, CheckedReply, Claimed
from extractors.support.passage import folded
from extractors.support.topics import cue_matches
from scoring.claims import TENTH, Evidence, RejectedQuote, SupportVerdict
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


Decisions = Mapping[Claimed, Decision]
"""One agent's claims, decided, in the order of the record: the one table that every text is written from."""


def known_facts(decisions: Decisions) -> dict[ExposureFact, str]:
    """The known exposure facts."""
    facts = ((claim, each) for claim, each in decisions.items() if isinstance(claim, ExposureFact))
    return {fact: str(each.value) for fact, each in facts if each.known}


def decide(
    checked: CheckedReply,
    absence: NotCertainReason,
    silence: Detail | None,
    priors: Mapping[RiskFactor, Decimal],
    *,
    doubted: bool = False,
) -> Decisions:
    """Decides every claim. `absence`: why nothing was found; `silence`: what the silence of this assessor means, where
    it is not that the pages are silent. A doubted reply gives no proposals for what stays uncertain."""
    return {
        claim: _valued(claim, _decided(claim, entries, absence, silence), () if doubted else entries, priors)
        for claim, entries in checked.entries.items()
    }


def agreeing(decided: Decisions, priors: Mapping[RiskFactor, Decimal]) -> Decisions:
    """Whether a person is asked before an act is known of approval or of nothing: autonomy is not low by words about it
    while approval is open."""
    autonomy = RiskFactor.AUTONOMY_OF_ACTION
    low = decided[autonomy]
    if low.value is None or not low.known or Decimal(low.value) > ASKED or decided[ExposureFact.APPROVAL].known:
        return decided
    words = [folded(each.quote) for each in low.evidence]
    if not any(each.cue.name == _ASKS_FIRST for text in words for each in cue_matches(autonomy, text)):
        return decided
    return {
        **decided,
        autonomy: Decision(
            Certainty.NOT_CERTAIN,
            NotCertainReason.NOT_STATED,
            Detail.ONLY_HINTED,
            low.support and low.support.model_copy(update={"verdict": Support.HINTS}),
            low.evidence,
            low.rejected,
            value=clamped_to_prior(None, priors[autonomy]).quantize(TENTH),
        ),
    }


def danger(claim: Claimed, value: Decimal | str | None) -> Decimal:
    """How much risk a value of a claim means, to compare it with another of the same claim."""
    if isinstance(claim, ExposureFact):
        return Decimal(EXPOSURE_VALUES[claim].index(str(value)) if value else 0)
    return Decimal(str(value)) if isinstance(claim, RiskFactor) else Decimal(0)


def _opposed(claim: Claimed, values: Sequence[Decimal | str]) -> bool:
    """Values that contradict each other."""
    if isinstance(claim, RiskFactor):
        return 10 * (max(map(Decimal, values)) - min(map(Decimal, values))) >= OPPOSITE
    adds_up = isinstance(claim, ExposureFact) and claim in CUMULATIVE and EXPOSURE_VALUES[claim][0] not in values
    return len(set(values)) > 1 and not adds_up


def _valued(
    claim: Claimed, decision: Decision, proposed: Sequence[CheckedEntry], priors: Mapping[RiskFactor, Decimal]
) -> Decision:
    """With the value of the best entry; else a factor's value is a proposal of the assessor, held near the prior."""
    if decision.best is not None:
        return decision._replace(value=decision.best.value)
    if isinstance(claim, RiskFactor):
        trusted = [Decimal(entry.value) for entry in proposed if not entry.quote.hostile]
        return decision._replace(value=clamped_to_prior(max(trusted, default=None), priors[claim]).quantize(TENTH))
    return decision._replace(value=LayerStatus.NOT_CERTAIN if isinstance(claim, MaestroLayer) else None)


def _decided(
    claim: Claimed, entries: Sequence[CheckedEntry], absence: NotCertainReason, silence: Detail | None
) -> Decision:
    rejected = [entry.quote.rejected for entry in entries if entry.quote.rejected is not None]
    rejected += [_refused(entry) for entry in entries if entry.support in (USED_UP, BARRED)]
    surest = min((SURENESS.index(entry.certainty) for entry in entries), default=len(SURENESS))
    carried = [entry for entry in entries if entry.carried and SURENESS.index(entry.certainty) == surest]
    if carried and _opposed(claim, [entry.value for entry in carried]):
        return Decision(
            Certainty.NOT_CERTAIN,
            NotCertainReason.SOURCES_CONTRADICT,
            support=carried[0].support,
            evidence=_evidence(carried),
            rejected=_once(rejected),
        )
    if carried:
        best = max(carried, key=lambda entry: danger(claim, entry.value))
        return Decision(
            best.certainty,
            support=best.support,
            evidence=_evidence([best, *(entry for entry in carried if entry is not best)]),
            rejected=_once(rejected),
            best=best,
        )
    hints = [entry for entry in entries if entry.support and entry.support.verdict is Support.HINTS]
    unquoted = NotCertainReason.QUOTE_REJECTED if any(entry.quote.rejected for entry in entries) else absence
    if hints:
        return Decision(
            Certainty.NOT_CERTAIN,
            unquoted,
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
    silent = unquoted in (NotCertainReason.NOT_STATED, NotCertainReason.PAGE_TRUNCATED)
    return Decision(Certainty.NOT_CERTAIN, unquoted, silence if silent else None, rejected=_once(rejected))


def _refused(entry: CheckedEntry) -> RejectedQuote:
    """A grounded quote that does not carry its claim is shown to the reviewer with the reason."""
    assert entry.quote.evidence is not None and entry.support is not None
    return RejectedQuote(quote=entry.quote.evidence.quote, why=entry.support.why, nearest=entry.quote.evidence)


def _evidence(entries: Sequence[CheckedEntry]) -> tuple[Evidence, ...]:
    """Without repetition, in the order given."""
    return tuple(dict.fromkeys(entry.quote.evidence for entry in entries if entry.quote.evidence is not None))


def _once(rejected: Sequence[RejectedQuote]) -> tuple[RejectedQuote, ...]:
    return tuple(dict.fromkeys(rejected))
