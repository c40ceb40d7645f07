"""How far words on a page govern what is around them, by the page's blocks.

Idea: a heading governs its section, a sentence that ends in a colon what is listed after it, a row of a table
the rows below. Invariant: what follows every block is found once, so that a page of cues costs no more than its length.
"""

import re
from bisect import bisect_right
from functools import cached_property

from extractors.pages.page_text import Block, BlockKind

_LISTED = frozenset(
    (
        BlockKind.LIST_ITEM,
        BlockKind.CODE,
        BlockKind.QUOTE,
        BlockKind.TABLE_ROW,
        BlockKind.DEFINITION,
        BlockKind.ADMONITION,
    )
)

_LABEL = 80
"""Characters of a paragraph that, without a stop, is the label of what follows."""
_LEADING = 120
_FORWARD = re.compile(r"(?i)\b(?:these|below|as follows|the following|what follows|next|here)\b")
"""Words at the end of an address that lead on to what follows."""
_WHOLE = frozenset((BlockKind.QUOTE, BlockKind.ADMONITION))
"""What its page shows as one block, however many paragraphs it has."""


class Layout:
    """The blocks of one text."""

    def __init__(self, text: str, blocks: tuple[Block, ...]) -> None:
        self.text = text
        self.blocks = blocks

    def number_at(self, offset: int) -> int:
        return max(0, bisect_right(self.blocks, offset, key=lambda block: block.start) - 1)

    def block_at(self, offset: int) -> tuple[int, int]:
        if not self.blocks:
            return 0, len(self.text)
        block = self.blocks[self.number_at(offset)]
        return block.start, block.end

    def heading_above(self, number: int) -> Block | None:
        above = bisect_right(self._heads, self.blocks[number].start)
        return self.blocks[self.number_at(self._heads[above - 1])] if above else None

    def reach(self, place: tuple[int, int], *, heads: bool = True) -> tuple[int, int]:
        """The whole passage that words govern. A heading governs its section only where it `heads` it."""
        if not self.blocks:
            return 0, len(self.text)
        first, last = self.number_at(place[0]), self.number_at(max(place[0], place[1] - 1))
        head = self.blocks[first]
        if head.kind is BlockKind.HEADING:
            last = max(last, self._sections[first]) if heads else last
        elif self._opens(last) or (heads and head.kind is BlockKind.TABLE_ROW):
            last = self._followed[last]
        elif self.blocks[last].kind in _WHOLE:
            last = self._runs[last]
        return head.start, self.blocks[last].end

    def rest_of_section(self, span: tuple[int, int]) -> tuple[int, int]:
        """From the beginning of a passage to the next heading: what follows an order to the assessor belongs to it."""
        if not self.blocks:
            return span
        last = self.blocks[self.number_at(max(span[0], span[1] - 1))]
        after = bisect_right(self._heads, last.start)
        return span[0], max(span[1], self._heads[after] if after < len(self._heads) else len(self.text))

    @cached_property
    def _heads(self) -> list[int]:
        """Where the headings begin."""
        return [block.start for block in self.blocks if block.kind is BlockKind.HEADING]

    def _opens(self, number: int) -> bool:
        block = self.blocks[number]
        end = self.text[max(block.start, block.end - 20) : block.end].rstrip(" *_\"'`)|")
        label = block.kind is BlockKind.PARAGRAPH and block.end - block.start < _LABEL and end[-1:].isalnum()
        leads = _FORWARD.search(self.text, max(block.start, block.end - _LEADING), block.end)
        return label or leads is not None or end.endswith((":", "\uff1a", "->", "=>", "→", "—", "–"))

    @cached_property
    def _runs(self) -> list[int]:
        """For each block the last one of its kind that follows without another between."""
        last = list(range(len(self.blocks)))
        for number in range(len(self.blocks) - 2, -1, -1):
            if self.blocks[number].kind is self.blocks[number + 1].kind:
                last[number] = last[number + 1]
        return last

    @cached_property
    def _followed(self) -> list[int]:
        """For each block the last one of what is listed right after it; one paragraph counts as listed."""
        listed = [block.kind in _LISTED for block in self.blocks] + [False]
        last = list(range(len(self.blocks)))
        for number in range(len(self.blocks) - 2, -1, -1):
            after = number + 1
            if listed[after] or self.blocks[after].kind is BlockKind.PARAGRAPH:
                goes_on = listed[after + 1] if listed[after] else self._opens(after)
                last[number] = last[after] if goes_on else after
        return last

    @cached_property
    def _sections(self) -> dict[int, int]:
        """For each heading the last block of its section."""
        ends: dict[int, int] = {}
        open_headings: list[int] = []
        for number, block in enumerate(self.blocks):
            if block.kind is not BlockKind.HEADING:
                continue
            while open_headings and self.blocks[open_headings[-1]].level >= block.level:
                ends[open_headings.pop()] = number - 1
            open_headings.append(number)
        return ends | dict.fromkeys(open_headings, len(self.blocks) - 1)
