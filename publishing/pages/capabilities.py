"""What a product can touch: reads, writes, runs, sends, spends, and what stands between it and harm.

Idea: the facts that a reader asks about first, in one short list, each with its value, its quotes and the tools that
show it. Invariant: what is not known is said so, line by line; silence is never a no.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from scoring.claims import Evidence, Extraction
from scoring.labels import SHORT_VALUES, plain
from scoring.tools.inventory import ListedTool, Verb, tools_of
from scoring.vocabulary import EXPOSURE_VALUES, Certainty, ExposureFact, RiskFactor

UNKNOWN = "not known"
F = ExposureFact
_LINES: tuple[tuple[str, Verb | None, tuple[ExposureFact, ...]], ...] = (
    ("Reads", Verb.READ, (F.READS, F.REACHES)),
    ("Writes", Verb.WRITE, (F.WRITES, F.CHANGES)),
    ("Runs", Verb.EXECUTE, (F.EXECUTES,)),
    ("Sends", Verb.SEND, ()),
    ("Spends", Verb.SPEND, (F.SPENDS,)),
    ("Where", None, (F.RUNS_AT,)),
    ("Fed by", None, (F.FED_BY,)),
    ("Approval", None, (F.APPROVAL,)),
    ("Sandbox", None, (F.ISOLATION,)),
    ("Control", None, (F.CONTROL,)),
)
"""Title, the class of tools that shows it, and its facts."""

_OF = {F.READS: "user data", F.WRITES: "user data", F.REACHES: "other systems", F.CHANGES: "other systems"}

_MAIL = re.compile(r"\b(?:e-?mails?|gmail|mailbox(?:es)?|inbox(?:es)?)\b", re.IGNORECASE)
FILTERS = ("runs code", "spends money", "reads mail", "changes systems", "talks to agents")
"""By what lists can be filtered: what is known of a product, never what is merely possible."""


class Part(NamedTuple):
    """One fact of a line."""

    word: str
    known: bool
    anchor: str
    evidence: tuple[Evidence, ...]


class Line(NamedTuple):
    title: str
    parts: tuple[Part, ...]
    tools: tuple[ListedTool, ...]


def capabilities(extraction: Extraction) -> tuple[Line, ...]:
    """One line for each kind of reach and each protection, in a fixed order."""
    listed = tools_of(extraction.inventory)
    lines = []
    for title, verb, facts in _LINES:
        tools = tuple(tool for tool in listed if verb is not None and tool.verb is verb)
        parts = tuple(_part(extraction, fact) for fact in facts)
        if not any(part.known for part in parts):
            parts = () if tools else (Part(UNKNOWN, False, parts[0].anchor if parts else "touches", ()),)
        lines.append(Line(title, parts, tools))
    return tuple(lines)


def _part(extraction: Extraction, fact: ExposureFact) -> Part:
    claim = extraction.fact(fact)
    if claim.value is None:
        return Part(f"{_OF[fact]} {UNKNOWN}" if fact in _OF else UNKNOWN, False, f"fact-{fact}", ())
    return Part(SHORT_VALUES[fact][EXPOSURE_VALUES[fact].index(claim.value)], True, f"fact-{fact}", claim.evidence)


def answer(path: str, value: str) -> str:
    """A value of a fact or factor in two or three words: `no code`, `validated barrier`, `0.5`."""
    room, _, name = path.partition(".")
    if room == "exposure":
        return SHORT_VALUES[F(name)][EXPOSURE_VALUES[F(name)].index(value)]
    return plain(value)


def touches(extraction: Extraction) -> tuple[str, ...]:
    """The `FILTERS` that hold."""
    return tuple(name for name, holds in zip(FILTERS, _holds(extraction), strict=True) if holds)


def _holds(extraction: Extraction) -> Iterator[bool]:
    verbs = {tool.verb for tool in tools_of(extraction.inventory)}
    facts = {claim.fact: claim.value for claim in extraction.exposure}
    yield Verb.EXECUTE in verbs or facts[F.EXECUTES] in ("fixed_commands", "arbitrary_code")
    yield Verb.SPEND in verbs or facts[F.SPENDS] in ("scoped", "broad")
    reading = (extraction.fact(fact) for fact in (F.READS, F.REACHES, F.FED_BY))
    quotes = [one.quote for claim in reading for one in claim.evidence]
    named = [tool.name.replace("_", " ") for tool in tools_of(extraction.inventory) if tool.verb is Verb.READ]
    yield any(_MAIL.search(words) for words in (*quotes, *named))
    yield facts[F.CHANGES] in ("scoped", "broad")
    agents = extraction.factor(RiskFactor.MULTI_AGENT_INTERACTIONS)
    yield agents.certainty is not Certainty.NOT_CERTAIN and float(agents.value) >= 0.4
