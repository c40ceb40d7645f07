"""Tools declared in program text: one set of rules over the constructs of every language.

Idea: whatever the language, a tool is a marked function, a registering call, a record of name, description and
schema, or a class with a name and a description. Rules follow helpers that pass a name on, loops over a list that
is written out, functions that are handed over, and prefixes under which a server is mounted. Files
that cannot declare a tool are not parsed; all others of one product are read as one program. Invariants: program text
is read, never run; a name that is not resolved is no tool but a gap.
"""

import re
from collections.abc import Sequence

from extractors.declarations.facts import Declarations, SourceFile
from extractors.declarations.program_text.collect import DESCRIPTIONS, NAME, NAMES
from extractors.declarations.program_text.marks import Mark, documentation, marks
from extractors.declarations.program_text.openness import gaps
from extractors.declarations.program_text.powers.powers import powers
from extractors.declarations.program_text.records import Records
from extractors.declarations.program_text.syntax.grammars import RECORDS
from extractors.declarations.program_text.syntax.parsed_file import Item, Unit, field, key_of
from extractors.declarations.program_text.syntax.parts import arguments, binding, callee, function_name, record_fields
from extractors.declarations.program_text.values import Program
from extractors.program_paths import language_of, shipped

_MARKS = re.compile(
    r"\A(?:(?:\w*_)?tool|(?:Mcp)?(?:Server)?Tool(?:Attribute)?|KernelFunction|mcpTool|\w+Tool)", re.ASCII
)
_NOT_MARKS = re.compile(r"(?i)(?:has|check|requires?|needs?|get|list|call|validate|use|test|is)_?tool")

_LISTED = re.compile(r"(?i)(?:^|_)tools$")
_NAMED_FIRST = ("python", "csharp")
"""Languages in which the first argument of a mark is the tool's name."""


class Tools(Records):
    """Reads all tools of a program; `tools` and `gaps` are in the order of the files."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._prefixes = self._mounts()
        for unit in program.units:
            self._read(unit)
        self._call_helpers()
        for unit in program.units:
            if unit.language == "python":
                self._lists_of_functions(unit)

    def _read(self, unit: Unit) -> None:
        marked: set[int] = set()
        for item, found in marks(unit):
            marked.update(mark.node.start_byte for mark in found)
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
            at_the_top = item.node.type == "assignment" and item.around("function") is None
            name, value = binding(item) if at_the_top else ("", None)
            if value is None or value.type not in ("list", "tuple", "set") or not _LISTED.search(name):
                continue
            nodes = [node for node in value.named_children if node.type == "identifier"]
            if len(nodes) == len([node for node in value.named_children if node.type not in ("comment", "list_splat")]):
                for node in nodes:
                    for element in self._resolve(node, unit, item, 4) or []:
                        if element[2][0].islower() and element[2] not in known:
                            self._one(item, *element, annotated="")

    def _marked(self, item: Item, found: list[Mark]) -> None:
        named = (each for each in found if _MARKS.fullmatch(each.name) and not _NOT_MARKS.fullmatch(each.name))
        mark = next((each for each in named if not each.receiver.startswith("pytest")), None)
        if mark is None or item.kind not in ("function", "class"):
            return
        unit, args = item.unit, mark.args
        name_node = args.named.get("name")
        description = next((args.named[key] for key in DESCRIPTIONS if key in args.named), None)
        name: str | None = None
        if name_node is not None:
            name = self.program.text(name_node, unit, item) or None
            if name is None:
                self.gaps.append("the name of a tool is made at run time")
                return
        for position, node in enumerate(args.positional[:2]):
            text = self.program.text(node, unit, item)
            if node.type in RECORDS:
                inner = record_fields(node, unit)
                name = name or self._first_text(inner, NAMES, unit, item)
                description = description or next((inner[key] for key in DESCRIPTIONS if key in inner), None)
            elif text and position == 0 and name is None and NAME.fullmatch(text) and unit.language in _NAMED_FIRST:
                name = text
            elif text and description is None:
                description = node
        if name is None:
            name = function_name(item)
            if unit.language == "csharp":
                name = _snake(name.removesuffix("Async"))
                self.gaps.append("the library makes the tool's name, in its own way in each version")
        prefix = self._prefixes.get((unit.file.path, mark.receiver)) or self._prefixes.get(("", mark.receiver), "")
        text = self.program.prose(description, unit, item)
        if not text:
            describing = (m.args.positional for m in found if key_of(m.name) == "description" and m.args.positional)
            text = next((self.program.prose(nodes[0], unit, item) for nodes in describing), "")
        annotated = unit.of(mark.node)
        if (constant := args.named.get("annotations")) is not None:
            annotated += self._constant_text(constant, unit)
        node = name_node or field(item.node, "name") or item.node
        self._add(
            item,
            node,
            prefix + name,
            text or documentation(item, found[0].node.start_byte),
            annotated,
            unit.of(field(item.node, "parameters")),
            "marked function",
        )

    def _mounts(self) -> dict[tuple[str, str], str]:
        """{(path of the file, variable of the server): prefix with its `_`}."""
        found: dict[tuple[str, str], str] = {}
        for unit in self.program.units:
            for item in unit.items if unit.language == "python" else ():
                if item.kind == "call" and callee(item)[1] in ("mount", "import_server"):
                    self._mount(item, found)
        return found

    def _mount(self, item: Item, found: dict[tuple[str, str], str]) -> None:
        """`main.mount("prefix", server)`, `main.mount(server, prefix="prefix")`."""
        unit, args = item.unit, arguments(item)
        texts = [node for node in args.positional[:2] if "string" in node.type]
        prefix = next((args.named[key] for key in ("prefix", "namespace") if key in args.named), None)
        prefix = prefix or next(iter(texts), None)
        servers = (node for node in args.positional if node not in texts)
        name = unit.of(args.named.get("server") or next(servers, None))
        text = self.program.text(prefix, unit, item) if prefix is not None else ""
        if text is None or not re.fullmatch(r"[\w.]+", name):
            self.gaps.append("tools of another server are carried on")
            return
        module, original = self.program.imports[unit.file.path].get(name.split(".")[0], ("", name))
        prefixed = f"{text}_" if text else ""
        if not module:
            found[(unit.file.path, name)] = prefixed
            return
        for other in self.program.units:
            stem = re.sub(r"(?:/__init__)?\.py$", "", other.file.path).rpartition("/")[2]
            if stem in (module, original):
                found[(other.file.path, original if stem == module else name.rpartition(".")[2])] = prefixed
        if not any(key[1] == original for key in found):
            found[("", original)] = prefixed


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


_MAY_DECLARE = re.compile(r"(?i)tool|KernelFunction|AgentSkill")


def read_source(files: Sequence[SourceFile]) -> Declarations:
    """The tools of one product's program text, what may leave their list open, and what it does."""
    chosen = set(shipped([file.path for file in files])[0])
    programs = [file for file in files if file.path in chosen]
    if not any(_MAY_DECLARE.search(file.text) for file in programs):
        return Declarations()
    units = [Unit(file, language) for file in programs if (language := language_of(file.path))]
    program = Program(units)
    found = Tools(program)
    return Declarations(
        tools=tuple(found.tools),
        schemes=tuple(found.schemes),
        gaps=(*found.gaps, *gaps(program, found)),
        powers=powers(units, files),
    )
