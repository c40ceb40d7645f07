"""Text that talks to whoever reads this page for a verdict, kept apart from what instructs its own model.

Idea: two questions with two answers. *Bar*: could this be meant for an assessor? Then it is no evidence, wherever it
is and whatever is around it; that costs one sentence. *Finding*: is it surely meant for one? That costs a person,
so it is narrow. What an example shows is a finding of lower rank and barred all the same. Invariant: nothing here
changes a text or a value; bars have no cap. Pure.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from extractors.injection.addresses import addresses
from extractors.injection.layout import Layout
from extractors.injection.obfuscation import DecodedText, decoded_texts
from extractors.injection.pattern_starts import Patterns
from extractors.injection.patterns import NAMES_VALUES, Cue, Needs, cues, opens_a_clause, speaks_to_nobody
from extractors.injection.quoted_examples import QUOTED, SHOWN, example_reason
from extractors.pages.page_text import Block, BlockKind, PageText
from scoring.claims import Digest, Evidence, Finding
from scoring.vocabulary import FindingKind

INJECTION = "injection@4"
"""Version of the findings, raised when the same text gives others: every agent is then assessed again."""

MOST_FINDINGS = 40
"""Places that are shown."""
_STEER_WITHIN = 1_500
"""Characters after a cue in which it may say what to do."""
_NEXT_WITHIN = 400
"""The same after a cue that does not lead on to what follows."""
_TO_ITS_OWN_MODEL = re.compile(
    r"(?:\A|[.:]|(?<![\s>*#-])(?:[^\S\n]|[>*#-])*+\n)[\s>*#-]*+"
    r"(?:you are (?:an?|the) |your (?:task|role|job|goal) is|always |never |do not |don't "
    r"|must |use this (?:skill|agent|command))"
)
Span = tuple[int, int]


class _Found(NamedTuple):
    start: int
    end: int
    says: str
    example: bool


class _Addressed(NamedTuple):
    findings: tuple[_Found, ...]
    barred: tuple[Span, ...]
    spoken: tuple[Span, ...]
    """The sentences of the barred parts in which the assessor is addressed; the rest is beside them."""


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
    addresses_assessor = FindingKind.ADDRESSES_THE_ASSESSOR
    found = [
        (addresses_assessor, each.start, each.end, f"{how}: {each.says}" if how else each.says, each.example or None)
        for each in _addressed(page_text, tuple(blocks), own_instructions, visible).findings
    ]
    if own_instructions and visible and (body := _TO_ITS_OWN_MODEL.search(page_text.lower())):
        start, end = Layout(page_text, tuple(blocks)).block_at(body.end() - 1)
        carrier = "the body of a skill, command or agent file"
        found.append((FindingKind.INSTRUCTS_ITS_OWN_MODEL, start, end, carrier, None))
    return tuple(
        Finding(
            kind=kind,
            url=url,
            text_digest=text_digest if visible else None,
            start=start if visible else None,
            end=end if visible else None,
            excerpt=page_text[start:end].strip()[:300] or page_text[:300],
            visible=visible,
            how=how,
            example=example,
        )
        for kind, start, end, how, example in found
    )


def barred_spans(page: PageText) -> tuple[Span, ...]:
    """The parts of a page text that are no evidence, in order and apart: they may be meant for its assessor, or a
    person may not see them."""
    barred = _addressed(page.text, page.blocks, page.own_instructions, True).barred
    hidden = [
        (finding.start, finding.end)
        for finding in page.findings
        if finding.kind is FindingKind.HIDDEN_TEXT and finding.start is not None and finding.end is not None
    ]
    return _joined([*barred, *hidden]) if hidden else barred


def addressing_spans(page: PageText) -> tuple[Span, ...]:
    """The sentences that may be meant for an assessor. What is beside them in a barred part counts for nothing that
    lowers a risk; but whoever puts an address beside an unwelcome sentence does not unsay it."""
    return _addressed(page.text, page.blocks, page.own_instructions, True).spoken


def addresses_assessor(evidence: Evidence, page: PageText) -> bool:
    """True when these words themselves may be meant for an assessor, not only what is beside them."""
    return _touches(addressing_spans(page), evidence.start, evidence.end)


def stands_only_in_hostile_text(evidence: Evidence, page: PageText) -> bool:
    """True when these words are nowhere on the page but in text that addresses the assessor."""
    spans = barred_spans(page)
    if not _touches(spans, evidence.start, evidence.end):
        return False
    places = (match.start() for match in re.finditer(f"(?={re.escape(evidence.quote)})", page.text))
    return all(_touches(spans, place, place + len(evidence.quote)) for place in places)


def _touches(spans: Sequence[Span], start: int, end: int) -> bool:
    at = bisect_left(spans, (end,)) - 1
    return at >= 0 and spans[at][1] > start


@cache
def _cue_patterns() -> Patterns:
    return Patterns([cue.pattern for cue in cues().cues])


def cues_in(text: str) -> Iterator[Cue]:
    """Those that a search of the text may find, in their order."""
    return map(cues().cues.__getitem__, sorted(_cue_patterns().that_may_match(text)))


@lru_cache(maxsize=128)
def _addressed(text: str, blocks: tuple[Block, ...], own_instructions: bool, visible: bool) -> _Addressed:
    """What is found and what is barred, merged where it touches."""
    layout = Layout(text, blocks)
    found: list[_Found] = []
    barred: list[Span] = []
    spoken: list[Span] = []
    named: set[Span] = set()
    """Blocks that name values of the record itself, as no page does: beside an address, a finding."""
    for reading in decoded_texts(text):
        for cue in cues_in(reading.text):
            if own_instructions and not cue.in_own_instructions:
                continue
            for match in cue.pattern.finditer(reading.text):
                place = reading.place(_first_letter(match), match.end())
                span = layout.reach(place, heads=not cue.only_bars)
                barred.append(span)
                spoken.append(_sentence_of(text, *place))
                named |= {layout.block_at(place[0])} if cue.says == NAMES_VALUES else set()
                if not cue.only_bars and len(found) <= 4 * MOST_FINDINGS and _holds(cue, match, reading, layout):
                    how = f"{cue.says} ({reading.how})" if reading.how else cue.says
                    excusable = cue.needs is Needs.NO_EXAMPLE and visible and not reading.how
                    why = example_reason(reading, *match.span(), layout) if excusable else ""
                    if not why or (why == SHOWN and cue.in_own_instructions):
                        found.append(_Found(*span, how, bool(why)))
                        barred += [] if why else [layout.rest_of_section(span)]
        for address in addresses(reading.text, _ends(reading, blocks)):
            place = reading.place(address.start, address.end)
            span = layout.reach(place, heads=address.leads)
            barred.append(layout.rest_of_section(span) if address.leads else span)
            spoken += [place] if address.speaks else []
            sure = address.sure or layout.block_at(place[0]) in named
            if sure and not own_instructions and len(found) <= 4 * MOST_FINDINGS:
                why = "" if reading.how or not visible else example_reason(reading, address.start, address.end, layout)
                if why != QUOTED:
                    found.append(_Found(*span, address.says, bool(why)))
    return _Addressed(_merged(found), _joined(barred), _joined(spoken))


def _sentence_of(text: str, start: int, end: int) -> Span:
    """The words from the sentence's beginning to its end, as far as one looks."""
    before = max(text.rfind(mark, max(0, start - _SENTENCE_WITHIN), start) for mark in (". ", "! ", "? ", "\n"))
    after = _SENTENCE_ENDS.search(text, end, end + _SENTENCE_WITHIN)
    return before + 1 if before >= 0 else max(0, start - _SENTENCE_WITHIN), after.start() + 1 if after else end


