"""What a file of program text imports: the module, what is taken of it, the name that it has here, and whether it leads
to a file of the program's own.

Invariants: an import whose module is made at run time has the module "", never none at all; one that looks like a file
of its own and leads to none that was read differs from one of a library: of neither is it known what it does.
"""

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tree_sitter import Node

from extractors.declarations.facts import SourceFile
from extractors.declarations.program_text.syntax.parsed_file import Unit, captured, field

_KINDS = {
    "python": "import_statement import_from_statement",
    "typescript": "import_statement export_statement call_expression",
    "tsx": "import_statement export_statement call_expression",
    "go": "import_spec",
    "rust": "use_declaration extern_crate_declaration",
}
_CONTENT = {
    "go": "comment interpreted_string_literal_content raw_string_literal_content",
    "python": "comment string_content",
    "typescript": "comment string_fragment",
    "tsx": "comment string_fragment",
    "rust": "line_comment block_comment string_content",
    "java": "line_comment block_comment string_fragment multiline_string_fragment",
    "kotlin": "line_comment block_comment string_content",
    "csharp": "comment string_literal_content string_content raw_string_content",
}
_SUFFIX = re.compile(r"\.[cm]?[jt]sx?$")
_PRIMITIVE = re.compile(r"crate|self|super|str|char|bool|[uif](?:8|16|32|64|128|size)")
_MODULE = re.compile(r"^module[ \t]+(\S+)", re.MULTILINE)
_ROOTS = ("", "src", "lib", "python")
"""Folders below one of the importing file's own from which Python's packages are imported."""
ALL = "*"
_METHODS = frozenset({"GET", "HEAD"})
_PATH = re.compile(r"(?<![\w:])(?:::\s*+)?([a-z_]\w*+(?:\s*+::\s*+\w++)++)")


class Import(NamedTuple):
    module: str
    """As it is written; "" where it is made at run time."""
    names: tuple[tuple[str, str], ...]
    """(what is taken of it, its name here); `*` is all of it."""
    alias: str
    """The name of the module here; "" where it has none."""
    start: int
    end: int


def code_of(unit: Unit) -> str:
    """The text with blanks for comments and what stands within literals; methods of HTTP that only read are kept."""
    parts, at = [], 0
    for node in captured(unit, _CONTENT[unit.language]):
        if node.start_byte >= at and unit.of(node) not in _METHODS:
            parts += [unit.text[at : node.start_byte], re.sub(r"[^\n]", " ", unit.of(node))]
            at = node.end_byte
    return "".join([*parts, unit.text[at:]])


def imports(unit: Unit, code: str) -> Iterator[Import]:
    nodes = captured(unit, _KINDS[unit.language]) if unit.language in _KINDS else []
    for node in nodes:
        yield from _READ[unit.language](node, unit)
    if unit.language == "rust":
        starts = [node.start_byte for node in nodes]
        for found in _PATH.finditer(code):
            before = bisect_right(starts, found.start())
            if before and nodes[before - 1].end_byte > found.start():
                continue
            module, name = _to_type("".join(found.group(1).split()))
            yield Import(module, ((name, ""),), "", found.start(), found.end())


def _made(node: Node, module: str, names: list[tuple[str, str]] | None = None, alias: str = "") -> Import:
    return Import(module, tuple(names or ()), alias, node.start_byte, node.end_byte)


def _python(node: Node, unit: Unit) -> Iterator[Import]:
    taken = [
        (unit.of(field(each, "name") or each), unit.of(field(each, "alias") or each))
        for each in node.children_by_field_name("name")
    ]
    if node.type == "import_statement":
        for name, alias in taken:
            whole = "".join(name.split())
            yield _made(node, whole, alias=alias if alias != name or "." not in name else "")
            if alias == name and "." in whole:
                yield _made(node, whole.partition(".")[0], alias=whole.partition(".")[0])
        return
    module = field(node, "module_name")
    if any(child.type == "wildcard_import" for child in node.named_children):
        taken = [(ALL, "")]
    yield _made(node, "".join(unit.of(module).split()), taken)


