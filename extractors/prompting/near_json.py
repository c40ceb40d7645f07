"""JSON as models write it by habit: trailing commas, comments, Python's or JavaScript's quotes and names.

Idea: the tokens of one object are read as they can only be meant, and written again as JSON. Invariants: a string keeps
its characters; nothing is added, closed or left out; what could be read in two ways is no token, so it is asked for
again. One pass, linear in the length of the text.
"""

from __future__ import annotations

import json
import re

_TOKEN = re.compile(
    r"""(?P<skip>\s+|(?://|\#)[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)
    |(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>[,，])|(?P<colon>[:：])
    |"(?P<double>(?:[^"\\]++|\\.)*+)"|'(?P<single>(?:[^'\\]++|\\.)*+)'|“(?P<curly>(?:[^“”\\]++|\\.)*+)”
    |(?P<number>-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?(?![\w.]))
    |(?P<key>[A-Za-z_$][\w$]*+)(?=\s*+[:：])
    |(?P<name>true|false|null|True|False|None)\b""",
    re.VERBOSE | re.DOTALL,
)
_NAMES = {"True": "true", "False": "false", "None": "null"}
_ESCAPE = re.compile(r"""\\(.)|(")""", re.DOTALL)


def rewritten(text: str) -> tuple[str, int]:
    """The object with which a text begins as JSON, and where it ends; empty, and how far it was read, where it is no
    object in such words."""
    written: list[str] = []
    depth, at, comma = 0, 0, False
    while match := _TOKEN.match(text, at):
        at, kind, token = match.end(), str(match.lastgroup), match[match.lastgroup or 0]
        if kind == "skip":
            continue
        if comma:  # left out where the object or list ends; two of them have no one meaning
            written.append("," if kind != "close" or written[-1] in "[{" else "")
        comma = kind == "comma"
        if kind in ("double", "single", "curly", "key"):
            string = _ESCAPE.sub(lambda found: (found[2] and '\\"') or ("'" if found[1] == "'" else found[0]), token)
            try:
                token = json.dumps(json.loads(f'"{string}"', strict=False), ensure_ascii=False)
            except ValueError:
                break
        if not comma:
            written.append(":" if kind == "colon" else _NAMES.get(token, token))
        depth += (kind == "open") - (kind == "close")
        if depth == 0:
            return ("".join(written) if kind == "close" else ""), at
    return "", at
