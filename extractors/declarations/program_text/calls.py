"""Registering calls, in each language's way: `server.tool("x", …)`, `Tool.builder().name("x")`, `mcp.tool()(f)`;
and functions that pass a name, a function or a record on to one.

Invariant: a name that comes to nothing is a gap.
"""

import re

from tree_sitter import Node

from extractors.declarations.program_text.collect import (
    CARDS,
    DESCRIPTIONS,
    FUNCTIONS,
    NAME,
    NAMES,
    REGISTERING,
    WORDS,
    DescribedCall,
    is_scalar,
)
from extractors.declarations.program_text.lists import Lists
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field, key_of
from extractors.declarations.program_text.syntax.parts import (
    arguments,
    binding,
    callee,
    function_name,
    parameters,
    receiver,
    record_fields,
)
from extractors.declarations.program_text.values import Environment

MAX_HELPERS = 6
"""Functions of one name that pass a tool's name on."""
_CONSTRUCTED = re.compile(r"\A\w*Tool(?:Definition|Spec|Specification|Info|Def|Metadata|Schema|Declaration)")
_SERVER = re.compile(r"(?i)^[\w.&]*(?:server|mcp|app|registry|builder|instance)$|^&?s$|^&?srv$")


class Calls(Lists):
    """Rules for registering calls, and for the functions that pass a name, a function or a record on to one."""

    def _unresolved(self, item: Item, node: Node, annotated: str = "", prose: str = "") -> None:
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
                self._one(item, *element, annotated=annotated, prose=prose if len(found) == 1 else "")
            return
        words = set(WORDS.findall(item.unit.of(node)))
        for helper in item.all_around("function"):
            if words & set(WORDS.findall(" ".join(parameters(helper)))) and (name := function_name(helper)):
                known = self._helpers.setdefault(name, [])
                if len(known) < MAX_HELPERS:
                    known.append((helper, item))
                return
        self.gaps.append("the name of a tool is made at run time")

    def _likely(self, first_two: list[Node], unit: Unit) -> list[Node]:
        """The argument that is the name: the second of `registerAppTool(server, name)`, else the first."""
        if len(first_two) == 2 and _SERVER.search(unit.of(first_two[0])):
            return first_two[1:] if first_two[1].type not in FUNCTIONS else first_two[:1]
        return first_two[:1]

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
            uncalled = len(set(waiting) - called)
            self.gaps += ["a function that registers tools is never called with a name"] * uncalled

    def _call_helper(self, item: Item, helper: Item, register: Item) -> None:
        args, names = arguments(item), parameters(helper)
        names = [name for name in names if name not in ("self", "cls", "&self")]
        bound: dict[str, Node] = dict(zip(names, args.positional, strict=False))
        bound |= {name: args.named[key_of(name)] for name in names if key_of(name) in args.named}
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
        own_name = next((n[k] for n in (inner.named, described) for k in NAMES if k in n), None)
        candidates = [own_name] if own_name is not None else self._likely(inner.positional[:2], helper.unit)
        for node in candidates:
            text = self.program.text(node, helper.unit, register, env)
            if text and NAME.fullmatch(text):
                called = self._called(inner.positional, {**described, **inner.named}, helper.unit, register)
                prose = self.program.prose(called.description, helper.unit, register, env)
                if called.description is None:
                    prose = next((t for t in map(env.get, names) if t and " " in t), "")
                self._add(item, item.node, text, prose, called.annotated, "", "helper")
                self._is_registering(item)
                return
        for node in candidates:
            root = WORDS.findall(helper.unit.of(node))[:1]
            if root and root[0] in bound:
                self._is_registering(item)
                self._unresolved(item, bound[root[0]], annotated=helper.unit.of(register.node)[:2_000])
                return
        self.gaps.append("the name of a tool is made at run time")

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
        elif self._constructs(item, name):
            key = "tool"
        if key in CARDS:
            self._card(item, key, arguments(item).named)
            return
        if key == "register" and unit.language in ("typescript", "tsx"):
            self._titled(item)
            return
        if key not in REGISTERING:
            self._functions_given(item)
            return
        args = arguments(item)
        inner = next((found for node in args.positional if (found := self._options(node, unit, item))), {})
        named = {**inner, **args.named}
        name_node = next((args.named[k] for k in NAMES if k in args.named), None)
        candidates = [name_node] if name_node is not None else self._likely(args.positional[:2], unit)
        if not candidates:
            return
        called = self._called(args.positional, named, unit, item)
        own = next((inner[k] for k in NAMES if k in inner), inner.get("id") if key == "createtool" else None)
        for node in (*candidates, own):
            text = self.program.text(node, unit, item) if node is not None and node.type not in FUNCTIONS else None
            if node is not None and text and NAME.fullmatch(text):
                called = called._replace(description=None) if called.description is node else called
                self._emit(item, node, text, called, "registering call", prose=self._documented(args.positional, unit))
                self._is_registering(item)
                return
        outer = item.outer
        if own is None and "description" in inner and outer is not None and outer.kind == "bind":
            name = binding(outer)[0]
            if outer.node.type == "pair" and NAME.fullmatch(name) and not is_scalar(inner, unit):
                self._emit(item, outer.node, name, called, "keyed record")
            return
        self._is_registering(item)
        if own is not None:
            self._unresolved(item, own)
        else:
            prose = self.program.prose(called.description, unit, item)
            self._unresolved(item, candidates[0], called.annotated, prose)

    def _constructs(self, item: Item, name: str) -> bool:
        """`ToolDefinition(name=…, description=…)`, and the constructor that a class for a tool calls of its base."""
        if _CONSTRUCTED.fullmatch(name):
            args = arguments(item).named
            return "name" in args and any(key in args for key in DESCRIPTIONS)
        owner = item.around("class") if name in ("super", "__init__") else None
        return (
            owner is not None
            and re.search(r"[(: ]\w*Tool\w*\b", item.unit.of(owner.node)[:300].partition("{")[0]) is not None
        )

    def _titled(self, item: Item) -> None:
        """`register({title: "Get Error", summary: …})` in a class with a prefix: the name is made of both."""
        args = arguments(item).positional
        inner = record_fields(args[0], item.unit) if args and args[0].type == "object" else {}
        owner = item.around("class")
        if "title" not in inner or not any(key in inner for key in DESCRIPTIONS) or "name" in inner or owner is None:
            return
        title = self.program.text(inner["title"], item.unit, item)
        members = {key_of(binding(each)[0]): binding(each)[1] for each in owner.inner if each.kind == "bind"}
        node = members.get("toolprefix") or members.get("prefix")
        prefix = self.program.text(node, item.unit, owner) if node is not None else None
        if not title or not prefix:
            self.gaps.append("the name of a tool is made at run time")
            return
        name = f"{prefix}_{re.sub(r'[^a-z0-9]+', '_', title.lower()).strip('_')}"
        self._emit(item, inner["title"], name, self._called(args[1:], inner, item.unit, item), "title made a name")

    def _options(self, node: Node, unit: Unit, item: Item) -> dict[str, Node]:
        """The members of an argument that is a record."""
        if node.type in ("object", "dictionary"):
            return record_fields(node, unit)
        if node.type == "implicit_object_creation_expression":
            return arguments(Item("call", node, item, unit)).named
        return {}

    def _builder(self, item: Item) -> None:
        """`Tool.builder().name("x").description("…").build()`."""
        args: dict[str, Node] = {}
        here: Node | None = item.node
        root = ""
        for _ in range(40):
            if here is None or here.type not in ("method_invocation", "call_expression"):
                break
            link = Item("call", here, item.outer, item.unit)
            before, name = callee(link)
            inner = arguments(link).positional
            if inner:
                args[key_of(name)] = inner[0]
            root = before if key_of(name) in ("builder", "newbuilder") else root
            here = receiver(here)
        if not root.endswith("Tool") or "name" not in args:
            return
        text = self.program.text(args["name"], item.unit, item)
        if text and NAME.fullmatch(text):
            self._emit(item, args["name"], text, DescribedCall(args.get("description"), "", ""), "registering call")
        else:
            self.gaps.append("the name of a tool is made at run time")

    def _functions_given(self, item: Item) -> None:
        """`mcp.tool(name="x")(function)` and `FastMCP(tools=[function, …])`."""
        unit, node = item.unit, item.node
        if unit.language != "python":
            return
        function = field(node, "function")
        args = arguments(item)
        if function is not None and function.type == "call":
            inner = Item("call", function, item.outer, unit)
            _before, name = callee(inner)
            if key_of(name) not in REGISTERING or not args.positional:
                return
            self._is_registering(item)
            options = arguments(inner)
            name_node = options.named.get("name") or (options.positional[0] if options.positional else None)
            text = self.program.text(name_node, unit, item) if name_node is not None else None
            if name_node is not None and text and NAME.fullmatch(text):
                called = DescribedCall(options.named.get("description"), unit.of(function), "")
                self._emit(item, name_node, text, called, "registering call")
                return
            prose = self.program.prose(options.named.get("description"), unit, item)
            self._unresolved(item, args.positional[0], unit.of(function), prose)
            return
        listed = args.named.get("tools")
        if listed is not None:
            for element in self._elements(listed, unit, item, 4) or []:
                self._one(item, *element, annotated="")
