"""Finds the compiled patterns of the product, and texts on which a pattern could cost more than its length.

Idea: a pattern that backtracks shows it on repetitions of what it nearly matches, so the texts are made from the
pattern's own parse tree: matching samples, their prefixes, suffixes and single characters. Invariant: the same
pattern gives the same texts; no pattern is left out because of where it is kept (module, container, class, cached
loader, call with a literal).
"""

import ast
import contextlib
import dataclasses
import importlib
import inspect
import pkgutil
import random
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

PACKAGES = ("scoring", "extractors", "records", "review", "publishing", "flows")
_RUN_BY_A_TOOL = ("records.migrations.env",)
_SAMPLES, _MOST_SAMPLES = 6, 40
_LONGEST = 28
_HEADS = 14
_UNUSUAL = (0xE9, 0x4E2D, 0x2028)
_CALLS = frozenset(("compile", "search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split"))
AnyPattern = re.Pattern[str] | re.Pattern[bytes]


class Place(NamedTuple):
    """A pattern and where a person finds it."""

    name: str
    pattern: AnyPattern


def patterns_of(packages: Collection[str] = PACKAGES) -> list[Place]:
    """Every pattern of these packages, once each, named by module and attribute or by file and line."""
    found: dict[AnyPattern, str] = {}
    for package in packages:
        for module in _modules(package):
            for name, value in list(vars(module).items()):
                if not isinstance(value, ModuleType):
                    for pattern, path in _within(value, f"{module.__name__}.{name}", module.__name__, set()):
                        found.setdefault(pattern, path)
            for pattern, path in _literals(module):
                found.setdefault(pattern, path)
    return [Place(name, pattern) for pattern, name in found.items()]


def _modules(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    yield root
    for info in pkgutil.walk_packages(getattr(root, "__path__", ()), f"{package}."):
        if not info.name.rpartition(".")[2].startswith("__") and info.name not in _RUN_BY_A_TOOL:
            yield importlib.import_module(info.name)


def _within(value: Any, path: str, module: str, visited: set[int]) -> Iterator[tuple[AnyPattern, str]]:
    """Patterns in a value: containers, records, classes of this module, and loaders that are called once."""
    if isinstance(value, re.Pattern):
        yield value, path
        return
    if isinstance(value, (str, bytes, int, float, FunctionType, type(None))) or id(value) in visited:
        return
    visited.add(id(value))
    inside: Iterator[tuple[str, Any]] = iter(())
    if isinstance(value, Mapping):
        inside = (
            (f"[{key!r}]"[:60], one) for pair in value.items() for key, one in ((pair[0], pair[1]), ("", pair[0]))
        )
    elif isinstance(value, (list, tuple, set, frozenset)):
        inside = ((f"[{number}]", one) for number, one in enumerate(value))
    elif hasattr(value, "cache_info") and getattr(value, "__module__", "") == module:
        if not inspect.signature(value).parameters:
            with contextlib.suppress(Exception):  # a loader that wants a set-up first
                inside = iter([("()", value())])
    elif isinstance(value, type) and value.__module__ == module:
        inside = ((f".{name}", one) for name, one in list(vars(value).items()))
    elif dataclasses.is_dataclass(value) or getattr(type(value), "__module__", "").split(".")[0] in PACKAGES:
        inside = ((f".{name}", one) for name, one in getattr(value, "__dict__", {}).items())
    for name, one in inside:
        yield from _within(one, path + name, module, visited)


def _literals(module: ModuleType) -> Iterator[tuple[AnyPattern, str]]:
    """Patterns that stand as a literal in a call of `re`."""
    file = Path(module.__file__ or "")
    if file.suffix != ".py" or not file.is_file():
        return
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLS):
            continue
        called = node.func.value
        if not (isinstance(called, ast.Name) and called.id == "re" and node.args):
            continue
        text = node.args[0]
        if isinstance(text, ast.Constant) and isinstance(text.value, (str, bytes)):
            flags = {name.attr for name in ast.walk(node) if isinstance(name, ast.Attribute) and name.attr.isupper()}
            number = re.NOFLAG
            for flag in flags:
                number |= getattr(re, flag, re.NOFLAG)
            with contextlib.suppress(re.error, ValueError):
                yield re.compile(text.value, number), f"{module.__name__}:{node.lineno}"


