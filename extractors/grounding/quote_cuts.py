"""What a cut may not drop: negations, limits, and what belongs to a word.

Idea: a true fragment can say the opposite of its sentence ("[never] runs commands"). Invariant:
`dropped_qualifier` names the first word that a reader would miss, or gives None when nothing of weight was left out.
"""

import re
import unicodedata

from extractors.grounding.character_folding import IGNORED, NO
from extractors.grounding.tokens import UNSPACED, Words, is_symbol

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
    r"""(?:
    percent|per\ cent|[kmgtp]i?b(?:/s|ps)?|bytes?|bits?|ns|μs|ms|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?
    |days?|weeks?|months?|years?|k|m|b|bn|thousand|million|billion|trillion|dollars?|usd|eur|euros?|gbp|cents?
    |tokens?|x|times|hz|khz|mhz|ghz|px|mm|cm|km|kg|g|w|kw|v|rpm|tpm|qps|rps|fps|dpi|cores?|vcpus?
    |or\ (?:less|more|fewer|higher|lower|newer))(?!\w)""",
    re.VERBOSE,
)
_MONEY_AND_SHARES = frozenset("%‰°€£¥₹₽₩¢₿$")
_ONLY_ATTACHED = frozenset("-+&%#@^")
"""Belongs to a neighbour only when nothing is between them; other symbols also reach across one space."""


def dropped_qualifier(left_out: str) -> str | None:
    """The first negation or limit in words that were left out of a sentence (folded text)."""
    found = LIMIT.search(_shown(left_out))
    return found.group() if found else None


def cut_off_before(page: Words, first: int) -> str | None:
    """What is before word `first` and belongs to it: a sign, a mark, a limit, the first half of the word."""
    if first == 0:
        return None
    before, start = page.words[first - 1], page.starts[first]
    gap = _shown(page.folded[page.ends[first - 1] : start])
    number = page.words[first][0].isdigit() or page.words[first] in _MONEY_AND_SHARES
    if is_symbol(before):
        reaches = gap == " " and number and before not in _ONLY_ATTACHED
        return before if not gap or reaches else None
    if _is_one_word(before, gap, page.words[first]):
        return before
    if number and (limit := _NUMBER_LIMIT.search(page.folded[max(0, start - 20) : start])):
        return limit.group().strip()
    return None


def cut_off_after(page: Words, last: int) -> str | None:
    """What is after word `last` and belongs to it: a unit, `%`, `+`, the rest of the word."""
    if last + 1 == len(page.words):
        return None
    after, end = page.words[last + 1], page.ends[last]
    gap = _shown(page.folded[end : page.starts[last + 1]])
    number = page.words[last][-1].isdigit()
    if is_symbol(after):
        reaches = gap == " " and number and after in _MONEY_AND_SHARES
        return after if (not gap and after in "+%‰°€£¥₹₽₩¢₿$^") or reaches else None
    if _is_one_word(page.words[last], gap, after):
        return after
    if number and gap in ("", " "):
        begin = page.starts[last + 1]
        unit = _UNIT.match(_shown(page.folded[begin : begin + 28]))
        return unit.group() if unit else None
    return None


def _is_one_word(left: str, gap: str, right: str) -> bool:
    """True for the halves of `GPT4o`, `self-hosted`, `max_4`."""
    return gap in ("", "-", "_", ".") and not (UNSPACED.match(left) or UNSPACED.match(right))


def _shown(folded: str) -> str:
    plain = folded.replace(IGNORED, "")
    return plain if plain.isascii() else unicodedata.normalize("NFC", plain)
