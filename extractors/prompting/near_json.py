"""JSON as models write it by habit: trailing commas, comments, Python's or JavaScript's quotes and names.

Idea: the tokens of one object are read as they can only be meant, and written again as JSON. Invariants: a string keeps
its characters; nothing is added, closed or left out; what could be read in two ways is no token, so it is asked for
again. One pass, linear in the length of the text.
"""

import json
import re

_TOKEN = re.compile(
    r"""(?P<skip>\s+|(?://|\#)[^\n]*+)|(?P<comment>/\*)|(?P<string>["'“])
    |(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>[,，])|(?P<colon>[:：])|(?P<number>-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?)
    |(?<![\w$])(?:(?P<key>[A-Za-z_$][\w$]*+)(?=\s*+[:：])|(?P<name>true|false|null|True|False|None)\b)""",
    re.VERBOSE,
)
_STRINGS = {
    quote: (re.compile(rf"[^{within}\\]++|\\.", re.DOTALL), end)
    for quote, within, end in (('"', '"', '"'), ("'", "'", "'"), ("“", "“”", "”"))
}
"""By the mark that begins a string: its pieces, and the mark that ends it."""
_NAMES = {"True": "true", "False": "false", "None": "null"}
_ESCAPE = re.compile(r"""\\(.)|(")""", re.DOTALL)
_DEEPEST = 1_000
"""Objects and lists within each other: no reader of JSON here goes further."""


def _string(token: str) -> str:
    """The text between two quotes, as a string of JSON. Raises `ValueError` for an escape that there is not."""
    if token.isprintable() and '"' not in token and "\\" not in token:
        return f'"{token}"'
    string = _ESCAPE.sub(lambda found: (found[2] and '\\"') or ("'" if found[1] == "'" else found[0]), token)
    return json.dumps(json.loads(f'"{string}"', strict=False), ensure_ascii=False)


def rewritten(text: str) -> tuple[str, int]:
    """The object with which a text begins as JSON, and where it ends; empty, and how far it was read, where it is no
    object in such words."""
    written: list[str] = []
    depth, at, comma = 0, 0, False
    while match := _TOKEN.match(text, at):
        at, kind, token = match.end(), str(match.lastgroup), match[0]
        if kind == "comment":
            at = text.find("*/", at) + 2
            if at < match.end():
                return "", len(text)
        if kind in ("skip", "comment"):
            continue
        if comma:  # left out where the object or list ends; two of them have no one meaning
            written.append("," if kind != "close" or written[-1] in "[{" else "")
        comma = kind == "comma"
        if kind == "string":
            piece, end = _STRINGS[token]
            while found := piece.match(text, at):
                at = found.end()
            token = text[match.end() : at]
            if not text.startswith(end, at):
                break
            at += 1
        if kind in ("string", "key"):
            try:
                token = _string(token)
            except ValueError:
                break
        if not comma:
            written.append(":" if kind == "colon" else _NAMES.get(token, token))
        depth += (kind == "open") - (kind == "close")
        if depth > _DEEPEST:
            break
        if depth == 0:
            return ("".join(written) if kind == "close" else ""), at
    return "", at
