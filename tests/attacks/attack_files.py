"""Attack texts from a folder of other people's files: JSON, JSON lines, YAML, plain text, gzipped or not.

Idea: what in a row is the attack is told by the field's name; a list of strings is a list of attacks.
Invariant: rows that their file calls benign are not attacks; the same folder gives the same order.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

_FIELDS = ("injected_content", "injected", "text", "attack", "prompt", "payload", "content")
_BENIGN = {"benign", "clean", "control", "false", "0"}


class Attack(NamedTuple):
    file: str
    text: str


def attacks_in(folder: Path) -> tuple[Attack, ...]:
    """Every attack text, file by file."""
    return tuple(
        Attack(file.relative_to(folder).as_posix(), text)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.lower().startswith(("readme", "license"))
        for text in dict.fromkeys(_texts(_parsed(file)))
        if text.strip()
    )


def _parsed(file: Path) -> Any:
    body = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    text = body.decode("utf-8")
    name = file.name.removesuffix(".gz")
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return (
        yaml.safe_load(text)
        if name.endswith((".yaml", ".yml"))
        else json.loads(text)
        if name.endswith(".json")
        else [text]
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        if str(value.get("label", "")).lower() in _BENIGN:
            return
        named = [value[field] for field in _FIELDS if isinstance(value.get(field), str)]
        if named:
            yield named[0]
        else:
            for item in value.values():
                if isinstance(item, list | dict):
                    yield from _texts(item)
