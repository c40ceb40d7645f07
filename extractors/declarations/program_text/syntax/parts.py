"""The parts of a construct, in every language: what a call calls and is given, the members of a record, the name, the
parameters and the one returned value of a function, the name and value of a variable.

Invariant: what is computed, spread or destructured has no part here, never a guessed one.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from tree_sitter import Node

from extractors.declarations.program_text.syntax.grammars import WRAPPERS
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field, key_of

LONGEST_CALLEE = 2_000
"""Characters before a call's arguments that are looked at."""
_LISTS = ("arguments", "argument_list", "value_arguments", "initializer_expression", "call_suffix")
_PAIRS = ("keyword_argument", "pair", "keyed_element", "field_initializer", "element_value_pair")
_ARGUMENTS = ("argument", "value_argument", "attribute_argument")
_BODY = re.compile(
    r"function_body|(?:statement_)?block|return_statement|(?:statement|expression)_list|statements"
    r"|arrow_expression_clause|jump_expression|parenthesized_expression"
)


class Arguments(NamedTuple):
    positional: list[Node]
    named: dict[str, Node]
    """By key in lower case without `_`."""


def callee(item: Item) -> tuple[str, str]:
    """(what stands before the last dot, the last name) of a call; ("", "") where it is computed."""
    node, unit = item.node, item.unit
    if node.type == "method_invocation":
        return unit.of(field(node, "object"))[-80:], unit.of(field(node, "name"))
    function = field(node, "function", "constructor", "type") or next(iter(node.named_children), None)
    if function is None or function.type in _LISTS:
        return "", ""
    text = unit.text[max(function.start_byte, function.end_byte - LONGEST_CALLEE) : function.end_byte]
    text = re.sub(r"\[[^\[\]]*\]$|<[^<>]*>$", "", text)
    head, _, last = text.replace("::", ".").replace("?.", ".").rpartition(".")
    last = re.split(r"[<\[]", last, maxsplit=1)[0].strip()
    return (head.strip(), last) if re.fullmatch(r"\w+", last) else ("", "")


def unwrapped(node: Node) -> Node:
    """The expression within parentheses, casts and references."""
    while node.type in WRAPPERS and node.named_children:
        node = node.named_children[0]
    return node


def receiver(node: Node) -> Node | None:
    """What the method of a call is called on."""
    function = field(node, "function") or next(iter(node.named_children), None)
    if function is None or field(node, "object") is not None:
        return field(node, "object")
    return field(function, "object", "value", "expression") or next(iter(function.named_children), None)


def arguments(item: Item) -> Arguments:
    """Of a call, or of a record created by a call (C# initialisers count as named)."""
    lists = [child for child in item.node.named_children if child.type in _LISTS]
    lists += [child for holder in lists for child in holder.named_children if child.type == "value_arguments"]
    return entries([child for holder in lists for child in holder.named_children], item.unit)


def record_fields(node: Node, unit: Unit) -> dict[str, Node]:
    """The members of a record by key; spread members and computed keys are left out."""
    return entries((field(node, "body") or node).named_children, unit).named


def entries(nodes: Iterable[Node], unit: Unit) -> Arguments:
    """Arguments of a call or an annotation, or members of a record."""
    found = Arguments([], {})
    for node in nodes:
        key, value = _entry(node)
        if key is not None and value is not None:
            found.named[key_of(unit.of(key).rstrip(":"))] = value
        elif value is not None:
            found.positional.append(value)
    return found


