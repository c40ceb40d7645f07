"""One file and its parsed form, made once for all readers that look at it."""

from __future__ import annotations

import re
from functools import cached_property

from extractors.declarations.facts import Place, SourceFile
from extractors.declarations.located import Located, read_json, read_toml, read_yaml
from extractors.declarations.place import place

MAX_TEXT = 600_000
"""Characters of a manifest or document that are read."""
_FENCE = re.compile(r"---[ \t]*\r?\n(.*?\n|)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)


class Document:
    """A file with `name` (in lower case) and what its format gives."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text[:MAX_TEXT]
        self.path = file.path
        self.name = file.path.rsplit("/", 1)[-1].lower()

    @cached_property
    def json(self) -> Located | None:
        return read_json(self.text) if self.name.endswith((".json", ".jsonc", ".mcp")) or self._looks_json else None

    @property
    def _looks_json(self) -> bool:
        return self.text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and "." not in self.name

    @cached_property
    def yaml(self) -> list[Located]:
        return read_yaml(self.text) if self.name.endswith((".yml", ".yaml")) else []

    @cached_property
    def toml(self) -> Located | None:
        return read_toml(self.text) if self.name.endswith(".toml") else None

    @cached_property
    def front_matter(self) -> Located | None:
        """The mapping between the first two `---` lines; read line by line where it is no YAML."""
        start = len(self.text) - len(self.text.lstrip("\ufeff \t\r\n"))
        found = _FENCE.match(self.text, start)
        if not found:
            return None
        text, offset = found.group(1), found.start(1)
        value = next(iter(read_yaml(text, offset)), None)
        if value is not None and isinstance(value.value, dict):
            return value
        members = {
            line.group(1): Located(line.group(2).strip(), offset + line.start(), offset + line.end())
            for line in re.finditer(r"^([\w-]+):[ \t]*(.*)$", text, re.MULTILINE)
        }
        return Located(members, offset, found.end(1)) if members else None

    def place(self, value: Located) -> Place:
        return place(self.file, value.start, value.end)
