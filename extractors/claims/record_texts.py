"""Third pass: the texts of a record, written from decided claims alone.

Idea: no sentence about a fact without a grounded quote behind it, and none that says otherwise than what was decided.
Invariants: a layer that is not certain opens with the fixed words, says why and names general threats; a summary has 38
to 60 words; what is composed here states nothing but counts, values and the words of a grounded quote; silence of a
reader is never told as silence of the pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from extractors.claims import text_checks
from extractors.claims.checked_reply import CheckedEntry
from extractors.claims.claim_decisions import Decision, Decisions
from extractors.claims.prompt_echo import CopiedTextCheck
from extractors.claims.text_agreement import agrees
from extractors.claims.text_checks import clean
from scoring.claims import MAESTRO_1, ExposureClaim, FactorEstimate, LayerAssessment, RejectedQuote, Summary
from scoring.maestro.layers import CATALOGUE
from scoring.vocabulary import (
    FACTOR_TITLES,
    LAYER_TITLES,
    NOT_CERTAIN_OPENING,
    PUBLISHED_FACTORS,
    AgentKind,
    Detail,
    ExposureFact,
    LayerStatus,
    MaestroLayer,
    NotCertainReason,
    RiskFactor,
)

OPENING = f"{NOT_CERTAIN_OPENING} — "
SUMMARY_WORDS = (38, 60)
WITHHELD = "(words of the instructions, not of a page)"

KIND_PHRASES: dict[AgentKind, str] = {
    AgentKind.AGENT: "an agent",
    AgentKind.APP: "an application",
    AgentKind.FRAMEWORK: "a framework for building agents",
    AgentKind.PLATFORM: "a platform",
    AgentKind.MCP_SERVER: "an MCP server",
    AgentKind.PLUGIN: "a plugin",
    AgentKind.SKILL: "a skill",
    AgentKind.TOOL: "a tool",
}

LAYER_SUBJECTS: dict[MaestroLayer, str] = {
    MaestroLayer.L1: "the models behind it",
    MaestroLayer.L2: "how data and memory are kept",
    MaestroLayer.L3: "how its steps and tools are run",
    MaestroLayer.L4: "where and how it is deployed",
    MaestroLayer.L5: "how it is watched and evaluated",
    MaestroLayer.L6: "its access control or compliance",
    MaestroLayer.L7: "the agents and services around it",
}

GENERAL_THREATS: dict[MaestroLayer, tuple[str, ...]] = {
    MaestroLayer.L1: ("L1.1", "L1.2", "L1.5"),
    MaestroLayer.L2: ("L2.1", "L2.2", "L2.5"),
    MaestroLayer.L3: ("L3.1", "L3.3", "L3.4"),
    MaestroLayer.L4: ("L4.1", "L4.5", "L4.6"),
    MaestroLayer.L5: ("L5.4", "L5.5", "L5.6"),
    MaestroLayer.L6: ("L6.2", "L6.4"),
    MaestroLayer.L7: ("L7.1", "L7.2", "L7.4"),
}

_WHY: dict[NotCertainReason | Detail, str] = {
    NotCertainReason.NOT_STATED: "the pages that were read do not describe {subject}",
    NotCertainReason.PAGE_NOT_REACHED: "a page that may describe {subject} could not be read",
    NotCertainReason.PAGE_TRUNCATED: "the parts of the pages that were read do not describe {subject}",
    NotCertainReason.SOURCES_CONTRADICT: "the sources contradict each other about {subject}",
    NotCertainReason.QUOTE_REJECTED: "the words offered as evidence about {subject} were not accepted",
    Detail.ONLY_HINTED: "the words found about {subject} only hint at it",
    Detail.QUOTE_DOES_NOT_CARRY: "the words offered as evidence about {subject} do not carry the claim",
    Detail.BARRED_WORDS: "the words found about {subject} count for nothing: they may be meant for whoever assesses",
    Detail.NOT_RECOGNISED: "the built-in reader recognised no sentence about {subject}",
    Detail.DECLARATION_DIFFERS: "its own files and the pages say different things about {subject}",
    Detail.LANGUAGE_NOT_READ: "the built-in reader does not read the language of a page that may describe {subject}",
}

_WHERE: tuple[tuple[ExposureFact, str, str], ...] = (
    (ExposureFact.EXECUTES, "arbitrary_code", "on the machine where it runs code"),
    (ExposureFact.CHANGES, "broad", "in the systems that it can change"),
    (ExposureFact.READS, "secrets_or_all", "in the private data that it can read"),
    (ExposureFact.WRITES, "broad", "in the data that it can overwrite"),
    (ExposureFact.SPENDS, "broad", "in the money or infrastructure that it can spend"),
    (ExposureFact.CHANGES, "scoped", "in the connected systems that it can change"),
    (ExposureFact.READS, "limited", "in the data that it can read"),
    (ExposureFact.WRITES, "limited", "in the data that it can change"),
)


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
            for factor, claim in self.decided.factors.items()
        )

    def exposure(self) -> tuple[ExposureClaim, ...]:
        return tuple(
            ExposureClaim(
                fact=fact,
                value=str(claim.value) if claim.known else None,
                rationale=self._rationale(claim) if claim.known else uncertain_fact(claim),
                **self._common(claim),
            )
            for fact, claim in self.decided.exposure.items()
        )

    def layers(self) -> tuple[LayerAssessment, ...]:
        return tuple(self._layer(layer, claim) for layer, claim in self.decided.layers.items())

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
        shown = (
            quote.model_copy(
                update={
                    "quote": WITHHELD if self.copied_text_check.repeats_the_prompt(quote.quote) else clean(quote.quote)
                }
            )
            for quote in rejected
        )
        return tuple(dict.fromkeys(shown))

    def _rationale(self, claim: Decision) -> str:
        """The assessor's words where they are its own and agree with what was decided, else the page's."""
        assert claim.best is not None
        words = clean(claim.best.own_words)
        own = claim.best.claim not in self.copied and self.copied_text_check.may_keep(words)
        return words if words and own and self._agrees(words) else stated_rationale(_shown(claim.best))

    def _agrees(self, text: str) -> bool:
        return agrees(text_checks.without_quotations(text), self.decided.facts())

    def _layer(self, layer: MaestroLayer, claim: Decision) -> LayerAssessment:
        common = self._common(claim)
        del common["certainty"]
        if not claim.known:
            text = uncertain_layer(layer, claim)
            threats = text_checks.catalogue_threats(layer, (), text)
            return LayerAssessment(
                layer=layer, status=LayerStatus.NOT_CERTAIN, framework=MAESTRO_1, text=text, threats=threats, **common
            )
        assert claim.best is not None
        text, shown = clean(claim.best.own_words), _shown(claim.best)
        quoted = text_checks.every_fact_quoted(text, [evidence.quote for evidence in claim.evidence])
        keeps_text = quoted and self.copied_text_check.may_keep(text) and self._agrees(text)
        offered = text_checks.catalogue_threats(layer, claim.best.threats, text)
        if claim.value is LayerStatus.MAPPED:
            text = text if keeps_text else mapped_layer(layer, shown, offered)
            threats = text_checks.catalogue_threats(layer, offered, text) if offered else ()
        else:
            text, threats = text if keeps_text else inapplicable_layer(layer, shown), ()
        return LayerAssessment(
            layer=layer, status=LayerStatus(str(claim.value)), framework=MAESTRO_1, text=text, threats=threats, **common
        )

    def summary(self, own: str, quoted: CheckedEntry | None) -> Summary:
        """The assessor's summary where it is grounded, about threats and agrees, else one composed of the claims."""
        evidence = (quoted.quote.evidence,) if quoted and quoted.quote.evidence else ()
        text = clean(own)
        low, high = SUMMARY_WORDS
        fits = low <= text_checks.words(text) <= high and all(map(text_checks.of_threats, text_checks.split(text)[1:]))
        if not (evidence and fits and self.copied_text_check.may_keep(text) and self._agrees(text)):
            text = summary(self.name, self.kind, self.decided)
        return Summary(text=text, evidence=evidence)


