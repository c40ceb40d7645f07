"""JSON, YAML, TOML and line files (manifests, compose files, cards, registry entries) as facts, one line each.

Idea: compose files tell more than prose, so their keys and values are evidence; a nested value carries the
path that leads to it. Invariant: a file that does not parse is read line by line, never lost; nesting,
aliases and size are bounded.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from extractors.pages.markup.block_writer import Writer
from extractors.pages.page_text import BlockKind

MAX_FACTS = 3_000
MAX_DEPTH = 100
MAX_NODES = 200_000
"""Nodes of a YAML file once its aliases are written out: nine lines can expand to a billion."""
_MAX_DOTS = 64
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT_LINE = re.compile(r"^\s*(?:#|//|;)+\s?(.*)$")


class _PlainLoader(_LOADER):  # type: ignore[misc]
    """Dates, numbers and `yes`/`no` stay as they are written: a fact shows the file's own words."""


_PlainLoader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in resolvers if tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")]
    for key, resolvers in _LOADER.yaml_implicit_resolvers.items()
}


def facts(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """(`services.db.ports`, `5432:5432`) for every scalar; members of a list of records share a line."""
    if depth > 24:
        yield path, "…"
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from facts(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict):
                plain = {k: v for k, v in inner.items() if not isinstance(v, dict | list)}
                line = "; ".join(f"{k}: {_scalar(v)}" for k, v in plain.items() if _scalar(v))
                if line:
                    yield path, line
                name = next((str(inner[k]) for k in ("name", "id", "title") if isinstance(inner.get(k), str)), "")
                rest = {k: v for k, v in inner.items() if k not in plain}
                yield from facts(rest, f"{path}.{name}" if name else path, depth + 1)
            else:
                yield from facts(inner, path, depth + 1)
    elif text := _scalar(value):
        yield path, text


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def yaml_documents(text: str) -> list[Any]:
    """The documents. Raises `ValueError` before anything is built of what is nested or aliased without end:
    the composer recurses in C, and merge keys are written out while it loads."""
    depth = 0
    opened: list[tuple[str | None, int]] = []
    nodes = 0
    sizes: dict[str, int] = {}
    for event in yaml.parse(text, _PlainLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            nodes, depth = nodes + 1, depth + 1
            opened.append((event.anchor, nodes))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            anchor, before = opened.pop()
            if anchor:
                sizes[anchor] = nodes - before + 1
        elif isinstance(event, yaml.AliasEvent):
            nodes += sizes.get(event.anchor or "", MAX_NODES if any(a == event.anchor for a, _ in opened) else 1)
        elif isinstance(event, yaml.ScalarEvent):
            nodes += 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise ValueError("nested or repeated without end")
    return list(yaml.load_all(text, _PlainLoader))


def write_facts(value: Any, writer: Writer, kind: BlockKind = BlockKind.FACT) -> None:
    for number, (path, text) in enumerate(facts(value)):
        if number == MAX_FACTS:
            writer.drop("fact beyond the limit")
            return
        text = " ".join(text.split())
        writer.add(f"{path}: {text}" if path else text, kind)


def read_json(text: str, writer: Writer) -> None:
    for value in _parsed(text, writer, lambda text: [json.loads(text)]) or ():
        _titled(value, writer)
        write_facts(value, writer)


def read_json_lines(text: str, writer: Writer) -> None:
    for line in filter(str.strip, text.split("\n")):
        read_json(line, writer)


def read_yaml(text: str, writer: Writer) -> None:
    if (values := _parsed(text, writer, yaml_documents)) is not None:
        for value in values:
            write_facts(value, writer)
        _comments(text, writer)


def read_toml(text: str, writer: Writer) -> None:
    for value in _parsed(text, writer, _toml) or ():
        _titled(value.get("project", value), writer)
        write_facts(value, writer)
        _comments(text, writer)


def _toml(text: str) -> list[Any]:
    if any(line.partition("=")[0].count(".") > _MAX_DOTS for line in text.split("\n")):
        raise ValueError("a key of too many parts")
    return [tomllib.loads(text)]


def _parsed(text: str, writer: Writer, parse: Callable[[str], list[Any]]) -> list[Any] | None:
    """None for what does not parse, which is read line by line."""
    try:
        return parse(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        read_lines(text, writer)
        return None


def read_lines(text: str, writer: Writer) -> None:
    """requirements.txt, go.mod, setup.cfg, .env.example and whatever did not parse: one fact a line."""
    for number, line in enumerate(text.split("\n")):
        if number == MAX_FACTS:
            writer.drop("fact beyond the limit")
            return
        if match := _COMMENT_LINE.match(line):
            writer.add(match.group(1), BlockKind.PARAGRAPH)
        else:
            writer.add(line, BlockKind.FACT)


def _titled(value: Any, writer: Writer) -> None:
    if isinstance(value, dict) and not writer.title:
        name = value.get("title") or value.get("name")
        writer.title = name.strip()[:300] if isinstance(name, str) else ""


def _comments(text: str, writer: Writer) -> None:
    """Prose of a configuration's comments; settings that are commented out are no facts."""
    for line in text.split("\n"):
        match = re.match(r"^\s*#+\s?(.*)$", line)
        if match and len(match.group(1).split()) >= 4 and "=" not in match.group(1):
            writer.add(match.group(1), BlockKind.PARAGRAPH)
