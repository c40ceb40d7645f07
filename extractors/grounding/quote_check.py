"""Grounding: a quote counts only if its words and numbers stand, in order, on the page.

Idea: exact after folding, never fuzzy. Case, white space, punctuation, markup and one explicit ellipsis may
differ; a word, digit, sign, unit or name may not, and a cut may drop no negation or limit of its own
sentence. Invariant: what is accepted is widened to whole sentences and `text[start:end]` is its quote; what
is not is a `RejectedQuote` whose nearest passage is a suggestion that never counts. Pure.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple

from extractors.grounding.quote_cuts import cut_off_after, cut_off_before, dropped_qualifier
from extractors.grounding.sentences import sentences
from extractors.grounding.tokens import Words, is_symbol, words
from extractors.pages.page_text import Block, BlockKind, PageText
from scoring.claims import Evidence, RejectedQuote

LONGEST = 4_000
"""Characters of a quote, and of the sentences around it. What is longer is a copy of the page, no evidence."""
FEWEST_WORDS = 3
FEWEST_WORDS_OF_A_WHOLE_SENTENCE = 2
FEWEST_WORDS_OF_A_SPAN = 2
MOST_PLACES = 64
"""Places of one span that are tried. A quote that stands in more is no evidence for anything."""

_LINK = re.compile(r"!?\[([^\[\]\n]*)\](?:\([^()\s]*(?:\s+\"[^\"\n]*\")?\)|\[[^\[\]\n]*\])")
_CHUNK = re.compile(r"\S(?:[^\n]|\n(?!\s*\n))*")
_MARKS = re.compile(r"(?<!\d)[*`]+|[*`]+(?!\d)")
_TAG = re.compile(r"</?(?:a|abbr|b|br|code|del|em|i|img|ins|kbd|mark|p|s|small|span|strong|sub|sup|u)\b[^<>]*>", re.I)


class Span(NamedTuple):
    """Half-open run of word numbers of a page."""

    first: int
    stop: int


class Index:
    """Words and sentences of one page text, ready for many quotes."""

    def __init__(self, page: PageText) -> None:
        self.blocks = page.blocks
        self.text = page.text
        self.words: Words = words(page.text)
        blocks = _gapless(page)
        self.spans = sentences(page.text, blocks)
        self._sentence_starts = [start for start, _ in self.spans]
        self._block_starts = [block.start for block in blocks]
        self._joined = f" {' '.join(self.words.words)} "
        self._offsets: list[int] = []
        offset = 1
        for word in self.words.words:
            self._offsets.append(offset)
            offset += len(word) + 1

    def places(self, wanted: tuple[str, ...]) -> Iterator[Span]:
        """Every run of words that equals `wanted`, from the top of the page."""
        needle = f" {' '.join(wanted)} "
        at = self._joined.find(needle)
        while at >= 0:
            first = bisect_left(self._offsets, at + 1)
            yield Span(first, first + len(wanted))
            at = self._joined.find(needle, at + 1)

    def start_of(self, span: Span) -> int:
        return self.words.starts[span.first]

    def end_of(self, span: Span) -> int:
        return self.words.ends[span.stop - 1]

    def sentence_of(self, offset: int) -> tuple[int, int]:
        """The sentence in which a word stands."""
        at = bisect_right(self._sentence_starts, offset) - 1
        if at >= 0 and offset < self.spans[at][1]:
            return self.spans[at]
        return (offset, offset)

    def block_number(self, offset: int) -> int:
        return bisect_right(self._block_starts, offset) - 1

    @cached_property
    def sentences_with(self) -> dict[str, list[int]]:
        """Sentence numbers by word."""
        found: dict[str, list[int]] = defaultdict(list)
        for word, start in zip(self.words.words, self.words.starts, strict=True):
            at = bisect_right(self._sentence_starts, start) - 1
            if at >= 0 and (not found[word] or found[word][-1] != at):
                found[word].append(at)
        return found


def _gapless(page: PageText) -> tuple[Block, ...]:
    """Blocks that a budget kept away are still on the page: their sentences count like any other."""
    blocks: list[Block] = []
    end = 0
    for block in (*page.blocks, Block(len(page.text), len(page.text), BlockKind.PARAGRAPH)):
        for chunk in _CHUNK.finditer(page.text, end, max(end, block.start)):
            blocks.append(Block(chunk.start(), chunk.end(), BlockKind.PARAGRAPH))
        blocks.append(block)
        end = max(end, block.end)
    return tuple(blocks[:-1])


_INDEXES: OrderedDict[str, Index] = OrderedDict()
_KEPT = 64


def index_of(page: PageText) -> Index:
    """The index of a page text, built once for as long as the page is in use."""
    index = _INDEXES.pop(page.digest, None)
    if index is None or index.blocks != page.blocks or len(index.text) != len(page.text):
        index = Index(page)
    _INDEXES[page.digest] = index
    while len(_INDEXES) > _KEPT:
        _INDEXES.popitem(last=False)
    return index


def ground(quote: str, page: PageText, avoid: Sequence[tuple[int, int]] = ()) -> Evidence | RejectedQuote:
    """The whole sentences in which the words of `quote` stand, or why they do not count.

    The first of several places is taken; one outside the spans to `avoid`, if there is one.
    """
    if len(quote) > LONGEST:
        return RejectedQuote(quote=quote[:LONGEST], why=f"longer than {LONGEST:,} characters: quote a sentence")
    index = index_of(page)
    why = ""
    for asked in dict.fromkeys((quote, _MARKS.sub("", _TAG.sub(" ", _LINK.sub(r"\1", quote))))):
        found = _places(words(asked), index)
        if isinstance(found, str):
            why = why or found
            continue
        best = _best(found, index, page, avoid)
        if isinstance(best, Evidence):
            return best
        own = _evidence(index, page, index.start_of(found[0][0]), index.end_of(found[0][-1]))
        return RejectedQuote(quote=quote, why=best, nearest=own if len(own.quote) <= LONGEST else None)
    nearest, differs = _nearest(words(quote), index, page)
    return RejectedQuote(quote=quote, why=f"{why}{differs}" if why == NOT_ON_THE_PAGE else why, nearest=nearest)


NOT_ON_THE_PAGE = "not on the page"


def _places(quoted: Words, index: Index) -> list[tuple[Span, ...]] | str:
    """Where the words stand: runs without a gap, else pairs around the one ellipsis, else why nowhere."""
    wanted = quoted.words
    if not any(not is_symbol(word) for word in wanted):
        return "no words"
    runs: list[tuple[Span, ...]] = [(span,) for span in islice(index.places(wanted), MOST_PLACES)]
    gaps = sorted({gap for gap in quoted.breaks if 0 < gap < len(wanted)})
    if not runs and len(gaps) == 1:
        runs = [*_pairs(wanted[: gaps[0]], wanted[gaps[0] :], index)]
    if runs:
        return runs
    if len(gaps) > 1:
        return "more than one ellipsis: quote two spans at most"
    return NOT_ON_THE_PAGE


def _pairs(head: tuple[str, ...], tail: tuple[str, ...], index: Index) -> Iterator[tuple[Span, Span]]:
    """Two spans of one block or of neighbours, the nearest tail for each head."""
    if min(_weight(head), _weight(tail)) < FEWEST_WORDS_OF_A_SPAN:
        return
    tails = list(islice(index.places(tail), MOST_PLACES))
    firsts = [span.first for span in tails]
    for head_span in islice(index.places(head), MOST_PLACES):
        at = bisect_left(firsts, head_span.stop)
        if at == len(tails):
            return
        apart = index.block_number(index.start_of(tails[at])) - index.block_number(index.start_of(head_span))
        if apart <= 1:
            yield head_span, tails[at]


def _best(
    runs: list[tuple[Span, ...]], index: Index, page: PageText, avoid: Sequence[tuple[int, int]]
) -> Evidence | str:
    """The first place that is whole and drops nothing, or why there is none."""
    why = ""
    second: Evidence | None = None
    for run in runs:
        problem = _problem(run, index)
        if problem:
            why = why or problem
            continue
        evidence = _evidence(index, page, index.start_of(run[0]), index.end_of(run[-1]))
        if not any(evidence.start < end and start < evidence.end for start, end in avoid):
            return evidence
        second = second or evidence
    return second or why


def _problem(run: tuple[Span, ...], index: Index) -> str | None:
    """Why this place does not count, or None."""
    folded = index.words.folded
    start, end = index.start_of(run[0]), index.end_of(run[-1])
    left, right = index.sentence_of(start)[0], index.sentence_of(end - 1)[1]
    if right - left > LONGEST:
        return f"stands in a passage of more than {LONGEST:,} characters without a sentence end"
    number = sum((_weight(index.words.words[span.first : span.stop]) for span in run), 0.0)
    if number < FEWEST_WORDS:
        whole = not any(c.isalnum() for c in folded[left:start] + folded[end:right])
        if number < FEWEST_WORDS_OF_A_WHOLE_SENTENCE or not whole:
            return "too short: quote at least three words, or a whole sentence"
    for span in run:
        torn = cut_off_before(index.words, span.first) or cut_off_after(index.words, span.stop - 1)
        if torn:
            return f"cut inside a word, name or number: the page has “{torn}” beside it"
    gaps = [(left, start), (end, right)]
    gaps += [(index.end_of(a), index.start_of(b)) for a, b in pairwise(run)]
    for begin, stop in gaps:
        limit = dropped_qualifier(folded[begin:stop])
        if limit:
            return f"drops “{limit}” of its sentence"
    return None


def _weight(wanted: tuple[str, ...]) -> float:
    """Words, a character of a script without spaces counting as half."""
    return sum(
        0.5 if len(word) == 1 and ord(word) > 0xE00 and word.isalpha() else 1.0
        for word in wanted
        if not is_symbol(word)
    )


def _evidence(index: Index, page: PageText, start: int, end: int) -> Evidence:
    left, right = index.sentence_of(start)[0], max(end, index.sentence_of(end - 1)[1])
    return Evidence(text_digest=page.digest, url=page.url, start=left, end=right, quote=page.text[left:right])


def _nearest(quoted: Words, index: Index, page: PageText) -> tuple[Evidence | None, str]:
    """The sentence that shares most words with the quote, and the words in which it differs."""
    wanted = [word for word in dict.fromkeys(quoted.words) if not is_symbol(word)]
    shared = Counter(at for word in wanted for at in index.sentences_with.get(word, ()))
    if not shared:
        return None, ""
    most = max(shared.values())
    if most < 2 or most * 3 < len(wanted):
        return None, ""
    at = min((at for at, count in shared.items() if count == most), key=lambda at: (_length(index.spans[at]), at))
    start, end = index.spans[at]
    if end - start > LONGEST:
        return None, ""
    stands = set(words(page.text[start:end]).words)
    foreign = [word for word in wanted if word not in stands][:3]
    differs = f": the nearest passage has no {', '.join(f'“{word}”' for word in foreign)}" if foreign else ""
    differs = differs or ": its words stand there in another order or with others between"
    return Evidence(text_digest=page.digest, url=page.url, start=start, end=end, quote=page.text[start:end]), differs


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]
