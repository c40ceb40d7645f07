"""Which blocks an assessor is shown when there is more text than the budget allows.

Idea: cutting either end of a README loses facts (telemetry comes three quarters of the way down), so
blocks are chosen by what they may still prove, prose first. Invariants: the order of blocks stays; a page
keeps its whole `text` and `digest`, only `blocks` get fewer, so that offsets and evidence hold; the same
documents and needs give the same choice. No text can win more than its share: a block counts for its few best
topics, phrases count when they are said first, and every document has a part of the budget to itself.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from extractors.pages.page_text import Block, BlockKind, PageText
from scoring.vocabulary import RiskFactor

_WORTH = {
    BlockKind.FRONT_MATTER: 3.0,
    BlockKind.ADMONITION: 3.0,
    BlockKind.PARAGRAPH: 2.0,
    BlockKind.DEFINITION: 2.0,
    BlockKind.LIST_ITEM: 1.6,
    BlockKind.QUOTE: 1.6,
    BlockKind.TABLE_ROW: 1.2,
    BlockKind.FACT: 1.0,
    BlockKind.HEADING: 0.5,
    BlockKind.CODE: 0.1,
}
_OPENING, _OPENING_BLOCKS = 4.0, 4
"""The first prose of a document says what the product is."""
_CUE = 6.0
"""The first block that speaks of an open question; the second counts half, and so on."""
_SENTENCE_WORDS = 6
_TOPICS_A_BLOCK = 2
"""A sentence proves one thing or two; one that names all topics was written to be chosen."""
_REPEATED = 0.05
_GAP = "\n[…]\n"


def _cue(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})", re.IGNORECASE)


_TOPICS: dict[RiskFactor, re.Pattern[str]] = {
    RiskFactor.AUTONOMY_OF_ACTION: _cue(
        "autonom|unattended|without (?:human|asking|confirm)|auto-?(?:run|approv|mat)|schedul"
    ),
    RiskFactor.GOAL_DRIVEN_PLANNING: _cue("plan|goal|task|step-by-step|decompos|orchestrat|reason|workflow"),
    RiskFactor.SELF_MODIFICATION: _cue(
        "self-|learn|fine-?tun|improv|adapt|generat\\w* (?:its|new) (?:code|skill|tool)|evolv"
    ),
    RiskFactor.DYNAMIC_TOOL_USE: _cue("tool|function call|plugin|api|shell|command|browser|execut|mcp|integrat"),
    RiskFactor.PERSISTENT_MEMORY: _cue("memor|remember|persist|history|vector|database|store|retention|session|cache"),
    RiskFactor.CONTEXTUAL_AWARENESS: _cue(
        "context|file|document|codebase|repositor|screen|email|calendar|environment|access to"
    ),
    RiskFactor.DYNAMIC_IDENTITY: _cue(
        "oauth|token|credential|api key|role|permission|on behalf|impersonat|scope|identit|login"
    ),
    RiskFactor.MULTI_AGENT_INTERACTIONS: _cue(
        "multi-?agent|agents\\b|sub-?agent|a2a|handoff|delegat|swarm|crew|team of"
    ),
    RiskFactor.NON_DETERMINISM: _cue(
        "llm|model|temperature|gpt|claude|gemini|non-?determin|stochastic|sampl|deterministic"
    ),
    RiskFactor.OPACITY_REFLEXIVITY: _cue(
        "log|trac|audit|observab|explain|telemetry|monitor|transparen|open.source|debug"
    ),
    RiskFactor.NATURAL_LANGUAGE_INTERFACE: _cue("natural language|chat|prompt|ask|conversation|voice|question"),
}
_EXPOSURE = _cue(
    "approv|confirm|human.in.the.loop|sandbox|docker|container|isolat|localhost|0\\.0\\.0\\.0|port|remote|hosted|cloud|"
    "self-?host|read-?only|delete|write|payment|production|password|secret|encrypt|untrusted|injection|security|"
    "vulnerab|privacy|incident|never|must not|does not|cannot|only"
)


class _Candidate(NamedTuple):
    document: int
    place: int
    cost: int
    worth: float


def within_budget(
    documents: Sequence[PageText], budget_chars: int, needed: Iterable[RiskFactor] | None = None
) -> tuple[tuple[PageText, ...], tuple[str, ...]]:
    """The documents with the blocks that fit, and the addresses of those of which some were kept away.

    `needed` are the factors that still lack evidence; without it, all are. A document of which nothing fits
    is left out, and its address is among the truncated.
    """
    wanted = sorted(set(RiskFactor) if needed is None else set(needed))
    if sum(_cost(block) for page in documents for block in page.blocks) <= budget_chars:
        return tuple(documents), ()
    candidates = sorted(_candidates(documents, wanted), key=lambda c: (-c.worth, c.document, c.place))
    chosen: list[set[int]] = [set() for _ in documents]
    share = budget_chars // (2 * max(1, len(documents)))
    shares = [share] * len(documents)
    left = budget_chars
    for own, candidate in [(own, candidate) for own in (True, False) for candidate in candidates]:
        places = [candidate.place] if candidate.place not in chosen[candidate.document] else []
        heading = _heading_above(documents[candidate.document].blocks, candidate.place)
        if heading is not None and heading not in chosen[candidate.document]:
            places.append(heading)
        cost = sum(_cost(documents[candidate.document].blocks[place]) for place in places)
        if cost <= (shares[candidate.document] if own else left):
            chosen[candidate.document].update(places)
            left -= cost
            shares[candidate.document] -= cost
    texts: list[PageText] = []
    truncated: list[str] = []
    for page, chosen_blocks in zip(documents, chosen, strict=True):
        if len(chosen_blocks) == len(page.blocks):
            texts.append(page)
            continue
        truncated.append(page.url)
        if chosen_blocks:
            texts.append(
                page.model_copy(update={"blocks": tuple(page.blocks[place] for place in sorted(chosen_blocks))})
            )
    return tuple(texts), tuple(truncated)


def shown(page: PageText) -> str:
    """The text of the page's blocks: what is put before an assessor. A gap is marked by `[…]`."""
    parts: list[str] = []
    at = 0
    for block in page.blocks:
        between = page.text[at : block.start]
        parts.append(between if not between.strip() else _GAP)
        parts.append(page.text[block.start : block.end])
        at = block.end
    return "".join(parts)


