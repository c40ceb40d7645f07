"""JSON, YAML and TOML whose values know where in the file they stand.

Idea: a fact needs its line, and the usual parsers forget it. Comments and trailing commas are allowed in JSON, as
client configurations have them. Invariants: linear in the text; nesting and size are bounded; a file that does not
parse gives None and never an error.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

MAX_DEPTH = 60
MAX_NODES = 60_000
_scanstring: Any = json.decoder.scanstring  # type: ignore[attr-defined]
_BLANK = re.compile(r"(?:[ \t\r\n\ufeff]++|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|#[^\n]*+)*+")
_WORD = re.compile(r"[^\s,\]\}:\"\[\{]++")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Located(NamedTuple):
    """A value with the span of its text; for a member of an object the span begins with its key."""

    value: Any
    """`dict[str, Located]`, `list[Located]`, or a scalar."""
    start: int
    end: int

    def get(self, *keys: str) -> Located | None:
        """The first member that is there, of the keys given as alternatives."""
        if isinstance(self.value, dict):
            for key in keys:
                if key in self.value:
                    found: Located = self.value[key]
                    return found
        return None

    def at(self, *path: str) -> Located | None:
        here: Located | None = self
        for key in path:
            here = here.get(key) if here else None
        return here

    def text(self, *keys: str) -> str:
        """The member's text, or "" where it is absent or no text."""
        found = self.string(*keys)
        return found.value if found else ""

    def string(self, *keys: str) -> Located | None:
        """The member where it is a text, without blanks around it."""
        found = self.get(*keys)
        return found._replace(value=found.value.strip()) if found and isinstance(found.value, str) else None

    def flag(self, *keys: str) -> bool | None:
        """The member where it is true or false."""
        found = self.get(*keys)
        return found.value if found and isinstance(found.value, bool) else None

    def items(self, *keys: str) -> Iterator[tuple[str, Located]]:
        """Of the object, or of the member that is one."""
        found = self.get(*keys) if keys else self
        if found and isinstance(found.value, dict):
            yield from found.value.items()

    def members(self, *keys: str) -> list[Located]:
        """Of the list, or of the member that is one."""
        found = self.get(*keys) if keys else self
        return found.value if found and isinstance(found.value, list) else []

    def plain(self) -> Any:
        if isinstance(self.value, dict):
            return {key: member.plain() for key, member in self.value.items()}
        if isinstance(self.value, list):
            return [member.plain() for member in self.value]
        return self.value


NOTHING = Located(None, 0, 0)
"""The value of a file that does not parse."""


def read_json(text: str, offset: int = 0) -> Located | None:
    """The value that begins at `offset`; what follows it is not looked at."""
    try:
        return _Json(text).value(offset, 0)
    except (ValueError, IndexError):
        return None


class _Json:
    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes = 0

    def blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def value(self, at: int, depth: int) -> Located:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise ValueError
        at = self.blank(at)
        sign = self.text[at]
        if sign == '"':
            value, end = _scanstring(self.text, at + 1, False)
            return Located(value, at, end)
        if sign == "{":
            return self.object(at, depth)
        if sign == "[":
            return self.array(at, depth)
        word = _WORD.match(self.text, at)
        if not word:
            raise ValueError
        return Located(json.loads(word.group(0)), at, word.end())

    def object(self, start: int, depth: int) -> Located:
        members: dict[str, Located] = {}
        at = self.blank(start + 1)
        while self.text[at] != "}":
            if self.text[at] != '"':
                raise ValueError
            key, end = _scanstring(self.text, at + 1, False)
            colon = self.blank(end)
            if self.text[colon] != ":":
                raise ValueError
            value = self.value(colon + 1, depth + 1)
            members[key] = Located(value.value, at, value.end)
            at = self.after(value.end, "}")
        return Located(members, start, at + 1)

    def array(self, start: int, depth: int) -> Located:
        members: list[Located] = []
        at = self.blank(start + 1)
        while self.text[at] != "]":
            value = self.value(at, depth + 1)
            members.append(value)
            at = self.after(value.end, "]")
        return Located(members, start, at + 1)

    def after(self, at: int, close: str) -> int:
        at = self.blank(at)
        if self.text[at] == ",":
            return self.blank(at + 1)
        if self.text[at] != close:
            raise ValueError
        return at


