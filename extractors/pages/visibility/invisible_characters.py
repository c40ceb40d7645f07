"""Characters that nobody sees: Unicode tags, zero-width joiners, direction marks, variation selectors.

Idea: such characters can carry a whole message, or break up a word so that a filter misses it; in emoji and
in scripts that join letters they are harmless and stay. Invariant: what is left is what a person reads;
control characters and lone surrogates never pass.
"""

import re
import unicodedata
from typing import NamedTuple

_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{2,8}\U000e007f")
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}")
_INSIDE_WORD = re.compile(r"[A-Za-z][\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff]+(?=[A-Za-z])")
_JOINERS = re.compile("[\u200c\u200d]")


class InvisibleText(NamedTuple):
    how: str
    excerpt: str
    """Empty when there is nothing to report: the characters were harmless."""
    characters: int


def without_invisible(text: str) -> tuple[str, list[InvisibleText]]:
    """The visible text, and what the invisible characters said."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text, []
    if not _SUSPECT.search(text):
        return text, []
    reports: list[InvisibleText] = []
    flags = _FLAG.findall(text)
    if flags:
        text = _FLAG.sub("\ue000", text.replace("\ue000", "\ufffd"))
    for how, pattern, message_of in _CARRIERS:
        reports += [InvisibleText(how, message_of(run), len(run)) for run in pattern.findall(text)]
        text = pattern.sub("", text)
    if broken := list(_INSIDE_WORD.finditer(text)):
        start, end = max(0, broken[0].start() - 60), broken[0].end() + 60
        around = " ".join(_SUSPECT.sub("", text[start:end]).split())
        reports.append(InvisibleText("zero-width characters in a word", around, len(broken)))
    visible: list[str] = []
    removed = 0
    for at, char in enumerate(text):
        if not _SUSPECT.match(char) or (_JOINERS.match(char) and _joins(text, at)):
            visible.append(char)
        elif "\ud800" <= char <= "\udfff":
            visible.append("\ufffd")
        elif char in "\x0b\x0c\x85\x1c\x1d\x1e\x1f":
            visible.append(" ")
        else:
            removed += 1
    if removed:
        reports.append(InvisibleText("zero-width or control characters", "", removed))
    text = "".join(visible)
    if flags:
        put_back = iter(flags)
        text = re.sub("\ue000", lambda _: next(put_back), text)
    return text, reports


def _joins(text: str, at: int) -> bool:
    """A joiner stays between emoji, and between letters of scripts that need it (Arabic, Indic …)."""
    if at == 0 or at + 1 >= len(text):
        return False
    before, after = text[at - 1], text[at + 1]
    if before == "\ufe0f" and at > 1:
        before = text[at - 2]
    pictures = unicodedata.category(before) in ("So", "Sk", "Sm", "Po") and unicodedata.category(after) in ("So", "Sm")
    return pictures or (before > "\u0590" and before.isalpha()) or unicodedata.category(before) in ("Mn", "Mc")


def _tagged(run: str) -> str:
    """Tag characters mirror ASCII."""
    return "".join(chr(ord(c) - 0xE0000) for c in run if 0xE0020 <= ord(c) <= 0xE007E)


def _selected(run: str) -> str:
    """Variation selectors 1 to 256 are bytes; a message in them is shown."""
    data = bytes(ord(c) - 0xFE00 if ord(c) < 0xFFFF else ord(c) - 0xE0100 + 16 for c in run)
    message = data.decode("utf-8", "ignore")
    return message if message.isprintable() and message.strip() else f"{len(run)} variation selectors"


_CARRIERS = (("Unicode tag characters", _TAGS, _tagged), ("variation selectors", _SELECTORS, _selected))
