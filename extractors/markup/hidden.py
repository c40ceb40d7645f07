"""Which elements of a page a person does not see.

Idea: inline styles, in-page style sheets and attributes hide text in a known set of ways; each is named, so
that a finding can say by which carrier. Invariant: an element is hidden by what the page itself says; what
only an unread style sheet could say is left visible.
"""

from __future__ import annotations

import re
from typing import Any

from extractors.markup.color import TRANSPARENT, alike, plain_color

MAX_RULES = 500
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|([^0-9a-f]))")
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_RULE = re.compile(r"(?<![^{}])([^{}]+)\{([^{}]*)\}")
_MEDIA = re.compile(r"@[^{};]+\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
_ANY_SCREEN = r"\(\s*min-width\s*:\s*(?:\d{1,2}|[12]\d\d|3[01]\d|320)px\s*\)"
_ALWAYS_MEDIA = re.compile(
    rf"@media\s*(?:only\s+)?(?:(?:screen|all)\s*(?:and\s*{_ANY_SCREEN}\s*)?|{_ANY_SCREEN}\s*)\{{"
    r"|@layer[^{]*\{|@supports[^{]*\{"
)
_STATE = re.compile(
    r"::|@|:(?!not\(|is\(|where\(|nth-(?:last-)?(?:child|of-type)\(|(?:first|last|only)-(?:child|of-type)\b|empty\b)"
    r"|(?:html|body)\S*:not\("
)
"""States that come and go (`:hover`), things that are no element, and `body:not(.loaded)`, which a script ends."""
_END = r"\s*(?:!|;|$)"
_NIL = r"(?:0+(?:\.0\d*)?|\.0\d*)"
"""Less than a tenth."""
_WAYS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (how, re.compile(pattern))
    for how, pattern in (
        ("display:none", r"(?<![\w-])display\s*:\s*none"),
        ("visibility:hidden", r"(?<![\w-])visibility\s*:\s*(?:hidden|collapse)"),
        ("opacity:0", rf"(?<![\w-])opacity\s*:\s*(?:{_NIL}(?:px|%)?|\d(?:\.\d*)?%){_END}"),
        ("opacity:0", rf"(?<![\w-])filter\s*:[^;]{{0,80}}?opacity\(\s*(?:{_NIL}|\d%)\s*\)"),
        (
            "font-size:0",
            r"(?<![\w-])font-size\s*:\s*(?:0?\.\d{1,4}|0|1(?!em|rem|\d|\.)|2(?:px|pt)|calc\(\s*0)(?![\d.])",
        ),
        ("font-size:0", r"(?<![\w-])font\s*:[^;]{0,80}?(?<![\d.])[01](?:px|pt)?(?:\s*/|\s+[a-z'\"])"),
        ("clipped", r"clip(?:-path)?\s*:\s*(?:rect\(\s*[01](?:px)?[\s,]{1,4}[01]|inset\(\s*(?:50|100)%|circle\(\s*0)"),
        ("clipped", r"clip-path\s*:\s*polygon\((?:\s*0(?:px|%)?\s+0(?:px|%)?\s*[,)]){2}"),
        (
            "no size",
            r"(?:^|;)\s*(?:max-)?(?:width|height|inline-size|block-size)\s*:\s*(?:[01]|0?\.\d{1,4})(?:px|em|rem|%)?"
            + _END,
        ),
        ("content-visibility:hidden", r"content-visibility\s*:\s*hidden"),
        (
            "off-screen",
            rf"transform\s*:[^;]{{0,80}}?(?:scale[xyz3d]{{0,2}}\(\s*{_NIL}\s*[,)]|matrix\(\s*0\s*,\s*0\s*,)",
        ),
        ("off-screen", r"transform\s*:[^;]{0,80}?rotate[xy]\(\s*-?(?:90|270)deg"),
        ("off-screen", rf"(?<![\w-])(?:scale|zoom)\s*:\s*{_NIL}{_END}"),
        ("off-screen", r"text-indent\s*:\s*[1-9]\d{2,}%"),
        ("transparent text", r"text-fill-color\s*:\s*transparent"),
    )
)
_PLACED = re.compile(
    r"(?:(?<![\w-])(?:left|right|top|bottom|text-indent|letter-spacing|(?:margin|inset)(?:-\w+)?|translate)\s*:"
    r"|translate[xy3d]{0,2}\()([^;]{0,200})"
)
_MOVED = re.compile(r"-\s*(\d{1,9})(?:\.\d{1,9})?(px|pt|em|rem|vw|vh|%)")
_FAR = {"px": 500, "pt": 400, "em": 50, "rem": 50, "vw": 100, "vh": 100, "%": 200}
_FAR_RIGHT = re.compile(r"(?<![\w-])(?:left|text-indent|(?:padding|margin)-left)\s*:\s*(?:[3-9]\d{3}|\d{5,8})px")
_COLOR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)")
_SCREEN_READER_ONLY = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "a11y-hidden"})


