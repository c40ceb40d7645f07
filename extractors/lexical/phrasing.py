"""Summary and layer texts in our own words around the listing's own.

Idea: a fact is told by its phrase from the cue tables and the words of the page in curly quotes; threats carry
the catalogue's names. Invariants: 38 to 60 words for a summary, 23 to 43 for a layer; what stands between the
quotes is copied from the passage that is cited; a text that cannot be made so is empty, and its claim not made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.claims.text_checks import clean, words
from extractors.lexical.cue_matching import NEGATIONS
from extractors.lexical.document_facts import Reading, Stated
from extractors.lexical.passages import Passage
from extractors.lexical.stemming import Word
from scoring.vocabulary import NOT_CERTAIN_OPENING, AgentKind, MaestroLayer

SUMMARY_WORDS = (38, 60)
LAYER_WORDS = (23, 43)
REASON = 0.3
"""Strength from which a fact is given as a reason."""
SHORTEST_CUTTING, LONGEST_CUTTING = 4, 16
_FULL_STOP = re.compile(r"[.!?][\"')\]]*\s")
_ENDS = re.compile(r"[;|]\s|[—–|\n]|\s-\s")
_UNQUOTABLE = re.compile(r"https?:|www\.|[<>{}]|\]\(|=\s*\S")
_MARKS = str.maketrans({"“": "", "”": "", '"': "", "\n": " "})
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_NAME = re.compile(r"[\"“”<>\[\]{}]")

KIND_PHRASES: dict[AgentKind, str] = {
    AgentKind.AGENT: "an agent",
    AgentKind.APP: "an application",
    AgentKind.FRAMEWORK: "a framework for building agents",
    AgentKind.PLATFORM: "a platform",
    AgentKind.MCP_SERVER: "an MCP server",
    AgentKind.PLUGIN: "a plugin for a coding agent",
    AgentKind.SKILL: "a skill for a coding agent",
    AgentKind.TOOL: "a tool",
}

_THREATS_FOLLOW: dict[MaestroLayer, tuple[str, ...]] = {
    MaestroLayer.L1: ("That dependence brings the risk of {}.", "Whoever reaches the model could attempt {}."),
    MaestroLayer.L2: (
        "Data that passes here is exposed to {}.",
        "The threats to that data are {}.",
        "Poisoned or copied sources would lead to {}.",
    ),
    MaestroLayer.L3: (
        "An attacker who steers these steps could turn to {}.",
        "The threats to this machinery are {}.",
        "Crafted input reaches this logic first, which invites {}.",
    ),
    MaestroLayer.L4: (
        "A foothold in this environment opens the way to {}.",
        "Compromised infrastructure would mean {}.",
        "The threats where it runs are {}.",
    ),
    MaestroLayer.L5: ("Such records can be abused, through {}.", "The threats to this view of it are {}."),
    MaestroLayer.L6: ("If that rule is evaded, the threats are {}.", "Abuse of these rights would mean {}."),
    MaestroLayer.L7: ("The threats that come with such ties are {}.", "The threats around it are {}."),
}

_UNKNOWN: dict[MaestroLayer, tuple[str, str]] = {
    MaestroLayer.L1: (
        "no page names the models behind it or says how they were chosen",
        "General threats to any underlying model are {}, and they reach whoever relies on its output.",
    ),
    MaestroLayer.L2: (
        "what data it keeps, where and for how long is not described on the pages",
        "General threats to stored and retrieved data are {}.",
    ),
    MaestroLayer.L3: (
        "how its steps, prompts and tools hold together is not described on the pages",
        "General threats to agent machinery are {}.",
    ),
    MaestroLayer.L4: (
        "where it runs, and what confines it there, is not said on any page",
        "General threats to such surroundings are {}, and an exposed key makes each of these attacks easier.",
    ),
    MaestroLayer.L5: (
        "how its behaviour is evaluated, traced or alerted on is not documented",
        "General threats are {}, and an attack that leaves no trace stays unnoticed.",
    ),
    MaestroLayer.L6: (
        "access rules, audits and compliance standards are not mentioned on the pages",
        "General threats are {}, besides plain abuse of its rights.",
    ),
    MaestroLayer.L7: (
        "which agents, services and marketplaces trust it is not documented on the pages",
        "General threats in such company are {}.",
    ),
}
_OF_CLIENTS = "no page names a model of its own, and its client chooses"
_IN_PASSING = "the pages touch on {} only in passing and do not describe it"
_TOUCHED: dict[MaestroLayer, str] = {
    MaestroLayer.L1: "models",
    MaestroLayer.L2: "data and memory",
    MaestroLayer.L3: "its inner workings",
    MaestroLayer.L4: "its surroundings",
    MaestroLayer.L5: "logs or evaluation",
    MaestroLayer.L6: "access and keys",
    MaestroLayer.L7: "other products and agents",
}
_CLIENT_DRIVEN = frozenset({AgentKind.MCP_SERVER, AgentKind.PLUGIN, AgentKind.SKILL})


def short(name: str) -> str:
    """At most five words of a name, without marks that would break a quotation."""
    return " ".join(_NAME.sub("", clean(name)).split()[:5]) or "This product"


def cutting(passage: Passage, start: int, end: int, most: int = LONGEST_CUTTING) -> str:
    """Up to `most` words around `[start, end)` as they stand; empty when a cut could mislead or nothing is left."""
    inside = [i for i, word in enumerate(passage.words) if start <= word.start < max(end, start + 1)]
    if not inside:
        return ""
    span = _stretch(passage, inside)
    first, last = span[0], span[-1]
    while last - first + 1 > most and last > inside[-1] + 2:
        last -= 1
    while last - first + 1 > most and first < inside[0]:
        first += 1
    left_out = [passage.words[i].stem for i in span if not first <= i <= last]
    if last - first + 1 > most or last - first + 1 < SHORTEST_CUTTING or NEGATIONS.intersection(left_out):
        return ""
    text = clean(passage.text[passage.words[first].start : passage.words[last].end].translate(_MARKS))
    for opening, closing in ("()", "[]"):  # a bracket whose other half was cut off
        if text.count(opening) != text.count(closing):
            text = text.replace(opening, "").replace(closing, "")
    if _UNQUOTABLE.search(text) or "'" in _APOSTROPHE.sub("", text):
        return ""
    return f"{'… ' * (first > span[0])}{text}{' …' * (last < span[-1])}"


def _stretch(passage: Passage, inside: Sequence[int]) -> list[int]:
    """Words between the nearest marks that end a thought; brackets and a colon do not."""
    first, last = inside[0], inside[-1]
    words_, text = passage.words, passage.text
    while first > 0 and not _parted(text, words_[first - 1], words_[first]):
        first -= 1
    while last < len(words_) - 1 and not _parted(text, words_[last], words_[last + 1]):
        last += 1
    if first == 0 and passage.key and inside[0] > 0:  # the key of a fact is no part of what it says
        first = next((i for i in range(first, inside[0] + 1) if words_[i].start > text.find(":")), first)
    return list(range(first, last + 1))


def _parted(text: str, left: Word, right: Word) -> bool:
    """A mark that ends a thought stands between two words, or a full stop before a capital (`e.g. Word` is none)."""
    between = text[left.end : right.start]
    if _ENDS.search(between):
        return True
    return bool(_FULL_STOP.search(between)) and text[right.start].isupper() and left.end - left.start > 2


def mapped_layer(layer: MaestroLayer, stated: Stated, name: str) -> str:
    """The fact with the page's words, then two or three named threats."""
    frames = _THREATS_FOLLOW[layer]
    frame = frames[sum(stated.fact.id.encode()) % len(frames)]
    for most in (LONGEST_CUTTING, 12, 9):
        words_of_page = cutting(stated.hit.passage, stated.hit.start, stated.hit.end, most)
        for count in (3, 2):
            threats = _named(layer, stated.fact.threats, count)
            text = f"{short(name)} {stated.fact.says}: “{words_of_page}”. {frame.format(threats)}"
            if words_of_page and words(text) < LAYER_WORDS[0]:
                text += " Each of these threats starts from input that others control."
            if words_of_page and LAYER_WORDS[0] <= words(text) <= LAYER_WORDS[1]:
                return text
    return ""


