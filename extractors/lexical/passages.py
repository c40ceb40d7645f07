"""The documents cut into passages: one sentence, table row or fact each, with its weight.

Idea: where a sentence stands says how much it tells of the product: what it does counts in full, how it is
installed counts less, who contributed to it not at all. Invariant: `document.text[start:end]` is the passage;
a passage that overlaps a finding against the assessor is never used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from extractors.grounding.sentences import sentences
from extractors.injection import assessor_spans
from extractors.lexical.stemming import Word, words
from extractors.pages.page_text import Block, BlockKind, PageText
from scoring.vocabulary import FindingKind

_SIDE = re.compile(
    r"\b(?:install\w*|set-?\s?up|setting up|prerequisit\w*|requirements?|get(?:ting)? started|quick ?start|configur\w*|"
    r"develop(?:ment|ing)|build(?:ing)? from|debug\w*|test(?:s|ing)|troubleshoot\w*|faq|environment variables?|"
    r"upgrad\w*|migrat\w*|examples?|usage with|running|deploy(?:ment|ing)?|client\w*|project structure|directory)\b",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\b(?:contribut\w*|licen[cs]\w*|acknowledg\w*|credits?|citation|cite|citing|sponsors?|community|star history|"
    r"change ?log|release notes|what's new|road ?map|coming soon|to-?do|future (?:work|plans)|milestones?|"
    r"related (?:projects|work)|alternatives?|compar(?:ison|ed)|vs\.?|authors?|thanks|support us|stay in touch|badges?|"
    r"disclaimer|legal|news|updates?|announcements?|vulnerabilit\w*)\b",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"^=== listing entry: .* ===$")
_TO_THE_READER = re.compile(
    r"\b(?:feel free to|you believe you have found|pull requests? (?:are |is )?welcome|join (?:us|our)|"
    r"contributions? (?:are |is )?welcome|"
    r"star (?:us|the|this)|follow us|sign up|drop us|open an issue|(?:file|report) (?:a|an) (?:bug|issue)|newsletter|"
    r"we(?:'re| are) hiring)\b",
    re.IGNORECASE,
)
_OF_SOMETHING_ELSE = re.compile(
    r"\A\W*+(?:the )?model context protocol(?: \(mcp\))?,? (?:is|was|provides|enables)\b", re.IGNORECASE
)
_HOW_TO = re.compile(
    r"\A\W*+(?:click|open(?![- ]source)|go to|navigate to|select|replace|copy|paste|download|clone|install|restart|"
    r"make sure|ensure|see|check out|looking for|visit|refer to|learn more|read the|note that|"
    r"to (?:install|use|run|start|connect|configure|set up|help|get)|you can(?: also)? (?:find|use|run|install)|"
    r"once|after|before|first,|then|next|set your|for (?:more|full|details))\b",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\A\W*+(?:\d{4}[.\-/]\d{1,2}|v?\d+\.\d+\.\d+\b|(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)\w*\.? \d)",
    re.I,
)
_FILE_PATH = re.compile(
    r"\A\W{0,99}[\w@.-]{1,99}(?:/[\w@.*-]{1,255}+){1,40}+(?:\s|:|,|$)|\A\W{0,99}[\w-]{1,255}+\.(?:py|ts|js|tsx|go|rs|json|ya?ml|toml|sh)\b"
)
_KEY = re.compile(r'^\W*"?([\w.-]{1,40})"?\s*:\s*')

MAIN_DOCUMENTS = 2
"""The listing entry and the README, or the only document. Others speak of parts."""
OF_A_PART = 0.8
INTRO_SENTENCES = 4
FULL_SENTENCE = 40
"""Characters. Shorter ones are entries of a menu or badges."""
LONGEST_READ = 8_000
"""Characters. A sentence without end is read in pieces, none of which can be quoted."""
LONGEST_TITLE = 300
LONGEST = 1100
"""Characters. A longer passage is not quoted: it would have to be cut, and a cut can drop a negation."""


@dataclass(frozen=True)
class Passage:
    document: int
    start: int
    end: int
    text: str
    kind: BlockKind
    section: str
    """The nearest headings above it, outermost first, as they stand."""
    weight: float
    """1.5 what it says of itself first, 1 elsewhere, 0.4 set-up, 0.3 code, 0 the rest."""
    words: tuple[Word, ...]
    key: str = ""
    """The key of a fact or front-matter line."""
    own_instructions: bool = False
    """It stands in what the product tells its own model: what it says of its safety is a wish."""

    @property
    def quotable(self) -> bool:
        return len(self.text) <= LONGEST and self.text.count(" ") >= 2 and len(self.words) >= 3 and self.weight > 0


def passages(documents: Sequence[PageText]) -> tuple[Passage, ...]:
    return tuple(passage for index, document in enumerate(documents) for passage in _of(index, document))


def _of(index: int, document: PageText) -> Iterator[Passage]:
    blocks = document.blocks or (Block(0, len(document.text), BlockKind.PARAGRAPH),)
    spans = sentences(document.text, blocks)
    barred = [*assessor_spans(document), *_hidden(document)]
    headings: list[tuple[int, str]] = []
    at = 0
    said = 0
    for start, end in _pieces(document.text, spans):
        while at < len(blocks) - 1 and blocks[at].end <= start:
            at += 1
        block = blocks[at]
        text = document.text[start:end]
        if block.kind is BlockKind.HEADING:
            while headings and headings[-1][0] >= block.level:
                headings.pop()
            headings.append((block.level, text[:LONGEST_TITLE]))
        if _SEPARATOR.match(text) or any(start < stop and first < end for first, stop in barred):
            continue
        section = " › ".join(title for _, title in headings[1:] or headings)
        weight = _weight(block.kind, section)
        if weight == 1 and block.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.LIST_ITEM):
            full = len(text) > FULL_SENTENCE or (not said and text.count(" ") >= 3)
            said += full
            weight = 1.5 if full and said <= INTRO_SENTENCES else 1
        if _TO_THE_READER.search(text):
            weight = 0
        elif _OF_SOMETHING_ELSE.match(text):
            weight = min(weight, 0.3)
        elif _FILE_PATH.match(text):
            weight = min(weight, 0.2)
        elif _HOW_TO.match(text) or _DATED.match(text):
            weight = min(weight, 0.4)
        elif index >= MAIN_DOCUMENTS and not document.own_instructions:
            weight = OF_A_PART * min(weight, 1)
        key = ""
        if block.kind in (BlockKind.FACT, BlockKind.FRONT_MATTER) and (found := _KEY.match(text)):
            key = found.group(1).lower()
            weight = 1.5 if key == "description" else weight
        yield Passage(
            index,
            start,
            end,
            text,
            block.kind,
            section,
            weight,
            tuple(words(text)) if weight else (),
            key,
            document.own_instructions,
        )


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans, the longest in equal parts that end between words."""
    for start, end in spans:
        while (left := end - start) > LONGEST_READ:
            part = -(-left // -(-left // LONGEST_READ))
            blank = text.rfind(" ", start + part // 2, start + part)
            stop = blank + 1 if blank > 0 else start + part
            yield start, stop
            start = stop
        yield start, end


def _hidden(document: PageText) -> list[tuple[int, int]]:
    """Places in the text of what the page reader found on the way."""
    return [
        (finding.start, finding.end)
        for finding in document.findings
        if finding.kind is not FindingKind.INSTRUCTS_ITS_OWN_MODEL
        and finding.start is not None
        and finding.end is not None
    ]


@lru_cache(maxsize=4096)
def _weight(kind: BlockKind, section: str) -> float:
    if _AWAY.search(section):
        return 0
    if kind is BlockKind.CODE:
        return 0.3
    return 0.4 if kind is BlockKind.FACT or _SIDE.search(section) else 1