def _script(node: Node, unit: Unit) -> Iterator[Import]:
    if node.type == "call_expression":
        yield from _required(node, unit)
        return
    source = field(node, "source")
    required = next((child for child in node.named_children if child.type == "import_require_clause"), None)
    if required is not None:
        source = field(required, "source")
    if source is None or re.match(r"(?:import|export)\s+type\b(?!\s*,|\s+from\b)", unit.of(node)[:60]):
        return
    names: list[tuple[str, str]] = []
    aliases = [unit.of(required.named_children[0])] if required is not None else []
    waiting = list(node.named_children) if node.type == "export_statement" or required is None else []
    while waiting:
        child = waiting.pop()
        if child.type in ("import_clause", "named_imports", "export_clause"):
            waiting += child.named_children
        elif child.type in ("import_specifier", "export_specifier"):
            name = field(child, "name") or child
            local = unit.of(field(child, "alias") or name)
            if unit.of(name) == "default":
                aliases += [local] if child.type == "import_specifier" else []
                names += [(ALL, "")] if child.type == "export_specifier" else []
            else:
                names.append((unit.of(name), local))
        elif child.type in ("identifier", "namespace_import"):
            aliases.append(unit.of(child.named_children[-1] if child.named_children else child))
        elif child.type == "namespace_export":
            names.append((ALL, ""))
    if node.type == "export_statement" and not names:
        names = [(ALL, "")]
    module = unit.of(source).strip("\"'`")
    if names or not aliases:
        yield _made(node, module, names)
    for alias in aliases:
        yield _made(node, module, alias=alias)


def _required(node: Node, unit: Unit) -> Iterator[Import]:
    """`require("x")` and `import("x")`, with what is taken of the answer."""
    function, args = field(node, "function"), field(node, "arguments")
    if function is None or args is None or unit.of(function) not in ("require", "import"):
        return
    texts = args.named_children
    if not texts or texts[0].type != "string" or len(texts[0].named_children) > 1:
        yield _made(node, "")
        return
    module = unit.of(texts[0]).strip("\"'")
    outer: Node | None = node.parent
    inner: Node = node
    while outer is not None and outer.type in ("await_expression", "parenthesized_expression", "as_expression"):
        inner, outer = outer, outer.parent
    if outer is not None and outer.type == "variable_declarator":
        name = field(outer, "name")
        if name is not None and name.type == "identifier":
            yield _made(outer, module, alias=unit.of(name))
            return
        if name is not None and name.type == "object_pattern":
            yield _made(outer, module, [_destructured(each, unit) for each in name.named_children])
            return
    if outer is not None and outer.type == "member_expression" and field(outer, "object") == inner:
        member = field(outer, "property")
        yield _made(node, module, [(unit.of(member) if member is not None else ALL, "")])
        return
    yield _made(node, module, [] if outer is not None and outer.type == "expression_statement" else [(ALL, "")])


def _destructured(node: Node, unit: Unit) -> tuple[str, str]:
    key, value = field(node, "key"), field(node, "value")
    if key is not None and value is not None:
        return unit.of(key), unit.of(value)
    return (unit.of(node), unit.of(node)) if node.type == "shorthand_property_identifier_pattern" else (ALL, "")


def _go(node: Node, unit: Unit) -> Iterator[Import]:
    path, name = field(node, "path"), field(node, "name")
    module = unit.of(path).strip('"`')
    last = next((part for part in reversed(module.split("/")) if not re.fullmatch(r"v\d+", part)), module)
    alias = unit.of(name) if name is not None else last.removeprefix("go-")
    dotted = [(ALL, "")] if alias == "." else []
    yield _made(node, module, dotted, "" if alias in (".", "_") else alias)


