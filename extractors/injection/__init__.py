"""Text that talks to whoever reads this page for a verdict, kept apart from what instructs its own model.

Idea: `addresses_the_assessor` is about scoring, reviewing, summarising or recommending this listing, or
steers a reader's agent; facts that stand only there count as unstated. `instructs_its_own_model` (the body of
a skill, command or agent file) is the object under assessment, no alarm. Invariant: findings report a place
and a cue; they never change a text or a value. Pure.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from extractors.injection.obfuscation import Reading, readings
from extractors.injection.pattern_starts import Words
from extractors.injection.patterns import Cue, Needs, cues, opens_a_clause, speaks_to_nobody
from extractors.pages.page_text import Block, BlockKind, PageText
from scoring.claims import Digest, Evidence, Finding
from scoring.vocabulary import FindingKind

INJECTION = "injection@1"
"""Version of the findings, raised when the same text gives others: every agent is then assessed again."""

MOST_FINDINGS = 40
_STEER_WITHIN = 1_500
"""Characters after a cue in which it may say what to do."""
_EXAMPLE_WITHIN = 200
_QUOTED_WITHIN = 400
_TO_ITS_OWN_MODEL = re.compile(
    r"(?:\A|[.:]|(?<![\s>*#-])(?:[^\S\n]|[>*#-])*+\n)[\s>*#-]*+"
    r"(?:you are (?:an?|the) |your (?:task|role|job|goal) is|always |never |do not |don't "
    r"|must |use this (?:skill|agent|command))"
)


def findings(
    page_text: str,
    blocks: Sequence[Block],
    url: str,
    text_digest: Digest | None,
    own_instructions: bool,
    *,
    visible: bool = True,
    how: str = "",
) -> tuple[Finding, ...]:
    """What a text says to models, by place. Hidden text is given without blocks, with its carrier as `how`."""
    found = [
        Finding(
            kind=FindingKind.ADDRESSES_THE_ASSESSOR,
            url=url,
            text_digest=text_digest if visible else None,
            start=start if visible else None,
            end=end if visible else None,
            excerpt=page_text[start:end].strip()[:300] or page_text[:300],
            visible=visible,
            how=f"{how}: {says}" if how else says,
        )
        for start, end, says in _addressed(page_text, tuple(blocks), own_instructions, visible)
    ]
    if own_instructions and visible and (body := _TO_ITS_OWN_MODEL.search(page_text.lower())):
        start, end = _block_at(tuple(blocks), body.end() - 1, len(page_text))
        found.append(
            Finding(
                kind=FindingKind.INSTRUCTS_ITS_OWN_MODEL,
                url=url,
                text_digest=text_digest,
                start=start,
                end=end,
                excerpt=page_text[start:end].strip()[:300],
                how="the body of a skill, command or agent file",
            )
        )
    return tuple(found)


def assessor_spans(page: PageText) -> tuple[tuple[int, int], ...]:
    """The parts of a page text that address its assessor, in order and apart."""
    return tuple((start, end) for start, end, _ in _addressed(page.text, page.blocks, page.own_instructions, True))


def stands_only_in_hostile_text(evidence: Evidence, page: PageText) -> bool:
    """True when these words stand nowhere on the page but in text that addresses the assessor."""
    spans = assessor_spans(page)
    if not any(evidence.start < end and start < evidence.end for start, end in spans):
        return False
    at = page.text.find(evidence.quote)
    while at >= 0:
        if not any(at < end and start < at + len(evidence.quote) for start, end in spans):
            return False
        at = page.text.find(evidence.quote, at + 1)
    return True


@lru_cache(maxsize=128)
def _addressed(
    text: str, blocks: tuple[Block, ...], own_instructions: bool, visible: bool
) -> tuple[tuple[int, int, str], ...]:
    """Spans with what they do, merged where they touch."""
    found: list[tuple[int, int, str]] = []
    for reading in readings(text):
        words = Words(reading.text)
        for cue in cues().cues:
            if (own_instructions and not cue.in_own_instructions) or words.surely_without(cue.pattern):
                continue
            for match in cue.pattern.finditer(reading.text):
                if _holds(cue, match, reading, blocks, visible):
                    start, end = _reach(reading.place(_first_letter(match), match.end()), text, blocks)
                    says = f"{cue.says} ({reading.how})" if reading.how else cue.says
                    found.append((start, end, says))
                    if len(found) > 4 * MOST_FINDINGS:
                        return _merged(found)
    return _merged(found)


def _first_letter(match: re.Match[str]) -> int:
    """Where the cue's own words begin: the line end and the marks that may lead to it belong to another block."""
    said = match.group()
    return match.start() + next((n for n, char in enumerate(said) if char.isalnum()), 0)


