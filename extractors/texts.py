"""Texts of a record: the model's words where every fact in them is quoted, our own words elsewhere.

Idea: no sentence about a fact without a grounded quote behind it. Invariants: a layer that is not certain
opens with the fixed words, says why and names general threats; a summary has 38 to 60 words; what is
composed here states nothing but counts, values and the words of a grounded quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from extractors.wording import clean
from scoring.claims import ExposureClaim, FactorEstimate, LayerAssessment
from scoring.maestro import CATALOGUE
from scoring.vocabulary import (
    FACTOR_TITLES,
    LAYER_TITLES,
    NOT_CERTAIN_OPENING,
    PUBLISHED_FACTORS,
    AgentKind,
    Certainty,
    ExposureFact,
    LayerStatus,
    MaestroLayer,
    NotCertainReason,
)

OPENING = f"{NOT_CERTAIN_OPENING} — "
SUMMARY_WORDS = (38, 60)

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

_WHY: dict[NotCertainReason, str] = {
    NotCertainReason.NOT_STATED: "the pages that were read do not describe {subject}",
    NotCertainReason.PAGE_NOT_REACHED: "a page that may describe {subject} could not be read",
    NotCertainReason.PAGE_TRUNCATED: "the parts of the pages that were read do not describe {subject}",
    NotCertainReason.SOURCES_CONTRADICT: "the sources contradict each other about {subject}",
    NotCertainReason.QUOTE_REJECTED: "the words offered as evidence about {subject} were not accepted",
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


def named(threats: Sequence[str]) -> str:
    """`data poisoning, data exfiltration and compromised RAG pipelines`."""
    names = [_in_a_sentence(CATALOGUE[threat].name) for threat in threats]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _in_a_sentence(name: str) -> str:
    """Lower case, but for abbreviations such as `RAG` and `(DoS)`."""
    return " ".join(
        word if sum(c.isupper() for c in word) * 2 > len(word) - 2 else word.lower() for word in name.split()
    )


def uncertain_layer(layer: MaestroLayer, reason: NotCertainReason) -> str:
    """The fixed opening, why, and general threats."""
    why = _WHY[reason].format(subject=LAYER_SUBJECTS[layer])
    return f"{OPENING}{why}. General threats in this layer are {named(GENERAL_THREATS[layer])}; none was assessed here."


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


def stated_rationale(quote: str) -> str:
    """The page's own words, where the assessor's cannot be kept."""
    return f"The pages state: {_quoted(quote)}"


def uncertain_fact(reason: NotCertainReason) -> str:
    return f"{OPENING}{_WHY[reason].format(subject='this')}."


def uncertain_rationale(reason: NotCertainReason, value: Decimal, prior: Decimal, kind: AgentKind, own: bool) -> str:
    """Says that the number is an estimate, and from what."""
    why = _WHY[reason].format(subject="this")
    usual = f"what is usual for {KIND_PHRASES[kind]} ({prior})"
    source = f"the proposal of the assessor, held within 0.2 of {usual}" if own else usual
    return f"{OPENING}{why}. The value {value} is {source}."


def summary(
    name: str,
    kind: AgentKind,
    factors: Sequence[FactorEstimate],
    layers: Sequence[LayerAssessment],
    exposure: Sequence[ExposureClaim],
) -> str:
    """What it is, how risky and why, where a compromise would hurt; 38 to 60 words for every input."""
    ten = [estimate for estimate in factors if estimate.factor in PUBLISHED_FACTORS]
    total = sum((estimate.value for estimate in ten), Decimal(0))
    level = "low" if total < 3 else "moderate" if total < 5 else "high"
    first, second = sorted(ten, key=lambda e: (-e.value, PUBLISHED_FACTORS.index(e.factor)))[:2]
    unsure = sum(1 for e in factors if e.certainty is Certainty.NOT_CERTAIN)
    unmapped = sum(1 for layer in layers if layer.status is LayerStatus.NOT_CERTAIN)
    short = " ".join(clean(name).split()[:6]) or "This product"
    return (
        f"{short} is listed as {KIND_PHRASES[kind]}. "
        f"Its risk factors are rated {level}, driven mostly by "
        f"{FACTOR_TITLES[first.factor].lower()} ({first.value}) and "
        f"{FACTOR_TITLES[second.factor].lower()} ({second.value}). "
        f"{_hurts(exposure, layers)} "
        f"{unsure} of eleven factors and {unmapped} of seven layers are not certain from the listing."
    )


def _hurts(exposure: Sequence[ExposureClaim], layers: Sequence[LayerAssessment]) -> str:
    known = {claim.fact: claim.value for claim in exposure}
    for fact, value, where in _WHERE:
        if known.get(fact) == value:
            return f"A compromise would hurt most {where}."
    mapped = [layer.layer for layer in layers if layer.status is LayerStatus.MAPPED]
    if mapped:
        return f"A compromise would hurt most in its layer {LAYER_TITLES[mapped[0]].lower()}."
    return "Where a compromise would hurt most is not said on the pages."
