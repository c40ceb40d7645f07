"""From the line of a file to the same words of its page text: the place that evidence points to.

Idea: readers of declarations need the file as it is, evidence needs the text that a person would see; both hold the
same words in the same order. Invariant: what is given is a span of the page text whose words are those of the line, in
order and without a gap, and the words that matter are among them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from extractors.declarations.facts import Place
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
        matches = list(_WORD.finditer(folded))
        self._starts = [match.start() for match in matches]
        self._ends = [match.end() for match in matches]
        self._joined = " " + " ".join(match.group() for match in matches) + " "
        self._offsets = [0, *accumulate(len(match.group()) + 1 for match in matches)]

    def find(self, place: Place, matters: str = "") -> Evidence | None:
        """The line of the page text with these words; None where they do not stand there. `matters`: what the words
        have to hold, if not the whole line stands there: a name, a command."""
        near = place.start * self._scale
        bare = _ADDRESS.sub(" ", place.quote)
        for wanted in (bare, place.quote, _COUNTED.sub("", bare)):
            words = _words(wanted)
            if words and (found := self._nearest(words, near)):
                return self._evidence(*found)
        kept = _words(matters)
        for words in _shorter(_words(bare), kept):
            if found := self._nearest(words, near):
                return self._evidence(*found)
        return None

    def _nearest(self, words: list[str], near: float) -> tuple[int, int] | None:
        """First and last word number of the run that begins nearest to an offset."""
        needle = f" {' '.join(words)} "
        best: tuple[float, int] | None = None
        at = self._joined.find(needle)
        while at >= 0:
            first = bisect_right(self._offsets, at) - 1
            away = abs(self._starts[first] - near)
            if best is not None and away >= best[0]:
                break
            best = (away, first)
            at = self._joined.find(needle, at + 1)
        return (best[1], best[1] + len(words) - 1) if best else None

    def _evidence(self, first: int, last: int) -> Evidence:
        text = self._page.text
        start, end = self._starts[first], self._ends[last]
        left, right = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        right = len(text) if right < 0 else right
        if right - left <= LONGEST:
            quote = text[left:right]
            start = left + len(quote) - len(quote.lstrip())
            end = left + len(quote.rstrip())
        return Evidence(text_digest=self._page.digest, url=self._page.url, start=start, end=end, quote=text[start:end])


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _shorter(words: list[str], anchor: list[str]) -> list[list[str]]:
    """Runs of the words that hold those that matter, longest first."""
    places = (
        [at for at in range(len(words) - len(anchor) + 1) if words[at : at + len(anchor)] == anchor] if anchor else []
    )
    if not places:
        return []
    at = places[0]
    runs = {(at, min(stop, len(words))) for stop in range(len(words), at + len(anchor) - 1, -1)}
    runs |= {(start, at + len(anchor)) for start in range(at)}
    ranked = sorted(runs, key=lambda run: run[0] - run[1])
    return [words[start:stop] for start, stop in [*ranked[: MOST_TRIES - 1], (at, at + len(anchor))]]
