"""Functions that pass a name, a function or a record on to a registering call.

Invariant: a name that comes to nothing is a gap.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from extractors.declarations.program_text.collect import FUNCTIONS, NAME, NAMES, WORDS
from extractors.declarations.program_text.lists import Lists
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, key_of
from extractors.declarations.program_text.syntax.parts import (
    arguments,
    callee,
    function_name,
    parameters,
    record_fields,
)
from extractors.declarations.program_text.values import Environment

MAX_HELPERS = 6
"""Functions of one name that pass a tool's name on."""
_SERVER = re.compile(r"(?i)^[\w.&]*(?:server|mcp|app|registry|builder|instance)$|^&?s$|^&?srv$")


class Helpers(Lists):
    """Follows functions that register for others."""

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
            for name in set(waiting) - called:
                helper, register = waiting[name][0]
                self.gaps.append("a function that registers tools is never called with a name")

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