def absent_layer(layer: MaestroLayer, stated: Stated, name: str) -> str:
    """Why the product has nothing in this layer."""
    words_of_page = cutting(stated.hit.passage, stated.hit.start, stated.hit.end)
    if not words_of_page:
        return ""
    if layer is MaestroLayer.L2:
        return (
            f"{short(name)} keeps no data of its own, because its pages say “{words_of_page}”. "
            "What remains is the risk of data leakage in the systems that call it."
        )
    return (
        f"{short(name)} runs nothing of its own, because it consists of instructions: “{words_of_page}”. "
        "The threats of deployment are those of the coding agent that loads it."
    )


def uncertain_layer(layer: MaestroLayer, kind: AgentKind, in_passing: bool = False) -> str:
    """The fixed opening, why, and general threats."""
    why, threats = _UNKNOWN[layer]
    if in_passing:
        why = _IN_PASSING.format(_TOUCHED[layer])
    elif layer is MaestroLayer.L1 and kind in _CLIENT_DRIVEN:
        why = _OF_CLIENTS
    full = f"{NOT_CERTAIN_OPENING} — {why}. {threats.format(_named(layer, (), 3))}"
    return (
        full
        if words(full) <= LAYER_WORDS[1]
        else f"{NOT_CERTAIN_OPENING} — {why}. {threats.format(_named(layer, (), 2))}"
    )