def read_yaml(text: str, offset: int = 0) -> list[Located]:
    """The documents; scalars stay as they are written, except `true`, `false` and nothing."""
    documents: list[Located] = []
    stack: list[list[Any]] = []  # [is mapping, start, members, key or None]
    nodes = 0
    try:
        for event in yaml.parse(text, _LOADER):
            done: Located | None = None
            if isinstance(event, yaml.CollectionStartEvent):
                nodes += 1
                mapping = isinstance(event, yaml.MappingStartEvent)
                stack.append([mapping, _at(event.start_mark), {} if mapping else [], None])
            elif isinstance(event, yaml.CollectionEndEvent):
                _, start, members, _key = stack.pop()
                done = Located(members, start + offset, _at(event.end_mark) + offset)
            elif isinstance(event, yaml.ScalarEvent):
                nodes += 1
                done = Located(_scalar(event), _at(event.start_mark) + offset, _at(event.end_mark) + offset)
            elif isinstance(event, yaml.AliasEvent):
                done = Located(None, _at(event.start_mark) + offset, _at(event.end_mark) + offset)
            if len(stack) > MAX_DEPTH or nodes > MAX_NODES:
                return documents
            if done is None:
                continue
            if not stack:
                documents.append(done)
            elif not stack[-1][0]:
                stack[-1][2].append(done)
            elif stack[-1][3] is None:
                stack[-1][3] = done
            else:
                key = stack[-1][3]
                stack[-1][3] = None
                if isinstance(key.value, str):
                    stack[-1][2][key.value] = Located(done.value, key.start, max(done.end, key.end))
    except (yaml.YAMLError, ValueError):
        return documents
    return documents


def _at(mark: Any) -> int:
    return int(mark.index)


def _scalar(event: Any) -> Any:
    if event.style in ("'", '"', "|", ">"):
        return event.value
    return {"true": True, "false": False, "null": None, "~": None, "": None}.get(event.value, event.value)


_TABLE = re.compile(r"^[ \t]*+\[\[?([^\]\n]++)\]\]?", re.MULTILINE)
_KEY = re.compile(r"^[ \t]*+((?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+'|\.|[ \t](?=[\w\".' -]*+=))++)[ \t]*+=", re.MULTILINE)
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)")


def read_toml(text: str, offset: int = 0) -> Located | None:
    """Keys that begin a line know it; members of an inline table have the line of their table."""
    if any(line.partition("=")[0].count(".") > 60 for line in text.split("\n")):
        return None
    try:
        value = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    spans: dict[tuple[str, ...], tuple[int, int]] = {}
    table: tuple[str, ...] = ()
    marks = sorted(
        [(found.start(), True, found) for found in _TABLE.finditer(text)]
        + [(found.start(), False, found) for found in _KEY.finditer(text)],
        key=lambda mark: mark[0],
    )
    for number, (start, is_table, found) in enumerate(marks):
        end = marks[number + 1][0] if number + 1 < len(marks) else len(text)
        parts = tuple(next(filter(None, part), "") for part in _PART.findall(found.group(1)))
        if is_table:
            table = parts
            spans.setdefault(table, (start + offset, found.end() + offset))
        else:
            start = found.start(1)
            spans.setdefault(table + parts, (start + offset, start + len(text[start:end].rstrip()) + offset))
    return _placed(value, (), spans, (offset, offset + 1), text, offset)


def _placed(
    value: Any,
    path: tuple[str, ...],
    spans: dict[tuple[str, ...], tuple[int, int]],
    outer: tuple[int, int],
    text: str,
    offset: int,
) -> Located:
    start, end = spans.get(path, outer)
    if isinstance(value, dict):
        inner = {key: _placed(member, (*path, key), spans, (start, end), text, offset) for key, member in value.items()}
        return Located(inner, start, end)
    if isinstance(value, list):
        members, cursor = [], start
        for member in value:
            if isinstance(member, str):
                at = text.find(member, cursor - offset, max(end - offset, cursor - offset))
                if at >= 0:
                    cursor = at + offset + len(member)
                    members.append(Located(member, at + offset, cursor))
                    continue
            members.append(_placed(member, path, spans, (start, end), text, offset))
        return Located(members, start, end)
    return Located(value, start, end)