def _cost(block: Block) -> int:
    return block.end - block.start + len(_GAP)


def _candidates(documents: Sequence[PageText], wanted: Sequence[RiskFactor]) -> list[_Candidate]:
    earlier_phrases: set[tuple[str, ...]] = set()
    found: list[_Candidate] = []
    for number, page in enumerate(documents):
        mentions = dict.fromkeys(wanted, 0)
        prose = 0
        for place, block in enumerate(page.blocks):
            text = page.text[block.start : block.end]
            worth = _WORTH[block.kind] - 0.1 * min(number, 10)
            words = text.casefold().split()
            if block.kind is not BlockKind.CODE and len(words) >= _SENTENCE_WORDS:
                prose += 1
                worth += _OPENING if prose <= _OPENING_BLOCKS else 0.0
                worth += 2.0 if _EXPOSURE.search(text) else 0.0
                factors = [factor for factor in wanted if _TOPICS[factor].search(text)]
                cues = sorted((_CUE / (1 + mentions[factor] // 4) for factor in factors), reverse=True)
                worth += sum(cues[:_TOPICS_A_BLOCK])
                for factor in factors:
                    mentions[factor] += 1
                phrases = set(zip(words, words[1:], words[2:], strict=False))
                worth *= max(_REPEATED, len(phrases - earlier_phrases) / len(phrases))
                earlier_phrases |= phrases
            found.append(_Candidate(number, place, _cost(block), worth / (1 + _cost(block) / 2_000)))
    return found


def _heading_above(blocks: Sequence[Block], place: int) -> int | None:
    """The heading above a block: without it, `Disabled by default` says nothing."""
    places = range(place - 1, max(-1, place - 40), -1)
    return next((above for above in places if blocks[above].kind is BlockKind.HEADING), None)
