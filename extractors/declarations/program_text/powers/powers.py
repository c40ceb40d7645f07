"""Lines by which a program could run, write or send something, whatever its tools are called.

Idea: what a tool does stands in its code, and a module that nobody reviewed could do anything. So only modules and
words that the table lists as harmless are taken for harmless. Invariant: a module that is not in the table, is named at
run time or leads to a file that was not read is a power; a language without modules in the table has one always.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from extractors.declarations.facts import Power, SourceFile
from extractors.declarations.located import NOTHING, read_json
from extractors.declarations.program_text.powers.imports import ALL, Import, OwnFiles, code_of, imports
from extractors.declarations.program_text.powers.judged_calls import acting_calls
from extractors.declarations.program_text.syntax.parsed_file import Unit

TABLE = Path(__file__).parents[4] / "data/tools/program_powers.toml"
MOST = 8
"""Powers that are kept of one program, and lines of one file that one rule shows. One is enough, so nothing is looked
for once so many are known that could run something."""
_LIKE = {"tsx": "typescript"}
_SEPARATOR = {"typescript": "/", "rust": "::"}
_RUNS, _ACTS, _OPEN = "it could run commands or code", "it could write or send", "what it uses is not known"
_KINDS = {"executes": _RUNS, "changes": _ACTS, "talking": _ACTS}
_ESCAPED = re.compile(r"\\u")
_ENCODED = re.compile(r"\A(?:[^\n]*+\n)?[^\n]*?coding[:=][ \t]*+(?!utf-?8\b|ascii\b|latin-1\b)", re.IGNORECASE)
"""An encoding in which a comment can hold code."""
_COMPUTED = re.compile(r"\bgetattr\b(?!\s*\(\s*[\w.]+\s*,\s*[\"'])")
_NAMED = re.compile(
    r"\bgetattr\s*\(\s*[\w.]+\s*,\s*[\"'](\w*)|[\"'`](constructor|eval|Function|__(?!main__|version__|all__|name__)\w+__)[\"'`]"
)
"""Members that are named by a literal."""
_PRIVATE = re.compile(r"_(?!_(?:version|name|file|doc)__)\w+")
_ELSEWHERE: dict[str, re.Pattern[str]] = {
    "package.json": re.compile(r'"(?:overrides|resolutions|imports|bundledDependencies|bundleDependencies)"\s*:'),
    "pyproject.toml": re.compile(r"\[\[?tool\.(?:uv\.(?:sources|index)|poetry\.source)|[\"'][\w.\[\],-]+ *@ "),
    "go.mod": re.compile(r"=>"),
    "cargo.toml": re.compile(r"^\[(?:patch|replace|source)\b|\b(?:path|git|package|registry) *= *\"", re.MULTILINE),
    "requirements.txt": re.compile(r"^[ \t]*(?:-[eif]|--|[./])|://| @ ", re.MULTILINE),
}
"""Manifests that take a dependency from another place than its name says; the head of a Python script can do so too."""
_SCRIPT_SOURCES = re.compile(r"^#[ \t]*\[\[?tool\.uv\b", re.MULTILINE)
_SECTIONS = ("dependencies", "optionalDependencies", "peerDependencies")


class _Part(NamedTuple):
    members: frozenset[str]
    kind: str
    talks: bool


class _Rows(NamedTuple):
    free: Sequence[str]
    executes: Sequence[str]
    changes: Sequence[str]
    part: dict[str, _Part]
    words: dict[str, re.Pattern[str]]

    def kind(self, module: str) -> str:
        """ "" for a module that is harmless, or of which the members decide."""
        if module in self.part or _listed(module, self.free):
            return ""
        return _RUNS if _listed(module, self.executes) else _ACTS if _listed(module, self.changes) else _OPEN


@cache
def _rows(language: str) -> _Rows:
    row = tomllib.loads(TABLE.read_text(encoding="utf-8"))[_LIKE.get(language, language)]
    part = {
        name: _Part(
            frozenset(each["members"].split()), _KINDS.get(each.get("rest", ""), _OPEN), each.get("talks", False)
        )
        for name, each in row.get("part", {}).items()
    }
    words = {kind: re.compile("|".join(patterns)) for kind, patterns in row["words"].items()}
    return _Rows(row.get("free", ()), row.get("executes", ()), row.get("changes", ()), part, words)


def _listed(module: str, rows: Sequence[str]) -> bool:
    beginnings = (row.removesuffix("*").rstrip("/.:") for row in rows if row.endswith("*"))
    return module in rows or any(
        module == each or module.startswith((f"{each}.", f"{each}/", f"{each}::")) for each in beginnings
    )


def powers(units: Sequence[Unit], files: Sequence[SourceFile]) -> tuple[Power, ...]:
    found: dict[str, Power] = {}
    for file in files:
        for start in _from_elsewhere(file):
            made = _power(file, start, _OPEN, "a dependency from another place")
            found.setdefault(made.why, made)
    for made in _Program(units, files).powers():
        found.setdefault(made.why, made)
        if sum(power.executes for power in found.values()) >= MOST:
            break
    return tuple(sorted(found.values(), key=lambda power: not power.executes)[:MOST])


def _from_elsewhere(file: SourceFile) -> Iterator[int]:
    name = file.path.rpartition("/")[2].lower()
    pattern = _SCRIPT_SOURCES if name.endswith(".py") else _ELSEWHERE.get(name)
    match = pattern.search(file.text) if pattern else None
    if match:
        yield match.start()
    manifest = read_json(file.text) if name == "package.json" else None
    for section in _SECTIONS:
        for _, entry in (manifest or NOTHING).items(section):
            if re.search("[:/]", str(entry.value)):
                yield entry.start


def _power(file: SourceFile, start: int, kind: str, what: str) -> Power:
    line = file.text.count("\n", 0, start) + 1
    why = f"{kind}: {' '.join(what.split())[:80]} ({file.path}, line {line})"
    return Power(why=why, executes=kind != _ACTS)


class _Program:
    def __init__(self, units: Sequence[Unit], files: Sequence[SourceFile]) -> None:
        self.units = units
        self.own = OwnFiles(units, files)
        self.code = {id(unit): code_of(unit) for unit in units}
        self.taken = {id(unit): list(imports(unit, self.code[id(unit)])) for unit in units}
        self.talks = False
        self.aliases: dict[tuple[int, str], str] = {}
        """{(file, name there): row of the table}."""

    def powers(self) -> Iterator[Power]:
        for unit in self.units:
            yield from self._imports(unit)
        self._handed_on()
        for unit in self.units:
            yield from self._words(unit)

    def _imports(self, unit: Unit) -> Iterator[Power]:
        rows = _rows(unit.language)
        if not rows.free:
            yield _power(unit.file, 0, _OPEN, f"a library of a program in {unit.language}")
            return
        if "process" in rows.part:
            self.aliases[id(unit), "process"] = "process"
        for taken in self.taken[id(unit)]:
            for kind, what in self._import(unit, taken._replace(module=taken.module.removeprefix("node:")), rows):
                yield _power(unit.file, taken.start, kind, what)

    def _import(self, unit: Unit, taken: Import, rows: _Rows) -> Iterator[tuple[str, str]]:
        module = taken.module
        if not module:
            yield _RUNS, "a module that is named at run time"
            return
        own = self.own.leads_to(unit, taken, self.code[id(unit)])
        if own is False:
            yield _OPEN, f"`{module}`, a file that was not read"
        known = _listed(module, (*rows.executes, *rows.changes))  # beside a file of that name, which is meant is open
        if (own is not None and not known) or (id(unit), module.partition("::")[0]) in self.aliases:
            return
        if taken.alias or not taken.names:
            yield from self._module(unit, module, taken.alias, rows)
        for name, alias in taken.names:
            whole = f"{module}{_SEPARATOR.get(_LIKE.get(unit.language, unit.language), '.')}{name}"
            if name != ALL and rows.kind(whole) != _OPEN:
                yield from self._module(unit, whole, alias, rows)
            elif module not in rows.part:
                yield from self._module(unit, module, "", rows)
                known = rows.kind(name.lstrip("_")) in (_RUNS, _ACTS) or name.lstrip("_") in rows.part
                if known or _PRIVATE.fullmatch(name):  # `from glob import os`, `from uuid import _run`
                    yield _RUNS, f"`{whole}`"
            elif name not in rows.part[module].members:
                yield rows.part[module].kind, f"`{whole}`"
            self.talks |= module in rows.part and rows.part[module].talks

    def _module(self, unit: Unit, module: str, alias: str, rows: _Rows) -> Iterator[tuple[str, str]]:
        if alias and alias != "fetch":  # its calls are judged one by one
            self.aliases[id(unit), alias] = module
        self.talks |= module in rows.part and rows.part[module].talks
        if kind := rows.kind(module):
            yield kind, f"`{module}`"

    def _handed_on(self) -> None:
        """`from compat import os as look`, where `compat` is a file of its own that imports it."""
        for _ in range(3):
            names = {name: row for (_, name), row in self.aliases.items()}
            for unit in self.units:
                for taken in self.taken[id(unit)]:
                    if self.own.leads_to(unit, taken, self.code[id(unit)]):
                        for name, alias in taken.names:
                            if name in names and alias:
                                self.aliases.setdefault((id(unit), alias), names[name])

    def _words(self, unit: Unit) -> Iterator[Power]:
        code, rows = self.code[id(unit)], _rows(unit.language)
        for kind, pattern in rows.words.items():
            for match in islice(pattern.finditer(code), MOST) if kind != "talking" or self.talks else ():
                yield _power(unit.file, match.start(), _KINDS[kind], f"`{match.group(0)}`")
        encoded = _ENCODED.match(unit.text) if unit.language == "python" else None
        letter = next((each for each in re.finditer(r"[^\x00-\x7f]", code) if _stands_for_another(each.group(0))), None)
        for match in filter(None, (_ESCAPED.search(code), encoded, letter)):
            yield _power(unit.file, match.start(), _RUNS, "letters that stand for others")
        for match in islice(_COMPUTED.finditer(code), MOST):
            yield _power(unit.file, match.start(), _RUNS, "`getattr`")
        for match in _NAMED.finditer(unit.text):
            name = match.group(1) or ""
            if match.group(2) or any(each.search(name) or each.search(f".{name}") for each in rows.words.values()):
                yield _power(unit.file, match.start(), _RUNS, f"`{name or match.group(2)}`")
        yield from self._members(unit, code, rows)
        for match in islice(acting_calls(unit, code), MOST):
            yield _power(unit.file, match.start(), _ACTS, f"`{match.group(0)}`")

    def _members(self, unit: Unit, code: str, rows: _Rows) -> Iterator[Power]:
        """What is used of a module of which only some members are harmless, and private members of any."""
        spans = [(taken.start, taken.end) for taken in self.taken[id(unit)]]
        named = [(alias, module, True) for (holder, alias), module in self.aliases.items() if holder == id(unit)]
        handed_on = {(alias, module, False) for (_, alias), module in self.aliases.items() if module in rows.part}
        for alias, module, here in (*named, *sorted(handed_on)):
            start = r"(?<![\w$.])" if here else r"(?<=\.)"
            part = rows.part.get(module)
            acting = (
                match
                for match in re.finditer(rf"{start}{re.escape(alias)}\b(?:\s*(?:\?\.|\.|::)\s*(\w+))?", code)
                if (match.group(1) not in part.members if part else _PRIVATE.fullmatch(match.group(1) or ""))
                and (match.group(1) or (here and not any(begin <= match.start() < end for begin, end in spans)))
            )
            for match in islice(acting, MOST):
                what = f"`{alias}.{match.group(1)}`" if match.group(1) else f"`{alias}` as a whole"
                yield _power(unit.file, match.start(), part.kind if part else _RUNS, what)


def _stands_for_another(letter: str) -> bool:
    return not letter.isascii() and unicodedata.normalize("NFKC", letter).isascii()
