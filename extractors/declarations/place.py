"""Offsets to lines: where in a file a fact stands.

Invariant: a place is the whole line of its span without blanks around it, or the span itself where the line is
too long to be quoted (minified files).
"""

from __future__ import annotations

import re

from extractors.declarations.facts import Place, SourceFile

LONGEST_QUOTE = 400
"""Characters."""
LONGEST_PROSE = 4_000
"""Characters of a tool's description that are looked through."""
_FIRST_SENTENCE = re.compile(r"\S[^\n]*")


def place(file: SourceFile, start: int, end: int) -> Place:
    """The line that holds `start`, up to the end of the line that holds `end` where both are short."""
    text = file.text
    left = text.rfind("\n", 0, start) + 1
    right = text.find("\n", end)
    right = len(text) if right < 0 else right
    if right - left > LONGEST_QUOTE:
        line_end = text.find("\n", start)
        right = len(text) if line_end < 0 else line_end
        if right - left > LONGEST_QUOTE:
            left, right = start, max(min(end, start + LONGEST_QUOTE), start + 1)
    quote = text[left:right]
    left += len(quote) - len(quote.lstrip())
    quote = quote.strip()
    if not quote:
        left, quote = start, text[start : start + 1]
    return Place(url=file.url, path=file.path, start=left, end=left + len(quote), quote=quote)


def first_line(text: str, most: int = 300) -> str:
    """The first line that is not blank, blanks folded, cut at `most` characters."""
    found = _FIRST_SENTENCE.search(text)
    return " ".join(found.group(0).split())[:most] if found else ""
