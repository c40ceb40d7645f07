"""Sentences of a record that are composed by rule, where the assessor's own cannot be kept or nothing is certain.

Invariants: a layer that is not certain opens with the fixed words, says why and names general threats; a summary has 38
to 60 words; what is composed states nothing but counts, values and the words of a grounded quote; silence of a reader
is never told as silence of the pages.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from extractors.claims.claim_decisions import Decision, Decisions, known_facts
from extractors.claims.text_checks import clean
from scoring.maestro.threat_catalogue import CATALOGUE
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


def why(claim: Decision, subject: str) -> str:
    """Why a claim is not certain, as a clause."""
    assert claim.reason is not None
    detail = claim.detail if claim.reason is not NotCertainReason.PAGE_NOT_REACHED else None
    return _WHY[detail or claim.reason].format(subject=subject)


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
    known = [(factor, decided[factor]) for factor in PUBLISHED_FACTORS if decided[factor].known]
    unsure = sum(not decided[factor].known for factor in RiskFactor)
    unmapped = sum(not decided[layer].known for layer in MaestroLayer)
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
    known = known_facts(decided)
    mapped = (layer for layer in MaestroLayer if decided[layer].value is LayerStatus.MAPPED)
    places = [
        *(where for fact, value, where in _WHERE if known.get(fact) == value),
        *(f"in its layer {LAYER_TITLES[layer].lower()}" for layer in mapped),
    ]
    if places:
        return f"A compromise would hurt most {places[0]}."
    reasons = {decided[fact].detail or decided[fact].reason for fact in ExposureFact}
    silent = reasons <= {NotCertainReason.NOT_STATED}
    missing = "is not said on the pages that were read" if silent else "could not be read off its pages"
    return f"Where a compromise would hurt most {missing}."
