"""Which characters count as the same when a quote is compared with a page: quotes, dashes, ticks, case, spaces.

Invariant: one character becomes one character, so that offsets hold.
"""

import unicodedata
from collections.abc import Callable

IGNORED = "\ue000"
"""Stands for a character that neither shows nor parts a word: zero width, soft hyphen, variation selector."""

YES, NO = "✓", "✗"
_SAME: dict[str, str] = {
    **dict.fromkeys("‐‑‒–−﹣－", "-"),
    **dict.fromkeys("’‘ʼ＇´′‛", "'"),
    **dict.fromkeys("✅✔☑🆗👍", YES),
    **dict.fromkeys("❌✗✘☒⛔🚫❎✖🛑👎⊘", NO),
    **dict.fromkeys("∼～≃≅", "~"),
    **dict.fromkeys("⩽≦", "≤"),
    **dict.fromkeys("⩾≧", "≥"),
    **dict.fromkeys("—―|`©®™№", " "),
    "⁄": "/",
    "∕": "/",
    "…": "…",
    "⋯": "…",
}
SYMBOLS = "±×÷≤≥≠≈∞√∑∆°‰€£¥₹₽₩¢₿" + YES + NO


class CharacterTable(dict[int, str]):
    """For `str.translate`: one character to one character, so that offsets hold; filled as characters are met."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        super().__init__()
        self._fold = fold

    def __missing__(self, code: int) -> str:
        self[code] = folded = self._fold(chr(code))
        return folded


def _fold(char: str) -> str:
    if char in _SAME or unicodedata.decomposition(char).startswith(("<super>", "<sub>")):
        return _SAME.get(char, char)  # 10² is not 102
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) == 1:
        char = _SAME.get(plain, plain)
    category = unicodedata.category(char)
    if category == "Cf" or 0xFE00 <= ord(char) <= 0xFE0F or category == "Cs":
        return IGNORED
    lower = char.lower()
    if ord(char) < 128 or char in SYMBOLS:
        return lower
    if category.startswith("P") or category in ("So", "Sk", "Zs", "Zl", "Zp", "Cc"):
        return " "
    return lower if len(lower) == 1 else char


FOLD = CharacterTable(_fold)
