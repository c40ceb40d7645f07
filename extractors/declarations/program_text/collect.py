"""What all rules for declarations share: adding a tool, and reading what describes one.

Invariant: a tool stands at one place once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from extractors.declarations.facts import LONGEST_PROSE, DeclaredTool, Origin, Scheme, first_line, place
from extractors.declarations.program_text.marks import documentation
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field, key_of
from extractors.declarations.program_text.syntax.parts import arguments, callee, function_name, record_fields
from extractors.declarations.program_text.values import Program
from scoring.tools.inventory import Annotations

NAME = re.compile(r"[A-Za-z_][\w.\-/]{0,127}")
REGISTERING = {
    "tool",
    "registertool",
    "addtool",
    "newtool",
    "musttool",
    "newtoolwithrawschema",
    "definetool",
    "createtool",
    "registerapptool",
    "mcptool",
    "maketool",
    "buildtool",
    "registermcptool",
    "addmcptool",
    "servertool",
    "newservertool",
    "toolregistration",
    "structuredtool",
    "functiontool",
    "fromfunction",
    "dynamicstructuredtool",
    "dynamictool",
    "injectabletool",
}
NAMES = ("name", "toolname")
DESCRIPTIONS = ("description", "tooldescription", "desc", "summary")
_HINT = re.compile(
    r"(?i)\b(?:with)?(read_?only|destructive|idempotent|open_?world)(?:_?hint)?(?:annotation)?[\"']?"
    r"[ \t]*(?:[:=(]|=>)[ \t]*(?:[\w.&:]{0,40}[({])?[ \t]*(?:&\[\]bool\{)?(true|false)\b"
)
FUNCTIONS = {
    "function_definition",
    "arrow_function",
    "function_expression",
    "lambda",
    "func_literal",
    "lambda_expression",
    "closure_expression",
    "lambda_literal",
    "function_declaration",
    "method_definition",
}
WORDS = re.compile(r"[A-Za-z_]\w*")


CARDS = {
    "agentskill": "",
    "agentcapabilities": "",
    "apikeysecurityscheme": "apiKey",
    "httpauthsecurityscheme": "http",
    "oauth2securityscheme": "oauth2",
    "openidconnectsecurityscheme": "openIdConnect",
    "mutualtlssecurityscheme": "mutualTLS",
}
"""Constructors by their kind of scheme; empty for what is none."""


Element = tuple[Node, Unit, str, Item | None]
"""What stands for a tool in a list: (where, file, name, function or None)."""


class DescribedCall(NamedTuple):
    """A name expression with what describes it."""

    description: Node | None
    annotated: str
    schema: str


class Collector:
    """Holds what was found; the rules are its subclasses."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.tools: list[DeclaredTool] = []
        self.gaps: list[str] = []
        """Why tools may exist that no rule can list."""
        self.schemes: list[Scheme] = []
        self.registering: set[str] = set()
        """Names of functions in whose body tools are registered."""
        self._helpers: dict[str, list[tuple[Item, Item]]] = {}
        self._seen: set[tuple[str, int]] = set()

    def _first_text(self, given: dict[str, Node], keys: tuple[str, ...], unit: Unit, near: Item) -> str | None:
        return next(
            (text for key in keys if key in given and (text := self.program.text(given[key], unit, near))), None
        )

    def _is_registering(self, item: Item) -> None:
        function = item.around("function")
        if function is not None and (name := function_name(function)):
            self.registering.add(name)

    def _documented(self, nodes: list[Node], unit: Unit) -> str:
        """The documentation of a function that is handed over."""
        for node in nodes:
            if node.type == "identifier" and unit.language == "python":
                for function in self.program.functions.get(unit.of(node), [])[:1]:
                    return documentation(function)
        return ""

    def _called(self, positional: list[Node], named: dict[str, Node], unit: Unit, item: Item) -> DescribedCall:
        description = next(
            (named[k] for k in DESCRIPTIONS if k in named and self.program.prose(named[k], unit, item).strip("…")), None
        )
        texts = [node for node in positional if node.type not in FUNCTIONS]
        annotated, schema = "", ""
        for node in texts[1:]:
            written = unit.of(node) if node.end_byte - node.start_byte < 20_000 else ""
            if node.type == "call_expression":
                last = key_of(callee(Item("call", node, item, unit))[1])
                if last == "withdescription" and description is None:
                    inner = arguments(Item("call", node, item, unit)).positional
                    description = inner[0] if inner else None
                    continue
                if "hint" in last or "annotation" in last:
                    annotated += written
                    continue
            elif (description is None and "string" in node.type) or (
                description is None
                and node.type
                in (
                    "identifier",
                    "binary_expression",
                    "member_expression",
                    "template_string",
                )
                and self.program.text(node, unit, item)
            ):
                description = node
                continue
            if (
                node.type in ("identifier", "member_expression")
                and (record := self._record_of(node, unit, item)) is not None
            ):
                bound, other = record
                named = {**record_fields(bound, other), **named}
                written = other.of(bound)[:20_000]
                described = next((named[k] for k in DESCRIPTIONS if k in named), None)
                if description is None and described is not None and other is unit:
                    description = described
            elif node.type in ("identifier", "member_expression"):
                continue
            if node.type == "object" and _HINT.search(written):
                annotated += written
            schema += written
        if "annotations" in named:
            node = named["annotations"]
            annotated = (
                unit.of(node) if node.type not in ("identifier", "attribute") else self._constant_text(node, unit)
            )
        for key in ("inputschema", "parameters", "schema", "argsschema"):
            if key in named:
                schema = unit.of(named[key])
                break
        return DescribedCall(description, annotated, schema)

    def _record_of(self, node: Node, unit: Unit, near: Item) -> tuple[Node, Unit] | None:
        """The record that a name or member is bound to."""
        name = unit.of(node)
        for item, value in self.program.binding_of(
            name if name.count(".") < 2 else name.rpartition(".")[2], unit, near
        )[:1]:
            if value.type == "object":
                return value, item.unit
        return None

    def _constant_text(self, node: Node, unit: Unit) -> str:
        found = self.program.binding_of(unit.of(node).rpartition(".")[2], unit)
        return found[0][0].unit.of(found[0][1])[:2_000] if found else ""

    def _emit(
        self, item: Item, node: Node, name: str, called: DescribedCall, idiom: str, behind: str = "", prose: str = ""
    ) -> None:
        text = self.program.prose(called.description, item.unit, item) if called.description is not None else prose
        self._add(item, node, name, text, called.annotated, called.schema, idiom, behind)

    def _add(
        self, item: Item, node: Node, name: str, text: str, annotated: str, schema: str, idiom: str, behind: str = ""
    ) -> None:
        unit = item.unit
        if not NAME.fullmatch(name) or (unit.file.path + name, node.start_byte) in self._seen:
            return
        self._seen.add((unit.file.path + name, node.start_byte))
        end = min(node.end_byte, unit.text.find("\n", node.start_byte) % (len(unit.text) + 1))
        self.tools.append(
            DeclaredTool(
                name=name,
                description=first_line(text),
                prose=text.strip()[:LONGEST_PROSE],
                annotations=hints(annotated),
                schema_text=" ".join(schema.split())[:20_000],
                origin=Origin.SOURCE,
                idiom=idiom,
                behind=behind or next(conditions(item), ""),
                place=place(unit.file, node.start_byte, max(end, node.start_byte + 1)),
            )
        )

    def _card(self, item: Item, key: str, given: dict[str, Node]) -> None:
        unit = item.unit
        if key == "agentskill":
            identifier = self._first_text(given, ("id", "name"), unit, item)
            node = given.get("id") or given.get("name")
            if identifier and node is not None:
                self._seen.add((unit.file.path + identifier, node.start_byte))
                self.tools.append(
                    DeclaredTool(
                        name=identifier,
                        description=first_line(
                            self.program.prose(given["description"], unit, item) if "description" in given else ""
                        ),
                        origin=Origin.CARD,
                        idiom="agent card in program text",
                        place=place(unit.file, node.start_byte, node.end_byte),
                    )
                )
        elif CARDS[key]:
            name = self._first_text(given, ("name", "schemename", "scheme"), unit, item) or CARDS[key]
            self.schemes.append(
                Scheme(
                    name=name, kind=CARDS[key], place=place(unit.file, item.node.start_byte, item.node.start_byte + 1)
                )
            )


def conditions(item: Item) -> Iterator[str]:
    for here in item.all_around("condition"):
        condition = field(here.node, "condition", "value")
        text = " ".join(here.unit.of(condition).split())[:160] if condition is not None else "a condition"
        if "__name__" not in text:
            yield text


def hints(text: str) -> Annotations:
    """The hints that stand in a declaration; one that is given twice with two values is not known."""
    found: dict[str, set[str]] = {}
    for match in _HINT.finditer(text):
        found.setdefault(match.group(1).replace("_", "").lower(), set()).add(match.group(2).lower())
    values = {key: (value == {"true"}) for key, value in found.items() if len(value) == 1}
    return Annotations(
        read_only=values.get("readonly"),
        destructive=values.get("destructive"),
        idempotent=values.get("idempotent"),
        open_world=values.get("openworld"),
    )
