"""One file and its parsed form, made once for all readers that look at it."""

from __future__ import annotations

import re
from functools import cached_property

from extractors.declarations.facts import Place, SourceFile, place
from extractors.declarations.located import NOTHING, Located, read_json, read_toml, read_yaml

MAX_TEXT = 600_000
"""Characters of a manifest or document that are read."""
_FENCE = re.compile(r"\A---[ \t]*\r?\n(.*?\n|)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)


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

    @cached_property
    def front_matter(self) -> Located | None:
        """The mapping between the first two `---` lines; read line by line where it is no YAML."""
        start = len(self.text) - len(self.text.lstrip("\ufeff \t\r\n"))
        found = _FENCE.match(self.text[start:])
        if not found:
            return None
        text, offset = found.group(1), start + found.start(1)
        value = next(iter(read_yaml(text, offset)), None)
        if value is not None and isinstance(value.value, dict):
            return value
        return _line_by_line(text, offset)

    def place(self, value: Located) -> Place:
        return place(self.file, value.start, value.end)


def _line_by_line(text: str, offset: int) -> Located | None:
    """Front matter that is no YAML (a colon in a description): keys at the margin, lists and lines below them."""
    members: dict[str, Located] = {}
    key = ""
    for line in re.finditer(r"^([ \t]*)(?:([\w-]+):[ \t]*|-[ \t]+)?([^\n]*)$", text, re.MULTILINE):
        start, end, value = offset + line.start(), offset + line.end(), line.group(3).strip().strip("\"'")
        if line.group(2) and not line.group(1):
            key = line.group(2)
            members[key] = Located("" if value in (">", "|", ">-", "|-") else value, start, max(end, start + 1))
        elif key and value:
            known = members[key]
            if line.group(0).lstrip().startswith("- "):
                listed = known.value if isinstance(known.value, list) else []
                members[key] = Located([*listed, Located(value, start, end)], known.start, end)
            elif isinstance(known.value, str):
                members[key] = Located(f"{known.value}\n{value}".strip(), known.start, end)
    return Located(members, offset, offset + max(len(text), 1)) if members else None
