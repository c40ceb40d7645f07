"""What the text of an item or a cell is, and whether it can be the name of a tool.

Invariant: a name is an identifier, never a sentence.
"""

from __future__ import annotations

import re

from extractors.declarations.formats.readme.words import (
    ACTS,
    FILE,
    IDENTIFIER,
    LINK,
    MARKUP,
    PROPER_NOUN,
    STOP,
    TAG,
    VARIABLE,
)


def is_name(name: str, marked: bool) -> bool:
    """`marked`: in code style or shaped like an identifier."""
    if len(name) < 2 or len(name) > 80 or name.lower() in STOP or FILE.search(name) or name.startswith("www."):
        return False
    if VARIABLE.fullmatch(name) and (len(name) > 3 or "_" in name):
        return False
    return marked and not re.fullmatch(r"v?\d[\d.]*", name)


def is_identifier(name: str) -> bool:
    """Whether it is shaped like an identifier, even without code style."""
    return IDENTIFIER.fullmatch(name) is not None and not (PROPER_NOUN.fullmatch(name) and not ACTS.match(name))


def cells_of(text: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", text.strip().removeprefix("|").removesuffix("|"))]


def plain_text(text: str) -> str:
    if not MARKUP.search(text):
        return " ".join(text.split())
    return " ".join(re.sub(r"[`*]|\\(?=\W)", "", LINK.sub(r"\1", TAG.sub("", text))).split()).strip()