def why(claim: Decision, subject: str) -> str:
    """Why a claim is not certain, as a clause."""
    assert claim.reason is not None
    finer = claim.detail if claim.reason is not NotCertainReason.PAGE_NOT_REACHED else None
    return _WHY[finer or claim.reason].format(subject=subject)


def named(threats: Sequence[str]) -> str:
    """`data poisoning, data exfiltration and compromised RAG pipelines`."""
    names = [_in_a_sentence(CATALOGUE[threat].name) for threat in threats]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@cache
def _in_a_sentence(name: str) -> str:
    """Lower case, but for abbreviations such as `RAG` and `(DoS)`."""
    return " ".join(
        word if sum(c.isupper() for c in word) * 2 > len(word) - 2 else word.lower() for word in name.split()
    )


def uncertain_layer(layer: MaestroLayer, claim: Decision) -> str:
    """The fixed opening, why, and general threats."""
    threats = named(GENERAL_THREATS[layer])
    because = why(claim, LAYER_SUBJECTS[layer])
    return f"{OPENING}{because}. General threats in this layer are {threats}; none was assessed here."


def mapped_layer(layer: MaestroLayer, quote: str, threats: Sequence[str]) -> str:
    """The fact in the page's own words, then two or three threats."""
    chosen = [*threats, *(t for t in GENERAL_THREATS[layer] if t not in threats)][: max(2, min(3, len(threats)))]
    return f"The pages state: {_quoted(quote)} Threats that follow are {named(chosen)}."


