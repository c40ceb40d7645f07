"""With which letters a pattern can begin, read off its text, so that most patterns are answered without a search.

Idea: a page has few words with the first letters of a cue. A pattern is followed branch by branch as far as its first
letters; the marks that lead to its first word are passed over. Invariant: a pattern whose letters cannot be read is
searched for; one that is left out matches nowhere in the text.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

LETTERS = 5
"""Letters of a word by which it is looked up."""
_MOST = 1_500
"""Beginnings of one pattern; one with more is searched for."""
_LEAD = 40
"""Characters, none of a word, that may be before the first word of a match."""
_WORD = re.compile(r"(?<![^\W_])[^\W_]")
_TOKEN = re.compile(
    r"\((?:\?(?:[:=!>]|<[=!]|P<\w+>))?|\[\^?\]?(?:\\.|[^\]\\]){0,199}+\]|\{\d{0,9},?\d{0,9}\}[?+]?|[*+?][?+]?|\\.|.",
    re.DOTALL,
)
_REPEAT = re.compile(r"([*+?])|\{(\d{0,9})(,?)(\d{0,9})\}")
_CLASS_PART = re.compile(r"(\\?.)(?:-(\\?[^\]]))?", re.DOTALL)
_BOUNDS = ("^", "$", r"\b", r"\A", r"\Z")
_ESCAPED = {r"\n": "\n", r"\t": "\t", r"\r": "\r", r"\f": "\f"}
_MARKS = (r"\s", r"\W")


class PatternStart(NamedTuple):
    """A beginning as far as it is read."""

    letters: str = ""
    inside: bool = True
    """True when it may be within a word."""
    lead: int = 0
    """So many characters, none of a word, may be before the letters."""
    still: bool = True
    """True when the next characters belong to it."""


@cache
def pattern_starts(pattern: re.Pattern[str]) -> frozenset[PatternStart]:
    """Each way in which it can begin, at most `LETTERS` letters of it; without letters where they do not tell."""
    found = _Reader(pattern.pattern).alternatives({PatternStart()})
    return frozenset(begun._replace(still=False) for begun in (found if len(found) <= _MOST else {PatternStart()}))


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._left = _TOKEN.findall(pattern)[::-1]

    def alternatives(self, begun: set[PatternStart]) -> set[PatternStart]:
        """The beginnings after this group, whose end is taken too."""
        found: set[PatternStart] = set()
        sign = "|"
        while sign == "|":
            further = begun
            while self._left and self._left[-1] not in ("|", ")"):
                further = self._item(self._left.pop(), further)
            found |= further
            sign = self._left.pop() if self._left else ""
        return found

    def _item(self, token: str, begun: set[PatternStart]) -> set[PatternStart]:
        going = {each for each in begun if each.still}
        if token[0] != "(" and not going:
            return begun
        if token in _BOUNDS or (token == "(?<!" and self._left[-2:] == [")", r"\w"]):
            self._left = self._left[:-2] if token == "(?<!" else self._left
            return {each if each.letters else each._replace(inside=False) for each in begun}
        if token.startswith("("):
            once = self.alternatives(going)
            if token[2:3] in ("=", "!", "<"):
                return begun
        else:
            chars = _characters(token) if token != "." else None
            once = {after for each in going for after in _after(each, chars)}
        least, most = self._repeated()
        if most > 1:
            once = {each._replace(still=each.still and not each.letters and most < _LEAD) for each in once}
        return once | (begun if not least else begun - going)

    def _repeated(self) -> tuple[int, int]:
        """How often the item that was read is repeated."""
        found = _REPEAT.match(self._left[-1]) if self._left else None
        if not found:
            return 1, 1
        self._left.pop()
        sign, least, comma, most = found.groups()
        if sign:
            return int(sign == "+"), 1 if sign == "?" else _LEAD
        return int(least or 0), int(most or (_LEAD if comma else least))


def _characters(token: str) -> set[str] | None:
    """Those that a token stands for, `""` for marks of whatever kind; None for one that does not tell."""
    if token[0] != "[" or token == "[":
        if token in _MARKS:
            return {""}
        char = _ESCAPED.get(token, token[-1])
        return None if token[0] == "\\" and char.isalnum() else {char}
    found: set[str] = set()
    for first, last in _CLASS_PART.findall(token[1:-1]):
        single = _characters(first) if token[1] != "^" else None
        if single is None or (last and ord(last[-1]) - ord(first[-1]) > 12):
            return None
        found |= set(map(chr, range(ord(first[-1]), ord(last[-1]) + 1))) if last else single
    return found


def _after(begun: PatternStart, chars: set[str] | None) -> set[PatternStart]:
    if chars is None or (begun.letters and "" in chars):
        return {begun._replace(still=False)}
    return {
        begun._replace(letters=begun.letters + char, still=len(begun.letters) + 1 < LETTERS)
        if begun.letters or char.isalnum()
        else begun._replace(inside=False, lead=_LEAD)
        for char in chars
    }


class Patterns:
    """Patterns by the letters with which they begin; a pattern is named by its number."""

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._patterns = patterns
        self._anywhere: list[tuple[str, int]] = []
        at_words: dict[str, dict[int, int]] = defaultdict(dict)
        for number, pattern in enumerate(patterns):
            for begun in sorted(pattern_starts(pattern)):
                if begun.inside or not begun.letters:
                    self._anywhere.append((begun.letters, number))
                else:
                    at_words[begun.letters][number] = begun.lead
        self._at_words = {letters: tuple(leads.items()) for letters, leads in at_words.items()}

    def that_may_match(self, text: str) -> set[int]:
        """Those that a search of the text may find."""
        characters = set(text)
        found = {
            number
            for letters, number in self._anywhere
            if (letters[:1] in characters and letters in text if letters else self._patterns[number].search(text))
        }
        for word in _WORD.finditer(text):
            start = word.start()
            for end in range(start + 1, min(start + LETTERS, len(text)) + 1):
                for number, lead in self._at_words.get(text[start:end], ()):
                    if number not in found and begins_at(self._patterns[number], text, start, lead):
                        found.add(number)
        return found


def begins_at(pattern: re.Pattern[str], text: str, start: int, lead: int) -> bool:
    """Whether a match begins at this word, or in the marks that lead to it, `lead` at most."""
    for at in range(start, max(-1, start - lead - 1), -1):
        if at < start and text[at].isalnum():
            return False
        if pattern.match(text, at):
            return True
    return False