def _rust(node: Node, unit: Unit) -> Iterator[Import]:
    waiting = [(field(node, "argument", "name"), "")]
    while waiting:
        here, before = waiting.pop()
        if here is None:
            continue
        if here.type == "use_list":
            waiting += [(child, before) for child in here.named_children]
        elif here.type == "scoped_use_list":
            path = field(here, "path")
            waiting.append((field(here, "list"), _joined(before, unit.of(path))))
        else:
            named = field(here, "path") if here.type == "use_as_clause" else here
            whole = _joined(before, "".join(unit.of(named or here).split())).removesuffix("::self")
            module, last = _to_type(whole)
            alias = field(here, "alias")
            last = ALL if here.type == "use_wildcard" else last
            yield _made(node, module or last, [(last, unit.of(alias) if alias is not None else last)] if module else [])


def _to_type(path: str) -> tuple[str, str]:
    """`std::process::Command::new` is the `Command` of `std::process`."""
    parts = path.split("::")
    end = next((at for at, part in enumerate(parts) if at and part[:1].isupper()), len(parts) - 1)
    return "::".join(parts[:end]), parts[end]


def _joined(before: str, path: str) -> str:
    return f"{before}::{path}" if before and path else before or path


_READ = {"python": _python, "typescript": _script, "tsx": _script, "go": _go, "rust": _rust}


class OwnFiles:
    def __init__(self, units: Sequence[Unit], files: Sequence[SourceFile]) -> None:
        self.paths = {re.sub(r"\.\w+$", "", unit.file.path): unit for unit in units}
        self.python = {re.sub(r"(?:^|/)__init__$", "", path): unit for path, unit in self.paths.items()}
        self.inside: dict[str, set[str]] = {}
        for path in self.python:
            self.inside.setdefault(posixpath.dirname(path), set()).add(posixpath.basename(path))
        self.folders = {posixpath.dirname(path) for path in self.paths}
        self.stems = {path.removesuffix("/mod").rpartition("/")[2] for path in self.paths}
        roots = [_MODULE.search(file.text) for file in files if posixpath.basename(file.path) == "go.mod"]
        self.module = next((found.group(1) for found in roots if found), "\0")

    def leads_to(self, unit: Unit, taken: Import, code: str) -> bool | None:
        """Whether it leads to a file that was read; None if it is no file of its own."""
        if unit.language == "python":
            return self._python(unit, taken)
        if unit.language == "go":
            return self._go(taken.module)
        if unit.language == "rust":
            first = taken.module.partition("::")[0]
            inner = (
                _PRIMITIVE.fullmatch(first) or first in self.stems or re.search(rf"\bmod\s+{re.escape(first)}\b", code)
            )
            return True if inner else None
        return self._script(unit, taken.module)

    def _script(self, unit: Unit, module: str) -> bool | None:
        if module.startswith("."):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(unit.file.path), module))
            named = {_SUFFIX.sub("", path), f"{path}/index", path}
            return module.endswith(".json") or bool(named & self.paths.keys())
        if module.startswith(("@/", "~/")):
            bare = _SUFFIX.sub("", module[1:])
            return any(f"/{path}".endswith((bare, f"{bare}/index")) for path in self.paths)
        return None

    def _go(self, module: str) -> bool | None:
        if module == self.module:
            return True
        if not module.startswith(f"{self.module}/"):
            return None
        return any(f"/{folder}".endswith(module[len(self.module) :]) for folder in self.folders)

    def _python(self, unit: Unit, taken: Import) -> bool | None:
        rest = taken.module.lstrip(".").replace(".", "/")
        dots = len(taken.module) - len(taken.module.lstrip("."))
        folder = posixpath.dirname(unit.file.path)
        above = [folder]
        while above[-1]:
            above.append(posixpath.dirname(above[-1]))
        bases = above[dots - 1 : dots] if dots else [posixpath.join(each, root) for each in above for root in _ROOTS]
        places = dict.fromkeys(posixpath.join(base, rest).strip("/") for base in bases)
        modules = [self.python[place] for place in places if place in self.python]
        inside = {name for place in places for name in self.inside.get(place, ())}
        if not dots and not modules and not inside:
            return None
        text = " ".join(module.text for module in modules)
        known = (
            name in inside or (modules and (name == ALL or re.search(rf"\b{re.escape(name)}\b", text)))
            for name, _ in taken.names
        )
        return bool(modules or taken.names) and all(known)