def _merged(found: list[tuple[int, int, str]]) -> tuple[tuple[int, int, str], ...]:
    merged: list[tuple[int, int, str]] = []
    for start, end, says in sorted(found, key=lambda span: (span[0], -span[1])):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]), merged[-1][2])
        else:
            merged.append((start, end, says))
    return tuple(merged[:MOST_FINDINGS])


def _holds(cue: Cue, match: re.Match[str], reading: Reading, blocks: tuple[Block, ...], visible: bool) -> bool:
    start, end = match.span()
    if cue.opens and not opens_a_clause(reading.text, start):
        return False
    if speaks_to_nobody(reading.text, start, end):
        return False
    if cue.needs is Needs.A_STEER:
        return bool(cues().steer.search(_after(reading, start, end, blocks)))
    if cue.needs is Needs.NO_EXAMPLE and visible and not reading.how:
        return not _is_example(reading, start, end, blocks)
    return True


def _after(reading: Reading, start: int, end: int, blocks: tuple[Block, ...]) -> str:
    """The words to which an address leads: the rest of its section."""
    if not blocks or reading.at is not None:
        return reading.text[end : end + _STEER_WITHIN]
    number = _number_at(blocks, start)
    stop = blocks[number].end
    leads_on = blocks[number].kind is BlockKind.HEADING or reading.text[end:stop].rstrip().endswith(
        (":", "-", ")", ">")
    )
    for block in blocks[number + 1 :]:
        if (
            block.kind is BlockKind.HEADING
            and blocks[number].kind is BlockKind.HEADING
            and block.level <= blocks[number].level
        ):
            break
        if not leads_on and (block.kind is BlockKind.HEADING or stop > end + 400):
            break
        stop = block.end
        if stop > end + _STEER_WITHIN:
            break
    return reading.text[end : min(stop, end + _STEER_WITHIN)]


def _is_example(reading: Reading, start: int, end: int, blocks: tuple[Block, ...]) -> bool:
    """Quoted, in code or a table, or beside talk about attacks."""
    text = reading.text
    line_start = max(text.rfind("\n", 0, start) + 1, start - _QUOTED_WITHIN)
    before = text[line_start:start]
    if before.count('"') % 2 or re.search(r"[\"'(]\s*$", before):
        return True
    if not blocks or reading.at is not None:
        return False
    number = _number_at(blocks, start)
    block = blocks[number]
    if block.kind in (BlockKind.CODE, BlockKind.TABLE_ROW):
        return True
    around = text[max(block.start, start - _EXAMPLE_WITHIN) : start]
    heading = next((b for b in reversed(blocks[: number + 1]) if b.kind is BlockKind.HEADING), None)
    if heading is not None and heading is not block:
        around += " " + text[heading.start : heading.end]
    if number and blocks[number - 1].kind is not BlockKind.HEADING:
        around += (
            " " + text[max(blocks[number - 1].start, blocks[number - 1].end - _EXAMPLE_WITHIN) : blocks[number - 1].end]
        )
    return bool(cues().example.search(around))


def _number_at(blocks: tuple[Block, ...], offset: int) -> int:
    return max(0, bisect_right(blocks, offset, key=lambda block: block.start) - 1)


def _block_at(blocks: tuple[Block, ...], offset: int, length: int) -> tuple[int, int]:
    if not blocks:
        return 0, length
    block = blocks[_number_at(blocks, offset)]
    return block.start, block.end


def _reach(place: tuple[int, int], text: str, blocks: tuple[Block, ...]) -> tuple[int, int]:
    """The whole passage that a cue governs: its block, the list that it opens, the section that it heads."""
    if not blocks:
        return 0, len(text)
    first, last = _number_at(blocks, place[0]), _number_at(blocks, max(place[0], place[1] - 1))
    start, end = blocks[first].start, blocks[last].end
    head = blocks[first]
    opens_list = text[:end].rstrip().endswith(":")
    for block in blocks[last + 1 :]:
        if head.kind is BlockKind.HEADING:
            if block.kind is BlockKind.HEADING and block.level <= head.level:
                break
        elif not (
            opens_list and block.kind in (BlockKind.LIST_ITEM, BlockKind.CODE, BlockKind.QUOTE, BlockKind.TABLE_ROW)
        ):
            break
        end = block.end
    return start, end