def _named(layer: MaestroLayer, threats: Sequence[str], count: int) -> str:
    from extractors.claims.record_texts import GENERAL_THREATS, named

    return named([*threats, *(threat for threat in GENERAL_THREATS[layer] if threat not in threats)][:count])


def summary(name: str, kind: AgentKind | None, about: str, level: str, reading: Reading) -> str:
    """What it is, how risky and why, where a compromise would hurt. `kind` is None when no page tells it."""
    what = KIND_PHRASES[kind] if kind else "a product that does not name its kind"
    because, hurts = _because(reading, level)
    control = _control(reading)
    asides = (control, "")
    for length in (22, 18, 14, 10, 7, 5):
        cut = _shortened(about, length)
        told = f"{short(name)} is {what}: “{cut}”. " if about else f"{short(name)} is {what}. "
        for aside in asides:
            text = f"{told}Its risk factors are rated {level}, {because}{aside}. {hurts}"
            if words(text) < SUMMARY_WORDS[0]:
                text += " What its pages leave open is marked as not certain and widens the range of its risk score."
            if SUMMARY_WORDS[0] <= words(text) <= SUMMARY_WORDS[1]:
                return text
    return ""


def _shortened(text: str, most: int) -> str:
    """At most this many words, with the mark of a cut."""
    parts = text.split()
    return text if len(parts) <= most else f"{' '.join(parts[:most]).rstrip(',:;')} …"


def _because(reading: Reading, level: str) -> tuple[str, str]:
    strong = sorted(
        (s for s in reading.values() if s.strength > REASON and s.fact.power and s.fact.hurts),
        key=lambda s: -s.fact.power * s.strength,
    )
    if level == "low" and strong and strong[-1].fact.power < 0:
        chosen = [s for s in reversed(strong) if s.fact.power < 0][:2]
    else:
        chosen = [s for s in strong if s.fact.power > 0][:2]
    if not chosen:
        nothing = "since its pages name little that it could change on its own"
        return nothing, "Where a compromise would hurt most is not said on the pages."
    reasons = " and ".join(s.fact.says for s in chosen)
    return f"mainly because it {reasons}", f"A compromise would hurt most {chosen[0].fact.hurts}."


def _control(reading: Reading) -> str:
    for fact in ("asks_approval", "read_only", "has_a_switch", "is_sandboxed"):
        stated = reading.get(fact)
        if (
            stated is not None
            and stated.strength > 0.3
            and stated.plain
            and not (fact == "read_only" and "changes_records" in reading)
        ):
            return f", although it {reading[fact].fact.says}"
    return ""
