"""Program text as a small tree of the few constructs by which tools are declared.

Idea: tree-sitter reads every language without running it and mends what is broken or cut; a query keeps calls,
records, classes, functions, bindings, loops and conditions, and one sweep nests them. Later rules are the same for
all languages. Invariants: one ASCII character stands for each character of the text, so that byte offsets are
character offsets; work is linear in the text.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache

from tree_sitter import Language, Node, Parser, Query, QueryCursor

from extractors.declarations.facts import SourceFile
from extractors.declarations.program_text.syntax.grammars import GRAMMARS, KINDS

MAX_TEXT = 600_000
"""Characters of one file that are parsed."""
MAX_SCOPES = 40
"""Loops, functions or conditions around a declaration that are looked at."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_MACRO = re.compile(r"\bvec!(?=\[)")


class Item:
    """One kept construct; `outer` is the next kept construct around it."""

    __slots__ = ("depth", "inner", "kind", "nearest", "node", "outer", "unit")

    def __init__(self, kind: str, node: Node, outer: Item | None, unit: Unit) -> None:
        self.kind, self.node, self.outer, self.unit = kind, node, outer, unit
        self.inner: list[Item] = []
        self.depth: int = outer.depth + 1 if outer is not None else 0
        self.nearest: dict[str, Item] = {**outer.nearest, outer.kind: outer} if outer is not None else {}

    def around(self, *kinds: str) -> Item | None:
        """The nearest construct of these kinds around this one."""
        found = [self.nearest[kind] for kind in kinds if kind in self.nearest]
        return max(found, key=lambda item: item.depth, default=None)

    def all_around(self, *kinds: str) -> Iterator[Item]:
        """The constructs of these kinds around this one, the nearest first."""
        outer = self.around(*kinds)
        for _ in range(MAX_SCOPES):
            if outer is None:
                return
            yield outer
            outer = outer.around(*kinds)


@cache
def _grammar(language: str) -> Language:
    module, name = GRAMMARS[language]
    return Language(getattr(importlib.import_module(module), name)())


@cache
def _tools(language: str) -> tuple[Parser, Query]:
    kinds = KINDS[language].items()
    lines = (f"[{' '.join(f'({type_})' for type_ in types.split())}] @{kind}" for kind, types in kinds)
    return Parser(_grammar(language)), Query(_grammar(language), "\n".join(lines))


@cache
def _query(language: str, types: str) -> Query:
    return Query(_grammar(language), "\n".join(f"({type_}) @node" for type_ in types.split()))


class Unit:
    """One parsed file."""

    def __init__(self, file: SourceFile, language: str) -> None:
        self.file, self.language = file, language
        self.text = file.text[:MAX_TEXT]
        source = _NOT_ASCII.sub(lambda found: "x" if found.group(0).isalpha() else " ", self.text)
        if language == "rust":
            source = _MACRO.sub("    ", source)
        if language == "kotlin":
            source += "\n"  # its scanner never ends within an annotation that ends the text
        parser, query = _tools(language)
        self.tree = parser.parse(source.encode("ascii"))
        self.items = self._nest(QueryCursor(query).captures(self.tree.root_node))

    def _nest(self, captures: dict[str, list[Node]]) -> list[Item]:
        found = [(node.start_byte, -node.end_byte, kind, node) for kind, nodes in captures.items() for node in nodes]
        found.sort(key=lambda each: (each[0], each[1], each[2] != "decorated", each[2] != "bind"))
        items: list[Item] = []
        stack: list[Item] = []
        for start, _end, kind, node in found:
            while stack and stack[-1].node.end_byte <= start:
                stack.pop()
            item = Item(kind, node, stack[-1] if stack else None, self)
            if stack:
                stack[-1].inner.append(item)
            stack.append(item)
            items.append(item)
        return items

    def of(self, node: Node | None) -> str:
        return self.text[node.start_byte : node.end_byte] if node is not None else ""


def captured(unit: Unit, types: str) -> list[Node]:
    """All nodes of these types, in the order of the text."""
    found = QueryCursor(_query(unit.language, types)).captures(unit.tree.root_node).get("node", [])
    return sorted(found, key=lambda node: (node.start_byte, -node.end_byte))


def field(node: Node, *names: str) -> Node | None:
    return next((found for name in names if (found := node.child_by_field_name(name)) is not None), None)


def key_of(text: str) -> str:
    """`inputSchema`, `input_schema` and `InputSchema` are one key."""
    return text.strip("\"'`").replace("_", "").lower()
