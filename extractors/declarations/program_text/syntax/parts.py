"""The parts of a construct, in every language: what a call calls and is given, the members of a record, the name, the
parameters and the one returned value of a function, the name and value of a variable.

Invariant: what is computed, spread or destructured has no part here, never a guessed one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tree_sitter import Node

from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field, key_of


class Arguments(NamedTuple):
    positional: list[Node]
    named: dict[str, Node]
    """By key in lower case without `_`."""


def callee(item: Item) -> tuple[str, str]:
    """(what stands before the last dot, the last name) of a call; ("", "") where it is computed."""
    node, unit = item.node, item.unit
    if node.type == "method_invocation":
        before, name = field(node, "object"), field(node, "name")
        return (unit.of(before)[-80:] if before else "", unit.of(name) if name else "")
    function = field(node, "function", "constructor", "type")
    if function is None:
        function = node.named_children[0] if node.named_children else None
    if function is None or function.type in ("argument_list", "arguments", "value_arguments"):
        return "", ""
    while function.type in ("generic_name", "generic_function", "generic_type", "instantiation_expression"):
        inner = function.named_children[0] if function.named_children else None
        if inner is None:
            break
        function = inner
    if function.end_byte - function.start_byte > 2_000:
        return "", _last_word(unit.text[function.end_byte - 80 : function.end_byte])
    text = unit.of(function)
    text = re.sub(r"\[[^\[\]]*\]$|<[^<>]*>$", "", text)
    head, _, last = text.replace("::", ".").replace("?.", ".").rpartition(".")
    last = re.split(r"[<\[]", last, maxsplit=1)[0].strip()
    return (head.strip(), last) if re.fullmatch(r"\w+", last) else ("", "")


def _last_word(text: str) -> str:
    found = re.search(r"(?<!\w)(\w++)\s*$", text)
    return found.group(1) if found else ""


def arguments(item: Item) -> Arguments:
    """Of a call, or of a record created by a call (C# initialisers count as named)."""
    node, unit = item.node, item.unit
    positional: list[Node] = []
    named: dict[str, Node] = {}
    lists = [
        child
        for child in node.named_children
        if child.type in ("arguments", "argument_list", "value_arguments", "initializer_expression", "call_suffix")
    ]
    for holder in list(lists):
        lists += [child for child in holder.named_children if child.type == "value_arguments"]
    for holder in lists:
        for child in holder.named_children:
            if child.type == "keyword_argument":
                name, value = field(child, "name"), field(child, "value")
                if name and value:
                    named[key_of(unit.of(name))] = value
            elif child.type == "assignment_expression" and holder.type == "initializer_expression":
                name, value = field(child, "left"), field(child, "right")
                if name and value:
                    named[key_of(unit.of(name))] = value
            elif child.type in ("argument", "value_argument"):
                parts = child.named_children
                name = field(child, "name")
                if name is None and len(parts) == 2 and "=" in [part.type for part in child.children]:
                    name = parts[0]
                if name is not None and parts:
                    named[key_of(unit.of(name).rstrip(":"))] = parts[-1]
                elif parts:
                    positional.append(parts[-1])
            elif child.type not in ("comment", "line_comment", "block_comment", "value_arguments"):
                positional.append(child)
    return Arguments(positional, named)


def record_fields(node: Node, unit: Unit) -> dict[str, Node]:
    """The members of a record by key; spread members and computed keys are left out."""
    found: dict[str, Node] = {}
    body = field(node, "body") or node
    for child in body.named_children:
        name = value = None
        if child.type == "pair":
            name, value = field(child, "key"), field(child, "value")
        elif child.type == "keyed_element":
            name, value = field(child, "key"), field(child, "value")
            if value is not None and value.type == "literal_element" and value.named_children:
                value = value.named_children[0]
        elif child.type in ("field_initializer", "shorthand_field_initializer"):
            name, value = field(child, "field", "name"), field(child, "value")
        elif child.type == "method_definition":
            name = field(child, "name")
            value = child
        elif child.type == "shorthand_property_identifier":
            name = value = child
        if name is not None and value is not None:
            found[key_of(unit.of(name))] = value
    return found


def record_type(item: Item) -> str:
    named = field(item.node, "type", "name")
    return item.unit.of(named) if named is not None and item.kind == "record" else ""


def function_name(item: Item) -> str:
    """Of a function, or of the variable or member that it is bound to."""
    name = field(item.node, "name")
    if name is not None:
        return item.unit.of(name)
    if item.node.type == "function_declaration":  # Kotlin
        for child in item.node.named_children:
            if child.type in ("identifier", "simple_identifier"):
                return item.unit.of(child)
    return binding(item.outer)[0] if item.outer is not None and item.outer.kind == "bind" else ""


def parameters(item: Item) -> list[str]:
    """The names of its parameters, in order; those of a destructured object as `{name,description}`."""
    holder = field(item.node, "parameters", "parameter")
    if holder is None:
        holder = next((child for child in item.node.named_children if "parameters" in child.type), None)
    if holder is None:
        return []
    if holder.type == "identifier":
        return [item.unit.of(holder)]
    names: list[str] = []
    for child in holder.named_children:
        if child.type in ("comment", "self_parameter", "keyword_separator"):
            continue
        if child.type == "parameter_declaration":  # Go: `a, b string`
            names += [item.unit.of(name) for name in child.children_by_field_name("name")]
            continue
        name = field(child, "pattern", "name", "left")
        if name is None:
            name = next((each for each in [child, *child.named_children] if each.type == "identifier"), None)
        if name is not None:
            names.append(item.unit.of(name))
    return names


def binding(item: Item) -> tuple[str, Node | None]:
    """(name, value) of a variable, constant, member of a record or of a class."""
    node, unit = item.node, item.unit
    name, value = field(node, "name", "left", "key", "pattern"), field(node, "value", "right")
    if node.type == "property_declaration" and name is None:  # Kotlin
        declared = next((child for child in node.named_children if child.type == "variable_declaration"), None)
        name = declared.named_children[0] if declared and declared.named_children else None
        value = node.named_children[-1] if node.named_children else None
        if value is not None and value.type == "getter":
            value = _returned(value)
    elif node.type == "variable_declarator" and value is None and len(node.named_children) > 1:  # C#
        value = node.named_children[-1]
    if value is not None:
        if value.type in ("expression_list", "arrow_expression_clause", "literal_element", "equals_value_clause"):
            value = value.named_children[0] if value.named_children else None
        elif value.type == "variable_declaration":
            value = None
    if name is not None and name.type in ("expression_list", "literal_element") and name.named_children:
        name = name.named_children[0]
    return (unit.of(name).strip("\"'`") if name is not None else "", value)


_BODY = re.compile(
    r"function_body|(?:statement_)?block|return_statement|(?:statement|expression)_list|statements"
    r"|arrow_expression_clause|jump_expression|parenthesized_expression"
)


def _returned(node: Node) -> Node | None:
    """The value of a body that only returns one."""
    here = node
    for _ in range(6):
        if not here.named_children:
            return None
        inner = [child for child in here.named_children if "comment" not in child.type]
        if not inner or len(inner) > 1:
            return None
        here = inner[0]
        if not _BODY.fullmatch(here.type):
            return here
    return None


def returned(item: Item) -> Node | None:
    """What a function gives back, where its body is one return and nothing else."""
    body = field(item.node, "body")
    if body is None:
        body = next((child for child in item.node.named_children if child.type == "function_body"), None)
    if body is None:
        return None
    if body.type in ("statement_block", "block", "function_body", "arrow_expression_clause"):
        found = _returned(body)
        if found is None and item.unit.language == "python":
            statements = [child for child in body.named_children if child.type != "comment"]
            if len(statements) == 2 and statements[0].type == "expression_statement":
                last = statements[1]
                return last.named_children[0] if last.type == "return_statement" and last.named_children else None
        return found
    return body
