"""TOML as a tree: the standard library reads the values, one pass over the lines finds the line of each name."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from assay_check.configurations.tree import Document, Node, Problem

_HEADER = re.compile(r"\s*+(\[\[?)\s*+([^\[\]\n]{1,400})\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*)\s*="""
)
_PART = re.compile(r""""([^"\n]*)"|'([^'\n]*)'|([A-Za-z0-9_-]+)""")
_AT_LINE = re.compile(r"\(at line (\d+)")

MOST_PARTS = 64
"""Of a dotted name: the library's reading of longer ones is quadratic."""

Path = tuple[str | int, ...]


def read_toml(text: str) -> Document:
    """The whole document; a syntax error is one problem with its line."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_PARTS and re.split(r"[=\"'#]", line, maxsplit=1)[0].count(".") > MOST_PARTS:
            return Document(None, (Problem(number, "a name of too many parts"),))
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        where = _AT_LINE.search(str(error))
        return Document(None, (Problem(int(where.group(1)) if where else 0, "this is no TOML"),))
    return Document(_node(values, (), _lines(text), 1))


def _node(value: Any, path: Path, lines: dict[Path, int], line: int) -> Node:
    if isinstance(value, dict):
        key_lines = {key: lines.get((*path, key), line) for key in value}
        members = {key: _node(member, (*path, key), lines, key_lines[key]) for key, member in value.items()}
        return Node(line, members, key_lines)
    if isinstance(value, list):
        return Node(line, [_node(item, (*path, i), lines, lines.get((*path, i), line)) for i, item in enumerate(value)])
    return Node(line, value if isinstance(value, (str, int, float, bool)) else str(value))


def _lines(text: str) -> dict[Path, int]:
    """Line of the first mention of each path: a table's header, else the key that begins it."""
    found: dict[Path, int] = {}
    headers: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in _outside_texts(text):
        header = _HEADER.match(line)
        if header:
            table = _resolved(_parts(header.group(2)), counts)
            if header.group(1) == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            headers.setdefault(table, number)
            _mention(table, number, found)
        elif key := _KEY.match(line):
            _mention((*table, *_parts(key.group(1))), number, found)
    return found | headers


def _mention(path: Path, number: int, found: dict[Path, int]) -> None:
    for length in range(1, len(path) + 1):
        found.setdefault(path[:length], number)


def _resolved(parts: Path, counts: dict[Path, int]) -> Path:
    path: Path = ()
    for position, part in enumerate(parts):
        path = (*path, part)
        if position < len(parts) - 1 and path in counts:
            path = (*path, counts[path])
    return path


def _parts(dotted: str) -> Path:
    return tuple(next(group for group in match.groups() if group is not None) for match in _PART.finditer(dotted))


def _outside_texts(text: str) -> Iterator[tuple[int, str]]:
    """The lines that do not begin inside a text of several lines."""
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        if fence:
            if line.count(fence) % 2:
                fence = ""
            continue
        yield number, line
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                fence = mark
                break
