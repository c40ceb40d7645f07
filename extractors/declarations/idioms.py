"""How programs declare their tools: one set of rules over the constructs of every language.

Idea: whatever the language, a tool is a marked function, a registering call, a record of name, description and
schema, or a class with a name and a description. Rules follow helpers that pass a name on, loops over a list that
is written out, functions that are handed over, and prefixes under which a server is mounted. Invariant: a name that
is not resolved is no tool but a gap, with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from extractors.declarations.facts import Annotations, Capability, DeclaredTool, Gap, Origin, Scheme
from extractors.declarations.marks import Mark, documentation, marks
from extractors.declarations.place import first_line, place
from extractors.declarations.syntax import (
    Item,
    Unit,
    arguments,
    binding,
    callee,
    field,
    fields,
    function_name,
    key_of,
    parameters,
    record_fields,
    record_type,
    returned,
)
from extractors.declarations.values import Environment, Program

MAX_SCOPES = 40
"""Loops, functions or conditions around a declaration that are looked at."""
MAX_HELPERS = 6
"""Functions of one name that pass a tool's name on."""
NAME = re.compile(r"[A-Za-z_][\w.\-/]{0,127}")
_REGISTERING = {
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
    "structuredtool",
    "functiontool",
    "fromfunction",
    "dynamicstructuredtool",
    "dynamictool",
    "injectabletool",
}
_CARRYING = {"addtools", "registertools", "tools"}
"""Calls that are given whole tools: `AddTools(server.ServerTool{Tool: …})`, `.tools(a, b)`."""
_MARKS = re.compile(r"(?:\w*_)?tool|(?:Mcp)?(?:Server)?Tool(?:Attribute)?|KernelFunction|mcpTool|\w+Tool", re.ASCII)
_NOT_MARKS = re.compile(r"(?i)(?:has|check|requires?|needs?|get|list|call|validate|use|test|is)_?tool")
_SCHEMA = {
    "inputschema",
    "parameters",
    "schema",
    "rawinputschema",
    "argsschema",
    "paramsschema",
    "handler",
    "execute",
    "annotations",
    "outputschema",
    "inputs",
    "argsshape",
    "run",
    "callback",
    "func",
    "invoke",
    "zodschema",
    "params",
    "input",
    "args",
    "fn",
    "requestschema",
    "jsonschema",
    "toolschema",
    "call",
}
_FOREIGN = {"uri", "uritemplate", "mimetype", "responses", "operationid", "$ref", "properties"}
_FOREIGN_TYPE = re.compile(
    r"(?i)(?:prompt|resource|argument|property|flag|command|option|implementation|server|agent"
    r"|card|skill|field|column|variable|config|info|metadata)\w*$"
)
_CARDS = {
    "agentskill": "",
    "agentcapabilities": "",
    "apikeysecurityscheme": "apiKey",
    "httpauthsecurityscheme": "http",
    "oauth2securityscheme": "oauth2",
    "openidconnectsecurityscheme": "openIdConnect",
    "mutualtlssecurityscheme": "mutualTLS",
}
"""Parts of an A2A agent card that are built in program text."""
_NAMES = ("name", "toolname")
_DESCRIPTIONS = ("description", "tooldescription", "desc", "summary")
_SCALAR = re.compile(r"(?:z|Type|t|v|Joi|yup)\.(?!object|Object)\w+")
_HINT = re.compile(
    r"(?i)\b(?:with)?(read_?only|destructive|idempotent|open_?world)(?:_?hint)?(?:annotation)?[\"']?"
    r"[ \t]*(?:[:=(]|=>)[ \t]*(?:[\w.&:]{0,40}[({])?[ \t]*(?:&\[\]bool\{)?(true|false)\b"
)
_FUNCTIONS = {
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
_SERVER = re.compile(r"(?i)^[\w.&]*(?:server|mcp|app|registry|builder|instance)$|^&?s$|^&?srv$")
_WORDS = re.compile(r"[A-Za-z_]\w*")


class _Called(NamedTuple):
    """A name expression with what describes it."""

    description: Node | None
    annotated: str
    schema: str


class Tools:
    """Reads all tools of a program; `tools` and `gaps` are in the order of the files."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.tools: list[DeclaredTool] = []
        self.gaps: list[Gap] = []
        self.schemes: list[Scheme] = []
        self.capabilities: list[Capability] = []
        self._helpers: dict[str, list[tuple[Item, Item]]] = {}
        self._seen: set[tuple[str, int]] = set()
        self._prefixes = self._mounts()
        self.registering: set[str] = set()
        """Names of functions in whose body tools are registered."""
        for unit in program.units:
            self._read(unit)
        self._call_helpers()
        for unit in program.units:
            if unit.language == "python":
                self._lists_of_functions(unit)

    def _read(self, unit: Unit) -> None:
        marked = set()
        for item, found in marks(unit):
            for mark in found:
                marked.add(mark.node.start_byte)
            self._marked(item, found)
        for item in unit.items:
            if item.kind == "call" and item.node.start_byte not in marked:
                self._call(item)
            elif item.kind == "record":
                self._record(item)
            elif item.kind == "class":
                self._class(item)
        if unit.language == "go":
            self._go_types(unit)

    def _lists_of_functions(self, unit: Unit) -> None:
        """`read_tools = [list_otters, get_otter]`: the file that registers them need not have been read."""
        known = {tool.name for tool in self.tools}
        for item in unit.items:
            if item.kind != "bind" or item.around("function") is not None or item.node.type != "assignment":
                continue
            name, value = binding(item)
            if value is None or value.type not in ("list", "tuple", "set") or not re.search(r"(?i)(?:^|_)tools$", name):
                continue
            nodes = [node for node in value.named_children if node.type == "identifier"]
            if len(nodes) == len([node for node in value.named_children if node.type not in ("comment", "list_splat")]):
                for node in nodes:
                    for element in self._resolve(node, unit, item, 4) or []:
                        if element[2][0].islower() and element[2] not in known:
                            self._one(item, *element, annotated="")

    # -- marked functions

    def _marked(self, item: Item, found: list[Mark]) -> None:
        mark = next((m for m in found if _MARKS.fullmatch(m.name) and not _NOT_MARKS.fullmatch(m.name)), None)
        if mark is None or item.kind not in ("function", "class"):
            return
        unit, given = item.unit, mark.given
        name_node = given.named.get("name")
        description = next((given.named[key] for key in _DESCRIPTIONS if key in given.named), None)
        name: str | None = None
        if name_node is not None:
            name = self.program.text(name_node, unit, item) or None
            if name is None:
                self._gap(item, mark.node, "the name of a tool is made at run time")
                return
        for position, node in enumerate(given.positional[:2]):
            text = self.program.text(node, unit, item)
            record = node if node.type in ("object", "dictionary") else None
            if record is not None:
                inner = record_fields(record, unit)
                name = name or self._first_text(inner, _NAMES, unit, item)
                description = description or next((inner[key] for key in _DESCRIPTIONS if key in inner), None)
            elif (
                text
                and position == 0
                and name is None
                and NAME.fullmatch(text)
                and unit.language in ("python", "csharp")
            ):
                name = text
            elif text and description is None:
                description = node
        own = function_name(item) if item.kind == "function" else self._class_name(item)
        if name is None:
            name = own
            if unit.language == "csharp":
                name = _snake(own.removesuffix("Async"))
            prefix = self._prefixes.get((unit.file.path, mark.receiver)) or self._prefixes.get(("", mark.receiver))
        else:
            prefix = self._prefixes.get((unit.file.path, mark.receiver)) or self._prefixes.get(("", mark.receiver))
        if prefix:
            name = prefix + name
        text = self.program.prose(description, unit, item) if description is not None else ""
        if not text:
            text = next((self._mark_text(m, unit, item) for m in found if key_of(m.name) == "description"), "")
        annotated = " ".join(unit.of(m.node) for m in found if m is mark)
        constant = given.named.get("annotations")
        if constant is not None and constant.type in ("identifier", "attribute"):
            annotated += self._constant_text(constant, unit)
        holder = field(item.node, "parameters")
        node = name_node if name_node is not None else (field(item.node, "name") or item.node)
        self._add(
            item,
            node,
            name,
            text or documentation(item, found[0].node.start_byte),
            annotated,
            unit.of(holder) if holder else "",
            "marked function",
        )

    def _mark_text(self, mark: Mark, unit: Unit, item: Item) -> str:
        return self.program.prose(mark.given.positional[0], unit, item) if mark.given.positional else ""

    # -- registering calls

    def _call(self, item: Item) -> None:
        before, name = callee(item)
        key = key_of(name)
        unit = item.unit
        if (key == "new" and before.endswith("Tool")) or (
            key == "create" and before.endswith(("McpServerTool", "AIFunctionFactory"))
        ):
            key = "tool"
        elif key == "build" and "builder" in unit.of(item.node)[:4_000]:
            self._builder(item)
            return
        elif key in ("schematool",) or (
            key.endswith("tool") and name[:1].isupper() and item.node.type == "new_expression"
        ):
            key = "tool" if key == "tool" else key
        if key in _CARDS:
            self._card(item, key, arguments(item).named)
            return
        if key == "register" and unit.language in ("typescript", "tsx"):
            self._titled(item)
            return
        if key not in _REGISTERING:
            self._functions_given(item)
            return
        given = arguments(item)
        inner = next((found for node in given.positional if (found := self._options(node, unit, item))), {})
        named = {**inner, **given.named}
        name_node = next((given.named[k] for k in _NAMES if k in given.named), None)
        candidates = [name_node] if name_node is not None else self._likely(given.positional[:2], unit)
        if not candidates:
            return
        called = self._called(given.positional, named, unit, item)
        for node in candidates:
            text = self.program.text(node, unit, item)
            if text and NAME.fullmatch(text) and node.type not in _FUNCTIONS:
                if called.description is node:
                    called = called._replace(description=None)
                self._emit(item, node, text, called, "registering call", prose=self._documented(given.positional, unit))
                self._is_registering(item)
                return
        if any(k in inner for k in _NAMES):
            self._is_registering(item)
            own = next(inner[k] for k in _NAMES if k in inner)
            text = self.program.text(own, unit, item)
            if text and NAME.fullmatch(text):
                self._emit(item, own, text, called, "registering call")
            else:
                self._unresolved(item, own)
            return
        outer = item.outer
        if inner and outer is not None and outer.kind == "bind" and "description" in inner:
            own_name = binding(outer)[0]
            if outer.node.type == "pair" and NAME.fullmatch(own_name) and not _is_scalar(inner, unit):
                self._emit(item, outer.node, own_name, called, "keyed record")
            return
        self._is_registering(item)
        self._unresolved(item, candidates[0], called.annotated)

    def _titled(self, item: Item) -> None:
        """`register({title: "Get Error", summary: …})` in a class with a prefix: the name is made of both."""
        given = arguments(item).positional
        inner = record_fields(given[0], item.unit) if given and given[0].type == "object" else {}
        owner = item.around("class")
        if "title" not in inner or not any(key in inner for key in _DESCRIPTIONS) or "name" in inner or owner is None:
            return
        title = self.program.text(inner["title"], item.unit, item)
        members = {key_of(binding(each)[0]): binding(each)[1] for each in owner.inner if each.kind == "bind"}
        node = members.get("toolprefix") or members.get("prefix")
        prefix = self.program.text(node, item.unit, owner) if node is not None else None
        if not title or not prefix:
            self._gap(item, inner["title"], "the name of a tool is made at run time")
            return
        name = f"{prefix}_{re.sub(r'[^a-z0-9]+', '_', title.lower()).strip('_')}"
        self._emit(item, inner["title"], name, self._called(given[1:], inner, item.unit, item), "title made a name")

    def _options(self, node: Node, unit: Unit, item: Item) -> dict[str, Node]:
        """The members of an argument that is a record."""
        if node.type in ("object", "dictionary"):
            return record_fields(node, unit)
        if node.type == "implicit_object_creation_expression":
            return arguments(Item("call", node, item, unit)).named
        return {}

    def _likely(self, first_two: list[Node], unit: Unit) -> list[Node]:
        """The argument that is the name: the second of `registerAppTool(server, name)`, else the first."""
        if len(first_two) == 2 and _SERVER.search(unit.of(first_two[0])):
            return first_two[1:] if first_two[1].type not in _FUNCTIONS else first_two[:1]
        return first_two[:1]

    def _called(self, positional: list[Node], named: dict[str, Node], unit: Unit, item: Item) -> _Called:
        description = next((named[k] for k in _DESCRIPTIONS if k in named), None)
        texts = [node for node in positional if node.type not in _FUNCTIONS]
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
                described = next((named[k] for k in _DESCRIPTIONS if k in named), None)
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
        return _Called(description, annotated, schema)

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

    def _builder(self, item: Item) -> None:
        """`Tool.builder().name("x").description("…").build()`."""
        given: dict[str, Node] = {}
        here: Node | None = item.node
        root = ""
        for _ in range(40):
            if here is None or here.type not in ("method_invocation", "call_expression"):
                break
            link = Item("call", here, item.outer, item.unit)
            before, name = callee(link)
            inner = arguments(link).positional
            if inner:
                given[key_of(name)] = inner[0]
            root = before if key_of(name) in ("builder", "newbuilder") else root
            here = field(here, "object") or (
                here.named_children[0].named_children[0]
                if here.named_children and here.named_children[0].named_children
                else None
            )
        if not root.endswith("Tool") or "name" not in given:
            return
        text = self.program.text(given["name"], item.unit, item)
        if text and NAME.fullmatch(text):
            self._emit(item, given["name"], text, _Called(given.get("description"), "", ""), "registering call")
        else:
            self._gap(item, given["name"], "the name of a tool is made at run time")

    def _functions_given(self, item: Item) -> None:
        """`mcp.tool(name="x")(function)` and `FastMCP(tools=[function, …])`."""
        unit, node = item.unit, item.node
        if unit.language != "python":
            return
        function = field(node, "function")
        given = arguments(item)
        if function is not None and function.type == "call":
            inner = Item("call", function, item.outer, unit)
            _before, name = callee(inner)
            if key_of(name) not in _REGISTERING or not given.positional:
                return
            self._is_registering(item)
            options = arguments(inner)
            name_node = options.named.get("name") or (options.positional[0] if options.positional else None)
            text = self.program.text(name_node, unit, item) if name_node is not None else None
            if name_node is not None and text and NAME.fullmatch(text):
                called = _Called(options.named.get("description"), unit.of(function), "")
                self._emit(item, name_node, text, called, "registering call")
                return
            self._unresolved(item, given.positional[0], unit.of(function))
            return
        listed = given.named.get("tools")
        if listed is not None:
            for element in self._elements(listed, unit, item, 4) or []:
                self._one(item, *element, annotated="")

    def _unresolved(self, item: Item, node: Node, annotated: str = "") -> None:
        """The name is no text: a function, a member of a list in a loop, a parameter of a helper, or a gap."""
        found = self._resolve(node, item.unit, item, 6)
        if (
            found is None
            and node.type == "identifier"
            and any(self._is_whole(other, item) for other in arguments(item).positional[1:3])
        ):
            return  # `AddTool(server, &mcp.Tool{Name: …})`
        if found is not None:
            for element in found:
                self._one(item, *element, annotated=annotated)
            return
        helper = item.around("function")
        words = set(_WORDS.findall(item.unit.of(node)))
        for _ in range(MAX_SCOPES):
            if helper is None:
                break
            if words & set(_WORDS.findall(" ".join(parameters(helper)))) and (name := function_name(helper)):
                known = self._helpers.setdefault(name, [])
                if len(known) < MAX_HELPERS:
                    known.append((helper, item))
                return
            helper = helper.around("function")
        self._gap(item, node, "the name of a tool is made at run time")

    def _is_whole(self, node: Node, item: Item) -> bool:
        """True for an argument that is a tool with its name, which other rules read."""
        while (
            node.type in ("unary_expression", "parenthesized_expression", "reference_expression")
            and node.named_children
        ):
            node = node.named_children[0]
        if node.type in ("object", "dictionary", "composite_literal", "struct_expression"):
            return any(key in record_fields(node, item.unit) for key in _NAMES)
        return "call" in node.type and key_of(callee(Item("call", node, item, item.unit))[1]) in _REGISTERING

    def _one(self, item: Item, node: Node, unit: Unit, name: str, function: Item | None, *, annotated: str) -> None:
        """One element of a list, or one function that is handed over."""
        if function is not None:
            holder = field(function.node, "parameters")
            self._add(
                function,
                field(function.node, "name") or function.node,
                name,
                documentation(function),
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

    def _resolve(
        self, node: Node, unit: Unit, near: Item, steps: int
    ) -> list[tuple[Node, Unit, str, Item | None]] | None:
        """What stands for a tool: [(node, file, name, function)]; [] if other rules find it; None if unknown."""
        if steps <= 0:
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
            if key_of(name) in _REGISTERING or name in self.program.functions or name in self.program.classes:
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

    def _looped(
        self, variable: str, unit: Unit, near: Item, steps: int, key: str = "name"
    ) -> list[tuple[Node, Unit, str, Item | None]] | None:
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
                if left is not None and right is not None and variable in _WORDS.findall(here.unit.of(left)):
                    if (
                        _WORDS.findall(here.unit.of(left))[0] == variable
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

    def _keys(self, node: Node, unit: Unit, near: Item) -> list[tuple[Node, Unit, str, Item | None]] | None:
        """The keys of a mapping that is written out, in a loop over `Object.entries(m)`, `m.items()` or `m.keys()`."""
        text = unit.of(node)
        found = re.fullmatch(r"Object\.(?:entries|keys)\((\w+)\)|(\w+)\.(?:items|keys)\(\)", text)
        if not found:
            return None
        for item, value in self.program.binding_of(found.group(1) or found.group(2), unit, near)[:1]:
            if value.type in ("object", "dictionary"):
                members: list[tuple[Node, Unit, str, Item | None]] = []
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

    def _elements(
        self, node: Node, unit: Unit, near: Item, steps: int, key: str = "name"
    ) -> list[tuple[Node, Unit, str, Item | None]] | None:
        """The elements of a list that is written out, here or under a name; None if it is made at run time."""
        if steps <= 0:
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

    def _members(
        self, nodes: list[Node], unit: Unit, near: Item, steps: int, key: str
    ) -> list[tuple[Node, Unit, str, Item | None]] | None:
        found: list[tuple[Node, Unit, str, Item | None]] = []
        for node in nodes:
            while node.type == "literal_element" and node.named_children:
                node = node.named_children[0]
            if node.type in ("spread_element", "list_splat"):
                inner = (
                    self._elements(node.named_children[0], unit, near, steps - 1, key) if node.named_children else None
                )
            elif node.type in ("object", "dictionary", "literal_value"):
                members = record_fields(node, unit)
                name = self._first_text(members, (key, *_NAMES), unit, near)
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

    def _call_helpers(self) -> None:
        """Calls of functions that pass a parameter on as a tool's name."""
        done: set[str] = set()
        for _ in range(3):
            waiting = {name: found for name, found in self._helpers.items() if name not in done}
            if not waiting:
                return
            done |= set(waiting)
            called = set()
            for unit in self.program.units:
                for item in unit.items:
                    if item.kind != "call":
                        continue
                    name = callee(item)[1]
                    if name == "" or name not in waiting:
                        continue
                    called.add(name)
                    for helper, register in waiting[name]:
                        if helper.unit.language == unit.language or {helper.unit.language, unit.language} <= {
                            "tsx",
                            "typescript",
                        }:
                            self._call_helper(item, helper, register)
            for name in set(waiting) - called:
                helper, register = waiting[name][0]
                self._gap(register, register.node, "a function that registers tools is never called with a name")

    def _call_helper(self, item: Item, helper: Item, register: Item) -> None:
        given, names = arguments(item), parameters(helper)
        names = [name for name in names if name not in ("self", "cls", "&self")]
        bound: dict[str, Node] = dict(zip(names, given.positional, strict=False))
        bound |= {name: given.named[key_of(name)] for name in names if key_of(name) in given.named}
        env: Environment = {}
        for name, node in bound.items():
            text = self.program.text(node, item.unit, item)
            if text is not None:
                env[name] = text
            if node.type in ("object", "dictionary"):
                for key, value in record_fields(node, item.unit).items():
                    text = self.program.text(value, item.unit, item)
                    if text is not None:
                        env[f"{name}.{key}"] = text
                        if name.startswith("{"):
                            env[key] = text
        inner = arguments(register)
        described = next(
            (record_fields(n, helper.unit) for n in inner.positional if n.type in ("object", "dictionary")), {}
        )
        own_name = next((n[k] for n in (inner.named, described) for k in _NAMES if k in n), None)
        candidates = [own_name] if own_name is not None else self._likely(inner.positional[:2], helper.unit)
        for node in candidates:
            text = self.program.text(node, helper.unit, register, env)
            if text and NAME.fullmatch(text):
                called = self._called(inner.positional, {**described, **inner.named}, helper.unit, register)
                prose = (
                    self.program.prose(called.description, helper.unit, register, env)
                    if called.description is not None
                    else ""
                )
                if called.description is None:
                    prose = next((t for t in map(env.get, names) if t and " " in t), "")
                self._add(item, item.node, text, prose, called.annotated, "", "helper")
                self._is_registering(item)
                return
        for node in candidates:
            root = _WORDS.findall(helper.unit.of(node))[:1]
            if root and root[0] in bound:
                self._is_registering(item)
                self._unresolved(item, bound[root[0]], annotated=helper.unit.of(register.node)[:2_000])
                return
        self._gap(item, item.node, "the name of a tool is made at run time")

    # -- agent cards in program text

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
                        title=(self._first_text(given, ("name",), unit, item) or "")[:200],
                        description=first_line(
                            self.program.prose(given["description"], unit, item) if "description" in given else ""
                        ),
                        origin=Origin.CARD,
                        idiom="agent card in program text",
                        place=place(unit.file, node.start_byte, node.end_byte),
                    )
                )
        elif key == "agentcapabilities":
            for name, node in given.items():
                if unit.of(node).lower() in ("true", "false"):
                    found = Capability(
                        name=name, value=unit.of(node).lower(), place=place(unit.file, node.start_byte, node.end_byte)
                    )
                    self.capabilities.append(found)
        else:
            name = self._first_text(given, ("name", "schemename", "scheme"), unit, item) or _CARDS[key]
            self.schemes.append(
                Scheme(
                    name=name, kind=_CARDS[key], place=place(unit.file, item.node.start_byte, item.node.start_byte + 1)
                )
            )

    # -- records and classes

    def _record(self, item: Item) -> None:
        unit = item.unit
        written = item.unit.of(item.node) if item.node.end_byte - item.node.start_byte < 200 else ""
        if written and "escription" not in written and "ame" not in written:
            return
        given = fields(item)
        type_ = record_type(item)
        if (card := key_of(type_.rpartition(".")[2])) in _CARDS:
            self._card(item, card, given)
            return
        if "id" in given and "tags" in given and "name" in given and "description" in given:
            self._card(item, "agentskill", given)
            return
        if _FOREIGN & given.keys() or not given or (_FOREIGN_TYPE.search(type_) and not type_.endswith("Tool")):
            return
        name_node = next((given[k] for k in _NAMES if k in given), None)
        is_tool = re.search(r"(?:^|[.:&\]])Tool$", type_) is not None
        if not is_tool and not (given.keys() & _SCHEMA and any(k in given for k in _DESCRIPTIONS)):
            return
        if ("arguments" in given and "inputschema" not in given) or _is_scalar(given, unit):
            return
        if name_node is None:
            outer = item.outer
            if (
                outer is not None
                and outer.kind == "bind"
                and outer.node.type in ("pair",)
                and "type" not in given
                and outer.outer is not None
                and outer.outer.kind == "record"
                and given.keys() & {"inputschema", "parameters", "schema"}
            ):
                name = binding(outer)[0]
                if NAME.fullmatch(name):
                    self._emit(item, outer.node, name, self._called([], given, unit, item), "keyed record")
            return
        text = self.program.text(name_node, unit, item)
        if text and NAME.fullmatch(text):
            self._emit(item, name_node, text, self._called([], given, unit, item), "record")
        elif text is None and (is_tool or "inputschema" in given):
            if name_node.type in ("identifier", "member_expression", "attribute", "selector_expression"):
                self._copied(item, name_node)
            else:
                self._unresolved(item, name_node)

    def _copied(self, item: Item, node: Node) -> None:
        """`{name: t.name, …}`: a list is made from another; that one is read where it stands."""
        if self._looped(item.unit.of(node).split(".")[0], item.unit, item, 5) is None:
            self._unresolved_record(item, node)

    def _unresolved_record(self, item: Item, node: Node) -> None:
        helper = item.around("function")
        words = set(_WORDS.findall(item.unit.of(node)))
        if helper is not None and words & set(_WORDS.findall(" ".join(parameters(helper)))) and function_name(helper):
            self._gap(item, node, "a list of tools is made from another one at run time")
        else:
            self._gap(item, node, "the name of a tool is made at run time")

    def _class(self, item: Item) -> None:
        """`class Search extends Tool { name = "search"; description = "…" }`, in each language's way."""
        members: dict[str, Node] = {}
        owners: dict[str, Item] = {}
        for inner in item.inner:
            inner = (
                inner.inner[0]
                if inner.kind == "decorated" and inner.inner and inner.inner[0].kind == "function"
                else inner
            )
            if inner.kind == "bind":
                name, value = binding(inner)
            elif inner.kind == "function":
                name, value = function_name(inner), returned(inner)
                name = name.removeprefix("get_") if name.startswith("get_") else name
                name = name[3:] if re.match(r"get[A-Z]", name) else name
            else:
                continue
            if value is not None and name:
                members.setdefault(key_of(name), value)
                owners.setdefault(key_of(name), inner)
        self._members_of_type(item, members, owners, item.unit.of(item.node)[:400].partition("{")[0])

    def _go_types(self, unit: Unit) -> None:
        """`func (t *Search) Name() string { return "search" }`: members by the receiver's type."""
        types: dict[str, tuple[Item, dict[str, Node]]] = {}
        for item in unit.items:
            receiver = field(item.node, "receiver") if item.kind == "function" else None
            value = returned(item) if receiver is not None else None
            if receiver is not None and value is not None:
                named = _WORDS.findall(unit.of(receiver))[-1:]
                types.setdefault("".join(named), (item, {}))[1][key_of(function_name(item))] = value
        for name, (item, members) in types.items():
            self._members_of_type(item, members, {}, name + " Tool" if "description" in members else "")

    def _members_of_type(self, item: Item, members: dict[str, Node], owners: dict[str, Item], head: str) -> None:
        name_node = next((members[k] for k in ("toolname", "name") if k in members), None)
        described = next((members[k] for k in _DESCRIPTIONS if k in members), None)
        if name_node is None or (
            not re.search(r"(?i)tool|command|action|operation|function|handler", head)
            and not (described is not None and members.keys() & _SCHEMA)
        ):
            return
        if described is None and not re.search(r"(?:extends|:|\()\s*[\w.]*(?:Tool|ToolBase|BaseTool)\b", head):
            return
        text = self.program.text(name_node, item.unit, item)
        if text and NAME.fullmatch(text):
            schema = next(
                (
                    item.unit.of(members[k])
                    for k in ("inputschema", "parameters", "argsshape", "schema", "argsschema")
                    if k in members
                ),
                "",
            )
            node = owners["name"].node if "name" in owners and "toolname" not in owners else name_node
            prose = self.program.prose(described, item.unit, item) if described is not None else ""
            self._add(
                item, node if node.end_byte - node.start_byte < 400 else name_node, text, prose, "", schema, "class"
            )

    # -- shared

    def _mounts(self) -> dict[tuple[str, str], str]:
        """{(path of the file, variable of the server): prefix with its `_`}."""
        found: dict[tuple[str, str], str] = {}
        for unit in self.program.units:
            if unit.language != "python":
                continue
            for item in unit.items:
                if item.kind != "call" or callee(item)[1] not in ("mount", "import_server"):
                    continue
                given = arguments(item)
                prefix = next((given.named[k] for k in ("prefix", "namespace") if k in given.named), None)
                servers = list(given.positional)
                if prefix is None and servers and "string" in servers[0].type:
                    prefix = servers.pop(0)
                elif prefix is None and len(servers) > 1 and "string" in servers[1].type:
                    prefix = servers.pop(1)
                server = given.named.get("server") or (servers[0] if servers else None)
                text = self.program.text(prefix, unit, item) if prefix is not None else ""
                if server is None or text is None or not re.fullmatch(r"[\w.]+", unit.of(server)):
                    self._gap(item, item.node, "tools of another server are carried on")
                    continue
                name = unit.of(server)
                module, original = self.program.imports[unit.file.path].get(name.split(".")[0], ("", name))
                prefixed = f"{text}_" if text else ""
                if not module:
                    found[(unit.file.path, name)] = prefixed
                for other in self.program.units:
                    stem = re.sub(r"(?:/__init__)?\.py$", "", other.file.path).rpartition("/")[2]
                    if module and stem in (module, original):
                        found[(other.file.path, original if stem == module else name.rpartition(".")[2])] = prefixed
                if module and not any(key[1] == original for key in found):
                    found[("", original)] = prefixed
        return found

    def _first_text(self, given: dict[str, Node], keys: tuple[str, ...], unit: Unit, near: Item) -> str | None:
        return next(
            (text for key in keys if key in given and (text := self.program.text(given[key], unit, near))), None
        )

    def _class_name(self, item: Item) -> str:
        named = field(item.node, "name")
        return item.unit.of(named) if named is not None else ""

    def _is_registering(self, item: Item) -> None:
        function = item.around("function")
        if function is not None and (name := function_name(function)):
            self.registering.add(name)

    def _behind(self, item: Item) -> str:
        for condition in _conditions(item):
            return condition
        return ""

    def _documented(self, nodes: list[Node], unit: Unit) -> str:
        """The documentation of a function that is handed over."""
        for node in nodes:
            if node.type == "identifier" and unit.language == "python":
                for function in self.program.functions.get(unit.of(node), [])[:1]:
                    return documentation(function)
        return ""

    def _emit(
        self, item: Item, node: Node, name: str, called: _Called, idiom: str, behind: str = "", prose: str = ""
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
                annotations=hints(annotated),
                schema_text=" ".join(schema.split())[:20_000],
                origin=Origin.SOURCE,
                idiom=idiom,
                behind=behind or self._behind(item),
                place=place(unit.file, node.start_byte, max(end, node.start_byte + 1)),
            )
        )

    def _gap(self, item: Item, node: Node, why: str) -> None:
        end = min(node.end_byte, node.start_byte + 200)
        self.gaps.append(Gap(why=why, place=place(item.unit.file, node.start_byte, max(end, node.start_byte + 1))))


def _conditions(item: Item) -> Iterator[str]:
    here = item.around("condition")
    for _ in range(MAX_SCOPES):
        if here is None:
            return
        condition = field(here.node, "condition", "value")
        text = " ".join(here.unit.of(condition).split())[:160] if condition is not None else "a condition"
        if "__name__" not in text:
            yield text
        here = here.around("condition")


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


def _is_scalar(given: dict[str, Node], unit: Unit) -> bool:
    """`{name, description, schema: z.string()}` describes a parameter."""
    node = given.get("schema")
    if node is None or given.keys() & {"inputschema", "handler", "execute"}:
        return False
    return _SCALAR.match(unit.of(node)[:40]) is not None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
