"""Where a pattern can begin at all, read off the pattern itself, so that most cues are answered without a search.

Idea: a page has few places with the first letters of a cue. `Words` knows the places of all words by their first
letters; `beginnings` reads from a compiled pattern with which letters it must begin. Invariant: it only ever
says "surely nowhere" when a search would find nothing; what it cannot read is searched for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

LETTERS = 5
"""Letters of a word by which it is looked up."""
_MOST = 1_500
_WORD = re.compile(r"(?<![^\W_])[^\W_]")


class Words:
    """The places at which words begin, by their first letters, in one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._characters = frozenset(text)
        self._at: dict[str, list[int]] = defaultdict(list)
        for match in _WORD.finditer(text):
            start = match.start()
            self._at[text[start : start + LETTERS]].append(start)
        self._longer: dict[str, list[str]] = defaultdict(list)
        """The full keys that begin with fewer letters."""
        for letters in self._at:
            for length in range(1, min(LETTERS, len(letters) + 1)):
                self._longer[letters[:length]].append(letters)
        self._known = frozenset((*self._at, *self._longer))

    def surely_without(self, pattern: re.Pattern[str]) -> bool:
        """True when the pattern can match nowhere in the text."""
        begins = beginnings(pattern)
        return begins is not None and not any(self._begun(pattern, begin) for begin in begins)

    def _begun(self, pattern: re.Pattern[str], begin: Beginning) -> bool:
        if begin.anywhere:
            return any(prefix[0] in self._characters and prefix in self.text for prefix in begin.prefixes)
        return any(
            self._matches(pattern, start, begin.lead)
            for prefix in begin.prefixes & self._known
            for start in self._places(prefix)
        )

    def _places(self, prefix: str) -> Iterable[int]:
        if len(prefix) == LETTERS:
            return self._at.get(prefix, ())
        return (start for letters in self._longer.get(prefix, ()) for start in self._at[letters])

    def _matches(self, pattern: re.Pattern[str], start: int, lead: int) -> bool:
        """A match that begins at this word, or in the marks that lead to it."""
        if pattern.match(self.text, start):
            return True
        for place in range(start - 1, max(-1, start - 1 - lead), -1):
            if self.text[place].isalnum():
                return False
            if pattern.match(self.text, place):
                return True
        return False


class Beginning(NamedTuple):
    prefixes: frozenset[str]
    lead: int
    """Characters, none of a word, that may stand before the first word."""
    anywhere: bool
    """True when it may begin within a word."""


@cache
def beginnings(pattern: re.Pattern[str]) -> tuple[Beginning, ...] | None:
    """With which letters each alternative must begin; None where one of them does not tell."""
    items = list(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
    branches = items[0][1][1] if len(items) == 1 and items[0][0] is op.BRANCH else [items]
    found = [_beginning(list(branch)) for branch in branches]
    return None if None in found else tuple(begin for begin in found if begin)


@cache
def first_letters(pattern: re.Pattern[str]) -> frozenset[str]:
    """The letters with which a match must begin, at most `LETTERS` of each; an empty one where some do not tell."""
    items = list(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
    return frozenset(prefix for prefix, _ in _extended({("", True)}, items))


def _beginning(items: list[Any]) -> Beginning | None:
    lead, skipped = 0, 0
    while skipped < len(items) and _is_marks(items[skipped]):
        lead += _width(items[skipped])
        skipped += 1
    prefixes = {prefix for prefix, _ in _extended({("", True)}, items[skipped:])}
    if len(prefixes) > _MOST or "" in prefixes:
        return None
    bounded = any(map(_bounds, items[:skipped])) or _at_a_word(items)
    if all(prefix[0].isalnum() for prefix in prefixes) and bounded:
        return Beginning(frozenset(prefixes), lead, False)
    return None if lead else Beginning(frozenset(prefixes), 0, True)


Open = set[tuple[str, bool]]
"""Prefixes, each with whether the next characters still belong to it."""


def _extended(begun: Open, items: list[Any]) -> Open:
    """The prefixes after these items: longer where the items tell, closed where they do not."""
    for kind, value in items:
        going = {prefix for prefix, still in begun if still}
        if not going:
            return begun
        closed = {(prefix, False) for prefix in going}
        done = {entry for entry in begun if not entry[1]}
        if kind is op.LITERAL:
            begun = done | {(prefix + chr(value), len(prefix) + 1 < LETTERS) for prefix in going}
        elif kind is op.IN and (chars := _chars(value)):
            begun = done | {(prefix + char, len(prefix) + 1 < LETTERS) for prefix in going for char in chars}
        elif kind is op.SUBPATTERN:
            begun = done | _extended({(prefix, True) for prefix in going}, list(value[3]))
        elif kind is op.BRANCH:
            begun = set(done)
            for branch in value[1]:
                begun |= _extended({(prefix, True) for prefix in going}, list(branch))
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, body = value
            once = _extended({(prefix, True) for prefix in going}, list(body))
            if most > 1:
                once = {(prefix, False) for prefix, _ in once}
            begun = done | once | ({(prefix, True) for prefix in going} if least == 0 else set())
        elif kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
            continue
        else:
            begun = done | closed
        if len(begun) > 4 * _MOST:
            return {("", False)}
    return begun


def _chars(items: list[Any]) -> list[str]:
    """The characters of a small plain class; none when it is not one."""
    chars: list[str] = []
    for kind, value in items:
        if kind is op.LITERAL:
            chars.append(chr(value))
        elif kind is op.RANGE and value[1] - value[0] < 12:
            chars += map(chr, range(value[0], value[1] + 1))
        else:
            return []
    return chars


def _at_a_word(items: list[Any]) -> bool:
    """True when a match must begin where a word does, given that it begins with a letter."""
    if not items:
        return False
    kind, value = items[0]
    if kind is op.SUBPATTERN:
        return _at_a_word(list(value[3]))
    if kind is op.BRANCH:
        return all(_at_a_word(list(branch)) for branch in value[1])
    return bool(kind is op.AT and value is op.AT_BOUNDARY)


def _is_marks(item: Any) -> bool:
    """True for an anchor, or for something that matches only characters that are in no word."""
    kind, value = item
    if kind is op.AT:
        return True
    if kind is op.LITERAL:
        return not chr(value).isalnum()
    if kind is op.IN:
        return all(
            (kind is op.LITERAL and not chr(value).isalnum())
            or (kind is op.CATEGORY and value in (op.CATEGORY_SPACE, op.CATEGORY_NOT_WORD))
            for kind, value in value
        )
    if kind is op.SUBPATTERN:
        return all(map(_is_marks, value[3]))
    if kind is op.BRANCH:
        return all(_is_marks(part) for branch in value[1] for part in branch)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        return value[1] < 100 and all(map(_is_marks, value[2]))
    return False


def _bounds(item: Any) -> bool:
    """True for marks that cannot be left out, or an anchor: what follows does not begin within a word."""
    kind, value = item
    if kind is op.AT:
        return value is not op.AT_NON_BOUNDARY
    if kind is op.SUBPATTERN:
        return any(map(_bounds, value[3]))
    if kind is op.BRANCH:
        return all(any(map(_bounds, branch)) for branch in value[1])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        return value[0] > 0 and any(map(_bounds, value[2]))
    return True


def _width(item: Any) -> int:
    kind, value = item
    if kind is op.AT:
        return 0
    if kind is op.SUBPATTERN:
        return sum(map(_width, value[3]))
    if kind is op.BRANCH:
        return max(sum(map(_width, branch)) for branch in value[1])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        return int(value[1]) * sum(map(_width, value[2]))
    return 1
