"""A configuration as read, and the protocol that each reader of a form of configuration keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from assay_check.configurations.tree import Node, Problem
from assay_check.subjects import Entry


@dataclass(frozen=True, slots=True)
class Configuration:
    """A file, what kind of file it is, its entries in their order, what could not be read, and the file's digest."""

    path: str
    form: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    sha256: str = ""

    @property
    def unread(self) -> bool:
        """Whether a part of the file could not be read, so that entries may be missing."""
        return any(not problem.harmless for problem in self.problems)


class TreeReader(Protocol):
    """Reads one client's form of JSON, YAML or TOML."""

    @property
    def form(self) -> str:
        """What people call a file of this form."""
        ...

    def recognises(self, name: PurePath, root: Node) -> bool:
        """Whether this file, by its name and content, is of this form."""
        ...

    def entries(self, root: Node) -> list[Entry]:
        """Every entry, switched off ones too, each with the line of its name."""
        ...


class TextReader(Protocol):
    """Reads one form of plain text, a line at a time."""

    @property
    def form(self) -> str: ...

    def recognises(self, name: PurePath, text: str) -> bool: ...

    def entries(self, text: str) -> list[Entry]: ...
