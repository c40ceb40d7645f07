"""Records and classes of name, description and schema, and the parts of an agent card."""

import re

from tree_sitter import Node

from extractors.declarations.program_text.calls import Calls
from extractors.declarations.program_text.collect import DESCRIPTIONS, NAME, NAMES, SCHEMAS, WORDS, is_scalar
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field, key_of
from extractors.declarations.program_text.syntax.parts import (
    binding,
    function_name,
    record_fields,
    record_type,
    returned,
)

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
    r"|card|skill|field|column|variable|config|info|metadata)\w{0,60}$"
)
_GETTER = re.compile(r"\Aget(?:_|(?=[A-Z]))")


class Records(Calls):
    """Rules for records and classes."""

    def _record(self, item: Item) -> None:
        unit = item.unit
        written = item.unit.of(item.node) if item.node.end_byte - item.node.start_byte < 200 else ""
        if written and "escription" not in written and "ame" not in written:
            return
        fields = record_fields(item.node, item.unit)
        type_ = record_type(item)
        if "id" in fields and "tags" in fields and "name" in fields and "description" in fields:
            self._card(item, "agentskill", fields)
            return
        if _FOREIGN & fields.keys() or not fields or (_FOREIGN_TYPE.search(type_) and not type_.endswith("Tool")):
            return
        name_node = next((fields[k] for k in NAMES if k in fields), None)
        is_tool = re.search(r"(?:^|[.:&\]])Tool(?:Definition|Spec|Info|Def)?$", type_) is not None or _typed(item)
        if not is_tool and not (fields.keys() & _SCHEMA and any(k in fields for k in DESCRIPTIONS)):
            return
        if ("arguments" in fields and "inputschema" not in fields) or is_scalar(fields, unit):
            return
        if name_node is None:
            self._keyed(item, fields)
            return
        text = self.program.text(name_node, unit, item)
        if text and NAME.fullmatch(text):
            self._emit(item, name_node, text, self._called([], fields, unit, item), "record")
        elif text is None and (is_tool or "inputschema" in fields):
            if name_node.type not in ("identifier", "member_expression", "attribute", "selector_expression"):
                self._unresolved(item, name_node)
            elif self._looped(unit.of(name_node).split(".")[0], unit, item, 5) is None:
                self.gaps.append("the name of a tool is made at run time")
            # else `{name: t.name, …}`: a list is made from another one, which is read where it stands

    def _keyed(self, item: Item, fields: dict[str, Node]) -> None:
        """`{search: {description: "…", inputSchema: …}}`: the key is the name."""
        outer = item.outer
        if outer is None or outer.node.type != "pair" or outer.outer is None or outer.outer.kind != "record":
            return
        name = binding(outer)[0]
        if NAME.fullmatch(name) and "type" not in fields and fields.keys() & {"inputschema", "parameters", "schema"}:
            self._emit(item, outer.node, name, self._called([], fields, item.unit, item), "keyed record")

    def _class(self, item: Item) -> None:
        """`class Search extends Tool { name = "search"; description = "…" }`, in each language's way."""
        members: dict[str, Node] = {}
        owners: dict[str, Item] = {}
        for inner in item.inner:
            if inner.kind == "decorated" and inner.inner:
                inner = inner.inner[0]
            name, value = binding(inner) if inner.kind == "bind" else ("", None)
            if inner.kind == "function":
                name, value = _GETTER.sub("", function_name(inner)), returned(inner)
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
                named = WORDS.findall(unit.of(receiver))[-1:]
                types.setdefault("".join(named), (item, {}))[1][key_of(function_name(item))] = value
        for name, (item, members) in types.items():
            self._members_of_type(item, members, {}, name + " Tool" if "description" in members else "")

    def _members_of_type(self, item: Item, members: dict[str, Node], owners: dict[str, Item], head: str) -> None:
        name_node = next((members[k] for k in ("toolname", "name") if k in members), None)
        described = next((members[k] for k in DESCRIPTIONS if k in members), None)
        if name_node is None or (
            not re.search(r"(?i)tool|command|action|operation|function|handler", head)
            and not (described is not None and members.keys() & _SCHEMA)
        ):
            return
        if described is None and not re.search(
            r"(?:extends|:|\()\s{0,20}[\w.]{0,80}(?:Tool|ToolBase|BaseTool)\b", head
        ):
            return
        text = self.program.text(name_node, item.unit, item)
        if text and NAME.fullmatch(text):
            schema = item.unit.of(next((members[k] for k in SCHEMAS if k in members), None))
            node = owners["name"].node if "name" in owners and "toolname" not in owners else name_node
            prose = self.program.prose(described, item.unit, item)
            self._add(
                item, node if node.end_byte - node.start_byte < 400 else name_node, text, prose, "", schema, "class"
            )


def _typed(item: Item) -> bool:
    """`const metadata: ToolMetadata = {…}`: the variable's type says that the record is a tool."""
    outer = item.outer
    annotation = item.unit.of(field(outer.node, "type")) if outer is not None and outer.kind == "bind" else ""
    return re.match(r"\A:?\s*+[\w.]*Tool(?:Metadata|Definition|Config|Spec|Info)?\Z", annotation) is not None