def inapplicable_layer(layer: MaestroLayer, quote: str) -> str:
    return f"{LAYER_TITLES[layer]} does not apply, because the pages state: {_quoted(quote)}"


def _quoted(quote: str) -> str:
    """A curly-quoted passage that ends its sentence; inner curly marks become single ones."""
    inner = clean(quote).replace("“", "‘").replace("”", "’")
    return f"“{inner}”" + ("" if inner.endswith((".", "!", "?")) else ".")


def _shown(entry: CheckedEntry) -> str:
    """The shorter of the whole sentence and the words that were offered; both are verified."""
    assert entry.quote.evidence is not None
    sentence, words = entry.quote.evidence.quote, clean(entry.offered)
    return words if words and len(words) < len(sentence) > 240 else sentence


def stated_rationale(quote: str) -> str:
    """The page's own words, where the assessor's cannot be kept."""
    return f"The pages state: {_quoted(quote)}"


def uncertain_fact(claim: Decision) -> str:
    return f"{OPENING}{why(claim, 'this')}."


def uncertain_rationale(claim: Decision, prior: Decimal, kind: AgentKind) -> str:
    """Says that the number is an estimate, and from what."""
    usual = f"what is usual for {KIND_PHRASES[kind]} ({prior})"
    own = Decimal(str(claim.value)) != prior
    source = f"the proposal of the assessor, held within 0.2 of {usual}" if own else usual
    return f"{OPENING}{why(claim, 'this')}. The value {claim.value} is {source}."


def summary(name: str, kind: AgentKind, decided: Decisions) -> str:
    """What it is, what drives its risk, where a compromise would hurt; 38 to 60 words for every input."""
    ten = [(factor, decided.factors[factor]) for factor in PUBLISHED_FACTORS]
    known = [(factor, claim) for factor, claim in ten if claim.known]
    unsure = sum(not claim.known for claim in decided.factors.values())
    unmapped = sum(not claim.known for claim in decided.layers.values())
    short = " ".join(clean(name).split()[:6]) or "This product"
    return (
        f"{short} is listed as {KIND_PHRASES[kind]}. {_driven(known)} {_hurts(decided)} "
        f"{unsure} of eleven factors and {unmapped} of seven layers are not certain from the listing."
    )


def _driven(known: Sequence[tuple[RiskFactor, Decision]]) -> str:
    """The highest factors that a quote carries."""
    ranked = sorted(known, key=lambda pair: (-Decimal(str(pair[1].value)), PUBLISHED_FACTORS.index(pair[0])))[:2]
    if not ranked:
        return "No quote carries any of its risk factors, so each of them enters as what is usual for its kind."
    drivers = " and ".join(f"{FACTOR_TITLES[factor].lower()} ({claim.value})" for factor, claim in ranked)
    return f"Of the risk factors that its pages settle, the highest are {drivers}."


def _hurts(decided: Decisions) -> str:
    known = decided.facts()
    for fact, value, where in _WHERE:
        if known.get(fact) == value:
            return f"A compromise would hurt most {where}."
    mapped = [layer for layer, claim in decided.layers.items() if claim.value is LayerStatus.MAPPED]
    if mapped:
        return f"A compromise would hurt most in its layer {LAYER_TITLES[mapped[0]].lower()}."
    reasons = {claim.detail or claim.reason for claim in decided.exposure.values()}
    if reasons <= {NotCertainReason.NOT_STATED}:
        return "Where a compromise would hurt most is not said on the pages that were read."
    return "Where a compromise would hurt most could not be read off its pages."
