"""Front matter of Markdown: the block of keys and values above the text.

Invariant: an entry that cannot be parsed, or that stands twice, costs no other entry and is never lost.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import yaml

from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.json_yaml_toml import write_facts, yaml_documents
from extractors.pages.page_text import BlockKind


def read_front_matter(text: str, writer: Writer) -> bool:
    """False when the block is not a mapping, so that it was a rule and no front matter. An entry that cannot be
    parsed, or that stands twice, costs no other entry: each is read on its own, and as plain lines where it must."""
    entries = _ENTRY.split(text)
    keys = [match[1] for entry in entries if (match := _KEY.match(entry))]
    try:
        value = next(iter(yaml_documents(text)), None)
    except (yaml.YAMLError, ValueError, RecursionError):
        value = None if keys else False
    if value is not None and (not isinstance(value, dict) or not value):
        return False
    if value is None or len(set(keys)) < len(keys):
        if not keys:
            return False
        for number, entry in enumerate(entries):
            _read_entry(entry, writer, parse=number < MAX_ENTRIES)
        return True
    _front_facts(value, writer)
    return True


MAX_ENTRIES = 300
"""Of one front matter, that are parsed one by one."""
_ENTRY = re.compile(r"^(?=[\w.-]{1,100}:(?:[ \t\n]|$))", re.MULTILINE)
_KEY = re.compile(r"([\w.-]{1,100}):")
_TAG_ALONE = re.compile(r"</?[\w-]{1,60}/?>")
_ITEM = re.compile(r"[-*][ \t]")


def _front_facts(value: dict[Any, Any], writer: Writer) -> None:
    if isinstance(value.get("title"), str):
        writer.title = value["title"].strip()[:300]
    write_facts(value, writer, BlockKind.FRONT_MATTER)


def _read_entry(entry: str, writer: Writer, *, parse: bool) -> None:
    """One key with what belongs to it; lines that are indented go on with the line before."""
    value = None
    if parse:
        with suppress(yaml.YAMLError, ValueError, RecursionError):
            value = next(iter(yaml_documents(entry)), None)
    if isinstance(value, dict):
        _front_facts(value, writer)
        return
    paragraph: list[str] = []
    lines = entry.split("\n")
    if lines[0].startswith("title:"):
        writer.title = lines[0].removeprefix("title:").strip(" \t\"'")[:300]
    for line in lines:
        bare = line.strip()
        if not bare or _TAG_ALONE.fullmatch(bare) or line[:1] not in " \t" or _ITEM.match(bare):
            writer.add(" ".join(paragraph), BlockKind.FRONT_MATTER)
            paragraph.clear()
        if bare and not _TAG_ALONE.fullmatch(bare):
            paragraph.append(bare)
    writer.add(" ".join(paragraph), BlockKind.FRONT_MATTER)
    writer.drop("front matter line that could not be parsed", sum(1 for line in lines if line.strip()))
