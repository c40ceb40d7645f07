"""Third pass: the texts of a record, the assessor's own where they are grounded and agree, else `composed_texts`.

Invariant: no sentence about a fact without a grounded quote behind it, and none that says otherwise than what was
decided.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from extractors.claims import text_checks
from extractors.claims.checked_reply import CheckedEntry
from extractors.claims.claim_decisions import Decision, Decisions, known_facts
from extractors.claims.composed_texts import (
    inapplicable_layer,
    mapped_layer,
    stated_rationale,
    summary,
    uncertain_fact,
    uncertain_layer,
    uncertain_rationale,
)
from extractors.claims.prompt_echo import CopiedTextCheck
from extractors.claims.text_checks import agrees, clean
from scoring.claims import MAESTRO_1, ExposureClaim, FactorEstimate, LayerAssessment, RejectedQuote, Summary
from scoring.vocabulary import AgentKind, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

SUMMARY_WORDS = (38, 60)
WITHHELD = "(words of the instructions, not of a page)"


class Writer(NamedTuple):
    """Writes the claims of one record."""

    name: str
    kind: AgentKind
    decided: Decisions
    copied_text_check: CopiedTextCheck
    """Says which texts of the assessor may be kept."""
    copied: frozenset[str] = frozenset()
    """Claims whose rationale was copied over several: it is not kept."""

    def factors(self, priors: Mapping[RiskFactor, Decimal]) -> tuple[FactorEstimate, ...]:
        return tuple(
            FactorEstimate(
                factor=factor,
                value=Decimal(str(claim.value)),
                rationale=self._rationale(claim)
                if claim.known
                else uncertain_rationale(claim, priors[factor], self.kind),
                **self._common(claim),
            )
            for factor, claim in ((factor, self.decided[factor]) for factor in RiskFactor)
        )

    def exposure(self) -> tuple[ExposureClaim, ...]:
        return tuple(
            ExposureClaim(
                fact=fact,
                value=str(claim.value) if claim.known else None,
                rationale=self._rationale(claim) if claim.known else uncertain_fact(claim),
                **self._common(claim),
            )
            for fact, claim in ((fact, self.decided[fact]) for fact in ExposureFact)
        )

    def layers(self) -> tuple[LayerAssessment, ...]:
        return tuple(self._layer(layer, self.decided[layer]) for layer in MaestroLayer)

    def _common(self, claim: Decision) -> dict[str, object]:
        return {
            "certainty": claim.certainty,
            "reason": claim.reason,
            "detail": claim.detail,
            "basis": claim.basis if claim.evidence else None,
            "support": claim.support,
            "evidence": claim.evidence,
            "rejected": self._readable(claim.rejected),
        }

    def _readable(self, rejected: Sequence[RejectedQuote]) -> tuple[RejectedQuote, ...]:
        """Words of the prompt that were offered as a quote are not stored."""
        repeats = self.copied_text_check.repeats_the_prompt
        shown = ((each, WITHHELD if repeats(each.quote) else clean(each.quote)) for each in rejected)
        return tuple(dict.fromkeys(each.model_copy(update={"quote": quote}) for each, quote in shown))

    def _rationale(self, claim: Decision) -> str:
        """The assessor's words where they are its own and agree with what was decided, else the page's."""
        assert claim.best is not None
        words = clean(claim.best.own_words)
        own = claim.best.claim not in self.copied and self.copied_text_check.may_keep(words)
        return words if words and own and self._agrees(words) else stated_rationale(_shown(claim.best))

    def _agrees(self, text: str) -> bool:
        return agrees(text_checks.without_quotations(text), known_facts(self.decided))

    def _layer(self, layer: MaestroLayer, claim: Decision) -> LayerAssessment:
        common = self._common(claim)
        del common["certainty"]
        text, threats = self._layer_text(layer, claim)
        status = LayerStatus(str(claim.value))
        return LayerAssessment(layer=layer, status=status, framework=MAESTRO_1, text=text, threats=threats, **common)

    def _layer_text(self, layer: MaestroLayer, claim: Decision) -> tuple[str, tuple[str, ...]]:
        """The text of a layer, and the threats that it names."""
        if claim.best is None or not claim.known:
            text = uncertain_layer(layer, claim)
            return text, text_checks.catalogue_threats(layer, (), text)
        text, shown = clean(claim.best.own_words), _shown(claim.best)
        quoted = text_checks.every_fact_quoted(text, [evidence.quote for evidence in claim.evidence])
        keeps_text = quoted and self.copied_text_check.may_keep(text) and self._agrees(text)
        if claim.value is not LayerStatus.MAPPED:
            return text if keeps_text else inapplicable_layer(layer, shown), ()
        offered = text_checks.catalogue_threats(layer, claim.best.threats, text)
        text = text if keeps_text else mapped_layer(layer, shown, offered)
        return text, text_checks.catalogue_threats(layer, offered, text) if offered else ()

    def summary(self, own: str, quoted: CheckedEntry | None) -> Summary:
        """The assessor's summary where it is grounded, about threats and agrees, else one composed of the claims."""
        evidence = (quoted.quote.evidence,) if quoted and quoted.quote.evidence else ()
        text = clean(own)
        low, high = SUMMARY_WORDS
        fits = low <= text_checks.words(text) <= high and all(map(text_checks.of_threats, text_checks.split(text)[1:]))
        if not (evidence and fits and self.copied_text_check.may_keep(text) and self._agrees(text)):
            text = summary(self.name, self.kind, self.decided)
        return Summary(text=text, evidence=evidence)


def _shown(entry: CheckedEntry) -> str:
    """The shorter of the whole sentence and the words that were offered; both are verified."""
    assert entry.quote.evidence is not None
    sentence, words = entry.quote.evidence.quote, clean(entry.offered)
    return words if words and len(words) < len(sentence) > 240 else sentence
