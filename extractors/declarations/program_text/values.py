"""The text that an expression gives, as far as the program's own lines say.

Idea: names of tools come from constants, enumerations, prefixes and small helpers; these are followed across the
files that were read, and nothing is run. Invariants: bounded depth; two different values for one name are no value;
what cannot be resolved is None, never a guess.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from tree_sitter import Node

from extractors.declarations.program_text.bindings import Bindings
from extractors.declarations.program_text.syntax.grammars import (
    CALLS,
    KEEPS,
    MEMBERS,
    NAMES,
    STRINGS,
    WRAPPERS,
    literal,
    unescaped,
)
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field
from extractors.declarations.program_text.syntax.parts import arguments, callee, parameters, receiver, returned

MAX_STEPS = 24
LONGEST = 40_000
"""Characters of an expression and of its text."""
MAX_EVALUATED = 300_000
"""Expressions that are looked at in one program: constants can be nested so that their text has no end."""

Environment = dict[str, str]


class _Scope(NamedTuple):
    """The surroundings of an expression, and how it is read."""

    unit: Unit
    near: Item | None
    known: Environment
    """The texts of a helper's parameters."""
    steps: int
    gap: str | None
    """What stands for a part that cannot be resolved; with None there is no text at all then."""


class Program(Bindings):
    """All parsed files of one product, and the text of their expressions."""

    def __init__(self, units: list[Unit]) -> None:
        super().__init__(units)
        self._evaluated = 0

    def exhausted(self) -> bool:
        """Counts one expression; True once more of them were looked at than any honest program needs."""
        self._evaluated += 1
        return self._evaluated > MAX_EVALUATED

    def text(
        self, node: Node | None, unit: Unit, near: Item | None = None, known: Environment | None = None
    ) -> str | None:
        """The text; None if any part of it cannot be resolved."""
        return self._text(node, _Scope(unit, near, known or {}, MAX_STEPS, None))

    def prose(self, node: Node | None, unit: Unit, near: Item | None = None, known: Environment | None = None) -> str:
        """The text for a reader: parts that cannot be resolved are `…`; nothing where there is no expression."""
        return (self._text(node, _Scope(unit, near, known or {}, MAX_STEPS, "…")) or "") if node is not None else ""

    def _text(self, node: Node | None, scope: _Scope) -> str | None:
        if node is None or scope.steps <= 0 or node.end_byte - node.start_byte > LONGEST:
            return scope.gap
        if self.exhausted() and node.type not in STRINGS:
            return scope.gap
        scope = scope._replace(steps=scope.steps - 1)
        kind = node.type
        if kind in STRINGS:
            return self._string(node, scope)
        if kind == "concatenated_string":
            return self._joined((child for child in node.named_children if child.type != "comment"), scope)
        if kind in ("binary_expression", "binary_operator", "additive_expression", "infix_expression"):
            return self._sum(node, scope)
        if kind in WRAPPERS and node.named_children:
            return self._text(node.named_children[0], scope)
        if kind in NAMES:
            name = scope.unit.of(node)
            return scope.known[name] if name in scope.known else self._named(name, scope)
        if kind in MEMBERS:
            return self._member(scope.unit.of(node), scope)
        return self._call(node, scope) if kind in CALLS else scope.gap

    def _joined(self, nodes: Iterable[Node], scope: _Scope, between: str = "") -> str | None:
        return _whole([self._text(node, scope) for node in nodes], between)

    def _string(self, node: Node, scope: _Scope) -> str | None:
        unit, raw = scope.unit, scope.unit.of(node)
        holes = [
            c for c in node.named_children if "substitution" in c.type or ("interpol" in c.type and c.named_children)
        ]
        if not holes:
            return literal(raw, unit.language)
        parts: list[str | None] = []
        opening = re.match(r"""\A[rRbBfFuU$@]*(?:\"\"\"|'''|["'`])""", raw)
        quotes = opening.group(0) if opening else '"'
        at = node.start_byte + len(quotes)
        for hole in holes:
            inner = (each for each in hole.named_children if each.type not in ("format_specifier", "type_conversion"))
            content = next(inner, None)
            parts += [unescaped(unit.text[at : hole.start_byte]), self._text(content, scope) if content else None]
            at = hole.end_byte
        parts.append(unescaped(unit.text[at : node.end_byte - len(quotes.lstrip("rRbBfFuU$@"))]))
        return _whole(parts)

    def _sum(self, node: Node, scope: _Scope) -> str | None:
        sides: list[Node] = []
        while node.named_child_count >= 2:
            sign = scope.unit.of(field(node, "operator")) or node.children[1].type
            if sign in ("||", "??", "or", "?:"):
                return self._text(node.named_children[-1], scope)
            if sign == "%" and not sides:
                pattern, text = [self._text(each, scope) for each in (node.named_children[0], node.named_children[-1])]
                return pattern.replace("%s", text) if pattern and text and pattern.count("%s") == 1 else scope.gap
            if sign not in ("+", "."):
                return scope.gap
            sides.append(node.named_children[-1])
            if node.named_children[0].type != node.type:
                break
            node = node.named_children[0]
        return self._joined([node.named_children[0], *reversed(sides)], scope) if sides else scope.gap

    def _named(self, name: str, scope: _Scope) -> str | None:
        values = {
            self._text(value, _Scope(item.unit, item, {}, scope.steps - 3, scope.gap))
            for item, value in self.binding_of(name, scope.unit, scope.near)[:6]
            if item is not scope.near
        }
        return values.pop() if len(values) == 1 else scope.gap

    def _member(self, text: str, scope: _Scope) -> str | None:
        name = text.replace("?.", ".").replace("::", ".").replace("!", "").strip()
        if name in scope.known:
            return scope.known[name]
        name = re.sub(r"^(?:self|this|cls|Self)\.", "", name)
        name = re.sub(r"\.(?:value|Value|name|text|rawValue|__name__)$", "", name) if name.count(".") > 1 else name
        parts = name.split(".")
        nearest = (self._known(each, scope) for each in dict.fromkeys([".".join(parts[-2:]), name]))
        found = next((text for text in nearest if text is not None), None)
        if found is not None:
            return found
        if len(parts) == 2 and parts[1] == "__name__":
            return parts[0] if parts[0] in self.functions else scope.gap
        if len(parts) > 1 and parts[0] not in scope.known:
            imported = self._known(parts[-1], scope._replace(near=None))
            if imported is not None and (parts[-1][:1].isupper() or parts[-2] in self.modules_of(scope.unit)):
                return imported
        return scope.gap

    def _known(self, name: str, scope: _Scope) -> str | None:
        return self._named(name, scope._replace(gap=None))

    def _call(self, node: Node, scope: _Scope) -> str | None:
        unit = scope.unit
        item = Item("call", node, scope.near, unit)
        before, name = callee(item)
        positional, named = arguments(item)
        if name == "nameof" and positional:
            return unit.of(positional[0]).rpartition(".")[2]
        if name == "join" and unit.language in ("typescript", "tsx"):
            listed = receiver(node)
            between = self._text(positional[0], scope) if positional else ","
            if listed is None or listed.type != "array" or between is None:
                return scope.gap
            return self._joined(listed.named_children, scope, between)
        if name in ("Sprintf", "format") and (positional or unit.language == "python"):
            pattern = [receiver(node)] if unit.language == "python" else []
            return scope.gap if named else self._formatted([*pattern, *positional], scope)
        helpers = self.functions.get(name, [])
        result = returned(helpers[0]) if len(helpers) == 1 else None
        if result is not None:
            texts = zip(parameters(helpers[0]), (self._text(each, scope) for each in positional), strict=False)
            known = {key: text for key, text in texts if text is not None}
            found = self._text(result, _Scope(helpers[0].unit, helpers[0], known, scope.steps - 3, scope.gap))
            if found is not None:
                return found
        if name.replace("_", "").lower() in KEEPS:
            on_a_value = not positional or before[-1:] in ("'", '"', "`", ")")
            return self._text(receiver(node) if on_a_value else positional[0], scope)
        if len(positional) == 2 and unit.language == "go":  # t("KEY", "text")
            return self._text(positional[1], scope)
        return scope.gap

    def _formatted(self, nodes: list[Node | None], scope: _Scope) -> str | None:
        """`"{}_{}".format(a, b)`, `Sprintf("%s_%s", a, b)`."""
        found, *texts = [self._text(node, scope) for node in nodes]
        for text in texts:
            if found is None or text is None:
                return scope.gap
            found = re.sub(r"%[sv]|\{\}", text.replace("\\", r"\\"), found, count=1)
        return found if found is not None else scope.gap


def _whole(parts: list[str | None], between: str = "") -> str | None:
    """The parts as one text; None where one is unknown, or all together are too long."""
    texts = [part for part in parts if part is not None]
    whole = len(texts) == len(parts) and sum(map(len, texts)) <= LONGEST
    return between.join(texts) if whole else None
