"""Why words that address an assessor may be no order: they are quoted, or shown as an example.

Invariant: an excuse lowers a finding and frees nothing: what it excuses is barred as evidence all the same.
"""

import re

from extractors.injection.layout import Layout
from extractors.injection.obfuscation import DecodedText
from extractors.injection.patterns import cues
from extractors.pages.page_text import BlockKind

_EXAMPLE_WITHIN = 200
_QUOTED_WITHIN = 400
_QUOTE_OPENS = re.compile(r"[\"'(]\s*+\Z")
_QUOTE_CLOSES = re.compile(r"[\"')]")
QUOTED = "quoted"
SHOWN = "shown"


def example_reason(reading: DecodedText, start: int, end: int, layout: Layout) -> str:
    """Why words are no order: they are quoted (no finding), or shown in code, a table or talk about attacks."""
    text = reading.text
    line_start = max(text.rfind("\n", max(0, start - _QUOTED_WITHIN), start) + 1, start - _QUOTED_WITHIN, 0)
    before = text[line_start:start]
    if (before.count('"') % 2 or _QUOTE_OPENS.search(before)) and _QUOTE_CLOSES.search(text, end, end + _QUOTED_WITHIN):
        return QUOTED
    if not layout.blocks or reading.at is not None:
        return ""
    number = layout.number_at(start)
    block = layout.blocks[number]
    if block.kind in (BlockKind.CODE, BlockKind.TABLE_ROW):
        return SHOWN
    around = [text[max(block.start, start - _EXAMPLE_WITHIN) : start]]
    heading = layout.heading_above(number)
    if heading is not None and heading is not block:
        around.append(text[heading.start : min(heading.end, heading.start + _EXAMPLE_WITHIN)])
    above = layout.blocks[number - 1] if number else None
    if above is not None and above.kind is not BlockKind.HEADING:
        around.append(text[max(above.start, above.end - _EXAMPLE_WITHIN) : above.end])
    return SHOWN if cues().example.search(" ".join(around)) else ""
