"""JSON as people write it in configurations: comments, trailing commas, single quotes, a missing comma or bracket.

Idea: one pass of a tokeniser, then a stack machine over the tokens, so that neither depth nor length of a file
costs more than its length. Invariant: never raises, linear in the text; each value keeps its line.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from assay_check.configurations.tree import Document, Node, Scalar, TreeBuilder

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
    return _Reader().read(_tokens(text))


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup or "", match.group()
        if kind not in ("space", "comment"):
            yield _Token(kind, token, line)
        line += token.count("\n")


class _Reader(TreeBuilder):
    """What each token does to the tree."""

    def read(self, tokens: Iterator[_Token]) -> Document:
        for token in tokens:
            if self.root is not None and not self.open:
                self.problem(token.line, "text after the end of the document")
                break
            if self.is_full(token.line):
                return self.document()
            self._take(token)
        if self.open:
            self.problem(self.open[-1].line, "a bracket that is not closed")
        if self.root is None:
            self.problem(1, "no JSON value in the file")
        return self.document()

    def _take(self, token: _Token) -> None:
        if token.kind == "mark":
            self._mark(token)
        elif token.kind == "string":
            if len(token.text) < 2 or token.text[-1] != token.text[0]:
                self.problem(token.line, "a text that is not closed")
            self.put(Node(token.line, _unquoted(token.text)))
        elif self.awaits_key():
            self.put(Node(token.line, token.text))
        else:
            self._word(token)

    def _mark(self, token: _Token) -> None:
        if token.text in "{[":
            self.put(Node(token.line, {} if token.text == "{" else []), opens=True)
        elif token.text in "}]":
            if not self.open:
                self.problem(token.line, "a closing bracket that nothing opened")
                return
            if isinstance(self.open[-1].value, dict) != (token.text == "}"):
                self.problem(token.line, "a closing bracket of the other kind")
            self.close()
        elif token.text == "," and self.keys and self.keys[-1] is not None:
            self.problem(token.line, "a key without a value")
            self.keys[-1] = None

    def _word(self, token: _Token) -> None:
        number = _NUMBER.match(token.text)
        if not number and token.text not in _WORDS:
            self.problem(token.line, "a word that is no JSON value")
        self.put(Node(token.line, _number(token.text) if number else _WORDS.get(token.text)))

    def put_key(self, node: Node) -> None:
        if isinstance(node.value, str):
            super().put_key(node)
        else:
            self.problem(node.line, "a value without a key")

    def put_member(self, mapping: Node, key: str, line: int, node: Node) -> None:
        if isinstance(mapping.value, dict) and mapping.value.pop(key, None) is not None:
            self.problem(line, "a key that stands twice: the last one counts", harmless=True)
        super().put_member(mapping, key, line, node)


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
