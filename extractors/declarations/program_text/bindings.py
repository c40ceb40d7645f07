"""What the names of a program are bound to: constants, members, functions, classes and imports, over all its files.

Idea: the nearest scope comes first, then the file, then other files. Invariant: a function's parameter hides what has
its name outside.
"""

import re
from collections import defaultdict

from tree_sitter import Node

from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field
from extractors.declarations.program_text.syntax.parts import binding, function_name, parameters

MAX_ALIKE = 40
"""Functions of one name that are kept."""

_IMPORT = re.compile(
    r"^[ \t]*+from[ \t]++([\w.]++)[ \t]++import[ \t]*+(?:\(([^)]{0,6000}+)\)|([^\n(]++))", re.MULTILINE
)


class Bindings:
    """The constants, functions, classes and imports of all parsed files of one product, by name."""

    def __init__(self, units: list[Unit]) -> None:
        self.units = units
        self.bindings: dict[str, list[tuple[Item, Node]]] = defaultdict(list)
        """By name, over all files: what stands in no function, record or class, and `Class.MEMBER`."""
        self._scoped: dict[tuple[str, int], list[tuple[Item, Node]]] = defaultdict(list)
        """By name and the nearest function around it, or the file."""
        self._own: dict[tuple[str, int], list[tuple[Item, Node]]] = defaultdict(list)
        """Members of classes by name, and of classes and records by `Holder.member`, of each file."""
        self._modules: dict[int, frozenset[str]] = {}
        self._parameters: dict[int, frozenset[str]] = {}
        self.functions: dict[str, list[Item]] = defaultdict(list)
        self.classes: dict[str, list[Item]] = defaultdict(list)
        self.imports: dict[str, dict[str, tuple[str, str]]] = {}
        """Of Python files by path: {name here: (last part of the module, name there)}."""
        for unit in units:
            self.imports[unit.file.path] = _imports(unit) if unit.language == "python" else {}
            for item in unit.items:
                if item.kind == "bind":
                    name, value = binding(item)
                    if value is not None and name:
                        self._bind(item, name, value)
                elif item.kind == "function":
                    if (name := function_name(item)) and len(self.functions[name]) < MAX_ALIKE:
                        self.functions[name].append(item)
                elif item.kind == "class" and (named := item.node.child_by_field_name("name")) is not None:
                    self.classes[unit.of(named)].append(item)

    def _bind(self, item: Item, name: str, value: Node) -> None:
        outer, file = item.outer, id(item.unit)
        scope = item.around("function")
        if scope is not None:
            self._scoped[name, id(scope)].append((item, value))
        elif item.around("record", "class") is None:
            self.bindings[name].append((item, value))
            self._scoped[name, file].append((item, value))
        if outer is not None and outer.kind == "class":
            self._own[name, file].append((item, value))
        if owner := _owner(outer):
            self.bindings[f"{owner}.{name}"].append((item, value))
            self._own[f"{owner}.{name}", file].append((item, value))

    def binding_of(self, name: str, unit: Unit, near: Item | None = None) -> list[tuple[Item, Node]]:
        """What the name is bound to: nearest scope first, then the file, then other files."""
        for scope in near.all_around("function") if near is not None else ():
            if inside := self._scoped.get((name, id(scope))):
                return inside
            if name in self._parameters_of(scope):
                return []
        return self._scoped.get((name, id(unit))) or self._own.get((name, id(unit))) or self.bindings.get(name, [])

    def _parameters_of(self, function: Item) -> frozenset[str]:
        """The names that a function's parameters take, destructured ones included."""
        found = self._parameters.get(id(function))
        if found is None:
            found = self._parameters[id(function)] = frozenset(re.findall(r"\w+", " ".join(parameters(function))))
        return found

    def modules_of(self, unit: Unit) -> frozenset[str]:
        """The words of a file's import lines: `constants.NAME` may be a member of a module."""
        found = self._modules.get(id(unit))
        if found is None:
            lines = re.findall(r"^[ \t]*(?:import|from|use|using)\b([^\n]*)", unit.text, re.MULTILINE)
            found = self._modules[id(unit)] = frozenset(re.findall(r"\w+", " ".join(lines)))
        return found


def _imports(unit: Unit) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for match in _IMPORT.finditer(unit.text):
        for part in re.sub(r"#[^\n]*", "", match.group(2) or match.group(3)).split(","):
            words = part.split()
            if words:
                found[words[-1]] = (match.group(1).rpartition(".")[2], words[0])
    return found


def _owner(item: Item | None) -> str:
    """The name of a class, or of the variable that a record is bound to."""
    if item is not None and item.kind == "class":
        return item.unit.of(field(item.node, "name"))
    is_bound = item is not None and item.kind == "record" and item.outer is not None and item.outer.kind == "bind"
    return binding(item.outer)[0] if is_bound and item is not None and item.outer is not None else ""
