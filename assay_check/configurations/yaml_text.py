"""YAML as a tree, from the parser's events: no recursion, no object is made, an alias costs what it points at once.

Invariant: never raises; a document of aliases that would unfold without end stops at the limit of nodes.
"""

from __future__ import annotations

from typing import Any

from assay_check.configurations.tree import MOST_DEPTH, MOST_NODES, Document, Node, Problem, Scalar

_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_yaml(text: str) -> Document:
    """The first document of the text."""
    import yaml

    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if not builder.take(event):
                break
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        builder.problem(mark.line + 1 if mark is not None else 0, "this is no YAML from here on")
    if builder.root is None and not builder.problems:
        builder.problem(1, "no YAML value in the file")
    return Document(builder.root, tuple(builder.problems))


class _Builder:
    def __init__(self) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._open: list[Node] = []
        self._keys: list[tuple[str, int] | None] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def problem(self, line: int, what: str) -> None:
        self.problems.append(Problem(line, what))

    def take(self, event: Any) -> bool:
        """Adds an event to the tree; false when nothing more is to be read."""
        name = type(event).__name__
        line = event.start_mark.line + 1 if event.start_mark else 0
        if self._nodes > MOST_NODES or len(self._open) > MOST_DEPTH:
            self.problem(line, "too large or too deeply nested: not read further")
            return False
        if name in ("MappingStartEvent", "SequenceStartEvent"):
            node = Node(line, {} if name.startswith("Mapping") else [])
            self._put(node, event.anchor)
            self._open.append(node)
            self._keys.append(None)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self._open.pop()
            self._keys.pop()
        elif name == "ScalarEvent":
            self._put(Node(line, event.value if event.style else _plain(event.value)), event.anchor)
        elif name == "AliasEvent":
            target = self._anchors.get(event.anchor)
            cyclic = target is None or any(target is parent for parent in self._open)
            self._put(Node(line, None) if cyclic or target is None else target, None)
        return name != "DocumentEndEvent"

    def _put(self, node: Node, anchor: str | None) -> None:
        self._nodes += 1
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif isinstance(parent.value, dict):
            waiting = self._keys[-1]
            if waiting is None:
                self._keys[-1] = (node.value if isinstance(node.value, str) else str(node.value), node.line)
                return
            self._keys[-1] = None
            key, line = waiting
            if key == "<<" and isinstance(node.value, dict):
                for name, member in node.value.items():
                    parent.value.setdefault(name, member)
                return
            parent.value[key], parent.key_lines[key] = node, line


def _plain(text: str) -> Scalar:
    lowered = text.lower()
    if lowered in _WORDS:
        return _WORDS[lowered]
    try:
        return int(text) if len(text) < 20 and text.isascii() and text.lstrip("-").isdigit() else text
    except ValueError:
        return text
