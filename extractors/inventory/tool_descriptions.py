"""Hostile text in the descriptions of tools: a host hands them to its model as they are, whoever wrote them.

Idea: what speaks to an assessor is found as on a page; what gives the host's model orders beside the tool's own use is
found too. Invariants: program text beside descriptions is not searched, since no model reads it; a finding points to
the line that declares the tool where its words are not in one run.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from extractors.declarations.facts import DeclaredTool
from extractors.injection import findings
from extractors.inventory.page_places import PagePlaces
from extractors.pages.page_text import Block, BlockKind
from scoring.claims import Finding
from scoring.vocabulary import FindingKind

MOST = 40
"""Findings of one product's descriptions."""
_ORDERS = re.compile(
    r"\b(?:do not|don't|never|without) (?:tell|mention|inform|reveal|show|disclos|notif|warn)\w*\b"
    r"|\b(?:ignore|disregard|forget|override) (?:(?:all|any|the|your|of) ){0,3}"
    r"(?:previous|prior|other|above|earlier|system) (?:instruction|prompt|rule|message)"
    r"|\bbefore (?:using|calling|running|invoking) (?:this|any|other|another)\b"
    r"|<(?:important|system|instructions?|secret)>"
    r"|(?:\A|[.!:]\s|\n)\s{0,8}(?:you are (?:an?|the)|your (?:task|role|job|goal) is|always|never|must|you must)\b",
    re.IGNORECASE,
)


def hostile_descriptions(tools: Sequence[DeclaredTool], places_on: Callable[[str], PagePlaces]) -> tuple[Finding, ...]:
    """Each once, in the order of the tools."""
    described = [tool for tool in dict.fromkeys(tools) if tool.prose]
    return tuple(dict.fromkeys((*_addressing(described, places_on), *_ordering(described, places_on))))[:MOST]


def _addressing(tools: Sequence[DeclaredTool], places_on: Callable[[str], PagePlaces]) -> Iterator[Finding]:
    starts, blocks, at = [], [], 0
    for tool in tools:
        starts.append(at)
        blocks.append(Block(kind=BlockKind.PARAGRAPH, start=at, end=at + len(tool.prose)))
        at += len(tool.prose) + 2
    text = "\n\n".join(tool.prose for tool in tools)
    for found in findings(text, blocks, "", None, False) if text else ():
        tool = tools[bisect_right(starts, found.start or 0) - 1]
        yield _placed(tool, found.kind, found.excerpt, found.how, places_on)


def _ordering(tools: Sequence[DeclaredTool], places_on: Callable[[str], PagePlaces]) -> Iterator[Finding]:
    for tool in tools:
        found = _ORDERS.search(tool.prose)
        if found:
            start = tool.prose.rfind("\n", 0, found.end()) + 1
            excerpt = tool.prose[max(start, found.start() - 100) : found.end() + 200].partition("\n")[0].strip()
            yield _placed(tool, FindingKind.INSTRUCTS_ITS_OWN_MODEL, excerpt, "gives orders to a model", places_on)


def _placed(
    tool: DeclaredTool, kind: FindingKind, excerpt: str, how: str, places_on: Callable[[str], PagePlaces]
) -> Finding:
    places = places_on(tool.place.url)
    passage = places.find(tool.place.model_copy(update={"quote": excerpt})) or places.find(tool.place, tool.name)
    return Finding(
        kind=kind,
        url=tool.place.url,
        text_digest=passage.text_digest if passage else None,
        start=passage.start if passage else None,
        end=passage.end if passage else None,
        excerpt=excerpt[:300],
        how=f"the description of {tool.name}: {how}"[:200],
    )
