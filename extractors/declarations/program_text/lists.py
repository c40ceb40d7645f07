"""Tools by a list that is written out: what stands for a tool, and the elements that a loop runs over.

Invariant: a list that is made at run time is None, never a part of itself.
"""

import re

from tree_sitter import Node

from extractors.declarations.program_text.collect import NAME, NAMES, REGISTERING, WORDS, Collector, Element, conditions
from extractors.declarations.program_text.marks import documentation
from extractors.declarations.program_text.syntax.grammars import CALLS, RECORDS
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field, key_of
from extractors.declarations.program_text.syntax.parts import (
    arguments,
    callee,
    parameters,
    receiver,
    record_fields,
    unwrapped,
)

_RECORDS = RECORDS | {"composite_literal", "struct_expression"}
_NAMED = frozenset({"identifier", "attribute", "member_expression", "selector_expression"})
_LISTS = frozenset({"list", "array", "tuple", "composite_literal", "set"})
_KEEPING = (("Object", "values"), ("Object", "entries"), ("", "list"))
"""Calls that give the elements of what they are given."""
_WRITTEN_OUT = _LISTS | RECORDS | {"binary_operator"}


class Lists(Collector):
    """Resolves what stands for a tool."""

    def _one(
        self, item: Item, node: Node, unit: Unit, name: str, function: Item | None, *, annotated: str, prose: str = ""
    ) -> None:
        """One element of a list, or one function that is handed over."""
        if function is not None:
            holder = field(function.node, "parameters")
            self._add(
                function,
                field(function.node, "name") or function.node,
                name,
                prose or documentation(function),
                annotated,
                function.unit.of(holder) if holder else "",
                "function handed over",
                behind=next(conditions(item), ""),
            )
        else:
            near = Item("call", node, None, unit)
            described = record_fields(node, unit) if node.type in ("object", "dictionary", "literal_value") else {}
            called = self._called([], described, unit, near)
            called = called._replace(annotated=called.annotated or annotated)
            self._emit(near, node, name, called, "loop over a list", behind=next(conditions(item), ""))

    def _is_whole(self, node: Node, item: Item) -> bool:
        """True for an argument that is a tool with its name, which other rules read."""
        node = unwrapped(node)
        if node.type in _RECORDS:
            return any(key in record_fields(node, item.unit) for key in NAMES)
        return "call" in node.type and key_of(callee(Item("call", node, item, item.unit))[1]) in REGISTERING

    def _resolve(self, node: Node, unit: Unit, near: Item, steps: int) -> list[Element] | None:
        """What stands for a tool: [(node, file, name, function)]; [] if other rules find it; None if unknown."""
        if steps <= 0 or self.program.exhausted():
            return None
        node = unwrapped(node)
        kind = node.type
        if kind in CALLS or kind == "new_expression":
            name = callee(Item("call", node, near, unit))[1]
            known = key_of(name) in REGISTERING or name in self.program.functions or name in self.program.classes
            return [] if known else None
        if kind in _RECORDS:
            return []
        if kind not in _NAMED:
            return None
        text = unit.of(node)
        looped = self._looped(text.split(".")[0], unit, near, steps, key_of(text.rpartition(".")[2]))
        if looped is not None or (kind != "identifier" and unit.language != "python"):
            return looped
        for item, value in self.program.binding_of(text, unit, near)[:1]:
            return self._resolve(value, item.unit, item, steps - 1) if value is not node else None
        return self._function(node, unit) if unit.language == "python" else None

    def _function(self, node: Node, unit: Unit) -> list[Element] | None:
        """A function of this or another file, or one that is imported from a file that was not read."""
        last = unit.of(node).rpartition(".")[2]
        functions = self.program.functions.get(last, [])
        if functions and NAME.fullmatch(last):
            own = next((each for each in functions if each.unit is unit), functions[0])
            return [(own.node, own.unit, last, own)]
        imported = self.program.imports[unit.file.path]
        return [(node, unit, imported[last][1], None)] if last in imported and last[0].islower() else None

    def _looped(self, variable: str, unit: Unit, near: Item, steps: int, key: str = "name") -> list[Element] | None:
        """The elements of the list that a loop around `near` runs over with this variable."""
        for scope in near.all_around("loop", "function"):
            if scope.kind == "loop":
                clauses = (c for c in scope.node.named_children if c.type in ("range_clause", "for_in_clause"))
                clause = next(clauses, scope.node)
                right, names = field(clause, "right"), WORDS.findall(unit.of(field(clause, "left")))
                if right is not None and variable in names:
                    keys = self._keys(right, unit, scope) if names[0] == variable else None
                    return keys if keys is not None else self._elements(right, unit, scope, steps, key)
            elif scope.outer is not None and scope.outer.kind == "call" and variable in parameters(scope):
                listed = receiver(scope.outer.node)
                if listed is not None and callee(scope.outer)[1] in ("forEach", "map", "flatMap"):
                    return self._elements(listed, unit, scope.outer, steps, key)
        return None

    def _keys(self, node: Node, unit: Unit, near: Item) -> list[Element] | None:
        """The keys of a mapping that is written out, in a loop over it, `Object.entries(m)` or `m.items()`."""
        found = re.fullmatch(
            r"(?:Object\.(?:entries|keys)|list)\((\w+)\)|(\w+)(?:\.(?:items|keys)\(\))?", unit.of(node)
        )
        bound = self.program.binding_of(found.group(1) or found.group(2), unit, near)[:1] if found else []
        for item, value in bound:
            nodes = [field(child, "key") or child for child in value.named_children]
            names = [item.unit.of(each).strip("\"'`") for each in nodes]
            if value.type in RECORDS and all(map(NAME.fullmatch, names)):
                return [(each, item.unit, name, None) for each, name in zip(nodes, names, strict=True)]
        return None

    def _elements(self, node: Node, unit: Unit, near: Item, steps: int, key: str = "name") -> list[Element] | None:
        """The elements of a list that is written out, here or under a name; None if it is made at run time."""
        if steps <= 0 or self.program.exhausted():
            return None
        node = unwrapped(node)
        if node.type in CALLS and callee(call := Item("call", node, near, unit)) in _KEEPING:
            given = arguments(call).positional
            return self._elements(given[0], unit, near, steps - 1, key) if given else None
        if node.type == "binary_operator" and unit.of(field(node, "operator")) == "+":
            sides = [self._elements(each, unit, near, steps - 1, key) for each in node.named_children]
            return None if None in sides else [element for side in sides if side for element in side]
        if node.type in _NAMED:
            bound = self.program.binding_of(unit.of(node).rpartition(".")[2], unit, near)
            lists = [(item, value) for item, value in bound if unwrapped(value).type in _WRITTEN_OUT]
            if len(lists) != 1:
                return None
            [(item, value)] = lists
            return self._elements(value, item.unit, item, steps - 1, key)
        if node.type in RECORDS:
            values = [field(child, "value") or child for child in node.named_children if "comment" not in child.type]
            return self._members(values, unit, near, steps, key)
        if node.type not in _LISTS:
            return None
        children = [child for child in (field(node, "body") or node).named_children if "comment" not in child.type]
        return self._members(children, unit, near, steps, key)

    def _members(self, nodes: list[Node], unit: Unit, near: Item, steps: int, key: str) -> list[Element] | None:
        found: list[Element] = []
        for node in map(unwrapped, nodes):
            inner: list[Element] | None
            if node.type in ("spread_element", "list_splat"):
                inner = self._elements(node.named_children[0], unit, near, steps - 1, key)
            elif node.type in ("object", "dictionary", "literal_value"):
                name = self._first_text(record_fields(node, unit), (key, *NAMES), unit, near)
                inner = [(node, unit, name, None)] if name and NAME.fullmatch(name) else []
            elif node.type in ("tuple", "array", "list") and node.named_children:
                inner = self._members(node.named_children[:1], unit, near, steps - 1, key)
            else:
                text = (self.program.text(node, unit, near) or "") if "string" in node.type else ""
                inner = [(node, unit, text, None)] if NAME.fullmatch(text) else None
                inner = inner or self._resolve(node, unit, near, steps - 1)
            if inner is None:
                return None
            found += inner
        return found
