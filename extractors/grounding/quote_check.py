"""Grounding: a quote counts only if its words and numbers are, in order, on the page.

Idea: exact after folding, never fuzzy. Case, white space, punctuation, markup and one explicit ellipsis may
differ; a word, digit, sign, unit or name may not, and a cut may drop no negation or limit of its own
sentence. Invariant: what is accepted is widened to whole sentences and `text[start:end]` is its quote; what
is not is a `RejectedQuote` whose nearest passage is a suggestion that never counts. Pure.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple

from extractors.grounding.quote_cuts import cut_off_after, cut_off_before, dropped_qualifier
from extractors.grounding.sentences import sentences
from extractors.grounding.tokens import WordRuns, Words, is_symbol, words
from extractors.pages.page_text import Block, BlockKind, PageText
from scoring.claims import Evidence, RejectedQuote

LONGEST = 4_000
"""Characters of a quote, and of the sentences around it. What is longer is a copy of the page, no evidence."""
FEWEST_WORDS = 3
FEWEST_WORDS_OF_A_WHOLE_SENTENCE = 2
FEWEST_WORDS_OF_A_SPAN = 2
MOST_PLACES = 64
"""Places of one span that are tried. A quote that is in more is no evidence for anything."""

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
        self._runs = WordRuns(self.words.words)

    def places(self, wanted: tuple[str, ...]) -> list[Span]:
        """The first runs of words that equal `wanted`, from the top of the page."""
        return [Span(first, first + len(wanted)) for first in islice(self._runs.places(wanted), MOST_PLACES)]

    def start_of(self, span: Span) -> int:
        return self.words.starts[span.first]

    def end_of(self, span: Span) -> int:
        return self.words.ends[span.stop - 1]

    def sentence_of(self, offset: int) -> tuple[int, int]:
        """The sentence of a word."""
        number = self._sentence_number(offset)
        return self.spans[number] if number >= 0 and offset < self.spans[number][1] else (offset, offset)

    def block_number(self, span: Span) -> int:
        return bisect_right(self._block_starts, self.start_of(span)) - 1

    def _sentence_number(self, offset: int) -> int:
        return bisect_right(self._sentence_starts, offset) - 1

    @cached_property
    def sentences_with(self) -> dict[str, dict[int, None]]:
        """Sentence numbers by word."""
        found: dict[str, dict[int, None]] = defaultdict(dict)
        for word, start in zip(self.words.words, self.words.starts, strict=True):
            number = self._sentence_number(start)
            if number >= 0:
                found[word][number] = None
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
_MOST_INDEXES = 64


def index_of(page: PageText) -> Index:
    """The index of a page text, built once for as long as the page is in use."""
    index = _INDEXES.pop(page.digest, None)
    if index is None or index.blocks != page.blocks or len(index.text) != len(page.text):
        index = Index(page)
    _INDEXES[page.digest] = index
    while len(_INDEXES) > _MOST_INDEXES:
        _INDEXES.popitem(last=False)
    return index


def ground(quote: str, page: PageText, avoid: Sequence[tuple[int, int]] = ()) -> Evidence | RejectedQuote:
    """The whole sentences that hold the words of `quote`, or why they do not count.

    The first of several places is taken; one outside the spans to `avoid`, if there is one.
    """
    if len(quote) > LONGEST:
        return RejectedQuote(quote=quote[:LONGEST], why=f"longer than {LONGEST:,} characters: quote a sentence")
    index = index_of(page)
    why = ""
    for written in dict.fromkeys((quote, _MARKS.sub("", _TAG.sub(" ", _LINK.sub(r"\1", quote))))):
        runs, nowhere = _places(words(written), index)
        why = why or nowhere
        if runs:
            best = _best(runs, index, page, avoid)
            if isinstance(best, Evidence):
                return best
            own = _evidence(index, page, runs[0])
            return RejectedQuote(quote=quote, why=best, nearest=own if len(own.quote) <= LONGEST else None)
    nearest, differs = _nearest(words(quote), index, page)
    return RejectedQuote(quote=quote, why=f"{why}{differs}" if why == NOT_ON_THE_PAGE else why, nearest=nearest)


NOT_ON_THE_PAGE = "not on the page"


def _places(quoted: Words, index: Index) -> tuple[list[tuple[Span, ...]], str]:
    """Where the words are: runs without a gap, else pairs around the one ellipsis, else none and why."""
    wanted = quoted.words
    if all(map(is_symbol, wanted)):
        return [], "no words"
    runs: list[tuple[Span, ...]] = [(span,) for span in index.places(wanted)]
    gaps = sorted({gap for gap in quoted.breaks if 0 < gap < len(wanted)})
    if not runs and len(gaps) == 1:
        runs = [*_pairs(wanted[: gaps[0]], wanted[gaps[0] :], index)]
    return runs, "more than one ellipsis: quote two spans at most" if len(gaps) > 1 else NOT_ON_THE_PAGE


def _pairs(head: tuple[str, ...], tail: tuple[str, ...], index: Index) -> Iterator[tuple[Span, Span]]:
    """Two spans of one block or of neighbours, the nearest tail for each head."""
    if min(_weight(head), _weight(tail)) < FEWEST_WORDS_OF_A_SPAN:
        return
    tails = index.places(tail)
    for head_span in index.places(head):
        after = bisect_left(tails, head_span.stop, key=lambda span: span.first)
        if after < len(tails) and index.block_number(tails[after]) - index.block_number(head_span) <= 1:
            yield head_span, tails[after]


def _best(
    runs: list[tuple[Span, ...]], index: Index, page: PageText, avoid: Sequence[tuple[int, int]]
) -> Evidence | str:
    """The first place that is whole and drops nothing, or why there is none."""
    problems = [(run, _problem(run, index)) for run in runs]
    whole = [_evidence(index, page, run) for run, problem in problems if not problem]
    apart = (each for each in whole if not any(each.start < end and start < each.end for start, end in avoid))
    return next(apart, whole[0] if whole else next(problem for _, problem in problems if problem))


def _problem(run: tuple[Span, ...], index: Index) -> str:
    """Why this place does not count; empty where it does."""
    folded = index.words.folded
    start, end = index.start_of(run[0]), index.end_of(run[-1])
    left, right = index.sentence_of(start)[0], index.sentence_of(end - 1)[1]
    if right - left > LONGEST:
        return f"stands in a passage of more than {LONGEST:,} characters without a sentence end"
    weight = sum(_weight(index.words.words[span.first : span.stop]) for span in run)
    whole = not any(char.isalnum() for char in folded[left:start] + folded[end:right])
    if weight < (FEWEST_WORDS_OF_A_WHOLE_SENTENCE if whole else FEWEST_WORDS):
        return "too short: quote at least three words, or a whole sentence"
    for span in run:
        torn = cut_off_before(index.words, span.first) or cut_off_after(index.words, span.stop - 1)
        if torn:
            return f"cut inside a word, name or number: the page has “{torn}” beside it"
    inner = ((index.end_of(before), index.start_of(after)) for before, after in pairwise(run))
    for begin, stop in ((left, start), (end, right), *inner):
        limit = dropped_qualifier(folded[begin:stop])
        if limit:
            return f"drops “{limit}” of its sentence"
    return ""


def _weight(wanted: tuple[str, ...]) -> float:
    """Words, a character of a script without spaces counting as half."""
    return sum(
        0.5 if len(word) == 1 and ord(word) > 0xE00 and word.isalpha() else 1.0
        for word in wanted
        if not is_symbol(word)
    )


def _evidence(index: Index, page: PageText, run: tuple[Span, ...]) -> Evidence:
    """The whole sentences around a place."""
    end = index.end_of(run[-1])
    return _quote(page, index.sentence_of(index.start_of(run[0]))[0], max(end, index.sentence_of(end - 1)[1]))


def _quote(page: PageText, start: int, end: int) -> Evidence:
    return Evidence(text_digest=page.digest, url=page.url, start=start, end=end, quote=page.text[start:end])


def _nearest(quoted: Words, index: Index, page: PageText) -> tuple[Evidence | None, str]:
    """The sentence that shares most words with the quote, and the words in which it differs."""
    wanted = [word for word in dict.fromkeys(quoted.words) if not is_symbol(word)]
    shared = Counter(number for word in wanted for number in index.sentences_with.get(word, ()))
    most = max(shared.values(), default=0)
    if most < 2 or most * 3 < len(wanted):
        return None, ""
    lengths = ((index.spans[number][1] - index.spans[number][0], number) for number in shared if shared[number] == most)
    length, number = min(lengths)
    if length > LONGEST:
        return None, ""
    evidence = _quote(page, *index.spans[number])
    present = set(words(evidence.quote).words)
    missing = [word for word in wanted if word not in present][:3]
    if not missing:
        return evidence, ": its words stand there in another order or with others between"
    return evidence, f": the nearest passage has no {', '.join(f'“{word}”' for word in missing)}"
