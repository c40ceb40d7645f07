"""JSON, YAML and TOML whose values know their place in the file.

Idea: a fact needs its line, and the usual parsers forget it. Comments and trailing commas are allowed in JSON, as
client configurations have them. Invariants: linear in the text; nesting and size are bounded; a file that does not
parse gives None and never an error.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cached_property
from itertools import count, islice, zip_longest
from typing import Any, NamedTuple

import yaml

from extractors.declarations.facts import Place, SourceFile, place

MAX_DEPTH = 60
MAX_NODES = 60_000
"""Values of JSON, or events of YAML."""
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
        return _json_value(text, offset, 0, count(1))
    except (ValueError, IndexError):
        return None


def _json_value(text: str, at: int, depth: int, nodes: Iterator[int]) -> Located:
    if depth > MAX_DEPTH or next(nodes) > MAX_NODES:
        raise ValueError
    start = _after_blanks(text, at)
    if text[start] == '"':
        value, end = _scanstring(text, start + 1, False)
        return Located(value, start, end)
    if text[start] not in "{[":
        word = _WORD.match(text, start)
        return Located(json.loads(word.group(0) if word else ""), start, word.end() if word else start)
    members: list[tuple[str, Located]] = []
    is_object, close = text[start] == "{", "}" if text[start] == "{" else "]"
    at = _after_blanks(text, start + 1)
    while text[at] != close:
        key, first = "", at
        if is_object:
            if text[at] != '"':
                raise ValueError
            key, at = _scanstring(text, at + 1, False)
            at = _after(":", text, at)
        value = _json_value(text, at, depth + 1, nodes)
        members.append((key, value._replace(start=first) if is_object else value))
        at = _after_blanks(text, value.end)
        if text[at] != close:
            at = _after_blanks(text, _after(",", text, at))
    return Located(dict(members) if is_object else [value for _, value in members], start, at + 1)


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _after(sign: str, text: str, at: int) -> int:
    at = _after_blanks(text, at)
    if text[at] != sign:
        raise ValueError
    return at + 1


def read_yaml(text: str, offset: int = 0) -> list[Located]:
    """The documents; scalars stay as they are written, except `true`, `false` and nothing."""
    documents: list[Located] = []
    try:
        events = islice(yaml.parse(text, _LOADER), MAX_NODES)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents.append(_yaml_value(next(events), events, offset, 0))
    except (yaml.YAMLError, ValueError, StopIteration):
        return documents
    return documents


def _yaml_value(event: Any, events: Iterator[Any], offset: int, depth: int) -> Located:
    """The value that begins with this event. An alias is no value: values that hold each other have no end."""
    start, value = event.start_mark.index + offset, None
    if depth > MAX_DEPTH:
        raise ValueError
    if isinstance(event, yaml.ScalarEvent):
        value = _scalar(event)
    elif isinstance(event, yaml.SequenceStartEvent):
        value = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            value.append(_yaml_value(event, events, offset, depth + 1))
    elif isinstance(event, yaml.MappingStartEvent):
        value = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = _yaml_value(event, events, offset, depth + 1)
            member = _yaml_value(next(events), events, offset, depth + 1)
            if isinstance(key.value, str):
                value[key.value] = Located(member.value, key.start, max(member.end, key.end))
    return Located(value, start, event.end_mark.index + offset)


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
    return _placed(value, (), _toml_spans(text), (0, 1), text, offset)


def _toml_spans(text: str) -> dict[tuple[str, ...], tuple[int, int]]:
    """The span of each table and of each key that begins a line, by its path."""
    spans: dict[tuple[str, ...], tuple[int, int]] = {}
    table: tuple[str, ...] = ()
    marks = sorted([*_TABLE.finditer(text), *_KEY.finditer(text)], key=lambda mark: mark.start())
    for mark, following in zip_longest(marks, marks[1:]):
        path = tuple(next(filter(None, part), "") for part in _PART.findall(mark.group(1)))
        if mark.re is _TABLE:
            table, span = path, mark.span()
        else:
            path = table + path
            end = following.start() if following else len(text)
            span = (mark.start(1), mark.start(1) + len(text[mark.start(1) : end].rstrip()))
        spans.setdefault(path, span)
    return spans


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
        value = {key: _placed(member, (*path, key), spans, (start, end), text, offset) for key, member in value.items()}
    elif isinstance(value, list):
        members, cursor = [], start
        for member in value:
            at = text.find(member, cursor, max(end, cursor)) if isinstance(member, str) else -1
            if at >= 0:
                cursor = at + len(member)
                members.append(Located(member, at + offset, cursor + offset))
            else:
                members.append(_placed(member, path, spans, (start, end), text, offset))
        value = members
    return Located(value, start + offset, end + offset)


MAX_TEXT = 600_000
"""Characters of a manifest or document that are read."""


class Document:
    """A file with `name` (in lower case) and what its format gives."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text[:MAX_TEXT]
        self.path = file.path
        self.name = file.path.rsplit("/", 1)[-1].lower()

    @cached_property
    def json(self) -> Located:
        return (read_json(self.text) if self.name.endswith(".json") else None) or NOTHING

    @cached_property
    def yaml(self) -> list[Located]:
        return read_yaml(self.text) if self.name.endswith((".yml", ".yaml")) else []

    @cached_property
    def toml(self) -> Located:
        return (read_toml(self.text) if self.name.endswith(".toml") else None) or NOTHING

    def place(self, value: Located) -> Place:
        return place(self.file, value.start, value.end)
