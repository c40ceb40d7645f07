"""Style sheets taken apart as a browser does it: comments, strings and addresses first, then blocks, then rules.

Idea: one pass over tokens, so that what is in a string or a comment never opens or closes anything, and what
the text leaves open is closed at its end. Invariants: the time grows as the text does; declarations come out in
lower case with their escapes undone.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from extractors.pages.visibility.media_queries import ALWAYS, NEVER, SOMETIMES, shown_on_screen

_TOKEN = re.compile(
    r"/\*.*?(?:\*/|\Z)"
    r"|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?"
    r"|(?<![\w-])url\((?!\s{0,99}[\"'])(?:[^)\\]|\\.)*\)?"
    r"|\\[0-9a-f]{1,6}\s?|\\."
    r"|<!--|-->|[{};]",
    re.DOTALL | re.IGNORECASE,
)
_PART = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|\\.|[(),\[\]]", re.DOTALL)
_AT = re.compile(r"@([\w-]+)(.*)", re.DOTALL)
_EXPONENT = re.compile(r"(?<![\w#.])(\d{0,9}\.?\d{1,9})e([+-]?\d{1,2})(?!\d)")
_SPECIAL = re.compile(r"[\\\"'{}]|/\*|url\(|<!--|-->|\de[+-]?\d", re.IGNORECASE)
_STRUCTURE = frozenset("{};")
_BLANKS = re.compile(r"\s+")
_OPENED = frozenset(("layer", "scope", "supports"))
_NO_RULES = re.compile(
    r"(?:-\w+-)?(?:keyframes|font-face|font-feature-values|page|property|counter-style|starting-style)"
)

Declared = dict[str, str]


class Rule(NamedTuple):
    """What a style sheet says of the elements that its selectors name."""

    selectors: tuple[str, ...]
    style: str
    holds: int
    """For a reader at a screen: always, or under some condition."""


class _Block(NamedTuple):
    """A block that is open: its declarations so far, and when they hold."""

    selectors: tuple[str, ...]
    holds: int
    declarations: list[str]


def rules(text: str) -> Iterator[Rule]:
    """Every rule that may hold at a screen; rules within rules and at-rules are opened."""
    stack = [_Block((), ALWAYS, [])]
    start = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token not in _STRUCTURE:
            continue
        piece = text[start : match.start()]
        start = match.end()
        if token == "{":
            stack.append(_opened(_TOKEN.sub(_without_comment, piece).strip(), stack[-1]))
            continue
        stack[-1].declarations.append(piece)
        if token == "}" and len(stack) > 1:
            yield from _closed(stack.pop())
    stack[-1].declarations.append(text[start:])
    while len(stack) > 1:
        yield from _closed(stack.pop())


def _without_comment(match: re.Match[str]) -> str:
    token = match.group()
    return {"/": "", "<": " ", "-": " "}.get(token[0], token)


def _opened(prelude: str, around: _Block) -> _Block:
    if not prelude.startswith("@"):
        selectors = tuple(parts(prelude.replace("&", " "))) or around.selectors
        return _Block(selectors, around.holds, [])
    match = _AT.match(_ESCAPED.sub(_unescaped, prelude))
    kind, condition = (match.group(1).lower(), match.group(2).strip().lower()) if match else ("", "")
    if kind == "media":
        holds = shown_on_screen(condition)
    elif _NO_RULES.fullmatch(kind):
        holds = NEVER
    else:
        holds = ALWAYS if kind in _OPENED and "not" not in condition else SOMETIMES
    return _Block(around.selectors, min(holds, around.holds), [])


def _closed(block: _Block) -> Iterator[Rule]:
    style = ";".join(block.declarations)
    if block.selectors and block.holds != NEVER and not style.isspace():
        yield Rule(block.selectors, _made_plain(style), block.holds)


def parts(text: str) -> Iterator[str]:
    """A list (of selectors) at its commas, but for those in brackets and strings."""
    depth = start = 0
    for match in _PART.finditer(text):
        token = match.group()
        if token in "([":
            depth += 1
        elif token in ")]":
            depth = max(0, depth - 1)
        elif token == "," and not depth:
            if part := text[start : match.start()].strip():
                yield part
            start = match.end()
    if part := text[start:].strip():
        yield part


_ESCAPED = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.DOTALL | re.IGNORECASE)


def _unescaped(match: re.Match[str]) -> str:
    """A sign that would mean something is no longer one when it is escaped."""
    code = int(match.group(1), 16) if match.group(1) else 0
    sign = match.group(2) or (chr(code) if 0 < code < 0xD800 else "")
    return sign if sign.isalnum() or sign in "-_%#" else "_"


def _plain(match: re.Match[str]) -> str:
    """A string's words are nobody's declaration; whether there are any can matter."""
    token = match.group()
    if token in _STRUCTURE:
        return token
    if token[0] == "\\":
        return _ESCAPED.sub(_unescaped, token)
    if token[0] in "\"'":
        return '"s"' if len(token) > 2 else '""'
    return "url()" if token[0] in "uU" else _without_comment(match)


_ENVIRONMENT = re.compile(r"env\(\s{0,9}[\w-]{1,100}(?:\s[\d\s]{0,20})?(?:,([^()]{0,200}))?\)")
"""No window has insets here: what the page says for that case counts."""


def plain_style(style: str) -> str:
    """The declarations of a style attribute as those of a rule come out."""
    return _known_plain(style) if len(style) < 1_000 else _made_plain(style)


def _made_plain(style: str) -> str:
    special = _SPECIAL.search(style) is not None
    if special:
        style = _TOKEN.sub(_plain, style)
    style = _BLANKS.sub(" ", style.lower())
    if "env(" in style:
        style = _ENVIRONMENT.sub(lambda use: (use.group(1) or "0px").strip(), style)
    return _EXPONENT.sub(lambda number: f"{float(number.group()):.9f}", style) if special else style


_known_plain = lru_cache(maxsize=1_000)(_made_plain)


def declared(style: str) -> Declared:
    """Property to value, in lower case; `!important` counts before what is not."""
    ordinary: Declared = {}
    important: Declared = {}
    for part in style.split(";"):
        name, colon, value = part.partition(":")
        if colon and name.strip():
            kind = important if "!important" in value.replace(" ", "") else ordinary
            kind[name.strip()] = value.partition("!")[0].strip()
    return {**ordinary, **important}


def written(declarations: Declared) -> str:
    """Declarations as a style attribute would write them."""
    return ";".join(f"{name}:{value}" for name, value in declarations.items())
