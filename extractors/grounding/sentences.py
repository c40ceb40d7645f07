"""Where sentences begin and end in a page text.

Idea: a sentence is the smallest thing that is shown as evidence, so a doubtful boundary is no boundary: a
sentence that is too long shows too much, one that is too short can lose its negation. Invariant: spans are
in order, trimmed, never empty, and none crosses a block.
"""

import re
from collections.abc import Iterator, Sequence

from extractors.pages.page_text import Block, BlockKind

_NEVER_ENDS = frozenset(
    re.findall(
        r"\S+",
        """e.g i.e eg ie mr mrs ms dr prof vs cf fig figs eq eqs sec ch pp ed eds vol approx resp incl excl ver v st
        dept ref refs ca cca viz w.r.t bzw z.b d.h evtl ggf vgl u.a p.ej""",
    )
)
"""A word that is always followed by more of its sentence."""

_MAY_END = frozenset(
    re.findall(r"\S+", "inc ltd corp co jr sr al est min max a.k.a a.m p.m u.s u.k e.u u.n ph.d b.s m.s gmbh llc")
)
"""A word whose full stop may also close the sentence: it does before a word that opens one."""

_OPENS = frozenset(
    re.findall(
        r"\S+",
        """a all also although an and any as at because before both but by do each every for from he her here how
        however if in it its most never no not note now on once only or our please see she since so some that
        the their then there these they this those to unless use we what when where while why with without you your""",
    )
)

_BEFORE_A_NUMBER = frozenset({"no", "nos", "nr", "art", "para", "p"})
"""An abbreviation only before a number: `No. 5`, but `No. It does not.`"""

_CLOSERS = "\"'”’»)\\]}*_`」』）］】〉》"
_OPENERS = "\"'“‘«([{*_`~<「『（［【〈《¿¡#>"
_END = re.compile(
    rf"[。！？．｡।॥؟]+[{_CLOSERS}]*"  # needs no space after it
    rf"|(?<![.!?…])[.!?…]++[{_CLOSERS}]*+(?=\s)"
)
_LINE_OF_ITS_OWN = re.compile(
    r"\n[ \t]*(?:\n\s*|(?=(?:[-*+•‣▪◦–]|\d{1,3}[.)]|[a-z][.)])[ \t]+\S)|(?=#{1,6} \S|\|))"
    r"|\n[ \t]*(?=[\u2190-\u2bff\U0001f000-\U0001faff])"  # a picture that opens a line is a bullet
    r"|(?<=:)\n[ \t]*(?=[^\sa-z])"
)
_LAST_WORD = re.compile(r"[^\s(\[{\"'“‘«/|]*$")
_ENUMERATOR = re.compile(r"(?:^|\n)[ \t>#*_]*(?:[-*+•][ \t]+)?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})$")
_WORD = re.compile(r"\w+")


def sentences(text: str, blocks: Sequence[Block]) -> tuple[tuple[int, int], ...]:
    """Spans of the sentences of every block; without blocks the text is taken as one."""
    blocks = blocks or (Block(0, len(text), BlockKind.PARAGRAPH),)
    found: list[tuple[int, int]] = []
    for block in blocks:
        start = block.start
        for end in (*_boundaries(text, block), block.end):
            part = text[start:end]
            left = start + len(part) - len(part.lstrip())
            if left < end:
                found.append((left, start + len(part.rstrip())))
            start = end
    return tuple(found)


def _boundaries(text: str, block: Block) -> Iterator[int]:
    if block.kind in (BlockKind.TABLE_ROW, BlockKind.FACT):
        return  # a cell or a value means nothing without its row or key
    if block.kind is BlockKind.CODE:
        yield from (line.end() for line in re.compile("\n").finditer(text, block.start, block.end))
        return
    body = text[block.start : block.end]
    cuts = {mark.end() for mark in _END.finditer(body) if _ends_a_sentence(body, mark)}
    cuts.update(mark.end() for mark in _LINE_OF_ITS_OWN.finditer(body))
    yield from (block.start + cut for cut in sorted(cuts))


def _ends_a_sentence(body: str, mark: re.Match[str]) -> bool:
    marks = mark.group()
    if marks[0] not in ".!?…":
        return True
    rest = body[mark.end() : mark.end() + 80].lstrip().lstrip(_OPENERS).lstrip()
    following = rest[:1]
    if not following or following.islower() or rest.startswith(("—", "–", "- ", "-- ")):
        return False
    if marks[0] != "." or marks.startswith(".."):
        return True
    before = body[max(0, mark.start() - 80) : mark.start()]
    found = _LAST_WORD.search(before)
    word = found.group().strip(_OPENERS + "\\]").lower() if found else ""
    numbered = word in _BEFORE_A_NUMBER and following.isdigit()
    if numbered or word in _NEVER_ENDS or _ENUMERATOR.search(before):
        return False
    if word in _MAY_END or (len(word) == 1 and word.isalpha()) or re.fullmatch(r"(?:[^\W\d]\.)+[^\W\d]", word):
        opening = _WORD.match(rest)
        return opening is not None and opening.group().lower() in _OPENS
    return True
