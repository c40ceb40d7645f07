"""OWASP's draft rule for the tool capability of MCP servers: how much an outside tool controls, from 0.0 to 1.0.

Idea: the rule has three steps. None is 0.0; named tools on a list, or reading, is 0.5; an open network, writing any
file, or control of the host is 1.0. It is asked twice, with every unknown fact at its safest and at its worst.
Invariants: pure; no fact moved to a worse value lowers either end; a fact that is taken away closes nothing.
"""

import re
from decimal import Decimal

from scoring.claims import Extraction
from scoring.evidence import Frozen
from scoring.tools.inventory import Verb, tools_of
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact

RULE = "OWASP draft for MCP tool capability: external tool control surface"
NONE, LISTED, OPEN = Decimal("0.0"), Decimal("0.5"), Decimal("1.0")
_DECIDING = {
    ExposureFact.EXECUTES: ("arbitrary_code", "control of the host"),
    ExposureFact.WRITES: ("broad", "writing any file"),
    ExposureFact.REACHES: ("broad", "an open network"),
    ExposureFact.CHANGES: ("broad", "an open network"),
}
"""Facts with the value that is the rule's last step, and the words of the rule for it."""
_STEPS = (*_DECIDING, ExposureFact.READS)
"""Facts of which any value but the safest is at least the middle step."""
_FILE = re.compile(r"(?:\b|_)(?:files?|director(?:y|ies)|folders?|disk|paths?)(?:\b|_)", re.IGNORECASE)


class ControlSurface(Frozen):
    """Both ends of the rule's value, and what they rest on."""

    rule: str = RULE
    low: Decimal
    high: Decimal
    why: str
    """One sentence for a person."""
    facts: dict[ExposureFact, str]
    """The known facts that the rule read, with their values; each has its evidence among the record's claims."""
    tools: tuple[str, ...] = ()
    """Names of tools that write files; each has its line in the inventory."""


def control_surface(extraction: Extraction) -> ControlSurface:
    known = {fact: value for fact in _STEPS if (value := extraction.fact(fact).value)}
    listed = tools_of(extraction.inventory)
    writing = tuple(
        tool.name
        for tool in listed
        if tool.verb is Verb.WRITE and _FILE.search(f"{tool.name} {tool.description}") is not None
    )
    whole = extraction.inventory is not None and extraction.inventory.complete
    ends = [
        _step({fact: known.get(fact) or EXPOSURE_VALUES[fact][end] for fact in _STEPS}, bool(listed), written)
        for end, written in (
            (0, bool(writing)),
            (-1, bool(writing) or not (whole or known.get(ExposureFact.WRITES) == "nothing")),
        )
    ]
    return ControlSurface(low=ends[0], high=ends[1], why=_why(known, len(listed), writing), facts=known, tools=writing)


def _step(values: dict[ExposureFact, str], listed: bool, writes_files: bool) -> Decimal:
    if writes_files or any(values[fact] == worst for fact, (worst, _) in _DECIDING.items()):
        return OPEN
    return LISTED if listed or any(values[fact] != EXPOSURE_VALUES[fact][0] for fact in _STEPS) else NONE


def _why(known: dict[ExposureFact, str], listed: int, writing: tuple[str, ...]) -> str:
    worst = dict.fromkeys(words for fact, (value, words) in _DECIDING.items() if known.get(fact) == value)
    if writing:
        worst["writing any file"] = None
    if worst:
        return f"Its facts show {' and '.join(worst)}."
    if listed:
        return f"Its {listed} known tools are a list; what is not known of its facts could open it further."
    return "No tool of it is known." if not known else "What is known of its facts stays below the last step."
