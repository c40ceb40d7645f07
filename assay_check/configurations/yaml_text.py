"""YAML as a tree, from the parser's events: no recursion, no object is made, an alias costs what it points at once.

Invariant: never raises; a document of aliases that would unfold without end stops at the limit of nodes.
"""

from typing import Any

from assay_check.configurations.tree import Document, Node, Scalar, TreeBuilder

_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_yaml(text: str) -> Document:
    """The first document of the text."""
    import yaml

    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            line = event.start_mark.line + 1 if event.start_mark else 0
            if builder.is_full(line):
                break
            builder.take(event, line)
            if isinstance(event, yaml.DocumentEndEvent):
                break
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        builder.problem(mark.line + 1 if mark is not None else 0, "this is no YAML from here on")
    if builder.root is None and not builder.document().problems:
        builder.problem(1, "no YAML value in the file")
    return builder.document()


class _Builder(TreeBuilder):
    """What each event does to the tree."""

    def __init__(self) -> None:
        super().__init__()
        self._anchors: dict[str, Node] = {}

    def take(self, event: Any, line: int) -> None:
        name = type(event).__name__
        if name in ("MappingStartEvent", "SequenceStartEvent"):
            self._put_anchored(Node(line, {} if name.startswith("Mapping") else []), event.anchor, opens=True)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self.close()
        elif name == "ScalarEvent":
            self._put_anchored(Node(line, event.value if event.style else _plain(event.value)), event.anchor)
        elif name == "AliasEvent":
            target = self._anchors.get(event.anchor)
            cyclic = target is None or any(target is parent for parent in self.open)
            self.put(Node(line, None) if cyclic or target is None else target)

    def _put_anchored(self, node: Node, anchor: str | None, *, opens: bool = False) -> None:
        if anchor:
            self._anchors[anchor] = node
        self.put(node, opens=opens)

    def put_member(self, mapping: Node, key: str, line: int, node: Node) -> None:
        if key == "<<" and isinstance(mapping.value, dict) and isinstance(node.value, dict):
            mapping.value.update(node.value | mapping.value)
        else:
            super().put_member(mapping, key, line, node)


def _plain(text: str) -> Scalar:
    lowered = text.lower()
    if lowered in _WORDS:
        return _WORDS[lowered]
    try:
        return int(text) if len(text) < 20 and text.isascii() and text.lstrip("-").isdigit() else text
    except ValueError:
        return text
