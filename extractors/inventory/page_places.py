"""From the line of a file to the same words of its page text: the place that evidence points to.

Idea: readers of declarations need the file as it is, evidence needs the text that a person would see; both hold the
same words in the same order. Invariant: what is given is a span of the page text whose words are those of the line, in
order and without a gap, and the words that matter are among them.
"""

import re
from collections.abc import Iterator
from itertools import chain

from extractors.declarations.facts import Place
from extractors.grounding.tokens import WordRuns
from extractors.pages.page_text import PageText
from scoring.claims import Evidence

LONGEST = 400
"""Characters of a line of the page text that is quoted whole."""
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"\]\([^()\s]*(?:\s[^()\n]*)?\)|<[^<>\n]{0,300}>|&[a-z]{2,8};")
"""What markup carries beside its words: addresses of links, tags, entities."""
_COUNTED = re.compile(r"\A\d{1,3}[.)]\s")
"""By what a list counts its lines: the text of the page does not hold it."""
MOST_TRIES = 40


class PagePlaces:
    """The words of one page text, ready for many lines. `length`: characters of the file."""

    def __init__(self, page: PageText, length: int) -> None:
        self._page = page
        self._scale = len(page.text) / max(length, 1)
        folded = page.text.lower()
        folded = folded if len(folded) == len(page.text) else page.text
        self._matches = list(_WORD.finditer(folded))
        self._runs = WordRuns([match.group() for match in self._matches])

    def find(self, place: Place, matters: str = "") -> Evidence | None:
        """The line of the page text with these words; None where they are not there. `matters`: what the words
        have to hold, if not the whole line is there: a name, a command."""
        near = place.start * self._scale
        bare = _ADDRESS.sub(" ", place.quote)
        whole = map(_words, (bare, place.quote, _COUNTED.sub("", bare)))
        for words in chain(whole, _shorter(_words(bare), _words(matters))):
            firsts = self._runs.places(words) if words else ()
            nearest = min(firsts, key=lambda first: abs(self._matches[first].start() - near), default=None)
            if nearest is not None:
                return self._evidence(self._matches[nearest].start(), self._matches[nearest + len(words) - 1].end())
        return None

    def _evidence(self, start: int, end: int) -> Evidence:
        text = self._page.text
        left, right = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        right = len(text) if right < 0 else right
        if right - left <= LONGEST:
            quote = text[left:right]
            start = left + len(quote) - len(quote.lstrip())
            end = left + len(quote.rstrip())
        return Evidence(text_digest=self._page.digest, url=self._page.url, start=start, end=end, quote=text[start:end])


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _shorter(words: list[str], anchor: list[str]) -> Iterator[list[str]]:
    """Runs of the words that hold those that matter, longest first."""
    at = next(WordRuns(words).places(anchor), None) if anchor else None
    if at is not None:
        end = at + len(anchor)
        runs = {(at, stop) for stop in range(len(words), end - 1, -1)}
        runs |= {(start, end) for start in range(at)}
        ranked = sorted(runs, key=lambda run: run[0] - run[1])
        yield from (words[start:stop] for start, stop in [*ranked[: MOST_TRIES - 1], (at, end)])
