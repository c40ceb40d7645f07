"""Other ways to write the same words: look-alike letters, leetspeak, letters apart, encoded, backwards.

Idea: a model reads through such dress, so the search for hostile text must. Invariant: every reading knows
where in the page its characters are, and plain text has exactly one reading.
"""

import base64
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import unquote

from extractors.grounding.character_folding import CharacterTable

LONGEST_ENCODED = 20_000


class DecodedText(NamedTuple):
    text: str
    at: tuple[int, ...] | None = None
    """Page offset of each character; None when they are the same."""
    how: str = ""
    """`leetspeak`, `base64`, …; empty for the text as it is."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        if self.at is None:
            return start, end
        first, last = self.at[start], self.at[end - 1]
        return min(first, last), max(first, last) + 1


_QUOTES = str.maketrans(
    {**dict.fromkeys("’‘ʼ＇´`", "'"), **dict.fromkeys("“”„«»＂", '"'), **dict.fromkeys("‐‑‒–—―−", "-"), "\u00a0": " "}
)
_WRAPPED = re.compile(r"(?<=[^\s:;.!?>|}\])])\n(?=[a-zà-ÿа-я]|[\"'“(]\w)")
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһքոսԝьԛɡαεορτυχικνηʀɴɪʟ" + "АВЕКМНОРСТУХІЈЅ".lower(),
    "aeopcyxijsdhpnuwbqgaeoptuxikvnrnil" + "abekmhopctyxijs",
)
_MIXED_WORD = re.compile(r"[a-z][а-яіјѕԁһα-ω]|[а-яіјѕԁһα-ω][a-z]")
_LEET = str.maketrans("0134578@$!|+", "oieastbasiit")
_LEET_WORD = re.compile(r"(?<![\w.:/-])(?=\w*[a-z])(?=\w*[0134578])[a-z0134578]{2,}(?![\w:/])")
_APART = re.compile(r"(?<!\w)(?:\w[ .\-_*]){4,}\w(?!\w)")
_BACKWARDS = re.compile(
    r"snoitcurtsni|tpmorp|erongi(?!\w)|drager?sid"
    r"|(?<!\w)(?:siht|taht|htiw|morf|dluohs|esaelp|gnitsil|ksir|erocs|etar|s?reweiver|s?rossessa|s?egduj|s?redarg|s?rotaulave|s?retar|s?renimaxe|s?rotidua|ssessa|ledom"
    r"|etaulave|tsal|eht|woleb|tcudorp|tnega)(?!\w)"
)
"""Words that no language has; reading a plain page backwards as well costs time only."""
_ROT13 = re.compile(
    r"vafgehpgvba|cebzcg|vtaber|flfgrz|ertneq|erirny"
    r"|(?<!\w)(?:erivrjref?|nffrffbef?|rinyhngbef?|tenqref?|yvfgvat|evfx|unezyrff|engr|guvf)(?!\w)"
)
_READABLE = re.compile(r"[\w\s.,;:!?'\"()/@<>-]")


def decoded_texts(text: str) -> Iterator[DecodedText]:
    """The text folded to plain letters, then every disguise that it seems to wear."""
    shown, at = _without_invisible(text)
    plain = folded(shown)
    yield DecodedText(plain, at)
    if not plain.isascii() and _MIXED_WORD.search(plain):
        yield DecodedText(plain.translate(_LOOKALIKES), at, "look-alike letters")
    for line in re.finditer(r"[^\n]+", plain):
        if len(_LEET_WORD.findall(line.group())) >= 4:
            yield _part(line.group().translate(_LEET), range(*line.span()), at, "leetspeak")
    if _APART.search(plain):
        yield _joined(plain, at)
    if _BACKWARDS.search(plain):
        yield DecodedText(plain[::-1], tuple(reversed(at or range(len(plain)))), "written backwards")
    if _ROT13.search(plain):
        yield DecodedText(codecs.decode(plain, "rot13"), at, "rot13")
    yield from _decoded(shown, at)


_DRESSED_LETTER = re.compile(
    r"(?:LATIN (?:SMALL |CAPITAL )?LETTER(?: SMALL CAPITAL)?|LATIN SUBSCRIPT SMALL LETTER"
    r"|(?:NEGATIVE )?(?:CIRCLED|SQUARED|PARENTHESIZED) LATIN (?:SMALL|CAPITAL) LETTER|REGIONAL INDICATOR SYMBOL LETTER"
    r"|MODIFIER LETTER (?:SMALL|CAPITAL)(?: CAPITAL)?)"
    r"(?: (?:TURNED|SIDEWAYS|REVERSED|SCRIPT|INSULAR|DOTLESS|BARRED|BLACKLETTER|OPEN|TAILLESS|FLATTENED)){0,3} ([A-Z])"
    r"(?: WITH [A-Z ]{1,40})?"
)
"""Names of letters that look like a plain one and that no compatibility form undoes: small capitals, boxes, flags."""
_MARK_ABOVE = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")


_STROKES = str.maketrans("đłøıħŧð", "dloihtd")


def _plain_letter(char: str) -> str:
    shown = char.translate(_QUOTES)
    plain = unicodedata.normalize("NFKC", shown)
    shown = plain if len(plain) == 1 else shown
    if not char.isascii() and len(unicodedata.normalize("NFD", shown)) == 1:
        named = _DRESSED_LETTER.fullmatch(unicodedata.name(shown, ""))
        shown = named.group(1).lower() if named else shown
    return shown.lower()[0]


def _without_accent(char: str) -> str:
    accented = "\u00c0" <= char < "\u0590" or "\u1e00" <= char < "\u2000"
    return unicodedata.normalize("NFD", char)[0].translate(_STROKES) if accented else char


_FOLD, _BARE = CharacterTable(_plain_letter), CharacterTable(_without_accent)


def bare(text: str) -> str:
    """Folded text without accents: as long as it was."""
    return text if text.isascii() else text.translate(_BARE)


def folded(text: str) -> str:
    """Lower case, compatibility forms and quotes made plain; a line that was merely wrapped is one line."""
    return _WRAPPED.sub(" ", text).translate(_FOLD)


def _without_invisible(text: str) -> tuple[str, tuple[int, ...] | None]:
    if text.isascii():
        return text, None
    invisible = {
        char
        for char in set(text)
        if unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or _MARK_ABOVE.match(char)
    }
    if not invisible:
        return text, None
    visible = [n for n, char in enumerate(text) if char not in invisible]
    return "".join(text[n] for n in visible), tuple(visible)


def _part(text: str, places: Sequence[int], at: tuple[int, ...] | None, how: str) -> DecodedText:
    """What is read of the characters at some places of the text without invisible ones."""
    return DecodedText(text, tuple(at[n] for n in places) if at else tuple(places), how)


def _joined(plain: str, at: tuple[int, ...] | None) -> DecodedText:
    """Letters that stand apart are closed up; everything else stays."""
    apart = {n for match in _APART.finditer(plain) for n in range(*match.span()) if not plain[n].isalnum()}
    places = [n for n in range(len(plain)) if n not in apart]
    return _part("".join(plain[n] for n in places), places, at, "letters apart")


def _decoded(shown: str, at: tuple[int, ...] | None) -> Iterator[DecodedText]:
    for how, (pattern, sign, decode) in _ENCODINGS.items():
        for match in pattern.finditer(shown) if sign in shown else ():
            if match.end() - match.start() > LONGEST_ENCODED:
                continue
            try:
                decoded = decode(match.group())
            except ValueError:
                continue
            if len(decoded) >= 12 and len(_READABLE.findall(decoded)) >= 0.95 * len(decoded):
                first, last = match.start(), match.end() - 1
                first, last = (at[first], at[last]) if at else (first, last)
                yield DecodedText(folded(decoded), (first,) * (len(decoded) - 1) + (last,), how)


def _base64(text: str) -> str:
    text = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()


def _base32(text: str) -> str:
    text = text.rstrip("=")
    return base64.b32decode(text + "=" * (-len(text) % 8)).decode()


def _binary(text: str) -> str:
    bits = re.sub(r"\D", "", text)
    return bytes(int(bits[n : n + 8], 2) for n in range(0, len(bits) - 7, 8)).decode()


_ENCODINGS: dict[str, tuple[re.Pattern[str], str, Callable[[str], str]]] = {
    "base64": (re.compile(r"(?<![\w+/=])[A-Za-z0-9+/_-]{24,}={0,2}"), "", _base64),
    "base32": (re.compile(r"(?<![\w=])[A-Z2-7]{24,}={0,6}"), "", _base32),
    "hex": (
        re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}[ :]?){16,}(?!\w)"),
        "",
        lambda text: bytes.fromhex(re.sub(r"[^0-9a-fA-F]", "", text)).decode(),
    ),
    "binary": (re.compile(r"(?<!\w)(?:[01]{8}\s?){12,}"), "", _binary),
    "percent encoding": (
        re.compile(r"(?:[\w.,!?'-]{1,40}%[0-9A-Fa-f]{2}){3,}[\w.,!?%'-]*"),
        "%",
        partial(unquote, errors="strict"),
    ),
    "escapes": (
        re.compile(r"(?:\\u[0-9a-fA-F]{4}){8,}"),
        "\\u",
        lambda text: "".join(chr(int(code, 16)) for code in re.findall(r"\\u([0-9a-fA-F]{4})", text)),
    ),
}
"""Each with its pattern, a sign without which it is not in a text, and how it is read."""
