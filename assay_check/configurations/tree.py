"""A document as a tree of values, each with the line on which it begins: what JSON, YAML and TOML readers give.

Invariant: a reader of text never raises. What it cannot read is a problem with a line, and what it could read
before and after is in the tree: a file half read is never a file without entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_BYTES = 4_000_000
"""A configuration file is smaller; a larger one is refused before it is read."""
MOST_DEPTH = 64
MOST_NODES = 500_000

Scalar = str | int | float | bool | None


@dataclass(slots=True, repr=False)
class Node:
    """One value. `line` counts from 1. A mapping keeps its members in order, each with the line of its key."""

    line: int
    value: Scalar | list[Node] | dict[str, Node]
    key_lines: dict[str, int] = field(default_factory=dict)

    def members(self, *path: str) -> Iterator[tuple[str, int, Node]]:
        """Key, line of the key and value of each member of the mapping below these keys; nothing if there is none."""
        node = self.at(*path)
        if node is not None and isinstance(node.value, dict):
            for key, member in node.value.items():
                yield key, node.key_lines.get(key, member.line), member

    def items(self, *path: str) -> list[Node]:
        """The elements of the list below these keys; nothing where there is none."""
        node = self.at(*path)
        return node.value if node is not None and isinstance(node.value, list) else []

    def at(self, *path: str) -> Node | None:
        """The value below these keys, or None."""
        node: Node = self
        for key in path:
            if not isinstance(node.value, dict) or key not in node.value:
                return None
            node = node.value[key]
        return node

    def text(self, *keys: str) -> str | None:
        """The first of these members that is text, or None."""
        for key in keys:
            node = self.at(key)
            if node is not None and isinstance(node.value, str):
                return node.value
        return None

    def texts(self, key: str) -> list[str]:
        """The member as words: a list's texts and numbers; nothing for anything else."""
        found = [item.value for item in self.items(key)]
        return [str(word) for word in found if isinstance(word, (str, int, float)) and not isinstance(word, bool)]

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read, and on which line (0: the file as a whole). Quotes nothing of the file.

    A harmless one cost nothing of the content: a key that occurs twice is read as clients read it.
    """

    line: int
    what: str
    harmless: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A tree, if there is any, and every problem met on the way to it."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


class TreeBuilder:
    """A tree as it grows: the containers that are open, and for each mapping the key that waits for its value."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.open: list[Node] = []
        self.keys: list[tuple[str, int] | None] = []
        self._problems: dict[str, Problem] = {}
        self._count = 0

    def document(self) -> Document:
        """The tree, with one problem of each kind."""
        return Document(self.root, tuple(self._problems.values()))

    def problem(self, line: int, what: str, *, harmless: bool = False) -> None:
        self._problems.setdefault(what, Problem(line, what, harmless))

    def is_full(self, line: int) -> bool:
        """Whether the tree is so large or so deep that nothing more is read, which is a problem."""
        full = self._count > MOST_NODES or len(self.open) > MOST_DEPTH
        if full:
            self.problem(line, "too large or too deeply nested: not read further")
        return full

    def awaits_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.keys[-1] is None

    def put(self, node: Node, *, opens: bool = False) -> None:
        """Adds a key or a value to the innermost container; with `opens` it is the innermost one from here on."""
        if self.awaits_key():
            self.put_key(node)
        else:
            self._count += 1
            self._put_value(node)
        if opens:
            self.open.append(node)
            self.keys.append(None)

    def put_key(self, node: Node) -> None:
        self.keys[-1] = (str(node.value), node.line)

    def _put_value(self, node: Node) -> None:
        if not self.open:
            self.root = node
        elif isinstance(self.open[-1].value, list):
            self.open[-1].value.append(node)
        elif (waiting := self.keys[-1]) is not None:
            self.put_member(self.open[-1], *waiting, node)
            self.keys[-1] = None

    def put_member(self, mapping: Node, key: str, line: int, node: Node) -> None:
        """Sets a member; the last one of a key counts."""
        if isinstance(mapping.value, dict):
            mapping.value[key], mapping.key_lines[key] = node, line

    def close(self) -> None:
        self.open.pop()
        self.keys.pop()


def decoded(body: bytes) -> str:
    """The text of a file: UTF-8 or what its byte order mark says, line ends as `\\n`. Never raises."""
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return body.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
