"""The tools of a product as a record prints them: what each does at worst, and whether the list is whole.

Idea: a list of tools is the best evidence of what a hijacked product could do. Invariants: what a product declares
about itself is kept apart from its class; a tool whose line is on no stored page has no evidence and carries
nothing.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from scoring.evidence import Digest, Evidence, Frozen


class Verb(StrEnum):
    """What one call does at worst, in the order of gravity, `unknown` apart."""

    UNKNOWN = "unknown"
    READ = "read"
    WRITE = "write"
    SEND = "send"
    SPEND = "spend"
    EXECUTE = "execute"


ACTING = (Verb.WRITE, Verb.SEND, Verb.SPEND, Verb.EXECUTE)
"""All that change something."""
GRAVITY = {verb: number for number, verb in enumerate(Verb)}


class Annotations(Frozen):
    """The hints of MCP as declared; None where the declaration has none. A hint is a claim of the declarer."""

    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = None


class ListedTool(Frozen):
    """One tool as all files together declare it."""

    name: str
    description: str = ""
    """First line."""
    annotations: Annotations | None = None
    """As declared; the protocol's defaults are not filled in. None: no text says whether there are any."""
    verb: Verb
    rule: str
    """The rule that gave `verb`; empty for `unknown`."""
    contradiction: str = ""
    """What name, description and hints say, where they differ by more than a shade."""
    allowed_tools: tuple[str, ...] = ()
    """Of a skill, agent or command: the tools of its host that it asks for."""
    behind: str = ""
    """The condition under which it exists, where every place that declares it has one."""
    schema_digest: Digest | None = None
    evidence: Evidence | None = None
    """The line that declares it."""


class Inventory(Frozen):
    """All tools of a product, in the order of their names."""

    tools: tuple[ListedTool, ...]
    counts: dict[Verb, int]
    complete: bool
    """True only if nothing speaks against it; a list without program text never is."""
    why: str
    """One line for a reader."""
    open_ends: tuple[str, ...] = ()
    """Everything that speaks against completeness, or by which its program could do more, each once."""
    digest: Digest
    """Of names, descriptions and schemas: it changes when a tool comes, goes or reads otherwise."""


NAMED = 5
"""Tools of one class that are shown by name; the rest is folded."""


def tools_of(inventory: Inventory | None) -> tuple[ListedTool, ...]:
    return inventory.tools if inventory else ()


class Touches(NamedTuple):
    """One class of tools, as pages show it."""

    verb: Verb
    named: tuple[ListedTool, ...]
    folded: tuple[ListedTool, ...]


def touches(inventory: Inventory | None) -> tuple[Touches, ...]:
    """What it can touch: the classes that have tools, gravest first."""
    return tuple(
        Touches(verb, tools[:NAMED], tools[NAMED:])
        for verb in sorted(Verb, key=GRAVITY.__getitem__, reverse=True)
        if (tools := tuple(tool for tool in tools_of(inventory) if tool.verb is verb))
    )


def counts(tools: Sequence[ListedTool]) -> dict[Verb, int]:
    """How many tools each class has; every class is named."""
    return {verb: sum(tool.verb is verb for tool in tools) for verb in Verb}
