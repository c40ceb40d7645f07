"""What changed between two inventories of one product: a note for a person, and a reason to look again.

Invariant: equal inventories give nothing, and the order of files never makes a change.
"""

from __future__ import annotations

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
    found = []
    if old.description != new.description:
        found.append(
            ToolChange(kind=ToolChangeKind.DESCRIPTION, name=old.name, before=old.description, after=new.description)
        )
    if old.schema_digest != new.schema_digest:
        found.append(
            ToolChange(
                kind=ToolChangeKind.SCHEMA, name=old.name, before=old.schema_digest or "", after=new.schema_digest or ""
            )
        )
    if old.verb is not new.verb:
        rises = GRAVITY[new.verb] > GRAVITY[old.verb]
        found.append(
            ToolChange(kind=ToolChangeKind.VERB, name=old.name, before=old.verb, after=new.verb, reopens_review=rises)
        )
    if old.annotations != new.annotations:
        texts = [
            "" if tool.annotations is None else str(tool.annotations.model_dump(exclude_none=True))
            for tool in (old, new)
        ]
        found.append(ToolChange(kind=ToolChangeKind.ANNOTATIONS, name=old.name, before=texts[0], after=texts[1]))
    return found


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