def hidden_by_style(style: str, background: str = "", ink: str = "") -> str:
    """The carrier by which an inline style hides its element, or nothing.

    `background` and `ink` are the colours of what is around it, where the page says them.
    """
    style = _ESCAPE.sub(_unescaped, _COMMENT.sub("", style[:20_000]).lower()).strip()
    if _FAR_RIGHT.search(style) or any(map(_is_far, _PLACED.findall(style))):
        return "off-screen"
    for how, pattern in _WAYS:
        if pattern.search(style) and (how != "no size" or "overflow" in style):
            return how
    own_ink, own_paper = color_of(_COLOR, style), color_of(_BACKGROUND, style)
    if own_ink == TRANSPARENT:
        return "transparent text"
    if (own_ink or own_paper) and alike(own_ink or ink, own_paper or background):
        return "text in the colour of its background"
    return ""


def _is_far(value: str) -> bool:
    """False for `calc(50% - 600px)`, which centres what is wide."""
    if "calc" in value and "%" in value:
        return False
    return any(int(number) >= _FAR[unit] for number, unit in _MOVED.findall(value))


def _unescaped(match: re.Match[str]) -> str:
    code = int(match.group(1), 16) if match.group(1) else 0
    return match.group(2) or (chr(code) if 0 < code < 0x110000 else "")


def color_of(pattern: re.Pattern[str], style: str) -> str:
    match = pattern.search(style)
    return plain_color(match.group(1)) if match else ""


def colors_of(attributes: dict[str, str | None]) -> tuple[str, str]:
    """(background, text) as an element's own attributes say them; empty where they do not."""
    style = (attributes.get("style") or "").lower()
    paper = color_of(_BACKGROUND, style) or plain_color(attributes.get("bgcolor") or "")
    return paper, color_of(_COLOR, style)


def hidden_by_attributes(tag: str, attributes: dict[str, str | None], background: str, ink: str = "") -> str:
    """The carrier by which an element's own attributes hide it, or nothing."""
    if "hidden" in attributes:
        return "hidden attribute"
    if "popover" in attributes:
        return "popover"
    if (attributes.get("aria-hidden") or "").strip().lower() == "true":
        return "aria-hidden"
    names = (attributes.get("class") or "").lower().split()
    if names and not _SCREEN_READER_ONLY.isdisjoint(names):
        return "for screen readers only"
    if style := attributes.get("style"):
        return hidden_by_style(style, background, ink)
    if tag == "font" and alike(plain_color(attributes.get("color") or ""), background):
        return "text in the colour of its background"
    return ""


def hidden_by_sheet(tree: Any) -> dict[int, str]:
    """Elements (by node id) that a `<style>` of the page itself hides."""
    found: dict[int, str] = {}
    rules = 0
    for sheet in tree.css("style"):
        text = _STRING.sub("", _COMMENT.sub("", sheet.text()))[:200_000]
        always = " ".join(m.group(1) for m in _MEDIA.finditer(text) if _ALWAYS_MEDIA.match(m.group()))
        for selectors, declarations in _RULE.findall(_MEDIA.sub(" ", text) + " " + always):
            how = hidden_by_style(declarations)
            if not how:
                continue
            rules += 1
            if rules > MAX_RULES:
                return found
            last = selectors.rpartition(";")[2]  # after an @import, or the declarations of a rule around it
            for selector in re.split(r",(?![^()]*\))", last)[:50]:
                for node in _selected(tree, selector.strip()):
                    found.setdefault(node.mem_id, f"{how} by a style sheet")
    return found


def _selected(tree: Any, selector: str) -> list[Any]:
    """No element for selectors with states (`:hover`), at-rules and the page as a whole."""
    if not selector or _STATE.search(selector) or selector in ("*", "html", "body"):
        return []
    try:
        return [node for node in tree.css(selector) if node.tag not in ("html", "body", "head")]
    except Exception:  # the parser raises bare errors for selectors that it does not know
        return []
