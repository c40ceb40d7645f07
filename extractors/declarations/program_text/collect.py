"""What all rules for declarations share: adding a tool, and reading what describes one.

Invariant: a tool stands at one place once.
"""

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
SCHEMAS = ("inputschema", "parameters", "argsshape", "schema", "argsschema")
LONGEST_SCHEMA = 20_000
"""Characters."""
DESCRIPTIONS = ("description", "tooldescription", "desc", "summary")
_HINT = re.compile(
    r"(?i)\b(?:with)?(read_?only|destructive|idempotent|open_?world)(?:_?hint)?(?:annotation)?[\"']?"
    r"[ \t]*(?:[:=(]|=>)[ \t]*(?:[\w.&:]{0,40}[({])?[ \t]*(?:&\[\]bool\{)?(true|false)\b"
)
_SCALAR = re.compile(r"(?:z|Type|t|v|Joi|yup)\.(?!object|Object)\w+")
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

    def _first_text(self, fields: dict[str, Node], keys: tuple[str, ...], unit: Unit, near: Item) -> str | None:
        return next(
            (text for key in keys if key in fields and (text := self.program.text(fields[key], unit, near))), None
        )

    def _is_registering(self, item: Item) -> None:
        function = item.around("function")
        if function is not None and (name := function_name(function)):
            self.registering.add(name)

    def _documented(self, nodes: list[Node], unit: Unit) -> str:
        """The documentation of a function that is handed over."""
        names = [unit.of(node) for node in nodes if node.type == "identifier"] if unit.language == "python" else []
        functions = (function for name in names for function in self.program.functions.get(name, [])[:1])
        return next(map(documentation, functions), "")

    def _called(self, positional: list[Node], named: dict[str, Node], unit: Unit, item: Item) -> DescribedCall:
        described = (named[key] for key in DESCRIPTIONS if key in named)
        description = next((node for node in described if self.program.prose(node, unit, item).strip("…")), None)
        annotated, schema = "", ""
        for node in [node for node in positional if node.type not in FUNCTIONS][1:]:
            written = unit.of(node) if node.end_byte - node.start_byte < LONGEST_SCHEMA else ""
            call = Item("call", node, item, unit) if node.type == "call_expression" else None
            last = key_of(callee(call)[1]) if call else ""
            if call and last == "withdescription" and description is None:
                description = next(iter(arguments(call).positional), None)
            elif "hint" in last or "annotation" in last:
                annotated += written
            elif not call and description is None and self._is_text(node, unit, item):
                description = node
            elif node.type not in ("identifier", "member_expression"):
                annotated += written if node.type == "object" and _HINT.search(written) else ""
                schema += written
            elif (bound := self._bound(node, unit, item)) and bound[1].type == "object":
                other, record = bound[0].unit, bound[1]
                named = {**record_fields(record, other), **named}
                schema += other.of(record)[:LONGEST_SCHEMA]
                if description is None and other is unit:
                    description = next((named[key] for key in DESCRIPTIONS if key in named), None)
        if "annotations" in named:
            annotated = self._constant_text(named["annotations"], unit)
        declared = next((named[key] for key in SCHEMAS if key in named), None)
        return DescribedCall(description, annotated, unit.of(declared) if declared is not None else schema)

    def _is_text(self, node: Node, unit: Unit, item: Item) -> bool:
        computed = ("identifier", "binary_expression", "member_expression")
        return "string" in node.type or (node.type in computed and bool(self.program.text(node, unit, item)))

    def _bound(self, node: Node, unit: Unit, near: Item | None = None) -> tuple[Item, Node] | None:
        """What a name or member is bound to."""
        name = unit.of(node)
        name = name if near is not None and name.count(".") < 2 else name.rpartition(".")[2]
        return next(iter(self.program.binding_of(name, unit, near)), None)

    def _constant_text(self, node: Node, unit: Unit) -> str:
        """An expression as it is written, or what its name is bound to."""
        if node.type not in ("identifier", "attribute"):
            return unit.of(node)
        bound = self._bound(node, unit)
        return bound[0].unit.of(bound[1])[:2_000] if bound else ""

    def _emit(
        self, item: Item, node: Node, name: str, called: DescribedCall, idiom: str, behind: str = "", prose: str = ""
    ) -> None:
        text = self.program.prose(called.description, item.unit, item) or prose
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
                schema_text=" ".join(schema.split())[:LONGEST_SCHEMA],
                origin=Origin.SOURCE,
                idiom=idiom,
                behind=behind or next(conditions(item), ""),
                place=place(unit.file, node.start_byte, max(end, node.start_byte + 1)),
            )
        )

    def _card(self, item: Item, key: str, fields: dict[str, Node]) -> None:
        unit = item.unit
        if key == "agentskill":
            name = self._first_text(fields, ("id", "name"), unit, item)
            node = fields.get("id") or fields.get("name")
            if name and node is not None:
                at = place(unit.file, node.start_byte, node.end_byte)
                text = first_line(self.program.prose(fields.get("description"), unit, item))
                idiom = "agent card in program text"
                self._seen.add((unit.file.path + name, node.start_byte))
                self.tools.append(DeclaredTool(name=name, description=text, origin=Origin.CARD, idiom=idiom, place=at))
        elif CARDS[key]:
            name = self._first_text(fields, ("name", "schemename", "scheme"), unit, item) or CARDS[key]
            at = place(unit.file, item.node.start_byte, item.node.start_byte + 1)
            self.schemes.append(Scheme(name=name, kind=CARDS[key], place=at))


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


def is_scalar(fields: dict[str, Node], unit: Unit) -> bool:
    """`{name, description, schema: z.string()}` describes a parameter."""
    node = fields.get("schema")
    if node is None or fields.keys() & {"inputschema", "handler", "execute"}:
        return False
    return _SCALAR.match(unit.of(node)[:40]) is not None
