"""Tools by a list that is written out: what stands for a tool, and the elements that a loop runs over.

Invariant: a list that is made at run time is None, never a part of itself.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from extractors.declarations.program_text.collect import MAX_SCOPES, NAME, NAMES, REGISTERING, WORDS, Collector, Element
from extractors.declarations.program_text.marks import documentation
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field, key_of
from extractors.declarations.program_text.syntax.parts import arguments, callee, parameters, record_fields


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
                behind=self._behind(item),
            )
        else:
            near = Item("call", node, None, unit)
            described = record_fields(node, unit) if node.type in ("object", "dictionary", "literal_value") else {}
            called = self._called([], described, unit, near)
            called = called._replace(annotated=called.annotated or annotated)
            self._emit(near, node, name, called, "loop over a list", behind=self._behind(item))

    def _is_whole(self, node: Node, item: Item) -> bool:
        """True for an argument that is a tool with its name, which other rules read."""
        while (
            node.type in ("unary_expression", "parenthesized_expression", "reference_expression")
            and node.named_children
        ):
            node = node.named_children[0]
        if node.type in ("object", "dictionary", "composite_literal", "struct_expression"):
            return any(key in record_fields(node, item.unit) for key in NAMES)
        return "call" in node.type and key_of(callee(Item("call", node, item, item.unit))[1]) in REGISTERING

    def _resolve(self, node: Node, unit: Unit, near: Item, steps: int) -> list[Element] | None:
        """What stands for a tool: [(node, file, name, function)]; [] if other rules find it; None if unknown."""
        if steps <= 0 or self.program.exhausted():
            return None
        kind = node.type
        if kind in (
            "call",
            "call_expression",
            "invocation_expression",
            "new_expression",
            "object_creation_expression",
            "method_invocation",
        ):
            inner = Item("call", node, near, unit)
            name = callee(inner)[1]
            if key_of(name) in REGISTERING or name in self.program.functions or name in self.program.classes:
                return []
            return None
        if kind in ("object", "dictionary", "composite_literal", "struct_expression"):
            return []
        if (
            kind in ("unary_expression", "parenthesized_expression", "reference_expression", "await_expression")
            and node.named_children
        ):
            return self._resolve(node.named_children[0], unit, near, steps - 1)
        if kind in ("identifier", "attribute", "member_expression", "selector_expression"):
            text = unit.of(node)
            looped = self._looped(text.split(".")[0], unit, near, steps, key_of(text.rpartition(".")[2]))
            if looped is not None:
                return looped
            last = text.rpartition(".")[2]
            functions = self.program.functions.get(last, [])
            own = [f for f in functions if f.unit is unit] or functions
            if kind == "identifier" or unit.language == "python":
                bound = self.program.binding_of(text, unit, near)
                if not bound and unit.language == "python" and NAME.fullmatch(last):
                    if own:
                        return [(own[0].node, own[0].unit, last, own[0])]
                    if last in self.program.imports[unit.file.path] and last[0].islower():
                        return [(node, unit, self.program.imports[unit.file.path][last][1], None)]
                for item, value in bound[:1]:
                    if value is not node:
                        return self._resolve(value, item.unit, item, steps - 1)
        return None

    def _looped(self, variable: str, unit: Unit, near: Item, steps: int, key: str = "name") -> list[Element] | None:
        """The elements of the list that a loop around `near` runs over with this variable."""
        here = near.around("loop", "function")
        for _ in range(MAX_SCOPES):
            if here is None:
                return None
            if here.kind == "loop":
                left, right = field(here.node, "left"), field(here.node, "right")
                clause = next(
                    (c for c in here.node.named_children if c.type in ("range_clause", "for_in_clause")), None
                )
                if clause is not None:
                    left, right = field(clause, "left"), field(clause, "right")
                if left is not None and right is not None and variable in WORDS.findall(here.unit.of(left)):
                    if (
                        WORDS.findall(here.unit.of(left))[0] == variable
                        and (keys := self._keys(right, unit, here)) is not None
                    ):
                        return keys
                    return self._elements(right, unit, here, steps, key)
            elif (
                here.kind == "function"
                and variable in parameters(here)
                and here.outer is not None
                and here.outer.kind == "call"
            ):
                _before, name = callee(here.outer)
                if name in ("forEach", "map", "flatMap"):
                    function = field(here.outer.node, "function")
                    holder = field(function, "object") if function is not None else None
                    if holder is not None:
                        return self._elements(holder, unit, here.outer, steps, key)
            here = here.around("loop", "function")
        return None

    def _keys(self, node: Node, unit: Unit, near: Item) -> list[Element] | None:
        """The keys of a mapping that is written out, in a loop over `Object.entries(m)`, `m.items()` or `m.keys()`."""
        text = unit.of(node)
        found = re.fullmatch(r"\A(?:Object\.(?:entries|keys)\((\w+)\)|(\w+)\.(?:items|keys)\(\))", text)
        if not found:
            return None
        for item, value in self.program.binding_of(found.group(1) or found.group(2), unit, near)[:1]:
            if value.type in ("object", "dictionary"):
                members: list[Element] = []
                for child in value.named_children:
                    key = (
                        field(child, "key")
                        if child.type == "pair"
                        else child
                        if child.type == "shorthand_property_identifier"
                        else None
                    )
                    name = item.unit.of(key).strip("\"'`") if key is not None else ""
                    if key is None or not NAME.fullmatch(name):
                        return None
                    members.append((key, item.unit, name, None))
                return members
        return None

    def _elements(self, node: Node, unit: Unit, near: Item, steps: int, key: str = "name") -> list[Element] | None:
        """The elements of a list that is written out, here or under a name; None if it is made at run time."""
        if steps <= 0 or self.program.exhausted():
            return None
        if node.type in ("identifier", "attribute", "member_expression", "selector_expression"):
            name = unit.of(node).rpartition(".")[2]
            bound = self.program.binding_of(name, unit, near)
            lists = [
                (item, value)
                for item, value in bound
                if value.type
                in (
                    "list",
                    "array",
                    "tuple",
                    "composite_literal",
                    "binary_operator",
                    "as_expression",
                    "dictionary",
                    "object",
                    "set",
                )
            ]
            return (
                self._elements(lists[0][1], lists[0][0].unit, lists[0][0], steps - 1, key) if len(lists) == 1 else None
            )
        if node.type in ("as_expression", "parenthesized_expression", "satisfies_expression"):
            return self._elements(node.named_children[0], unit, near, steps - 1, key) if node.named_children else None
        if node.type in ("call_expression", "call") and unit.of(node).startswith(
            ("Object.values(", "Object.entries(", "list(")
        ):
            inner = arguments(Item("call", node, near, unit)).positional
            return self._elements(inner[0], unit, near, steps - 1, key) if inner else None
        if node.type == "binary_operator":
            left = self._elements(node.named_children[0], unit, near, steps - 1, key)
            right = self._elements(node.named_children[-1], unit, near, steps - 1, key)
            return None if left is None or right is None else left + right
        if node.type in ("dictionary", "object"):
            values = [v for child in node.named_children if (v := field(child, "value")) is not None]
            return self._members(values, unit, near, steps, key)
        if node.type in ("list", "array", "tuple", "composite_literal", "set"):
            body = field(node, "body") or node
            return self._members(
                [child for child in body.named_children if "comment" not in child.type], unit, near, steps, key
            )
        return None

    def _members(self, nodes: list[Node], unit: Unit, near: Item, steps: int, key: str) -> list[Element] | None:
        found: list[Element] = []
        for node in nodes:
            while node.type == "literal_element" and node.named_children:
                node = node.named_children[0]
            if node.type in ("spread_element", "list_splat"):
                inner = (
                    self._elements(node.named_children[0], unit, near, steps - 1, key) if node.named_children else None
                )
            elif node.type in ("object", "dictionary", "literal_value"):
                members = record_fields(node, unit)
                name = self._first_text(members, (key, *NAMES), unit, near)
                inner = [(node, unit, name, None)] if name and NAME.fullmatch(name) else []
            elif node.type in ("tuple", "array", "list") and node.named_children:
                inner = self._members(node.named_children[:1], unit, near, steps - 1, key)
            else:
                text = self.program.text(node, unit, near) if "string" in node.type else None
                if text and NAME.fullmatch(text):
                    inner = [(node, unit, text, None)]
                else:
                    inner = self._resolve(node, unit, near, steps - 1)
            if inner is None:
                return None
            found += inner
        return found
