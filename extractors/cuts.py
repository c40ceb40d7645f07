"""What a cut may not drop: negations, limits, and what belongs to a word.

Idea: a true fragment can say the opposite of its sentence ("[never] runs commands"). Invariant: `drops`
names the first word that a reader would miss, or gives None when nothing of weight was left out.
"""

from __future__ import annotations

import re
import unicodedata

from extractors.words import IGNORED, NO, UNSPACED

_ENGLISH = r"""
    not|no|non|never|nor|neither|none|nothing|nobody|nowhere|cannot|cant|without|w/o|sans|\w+n't|ain't
    |(?:do|does|did|is|are|was|were|wo|ca|has|have|had|could|should|would|must)nt
    |only|solely|exclusively|merely|unless|until|except(?:ing|ed)?|exclud\w+|instead|(?:rather|other)\ than|apart\ from
    |hardly|rarely|seldom|barely|scarcely|unable|impossible|lack(?:s|ed|ing)?|fail(?:s|ed|ing)?\ to
    |disabl\w+|disallow\w*|prohibit\w*|forbid\w*|forbade|prevent(?:s|ed|ing)?|refus(?:e|es|ed|ing)|deny|den(?:ies|ied)
    |denying|avoid(?:s|ed|ing)?|blocked|at\ most|provided\ that|as\ long\ as
"""
_ELSEWHERE = r"""
    nicht|kein\w*|nie|niemals|ohne|nur|außer|weder  # German
    |ne|n'\w+|pas|jamais|aucune?|seulement|sauf|rien|ni  # French
    |nunca|sin|solo|sólo|solamente|ningun[oa]?|ningún|excepto|salvo|jamás  # Spanish
    |não|nem|sem|apenas|só|nenhuma?  # Portuguese
    |mai|senza|soltanto|nessun[oa]?|tranne  # Italian
    |не|нет|ни|без|только|никогда|кроме|нельзя  # Russian
    |niet|geen|nooit|zonder|alleen  # Dutch
"""
_WITHOUT_SPACES = (
    r"[不没沒未无無非勿别別莫仅僅禁]|除了|ない|なく|なし|ません|ずに|のみ|だけ|以外|しか"
    r"|않|없|못|아니|ไม่|không|chưa|لا(?!\w)|ليس|नहीं"
)
LIMIT = re.compile(rf"(?<!\w)(?:{_ENGLISH}|{_ELSEWHERE})(?!\w)|{_WITHOUT_SPACES}|{NO}|!=|≠", re.VERBOSE)
"""A negation or limit, in folded text."""

_NUMBER_LIMIT = re.compile(
    r"(?:at (?:most|least)|up to|(?:less|fewer|more|greater|lower|higher) than|over|under|below|above)\W*$"
)
_UNIT = re.compile(
    r"""\s?(?:[%‰°€£¥₹₽₩¢₿$]|(?:
    percent|per\ cent|[kmgtp]i?b(?:/s|ps)?|bytes?|bits?|ns|[µμ]s|ms|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?
    |days?|weeks?|months?|years?|k|m|b|bn|thousand|million|billion|trillion|dollars?|usd|eur|euros?|gbp|cents?
    |tokens?|x|times|hz|khz|mhz|ghz|px|mm|cm|km|kg|g|w|kw|v|rpm|tpm|qps|rps|fps|dpi|cores?|vcpus?
    |or\ (?:less|more|fewer|higher|lower|newer))(?!\w))""",
    re.VERBOSE,
)
_HOLDS_FOLLOWING = frozenset("<>=≤≥≠±~≈+-$€£¥₹₽₩¢₿@#!^×÷√%&")
"""Belongs to the word after it when attached, and to a number after it even across a space."""
_ONLY_ATTACHED = frozenset("-+&%#@!^")
_HOLDS_PRECEDING = frozenset("+%‰°$€£¥₹₽₩¢₿#^")
_ARROWS = ("->", "=>", "--", "==")
_BULLETS = frozenset({"-", "+", ">", "$", "%", "~", *("#" * level for level in range(1, 7))})
_MONEY = frozenset("$€£¥₹₽₩¢₿")


def drops(left_out: str) -> str | None:
    """The first negation or limit in words that were left out of a sentence (folded text)."""
    found = LIMIT.search(_shown(left_out))
    return found.group() if found else None


def torn_from_front(folded: str, begin: int, start: int) -> str | None:
    """What stands before `start` and belongs to the word there: a sign, a mark, the first half of the word."""
    before = _shown(folded[max(begin, start - 20) : start])
    first, close = folded[start], before[-1:]
    if first.isalnum() and (_is_spaced_letter(close) or (close in ("-", "_", ".") and before[-2:-1].isalnum())):
        return None if UNSPACED.match(first) else close
    mark = before.rstrip()[-1:]
    number = first.isdigit() or first in _MONEY or first == "."
    if mark in _HOLDS_FOLLOWING and (mark == close or (number and mark not in _ONLY_ATTACHED)):
        arrow = before.rstrip().endswith(_ARROWS)
        return None if arrow or _opens_a_line(folded, start) else mark
    if number and (limit := _NUMBER_LIMIT.search(before)):
        return limit.group().strip()
    return None


def torn_from_end(folded: str, end: int, stop: int) -> str | None:
    """What stands after `end` and belongs to the word there: a unit, `%`, `++`, the rest of the word."""
    after = _shown(folded[end : min(stop, end + 28)])
    last, close = folded[end - 1], after[:1]
    if last.isalnum() and (_is_spaced_letter(close) or (close in ("-", "_", ".", "'") and after[1:2].isalnum())):
        return None if UNSPACED.match(last) else close
    if close in _HOLDS_PRECEDING and (close not in "#$" or not after[1:2].isalnum()):
        return close
    if last.isdigit() and (unit := _UNIT.match(after)):
        return unit.group().strip()
    return None


def _shown(folded: str) -> str:
    plain = folded.replace(IGNORED, "")
    return plain if plain.isascii() else unicodedata.normalize("NFC", plain)


def _is_spaced_letter(char: str) -> bool:
    return char.isalnum() and not UNSPACED.match(char)


def _opens_a_line(folded: str, start: int) -> bool:
    """True when only a bullet, a quote mark or a shell prompt stands before `start` on its line."""
    line = folded[folded.rfind("\n", 0, start) + 1 : start]
    return line.strip() in _BULLETS and line[-1:].isspace()
