"""JSON as people write it in configurations: comments, trailing commas, single quotes, a missing comma or bracket.

Idea: one pass of a tokeniser, then a stack machine over the tokens, so that neither depth nor length of a file
costs more than its length. Invariant: never raises, linear in the text; each value keeps its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from assay_check.configurations.tree import MOST_DEPTH, MOST_NODES, Document, Node, Problem, Scalar

_TOKEN = re.compile(
    r"""
      (?P<space>[\s\ufeff\x00]+)
    | (?P<comment>//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?|\#[^\n]*)
    | (?P<string>"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?)
    | (?P<mark>[{}\[\]:,])
    | (?P<word>[^\s{}\[\]:,"'\#/]+|/)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"[-+]?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][-+]?[0-9]{1,3})?\Z")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def read_json(text: str) -> Document:
    """The first value of the text."""
    return _Reader(text).document()


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup or "", match.group()
        if kind not in ("space", "comment"):
            yield _Token(kind, token, line)
        line += token.count("\n")


class _Reader:
    """Open containers on a stack; `key` waits for its value where the innermost container is a mapping."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[tuple[str, int] | None] = []
        self._problems: dict[str, Problem] = {}
        self._nodes = 0

    def document(self) -> Document:
        for token in _tokens(self._text):
            if self._root is not None and not self._open:
                self._problem(token.line, "text after the end of the document")
                break
            if self._nodes > MOST_NODES or len(self._open) > MOST_DEPTH:
                self._problem(token.line, "too large or too deeply nested: not read further")
                return Document(self._root, tuple(self._problems.values()))
            self._take(token)
        if self._open:
            self._problem(self._open[-1].line, "a bracket that is not closed")
        if self._root is None:
            self._problem(1, "no JSON value in the file")
        return Document(self._root, tuple(self._problems.values()))

    def _take(self, token: _Token) -> None:
        if token.kind == "mark":
            self._mark(token)
        elif token.kind == "string":
            if len(token.text) < 2 or token.text[-1] != token.text[0]:
                self._problem(token.line, "a text that is not closed")
            self._scalar(token.line, _unquoted(token.text))
        else:
            self._word(token)

    def _mark(self, token: _Token) -> None:
        if token.text in "{[":
            self._put(Node(token.line, {} if token.text == "{" else []), opens=True)
        elif token.text in "}]":
            self._close(token)
        elif token.text == "," and self._keys and self._keys[-1] is not None:
            self._problem(token.line, "a key without a value")
            self._keys[-1] = None

    def _close(self, token: _Token) -> None:
        if not self._open:
            self._problem(token.line, "a closing bracket that nothing opened")
            return
        if isinstance(self._open[-1].value, dict) != (token.text == "}"):
            self._problem(token.line, "a closing bracket of the other kind")
        self._open.pop()
        self._keys.pop()

    def _word(self, token: _Token) -> None:
        if self._awaits_key():
            self._scalar(token.line, token.text)
        elif token.text in _WORDS:
            self._scalar(token.line, _WORDS[token.text])
        elif _NUMBER.match(token.text):
            self._scalar(token.line, _number(token.text))
        else:
            self._problem(token.line, "a word that is no JSON value")
            self._scalar(token.line, None)

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._keys[-1] is None

    def _scalar(self, line: int, value: Scalar) -> None:
        if self._awaits_key():
            self._keys[-1] = (value if isinstance(value, str) else str(value), line)
        else:
            self._put(Node(line, value), opens=False)

    def _put(self, node: Node, *, opens: bool) -> None:
        self._nodes += 1
        if not self._open:
            self._root = node
        else:
            parent = self._open[-1]
            if isinstance(parent.value, list):
                parent.value.append(node)
            elif isinstance(parent.value, dict):
                self._member(parent, parent.value, node)
        if opens:
            self._open.append(node)
            self._keys.append(None)

    def _member(self, parent: Node, members: dict[str, Node], node: Node) -> None:
        waiting = self._keys[-1]
        if waiting is None:
            self._problem(node.line, "a value without a key")
            return
        key, line = waiting
        if key in members:
            self._problem(line, "a key that stands twice: the last one counts", harmless=True)
            del members[key]
        members[key], parent.key_lines[key] = node, line
        self._keys[-1] = None

    def _problem(self, line: int, what: str, *, harmless: bool = False) -> None:
        self._problems.setdefault(what, Problem(line, what, harmless))


def _number(text: str) -> int | float:
    return float(text) if any(mark in text for mark in ".eE") else int(text)


def _unquoted(token: str) -> str:
    body = token[1:-1] if len(token) > 1 and token[-1] == token[0] else token[1:]
    if "\\" not in body:
        return body
    if token[0] == '"':
        try:
            return _without_lone_surrogates(str(json.loads(f'"{body}"', strict=False)))
        except ValueError:
            pass
    return _without_lone_surrogates(_ESCAPE.sub(_escape, body))


def _without_lone_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _escape(match: re.Match[str]) -> str:
    name = match.group(1)
    if len(name) == 5:
        return chr(int(name[1:], 16))
    return _SHORT.get(name, name)
