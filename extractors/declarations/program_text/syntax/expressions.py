"""Kinds of expression in the grammars of all languages, and the text of a literal.

Invariant: an escape that stands for no character is `?`, never an error.
"""

from __future__ import annotations

import re


def _kinds(text: str) -> frozenset[str]:
    return frozenset(text.split())


STRINGS = _kinds(
    "string string_literal interpreted_string_literal raw_string_literal template_string verbatim_string_literal "
    "multiline_string_literal interpolated_string_expression line_string_literal multi_line_string_literal "
    "rune_literal character_literal"
)
WRAPPERS = _kinds(
    "parenthesized_expression as_expression satisfies_expression non_null_expression type_assertion "
    "literal_element argument value_argument unary_expression reference_expression type_cast_expression "
    "cast_expression await_expression await"
)
"""What stands for the expression within it."""
MEMBERS = _kinds(
    "attribute member_expression selector_expression member_access_expression field_access navigation_expression "
    "scoped_identifier field_expression"
)
CALLS = _kinds("call call_expression invocation_expression method_invocation object_creation_expression")
KEEPS = _kinds(
    "trim strip into to_string tostring to_owned dedent cleandoc trimindent trimmargin string some borrowed from "
    "ptr pointer str freeze valueof asserttype toowned unwrap intern static tostr translate gettext format "
    "replace replaceall"
)
"""Functions whose text is that of what they are given, in lower case without `_`."""
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r?\n[ \t]*|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "", "0": "", "b": "", "f": "", "v": ""}


def literal(raw: str, language: str = "") -> str | None:
    """The text of a literal as it is written in the program."""
    found = re.match(r"""\A([a-zA-Z$@]*)(#*)(\"\"\"+|'''|["'`])""", raw)
    if not found:
        return None
    prefix, hashes, quotes = found.group(1).lower(), found.group(2), found.group(3)
    body = raw[found.end() :]
    close = quotes + hashes
    body = body[: -len(close)] if body.endswith(close) else body
    plain = "r" in prefix or "@" in prefix or hashes or (quotes == "`" and language == "go")
    if "@" in prefix:
        return body.replace('""', '"')
    return body if plain or (len(quotes) > 2 and language in ("csharp", "kotlin")) else unescaped(body)


def unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    code = found.group(1) or found.group(2) or found.group(3)
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "?"
    sign = found.group(4)
    return _SIMPLE.get(sign, sign) if sign else ""
