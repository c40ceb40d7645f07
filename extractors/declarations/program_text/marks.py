"""Decorators, attributes and annotations, and the documentation of what they stand over.

Invariant: a mark belongs to the function or class that follows it at once.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from extractors.declarations.program_text.syntax.grammars import literal
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field, key_of
from extractors.declarations.program_text.syntax.parts import Arguments, arguments, callee, entries

_DOC_LINE = re.compile(r"\A[ \t]*(?:///|//!|\*|/\*\*|//)[ \t]?(.*)")
_SUMMARY = re.compile(r"</?\w{1,60}[^<>]{0,300}>")


class Mark(NamedTuple):
    name: str
    receiver: str
    args: Arguments
    node: Node


def marks(unit: Unit) -> Iterator[tuple[Item, list[Mark]]]:
    """Every marked function or class with its marks."""
    if unit.language == "python":
        yield from _decorated(unit)
    elif unit.language in ("typescript", "tsx"):
        yield from _script_decorators(unit)
    elif unit.language != "go":
        yield from _attributes(unit)


def _decorated(unit: Unit) -> Iterator[tuple[Item, list[Mark]]]:
    for item in unit.items:
        definition = field(item.node, "definition") if item.kind == "decorated" else None
        for inner in item.inner if definition is not None else ():
            if inner.node == definition:
                decorators = (each for each in item.node.named_children if each.type == "decorator")
                yield inner, [_mark(each.named_children[0], item, unit) for each in decorators if each.named_children]


def _mark(node: Node, item: Item, unit: Unit) -> Mark:
    if node.type in ("call", "call_expression"):
        inner = Item("call", node, item, unit)
        before, name = callee(inner)
        return Mark(name, before, arguments(inner), node)
    before, _, name = unit.of(node).rpartition(".")
    return Mark(name.strip(), before, Arguments([], {}), node)


def _script_decorators(unit: Unit) -> Iterator[tuple[Item, list[Mark]]]:
    for item in unit.items:
        body = field(item.node, "body") if item.kind == "class" else None
        methods = {each.node.start_byte: each for each in item.inner if each.kind == "function"}
        waiting: list[Mark] = []
        for child in body.named_children if body is not None else ():
            if child.type == "decorator" and child.named_children:
                waiting.append(_mark(child.named_children[0], item, unit))
            elif child.type != "comment":
                if waiting and child.start_byte in methods:
                    yield methods[child.start_byte], waiting
                waiting = []


def _attributes(unit: Unit) -> Iterator[tuple[Item, list[Mark]]]:
    """Attributes and annotations above a function or class, and those that its grammar takes for a part of it."""
    waiting: list[tuple[Item | None, Mark]] = []
    for item in unit.items:
        if item.kind == "mark" and item.node.named_children:
            waiting.append((item.outer, _attribute(item) if unit.language == "rust" else _annotated(item)))
        elif item.kind == "function" or item.node.type in ("struct_item", "impl_item"):
            found = [*(mark for outer, mark in waiting if outer is item.outer), *_annotations(item)]
            if found and item.node.type != "impl_item":
                yield item, found
            waiting = []


def _attribute(item: Item) -> Mark:
    attribute, unit = item.node.named_children[0], item.unit
    name = unit.of(next(iter(attribute.named_children), None)).rpartition("::")[2]
    return Mark(name, "", _tokens(field(attribute, "arguments"), unit), item.node)


def _tokens(tree: Node | None, unit: Unit) -> Arguments:
    """Of `#[tool(name = "x", annotations(…), "text")]`: the grammar gives the tokens alone."""
    found = Arguments([], {})
    tokens = tree.children if tree is not None else []
    for key, sign, value in zip([None, None, *tokens], [None, *tokens], tokens, strict=False):
        if key is not None and sign is not None and sign.type == "=" and value.is_named:
            found.named.setdefault(key_of(unit.of(key)), value)
        elif sign is not None and sign.type == "identifier" and value.type == "token_tree":
            found.named[key_of(unit.of(sign))] = value
        elif value.type in ("string_literal", "raw_string_literal"):
            found.positional.append(value)
    return found


def _annotations(item: Item) -> Iterator[Mark]:
    holders = (child for child in item.node.named_children if child.type in ("modifiers", "attribute_list"))
    for child in (child for holder in holders for child in holder.named_children):
        if child.type in ("annotation", "marker_annotation", "attribute"):
            yield _annotation(child, item, item.unit)


def _annotated(item: Item) -> Mark:
    """Kotlin's grammar reads `@Tool("text")` before a function at the top of a file as an expression."""
    mark, holder = _annotation(item.node.named_children[0], item, item.unit), item.node.named_children[-1]
    if holder.type == "parenthesized_expression" and mark.args == ([], {}):
        mark = mark._replace(args=Arguments(list(holder.named_children), {}))
    return mark._replace(node=item.node)


def _annotation(node: Node, item: Item, unit: Unit) -> Mark:
    name, holder = field(node, "name"), field(node, "arguments")
    if holder is None:
        holder = next((child for child in node.named_children if child.type == "attribute_argument_list"), None)
    found = entries(holder.named_children if holder is not None else (), unit)
    if name is None and node.named_children:  # Kotlin
        name = node.named_children[-1]
        if name.type == "constructor_invocation":
            found = arguments(Item("call", name, item, unit))
            name = name.named_children[0]
    return Mark(unit.of(name).rpartition(".")[2], "", found, node)


def documentation(item: Item, first_mark: int | None = None) -> str:
    """The docstring of a Python function, or the comment lines above a function or above its first mark."""
    unit = item.unit
    if unit.language == "python":
        body = field(item.node, "body")
        inside = [child for child in body.named_children if child.type != "comment"] if body is not None else []
        first = inside[0] if inside else None
        if first is not None and first.type == "expression_statement" and first.named_children:
            first = first.named_children[0]
        return (literal(unit.of(first), "python") or "") if first is not None and first.type == "string" else ""
    above = _comment_above(unit, item.node.start_byte)
    return above or (_comment_above(unit, first_mark) if first_mark is not None else "")


def _comment_above(unit: Unit, at: int) -> str:
    lines: list[str] = []
    at = unit.text.rfind("\n", 0, at)
    for _ in range(40):
        start = unit.text.rfind("\n", 0, at) + 1 if at > 0 else 0
        line = unit.text[start:at] if at > 0 else ""
        found = _DOC_LINE.match(line)
        if found:
            lines.append(_SUMMARY.sub("", found.group(1)).strip(" */"))
        elif not line.strip().startswith(("#[", "@", "[", "*/")):
            break
        at = start - 1
    return "\n".join(line for line in reversed(lines) if line)