_SENTENCE_WITHIN = 300
_SENTENCE_ENDS = re.compile(r"[.!?](?=\s)|\n")


def _ends(reading: DecodedText, blocks: Sequence[Block]) -> list[int]:
    """Where the blocks end in this reading; nowhere in one that was turned round or decoded."""
    if reading.how and reading.at is not None:
        return []
    return [block.end if reading.at is None else bisect_left(reading.at, block.end) for block in blocks]


def _first_letter(match: re.Match[str]) -> int:
    """Where the cue's own words begin: the line end and the marks that may lead to it belong to another block."""
    return match.start() + next((n for n, char in enumerate(match.group()) if char.isalnum()), 0)


def _merged(found: list[_Found]) -> tuple[_Found, ...]:
    merged: list[_Found] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end, each.example)):
        if merged and each.start < merged[-1].end:
            last = merged.pop()
            each = last._replace(end=max(each.end, last.end), example=last.example and each.example)
        merged.append(each)
    return tuple(merged[:MOST_FINDINGS])


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            start, before = joined.pop()
            end = max(end, before)
        joined.append((start, end))
    return tuple(joined)


def _holds(cue: Cue, match: re.Match[str], reading: DecodedText, layout: Layout) -> bool:
    start, end = match.span()
    if (cue.opens and not opens_a_clause(reading.text, start)) or speaks_to_nobody(reading.text, start, end):
        return False
    needed = {Needs.A_STEER: cues().steer, Needs.AN_ORDER: cues().order}.get(cue.needs)
    return needed is None or needed.search(_after(reading, start, end, layout)) is not None


def _after(reading: DecodedText, start: int, end: int, layout: Layout) -> str:
    """The words to which an address leads: the rest of its section."""
    blocks = layout.blocks
    if not blocks or reading.at is not None:
        return reading.text[end : end + _STEER_WITHIN]
    number = layout.number_at(start)
    head, stop = blocks[number], blocks[number].end
    headed = head.kind is BlockKind.HEADING
    leads_on = headed or reading.text[end:stop].rstrip().endswith((":", "-", ")", ">"))
    within = end + (_STEER_WITHIN if leads_on else _NEXT_WITHIN)
    while stop <= within and (number := number + 1) < len(blocks):
        block = blocks[number]
        if block.kind is BlockKind.HEADING and not (leads_on and (not headed or block.level > head.level)):
            break
        stop = block.end
    return reading.text[end : min(stop, end + _STEER_WITHIN)]
