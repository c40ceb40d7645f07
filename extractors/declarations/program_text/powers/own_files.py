"""Which of a program's imports lead to files of its own.

Invariant: an import that looks like a file of its own and leads to none that was read is told apart from one of a
library: of neither is it known what it does.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from extractors.declarations.facts import SourceFile
from extractors.declarations.program_text.powers.imports import ALL, Import
from extractors.declarations.program_text.syntax.parsed_file import Unit

_SUFFIX = re.compile(r"\.[cm]?[jt]sx?$")
_PRIMITIVE = re.compile(r"crate|self|super|str|char|bool|[uif](?:8|16|32|64|128|size)")
_MODULE = re.compile(r"^module[ \t]+(\S+)", re.MULTILINE)
_ROOTS = ("", "src", "lib", "python")
"""Folders below one of the importing file's own from which Python's packages are imported."""


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
