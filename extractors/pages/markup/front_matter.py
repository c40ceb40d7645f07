"""Front matter of Markdown: the block of keys and values above the text.

Invariant: an entry that cannot be parsed, or whose key is repeated, costs no other entry and is never lost.
"""

import re
from contextlib import suppress
from typing import Any

import yaml

from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.json_yaml_toml import write_facts, yaml_documents
from extractors.pages.page_text import BlockKind

MAX_ENTRIES = 300
"""Of one front matter, that are parsed one by one."""
_ENTRY = re.compile(r"^(?=[\w.-]{1,100}:(?:[ \t\n]|$))", re.MULTILINE)
_KEY = re.compile(r"([\w.-]{1,100}):")
_TAG_ALONE = re.compile(r"</?[\w-]{1,60}/?>")
_CONTINUED = re.compile(r"\n[ \t]++(?![-*][ \t])")


def read_front_matter(text: str, writer: Writer) -> bool:
    """False when the block is not a mapping, so that it was a rule and no front matter. Where it cannot be parsed as a
    whole, or a key is repeated, each entry is read on its own, and as plain lines where it must."""
    entries = _ENTRY.split(text)
    keys = [match[1] for entry in entries if (match := _KEY.match(entry))]
    whole = _first_document(text)
    if isinstance(whole, dict) and whole and len(set(keys)) == len(keys):
        _write(whole, writer)
        return True
    if not keys or not isinstance(whole, dict | None):
        return False
    for number, entry in enumerate(entries):
        value = _first_document(entry) if number < MAX_ENTRIES else None
        if isinstance(value, dict):
            _write(value, writer)
        else:
            _write_lines(entry, writer)
    return True


def _first_document(text: str) -> Any:
    """None for what cannot be parsed."""
    with suppress(yaml.YAMLError, ValueError, RecursionError):
        return next(iter(yaml_documents(text)), None)
    return None


def _write(value: dict[Any, Any], writer: Writer) -> None:
    if isinstance(value.get("title"), str):
        writer.title = value["title"].strip()[:300]
    write_facts(value, writer, BlockKind.FRONT_MATTER)


def _write_lines(entry: str, writer: Writer) -> None:
    """An entry that cannot be parsed; lines that are indented go on with the line before."""
    if entry.startswith("title:"):
        writer.title = entry.partition("\n")[0].removeprefix("title:").strip(" \t\"'")[:300]
    lines = [line.strip() for line in entry.split("\n") if line.strip()]
    text = "\n".join(line for line in entry.split("\n") if not _TAG_ALONE.fullmatch(line.strip()))
    for paragraph in _CONTINUED.sub(" ", text).split("\n"):
        writer.add(paragraph, BlockKind.FRONT_MATTER)
    writer.drop("front matter line that could not be parsed", len(lines))