def _entry(node: Node) -> tuple[Node | None, Node | None]:
    """(key, value); no value where it holds none, no key for an argument without a name."""
    parts = node.named_children
    if node.type in _PAIRS or (node.type == "assignment_expression" and _is_initializer(node.parent)):
        key, value = field(node, "name", "key", "field", "left"), field(node, "value", "right")
        if value is not None and value.type == "literal_element" and value.named_children:
            value = value.named_children[0]
        return (key, value) if key is not None else (None, None)
    if node.type in _ARGUMENTS:
        key = field(node, "name")
        if key is None and len(parts) == 2 and "=" in [part.type for part in node.children]:
            key = parts[0]
        return key, parts[-1] if parts else None
    if node.type == "method_definition":
        return field(node, "name"), node
    if node.type == "shorthand_property_identifier":
        return node, node
    return None, None if "comment" in node.type or node.type == "value_arguments" else node


def _is_initializer(node: Node | None) -> bool:
    return node is not None and node.type == "initializer_expression"


def record_type(item: Item) -> str:
    return item.unit.of(field(item.node, "type", "name")) if item.kind == "record" else ""


def function_name(item: Item) -> str:
    """Of a function, or of the variable or member that it is bound to."""
    name = field(item.node, "name")
    if name is None and item.node.type == "function_declaration":  # Kotlin
        name = next((child for child in item.node.named_children if child.type.endswith("identifier")), None)
    if name is not None:
        return item.unit.of(name)
    return binding(item.outer)[0] if item.outer is not None and item.outer.kind == "bind" else ""


def parameters(item: Item) -> list[str]:
    """The names of its parameters, in order; those of a destructured object as `{name,description}`."""
    holder = field(item.node, "parameters", "parameter")
    if holder is None:
        holder = next((child for child in item.node.named_children if "parameters" in child.type), None)
    if holder is None or holder.type == "identifier":
        return [item.unit.of(holder)] if holder is not None else []
    names: list[Node | None] = []
    for child in holder.named_children:
        if child.type == "parameter_declaration":  # Go: `a, b string`
            names += child.children_by_field_name("name")
        elif child.type not in ("comment", "self_parameter", "keyword_separator"):
            bare = (each for each in [child, *child.named_children] if each.type == "identifier")
            names.append(field(child, "pattern", "name", "left") or next(bare, None))
    return [item.unit.of(name) for name in names if name is not None]


def binding(item: Item) -> tuple[str, Node | None]:
    """(name, value) of a variable, constant, member of a record or of a class."""
    node = item.node
    name, value = field(node, "name", "left", "key", "pattern"), field(node, "value", "right")
    if node.type == "property_declaration" and name is None:  # Kotlin
        declared = next((child for child in node.named_children if child.type == "variable_declaration"), None)
        name = next(iter(declared.named_children), None) if declared else None
        value = node.named_children[-1] if node.named_children else None
        if value is not None and value.type == "getter":
            value = _only_value(value)
    elif node.type == "variable_declarator" and value is None and len(node.named_children) > 1:  # C#
        value = node.named_children[-1]
    if value is not None and value.type == "variable_declaration":
        value = None
    if value is not None and value.type in ("expression_list", "arrow_expression_clause", "literal_element"):
        value = next(iter(value.named_children), None)
    if name is not None and name.type in ("expression_list", "literal_element") and name.named_children:
        name = name.named_children[0]
    return item.unit.of(name).strip("\"'`"), value


def _only_value(node: Node) -> Node | None:
    """The value of a body that only returns one."""
    for _ in range(6):
        inner = [child for child in node.named_children if "comment" not in child.type]
        if len(inner) != 1:
            return None
        node = inner[0]
        if not _BODY.fullmatch(node.type):
            return node
    return None


def returned(item: Item) -> Node | None:
    """What a function gives back, where its body is one return and nothing else."""
    body = field(item.node, "body")
    if body is None:
        body = next((child for child in item.node.named_children if child.type == "function_body"), None)
    if body is None or not _BODY.fullmatch(body.type):
        return body
    statements = [child for child in body.named_children if child.type != "comment"]
    if item.unit.language == "python" and [each.type for each in statements] == [
        "expression_statement",
        "return_statement",
    ]:
        return next(iter(statements[1].named_children), None)
    return _only_value(body)