def pumps(pattern: AnyPattern) -> list[tuple[str, str, str]]:
    """(head, repeated piece, tail) of each text on which the pattern is tried."""
    tree = list(parser.parse(pattern.pattern, pattern.flags & ~(re.UNICODE if isinstance(pattern.pattern, str) else 0)))
    draw = random.Random(repr(pattern.pattern))
    number = min(_MOST_SAMPLES, max(_SAMPLES, _widest(tree)))
    samples = list(dict.fromkeys(_sample(tree, draw, {}, each)[:_LONGEST] for each in range(number)))
    samples = [sample for sample in samples if sample]
    pieces: dict[tuple[str, str], None] = {}
    for sample in samples:
        step = max(1, len(sample) // _HEADS)
        for at in range(0, len(sample), step):
            pieces["", sample[: len(sample) - at]] = None
            pieces["", sample[at:]] = None
            pieces[sample[:at], sample[at]] = None
    for char in dict.fromkeys("".join(samples) + " a<\n"):
        pieces["", char] = None
    return [(head, piece, tail) for head, piece in pieces for tail in ("", "\x00")]


def _widest(items: list[Any]) -> int:
    """The most alternatives of any branch: so many samples are needed for each to be in one."""
    most = 0
    for kind, value in items:
        if kind is op.BRANCH:
            most = max(most, len(value[1]), *(_widest(list(branch)) for branch in value[1]))
        elif kind is op.SUBPATTERN:
            most = max(most, _widest(list(value[3])))
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            most = max(most, _widest(list(value[2])))
        elif kind is op.ATOMIC_GROUP:
            most = max(most, _widest(list(value)))
    return most


def _sample(items: list[Any], draw: random.Random, groups: dict[int, str], number: int) -> str:
    """A text that the items match, but for look-arounds; the sample's number sets how long repeats are."""
    return "".join(_one(kind, value, draw, groups, number) for kind, value in items)


def _one(kind: Any, value: Any, draw: random.Random, groups: dict[int, str], number: int) -> str:
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.NOT_LITERAL:
        return next(char for char in (' a<"x' if number % 2 else "a x<") if ord(char) != value)
    if kind is op.ANY:
        return draw.choice("a x")
    if kind is op.IN:
        return _char(value, draw)
    if kind is op.BRANCH:
        branches = value[1]
        branch = branches[number % len(branches)] if number < len(branches) else draw.choice(branches)
        return _sample(list(branch), draw, groups, number)
    if kind is op.SUBPATTERN:
        text = _sample(list(value[3]), draw, groups, number)
        if value[0] is not None:
            groups[value[0]] = text
        return text
    if kind is op.ATOMIC_GROUP:
        return _sample(list(value), draw, groups, number)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        least, most, body = value
        times = min(int(most), max(int(least), (0, 1, 1, 2, 3, 5)[number % 6]))
        return "".join(_sample(list(body), draw, groups, number) for _ in range(min(times, 40)))
    if kind is op.GROUPREF:
        return groups.get(value, "")
    if kind is op.GROUPREF_EXISTS:
        return _sample(list((value[1] if value[0] in groups else value[2]) or ()), draw, groups, number)
    return ""


_KINDS = {
    op.CATEGORY_DIGIT: "0", op.CATEGORY_NOT_DIGIT: "a ", op.CATEGORY_SPACE: " \n", op.CATEGORY_NOT_SPACE: "a<",
    op.CATEGORY_WORD: "aA0_", op.CATEGORY_NOT_WORD: " -<",
}  # fmt: skip


_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s", op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _char(choices: list[Any], draw: random.Random) -> str:
    negated = choices[0][0] is op.NEGATE
    if not negated:
        kind, value = draw.choice(choices)
        if kind is op.LITERAL:
            return chr(value)
        if kind is op.RANGE:
            return chr(draw.choice((value[0], value[1], (value[0] + value[1]) // 2)))
        return draw.choice(_KINDS[value])
    every = [*range(32, 127), 10, *_UNUSUAL]
    allowed = [chr(code) for code in every if not any(_holds(code, kind, value) for kind, value in choices[1:])]
    return draw.choice([char for char in 'a <.-"' if char in allowed] or allowed or ["a"])


def _holds(code: int, kind: Any, value: Any) -> bool:
    if kind is op.LITERAL:
        return bool(code == value)
    if kind is op.RANGE:
        return bool(value[0] <= code <= value[1])
    return re.match(_CATEGORIES[value], chr(code)) is not None
