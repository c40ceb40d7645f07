"""The text that an expression stands for, as far as the program's own lines say.

Idea: names of tools come from constants, enumerations, prefixes and small helpers; these are followed across the
files that were read, and nothing is run. Invariants: bounded depth; two different values for one name are no value;
what cannot be resolved is None, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from extractors.declarations.program_text.bindings import Bindings
from extractors.declarations.program_text.syntax.expressions import (
    CALLS,
    KEEPS,
    MEMBERS,
    STRINGS,
    WRAPPERS,
    literal,
    unescaped,
)
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit
from extractors.declarations.program_text.syntax.parts import arguments, callee, parameters, returned

MAX_STEPS = 24
LONGEST = 40_000
"""Characters of an expression and of its text."""
MAX_EVALUATED = 300_000
"""Expressions that are looked at in one program: constants can be nested so that their text has no end."""

Environment = dict[str, str]


class Program(Bindings):
    """All parsed files of one product, and the text of their expressions."""

    def __init__(self, units: list[Unit]) -> None:
        super().__init__(units)
        self._evaluated = 0

    def exhausted(self) -> bool:
        """Counts one expression; True once more of them were looked at than any honest program needs."""
        self._evaluated += 1
        return self._evaluated > MAX_EVALUATED

    def text(self, node: Node, unit: Unit, near: Item | None = None, env: Environment | None = None) -> str | None:
        """The text; None if any part of it cannot be resolved."""
        return self._text(node, unit, near, env or {}, MAX_STEPS, None)

    def prose(self, node: Node, unit: Unit, near: Item | None = None, env: Environment | None = None) -> str:
        """The text for a reader: parts that cannot be resolved are `…`."""
        return self._text(node, unit, near, env or {}, MAX_STEPS, "…") or ""

    def _text(
        self, node: Node, unit: Unit, near: Item | None, env: Environment, steps: int, gap: str | None
    ) -> str | None:
        if steps <= 0 or node.end_byte - node.start_byte > LONGEST or (self.exhausted() and node.type not in STRINGS):
            return gap
        inner: Callable[[Node], str | None] = lambda child: self._text(child, unit, near, env, steps - 1, gap)  # noqa: E731
        kind = node.type
        if kind in STRINGS:
            return self._string(node, unit, inner)
        if kind == "concatenated_string":
            return _joined([inner(child) for child in node.named_children if child.type != "comment"])
        if kind in ("binary_expression", "binary_operator", "additive_expression", "infix_expression"):
            return self._binary(node, unit, inner, gap)
        if kind in WRAPPERS and node.named_children:
            return inner(node.named_children[0])
        if kind in ("identifier", "simple_identifier", "type_identifier", "shorthand_property_identifier"):
            name = unit.of(node)
            return env[name] if name in env else self._named(name, unit, near, steps, gap)
        if kind in MEMBERS:
            return self._member(unit.of(node), unit, near, env, steps, gap)
        if kind in CALLS:
            return self._call(node, unit, near, env, steps, gap)
        return gap

    def _string(self, node: Node, unit: Unit, inner: Callable[[Node], str | None]) -> str | None:
        raw = unit.of(node)
        holes = [
            c for c in node.named_children if "substitution" in c.type or ("interpol" in c.type and c.named_children)
        ]
        if not holes:
            return literal(raw, unit.language)
        parts: list[str | None] = []
        opening = re.match(r"""\A[rRbBfFuU$@]*(?:\"\"\"|'''|["'`])""", raw)
        quotes = opening.group(0) if opening else '"'
        at = node.start_byte + len(quotes)
        close = node.end_byte - len(quotes.lstrip("rRbBfFuU$@"))
        for hole in holes:
            parts.append(unescaped(unit.text[at : hole.start_byte]))
            content = [
                child for child in hole.named_children if child.type not in ("format_specifier", "type_conversion")
            ]
            parts.append(inner(content[0]) if content else None)
            at = hole.end_byte
        parts.append(unescaped(unit.text[at:close]))
        return _joined(parts)

    def _binary(self, node: Node, unit: Unit, inner: Callable[[Node], str | None], gap: str | None) -> str | None:
        sides: list[Node] = []
        here: Node | None = node
        while here is not None and here.type == node.type and here.named_child_count >= 2:
            operator = here.child_by_field_name("operator")
            sign = unit.of(operator) if operator is not None else here.children[1].type
            if sign in ("||", "??", "or", "?:"):
                return inner(here.named_children[-1])
            if sign == "%":
                left = inner(here.named_children[0])
                right = inner(here.named_children[-1])
                return left.replace("%s", right) if left and right and left.count("%s") == 1 else gap
            if sign not in ("+", "."):
                return gap
            sides.append(here.named_children[-1])
            here = here.named_children[0]
        if here is not None:
            sides.append(here)
        return _joined([inner(side) for side in reversed(sides)])

    def _named(self, name: str, unit: Unit, near: Item | None, steps: int, gap: str | None) -> str | None:
        values = set()
        for item, value in self.binding_of(name, unit, near)[:6]:
            if item is near:
                continue
            values.add(self._text(value, item.unit, item, {}, steps - 4, gap))
        return values.pop() if len(values) == 1 else gap

    def _member(
        self, text: str, unit: Unit, near: Item | None, env: Environment, steps: int, gap: str | None
    ) -> str | None:
        name = text.replace("?.", ".").replace("::", ".").replace("!", "").strip()
        if name in env:
            return env[name]
        name = re.sub(r"^(?:self|this|cls|Self)\.", "", name)
        name = re.sub(r"\.(?:value|Value|name|text|rawValue|__name__)$", "", name) if name.count(".") > 1 else name
        parts = name.split(".")
        for candidate in dict.fromkeys([".".join(parts[-2:]), name]):
            found = self._named(candidate, unit, near, steps, None)
            if found is not None:
                return found
        if len(parts) == 2 and parts[1] == "__name__":
            return parts[0] if parts[0] in self.functions else gap
        if len(parts) > 1 and parts[0] not in env:
            imported = self._named(parts[-1], unit, None, steps, None)
            if imported is not None and (parts[-1][:1].isupper() or parts[-2] in self.modules_of(unit)):
                return imported
        if len(parts) == 1:
            found = self._named(parts[0], unit, near, steps, None)
            if found is not None:
                return found
        return gap

    def _call(
        self, node: Node, unit: Unit, near: Item | None, env: Environment, steps: int, gap: str | None
    ) -> str | None:
        item = Item("call", node, near, unit)
        before, name = callee(item)
        given = arguments(item)
        if name == "nameof" and given.positional:
            return unit.of(given.positional[0]).rpartition(".")[2]
        if name == "join" and unit.language in ("typescript", "tsx"):
            return self._join(node, unit, near, env, steps, gap)
        if name == "format" and unit.language == "python" and node.named_children:
            holder = node.named_children[0].child_by_field_name("object")
            pattern = self._text(holder, unit, near, env, steps - 1, gap) if holder is not None else None
            values = [self._text(each, unit, near, env, steps - 1, gap) for each in given.positional]
            if pattern is None or given.named or None in values:
                return gap
            for value in values:
                pattern = pattern.replace("{}", value or "", 1)
            return pattern
        if name in ("Sprintf", "format", "format_args") and given.positional:
            texts = [self._text(each, unit, near, env, steps - 1, gap) for each in given.positional]
            pattern = texts[0]
            if pattern is None or None in texts:
                return gap
            for value in texts[1:]:
                pattern = re.sub(r"%[sv]|\{\}", lambda _: value or "", pattern, count=1)  # noqa: B023
            return pattern
        helpers = self.functions.get(name, [])
        if len(helpers) == 1:
            result = returned(helpers[0])
            names = parameters(helpers[0])
            if result is not None:
                bound = {
                    parameter: text
                    for parameter, argument in zip(names, given.positional, strict=False)
                    if (text := self._text(argument, unit, near, env, steps - 1, gap)) is not None
                }
                found = self._text(result, helpers[0].unit, helpers[0], bound, steps - 4, gap)
                if found is not None:
                    return found
        if name.replace("_", "").lower() in KEEPS and name not in ("format",):
            if name in ("replace", "replaceAll"):
                return gap
            if given.positional and not (before and before[-1:] in "\"'`)"):
                return self._text(given.positional[0], unit, near, env, steps - 1, gap)
            function = node.child_by_field_name("function") or node.child_by_field_name("object")
            if function is None and node.named_children:
                function = node.named_children[0]
            if function is not None and node.type != "method_invocation":
                function = (
                    function.child_by_field_name("object")
                    or function.child_by_field_name("value")
                    or function.child_by_field_name("expression")
                    or (function.named_children[0] if function.named_children else None)
                )
            return self._text(function, unit, near, env, steps - 1, gap) if function is not None else gap
        if len(given.positional) == 2 and unit.language == "go":  # t("KEY", "text")
            return self._text(given.positional[1], unit, near, env, steps - 1, gap)
        return gap

    def _join(
        self, node: Node, unit: Unit, near: Item | None, env: Environment, steps: int, gap: str | None
    ) -> str | None:
        function = node.child_by_field_name("function")
        holder = function.child_by_field_name("object") if function is not None else None
        given = arguments(Item("call", node, near, unit)).positional
        if holder is None or holder.type != "array":
            return gap
        parts = [self._text(child, unit, near, env, steps - 1, gap) for child in holder.named_children]
        between = self._text(given[0], unit, near, env, steps - 1, gap) if given else ","
        return gap if None in parts or between is None else between.join(part or "" for part in parts)


def _joined(parts: list[str | None]) -> str | None:
    unknown = any(part is None for part in parts) or sum(len(part or "") for part in parts) > LONGEST
    return None if unknown else "".join(part or "" for part in parts)
