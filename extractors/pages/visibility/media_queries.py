"""Whether a media query holds for a person at a screen: always, under some condition, or never.

Idea: the windows that people use are few, from a telephone's to a desk's, so a width is tried in each. Invariant:
what is not known here may hold; what some of these windows do not meet does not count, since people see past it.
"""

import re
from functools import lru_cache

NEVER, SOMETIMES, ALWAYS = 0, 1, 2
WINDOWS = (360, 414, 820, 1280, 1920)
"""Pixels across: two telephones, a tablet, a desk's, a large one."""
_LONGEST = 1_000
_INNER = re.compile(r"\(([^()]*)\)")
_WIDTH = re.compile(
    r"(min-|max-)?(?:device-)?width\s*(:|[<>]=?|=)\s*(\d{1,9}(?:\.\d{1,9})?)(px|em|rem)?|"
    r"(\d{1,9}(?:\.\d{1,9})?)(px|em|rem)?\s*([<>]=?|=)\s*width"
)
_PAPER = frozenset(("print", "speech", "aural", "braille", "embossed", "handheld", "projection", "tty", "tv"))
_NEVER = re.compile(
    r"(?:prefers-color-scheme\s*:\s*dark|prefers-reduced-motion(?:\s*:\s*reduce)?"
    r"|(?:any-)?hover\s*:\s*none|(?:any-)?pointer\s*:\s*(?:none|coarse))"
)
_ALWAYS = re.compile(r"(?:prefers-color-scheme(?:\s*:\s*light)?|color|all|screen|2)")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


def shown_on_screen(media: str) -> int:
    """Any part of the list is enough."""
    media = " ".join(media.lower().split())
    if len(media) > _LONGEST:
        return SOMETIMES
    return _in_all_windows(media) if media else ALWAYS


@lru_cache(maxsize=500)
def _in_all_windows(media: str) -> int:
    return min(max(_holds(part, window) for part in media.split(",")) for window in WINDOWS)


def _holds(query: str, window: int) -> int:
    for _ in range(9):
        query, brackets = _INNER.subn(lambda inner: f" {_judged(inner.group(1), window)} ", query)
        if not brackets:
            break
    return _judged(query, window)


def _judged(query: str, window: int) -> int:
    query = " ".join(query.split()).removeprefix("only ")
    if query.startswith("not "):
        return ALWAYS - _judged(query[4:], window)
    return max(
        min(_atom(atom.strip(), window) for atom in re.split(r"\band\b", choice))
        for choice in re.split(r"\bor\b", query)
    )


def _atom(atom: str, window: int) -> int:
    if atom.startswith("not "):
        return ALWAYS - _atom(atom[4:].strip(), window)
    if atom == "0" or atom in _PAPER or _NEVER.fullmatch(atom):
        return NEVER
    if _ALWAYS.fullmatch(atom):
        return ALWAYS
    fits = [_fits(match, window) for match in _WIDTH.finditer(atom)]
    return (ALWAYS if all(fits) else NEVER) if fits else SOMETIMES


def _fits(match: re.Match[str], window: int) -> bool:
    bound, sign, size, unit, size_before, unit_before, sign_before = match.groups()
    pixels = float(size or size_before) * (1 if (unit or unit_before or "px") == "px" else 16)
    if sign_before:
        sign = _TURNED[sign_before]
    elif bound:
        sign = ">=" if bound == "min-" else "<="
    if sign.startswith(">"):
        return window >= pixels
    return window <= pixels if sign.startswith("<") else window == pixels
