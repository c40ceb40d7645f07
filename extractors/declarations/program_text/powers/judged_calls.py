"""Calls of which the arguments decide whether they only read: files that are opened, requests with a method.

Invariant: an argument that is not written out is none that only reads.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from tree_sitter import Node

from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field
from extractors.declarations.program_text.syntax.parts import arguments, callee, record_fields

_MODE = re.compile(r"[\"'][rbtU]{1,3}[\"']")
_READING = re.compile(r"[\"'`](?:GET|HEAD)[\"'`]|http\.Method(?:Get|Head)")


def acting_calls(unit: Unit, code: str) -> Iterator[re.Match[str]]:
    """Where a function of these is called so that it may write, or is no call at all."""
    judged = _JUDGED.get(unit.language, {})
    harmless = set()
    for item in unit.items if judged else ():
        function = field(item.node, "function") if item.kind == "call" else None
        name = callee(item)[1] if function is not None else ""
        if function is not None and name in judged and judged[name](item):
            harmless.add(function.end_byte - len(name))
    for name in judged:
        for match in re.finditer(rf"(?<!def )(?<![\w$]){name}\b", code):
            if match.start() not in harmless:
                yield match


def _opens_to_read(item: Item) -> bool:
    """`open(path)`, `path.open("rb")`."""
    args, at = arguments(item), 0 if callee(item)[0] else 1
    mode = args.named.get("mode") or (args.positional[at] if len(args.positional) > at else None)
    plain = "opener" not in args.named and not _spreads(args.positional)
    return plain and (mode is None or _MODE.fullmatch(item.unit.of(mode)) is not None)


def _replaces_text(item: Item) -> bool:
    """`text.replace(a, b)`, not `path.replace(to)`."""
    args = arguments(item)
    return len(args.positional) != 1 and "target" not in args.named and not _spreads(args.positional)


def _asks_to_read(item: Item) -> bool:
    args = arguments(item).positional
    at = 1 if callee(item)[1].endswith("Context") else 0
    return len(args) > at and _READING.fullmatch(item.unit.of(args[at])) is not None


def _fetches(item: Item) -> bool:
    """`fetch(url)`, or with options that are written out and no method that writes."""
    args = arguments(item).positional
    if callee(item)[0] or not args or _spreads(args):
        return False
    if len(args) == 1:
        return True
    if args[1].type != "object" or not all(_is_plain(each, item.unit) for each in args[1].named_children):
        return False
    method = record_fields(args[1], item.unit).get("method")
    return method is None or _READING.fullmatch(item.unit.of(method)) is not None


def _is_plain(member: Node, unit: Unit) -> bool:
    """A member of an object whose key is written out."""
    key = field(member, "key") if member.type == "pair" else member
    shown = key is not None and key.type in ("property_identifier", "shorthand_property_identifier", "comment")
    return shown and (member.type == "pair" or unit.of(member) != "method")


def _spreads(nodes: Sequence[Node]) -> bool:
    return any("splat" in node.type or "spread" in node.type for node in nodes)


_SCRIPT: dict[str, Callable[[Item], bool]] = {"fetch": _fetches}
_JUDGED: dict[str, dict[str, Callable[[Item], bool]]] = {
    "python": {"open": _opens_to_read, "replace": _replaces_text},
    "go": {"NewRequest": _asks_to_read, "NewRequestWithContext": _asks_to_read},
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
}
