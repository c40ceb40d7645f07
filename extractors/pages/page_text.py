"""The clean text of one page, in blocks, with offsets that hold for ever.

Idea: everything later points into `text`; `text_digest` names it. Invariant: blocks are in order, do not
overlap, and `text[block.start:block.end]` is the block; offsets are Unicode code points.
"""

from enum import StrEnum
from typing import NamedTuple

from scoring.claims import Digest, Finding, Frozen


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    """Cells separated by ` | `."""
    CODE = "code"
    ADMONITION = "admonition"
    QUOTE = "quote"
    DEFINITION = "definition"
    FRONT_MATTER = "front_matter"
    """One `key: value` of a front matter."""
    FACT = "fact"
    """One line of a manifest, compose file or registry entry, as `key: value`."""


class Block(NamedTuple):
    start: int
    end: int
    kind: BlockKind
    level: int = 0
    """Heading level, or list depth."""


class PageText(Frozen):
    """Text that a person would see, and what was found on the way."""

    url: str
    text: str
    digest: Digest
    """`sha256` of the text in UTF-8."""
    page_digest: Digest
    """Of the bytes it was made from."""
    blocks: tuple[Block, ...]
    findings: tuple[Finding, ...] = ()
    dropped: tuple[tuple[str, int], ...] = ()
    """What was left out, by kind and count: `("comment", 3)`, `("image", 12)`, …, sorted."""
    title: str = ""
    own_instructions: bool = False
    """True for the body of a SKILL.md, command or agent file: it instructs its own model by nature."""
