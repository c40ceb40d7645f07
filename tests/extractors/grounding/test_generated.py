"""Falsified quotes made here from real documents: cuts that drop a negation, changed signs, units and names."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from extractors.grounding.quote_check import ground
from extractors.pages.page_text import BlockKind, PageText
from extractors.pages.text_extraction import NoText, page_text
from scoring.claims import Evidence

PROSE = {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.ADMONITION, BlockKind.QUOTE, BlockKind.TABLE_ROW}
LIMIT = re.compile(r"(?:not|no|never|without|only|unless|except|cannot|nor|none|\w+n['’]t)[,;:]?", re.IGNORECASE)
NUMBER = r"\d+(?:[.,]\d+)*"


@pytest.fixture(scope="module")
def sentences(shared: Path) -> list[tuple[PageText, str]]:
    """Sentences of real documents, split here and not by the code under test."""
    found: list[tuple[PageText, str]] = []
    for file in sorted([*shared.glob("corpus/agents/*/files/**/*.md*"), *shared.glob("agreement/*/*.md*")]):
        try:
            page = page_text(file.read_bytes(), url=file.resolve().as_uri())
        except NoText:
            continue
        for block in page.blocks:
            if block.kind not in PROSE:
                continue
            body = page.text[block.start : block.end]
            pieces = [body] if block.kind is BlockKind.TABLE_ROW else re.split(r"(?<=[.!?])\s+(?=[A-Z])|\n", body)
            found += [(page, piece) for piece in pieces if 20 < len(piece) < 400 and piece.count(" ") > 2]
    return found


def leading_cuts(sentence: str) -> Iterator[str]:
    words = sentence.split()
    for n, word in enumerate(words):
        if LIMIT.fullmatch(word) and len(words) - n > 4:
            yield " ".join(words[n + 1 :])


def trailing_cuts(sentence: str) -> Iterator[str]:
    words = sentence.split()
    for n, word in enumerate(words):
        if LIMIT.fullmatch(word) and n >= 4:
            yield " ".join(words[:n])


def elided_negations(sentence: str) -> Iterator[str]:
    words = sentence.split()
    for n, word in enumerate(words):
        if LIMIT.fullmatch(word) and n >= 3 and len(words) - n > 3:
            yield f"{' '.join(words[:n])} … {' '.join(words[n + 1 :])}"
            yield f"{' '.join(words[n - 3 : n])} [...] {' '.join(words[n + 1 : n + 4])}"


def signs(sentence: str) -> Iterator[str]:
    for mark in re.finditer(rf"(?<![\w-])([-−+~≈<>≤≥±$€£]) ?(?={NUMBER})|(?<=\d) ?([%+])(?![\w+])", sentence):
        before, after = sentence[: mark.start()], sentence[mark.end() :]
        yield f"{before} {after}"
        sign = (mark.group(1) or mark.group(2)).strip()
        other = {"<": ">", ">": "<", "$": "€", "€": "$", "-": "+", "+": "-", "~": "<", "%": "‰", "≥": "≤", "≤": "≥"}
        yield f"{before}{other.get(sign, '<')}{after}"


def units(sentence: str) -> Iterator[str]:
    pattern = rf"({NUMBER}) ?(KB|MB|GB|TB|GiB|ms|(?:second|minute|hour|day|week|month|year|token)s?|k|K|M|B|px|%)(?!\w)"
    other = {
        "MB": "GB",
        "GB": "MB",
        "KB": "MB",
        "ms": "s",
        "seconds": "minutes",
        "minutes": "hours",
        "k": "M",
        "%": "‰",
    }
    for unit in re.finditer(pattern, sentence):
        before, after = sentence[: unit.start()], sentence[unit.end() :]
        yield f"{before}{unit.group(1)} {other.get(unit.group(2), 'lightyears')}{after}"
        yield f"{before}{unit.group(1)} {after}"
        if len(before.split()) >= 3:
            yield f"{before}{unit.group(1)}"


def symbols_in_names(sentence: str) -> Iterator[str]:
    for name in re.finditer(
        r"(?<!\w)(?:[A-Za-z]\w*(?:\+\+|#)|\.NET|@[a-z][\w-]*|\w+\.(?:js|py|ai|io|md|NET)\b|[A-Z]&[A-Z])", sentence
    ):
        bare = re.sub(r"[+#.@&]", "", name.group())
        yield sentence[: name.start()] + bare + sentence[name.end() :]


@pytest.mark.slow
@pytest.mark.parametrize(
    "falsified",
    [leading_cuts, trailing_cuts, elided_negations, signs, units, symbols_in_names],
    ids=lambda f: f.__name__,
)
def test_no_falsified_row_is_accepted(
    sentences: list[tuple[PageText, str]], falsified: Callable[[str], Iterator[str]]
) -> None:
    rows = [(page, quote) for page, sentence in sentences for quote in falsified(sentence)]
    # what truly stands elsewhere on the same page is no falsification
    rows = [(page, quote) for page, quote in rows if " ".join(quote.split()) not in elsewhere(page, quote)]
    assert len(rows) >= 100
    accepted = [quote for page, quote in rows if isinstance(ground(quote, page), Evidence)]
    assert accepted == []


def elsewhere(page: PageText, quote: str) -> tuple[str, ...]:
    plain, wanted = " ".join(page.text.split()).casefold(), " ".join(quote.split())
    return (wanted,) if plain.count(wanted.casefold()) > 1 else ()


@pytest.mark.slow
def test_the_sentences_themselves_are_accepted(sentences: list[tuple[PageText, str]]) -> None:
    assert len(sentences) > 10_000
    some = sentences[::5]
    refused = [sentence for page, sentence in some if not isinstance(ground(sentence, page), Evidence)]
    assert len(refused) <= 0.002 * len(some), refused[:20]
