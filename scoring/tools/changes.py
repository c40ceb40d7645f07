"""What changed between two inventories of one product: a note for a person, and a reason to look again.

Invariant: equal inventories give nothing, and the order of files never makes a change.
"""

from collections.abc import Sequence
from enum import StrEnum

from scoring.evidence import Frozen
from scoring.tools.inventory import GRAVITY, ListedTool


class ToolChangeKind(StrEnum):
    CAME = "came"
    GONE = "gone"
    DESCRIPTION = "description changed"
    SCHEMA = "schema changed"
    VERB = "class changed"
    ANNOTATIONS = "annotations changed"


class ToolChange(Frozen):
    kind: ToolChangeKind
    name: str
    before: str = ""
    after: str = ""
    reopens_review: bool = False
    """True where a class rises or a tool came that does more than read."""


def changes(before: Sequence[ListedTool], after: Sequence[ListedTool]) -> tuple[ToolChange, ...]:
    """By name, in the order of names."""
    old = {tool.name: tool for tool in before}
    new = {tool.name: tool for tool in after}
    found: list[ToolChange] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            tool = new[name]
            found.append(
                ToolChange(
                    kind=ToolChangeKind.CAME, name=name, after=tool.description, reopens_review=tool.verb != "read"
                )
            )
        elif name not in new:
            found.append(ToolChange(kind=ToolChangeKind.GONE, name=name, before=old[name].description))
        else:
            found += _differences(old[name], new[name])
    return tuple(found)


def _differences(old: ListedTool, new: ListedTool) -> list[ToolChange]:
    fields = {
        ToolChangeKind.DESCRIPTION: (old.description, new.description),
        ToolChangeKind.SCHEMA: (old.schema_digest, new.schema_digest),
        ToolChangeKind.VERB: (old.verb, new.verb),
        ToolChangeKind.ANNOTATIONS: (_hints(old), _hints(new)),
    }
    rises = GRAVITY[new.verb] > GRAVITY[old.verb]
    return [
        ToolChange(
            kind=kind,
            name=old.name,
            before=before or "",
            after=after or "",
            reopens_review=rises and kind is ToolChangeKind.VERB,
        )
        for kind, (before, after) in fields.items()
        if before != after
    ]


def _hints(tool: ListedTool) -> str | None:
    return None if tool.annotations is None else str(tool.annotations.model_dump(exclude_none=True))


def note(found: tuple[ToolChange, ...]) -> str:
    """`3 tools came, 1 description changed`; empty for no change."""
    counts = {kind: sum(change.kind is kind for change in found) for kind in ToolChangeKind}
    words = {
        ToolChangeKind.CAME: ("tool came", "tools came"),
        ToolChangeKind.GONE: ("tool went", "tools went"),
        ToolChangeKind.DESCRIPTION: ("description changed", "descriptions changed"),
        ToolChangeKind.SCHEMA: ("schema changed", "schemas changed"),
        ToolChangeKind.VERB: ("class changed", "classes changed"),
        ToolChangeKind.ANNOTATIONS: ("set of annotations changed", "sets of annotations changed"),
    }
    return ", ".join(f"{count} {words[kind][count > 1]}" for kind, count in counts.items() if count)
