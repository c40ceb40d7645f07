"""Which elements of a page a person does not see.

Idea: inline styles, in-page style sheets and attributes hide text in a known set of ways; each is named, so
that a finding can say by which carrier. Invariant: an element is hidden by what the page itself says; what
only an unread style sheet could say is left visible.
"""

from __future__ import annotations

import re
from typing import Any

MAX_RULES = 500
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_RULE = re.compile(r"(?<![^{}])([^{}]+)\{([^{}]*)\}")
_MEDIA = re.compile(r"@[^{};]+\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
_ALWAYS_MEDIA = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*\{|@layer[^{]*\{|@supports[^{]*\{")
_ZERO = r"\s*0{0,3}\.?0{1,3}(?:px|r?em|pt|%|vh|vw)?\s*(?:!|;|$)"
_WAYS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (how, re.compile(pattern))
    for how, pattern in (
        ("display:none", r"(?<![\w-])display\s*:\s*none"),
        ("visibility:hidden", r"(?<![\w-])visibility\s*:\s*(?:hidden|collapse)"),
        ("opacity:0", r"(?<![\w-])opacity\s*:" + _ZERO),
        ("font-size:0", r"(?<![\w-])font-size\s*:\s*(?:0?\.\d{1,4}|0|1(?!em|rem|\d|\.))(?![\d.])"),
        ("font-size:0", r"(?<![\w-])font\s*:[^;]{0,80}?(?<![\d.])[01](?:px|pt)?(?:\s*/|\s+[a-z'\"])"),
        ("clipped", r"clip(?:-path)?\s*:\s*(?:rect\(\s*[01](?:px)?[\s,]{1,4}[01]|inset\(\s*(?:50|100)%|circle\(\s*0)"),
        ("no size", r"(?:^|;)\s*(?:max-)?(?:width|height)\s*:\s*[01](?:px|em|rem|%)?\s*(?:!|;|$)"),
        ("content-visibility:hidden", r"content-visibility\s*:\s*hidden"),
        ("off-screen", r"transform\s*:[^;]{0,80}?scale[xy]?\(\s*0?\.?0{1,3}\s*[,)]"),
        (
            "transparent text",
            r"(?:^|;)\s*color\s*:\s*(?:transparent|rgba\([^)]{0,40},\s*0?\.?0{1,3}\s*\)|#\w{6}00\b|#\w{3}0\b)",
        ),
    )
)
_MOVED = re.compile(
    r"(?:(?<![\w-])(?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*:|translate[xy3d]{0,2}\()\s*"
    r"-\s*(\d{1,9})(?:\.\d{1,9})?(px|pt|em|rem|vw|vh|%)"
)
_FAR = {"px": 500, "pt": 400, "em": 50, "rem": 50, "vw": 100, "vh": 100, "%": 200}
_COLOR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)")
_NAMES = {"white": "#ffffff", "black": "#000000", "red": "#ff0000", "silver": "#c0c0c0", "gray": "#808080"}
_SCREEN_READER_ONLY = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "a11y-hidden"})


def hidden_by_style(style: str, background: str = "") -> str:
    """The carrier by which an inline style hides its element, or nothing."""
    style = _COMMENT.sub("", style[:2_000]).lower().strip()
    if any(int(match.group(1)) >= _FAR[match.group(2)] for match in _MOVED.finditer(style)):
        return "off-screen"
    for how, pattern in _WAYS:
        if pattern.search(style) and (how != "no size" or "overflow" in style):
            return how
    ink = color_of(_COLOR, style)
    paper = color_of(_BACKGROUND, style) or background
    return "text in the colour of its background" if ink and ink == paper else ""


def color_of(pattern: re.Pattern[str], style: str) -> str:
    match = pattern.search(style)
    return plain_color(match.group(1)) if match else ""


def background_of(style: str) -> str:
    return color_of(_BACKGROUND, style.lower())


def plain_color(value: str) -> str:
    """`#fff`, `white` and `rgb(255, 255, 255)` are the same colour."""
    first = value.strip().lower()
    if match := re.match(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})", first):
        return "#" + "".join(f"{min(255, int(part)):02x}" for part in match.groups())
    first = first.split()[0] if first.split() else ""
    first = _NAMES.get(first, first)
    if re.fullmatch(r"#[0-9a-f]{3}", first):
        return "#" + "".join(char * 2 for char in first[1:])
    return first


def hidden_by_attributes(tag: str, attributes: dict[str, str | None], background: str) -> str:
    """The carrier by which an element's own attributes hide it, or nothing."""
    if "hidden" in attributes:
        return "hidden attribute"
    if (attributes.get("aria-hidden") or "").strip().lower() == "true":
        return "aria-hidden"
    names = (attributes.get("class") or "").lower().split()
    if names and not _SCREEN_READER_ONLY.isdisjoint(names):
        return "for screen readers only"
    if style := attributes.get("style"):
        return hidden_by_style(style, background)
    if tag == "font" and background and plain_color(attributes.get("color") or "") == background:
        return "text in the colour of its background"
    return ""


def hidden_by_sheet(tree: Any) -> dict[int, str]:
    """Elements (by node id) that a `<style>` of the page itself hides."""
    found: dict[int, str] = {}
    rules = 0
    for sheet in tree.css("style"):
        text = _COMMENT.sub("", sheet.text())[:200_000]
        always = " ".join(m.group(1) for m in _MEDIA.finditer(text) if _ALWAYS_MEDIA.match(m.group()))
        for selectors, declarations in _RULE.findall(_MEDIA.sub(" ", text) + " " + always):
            how = hidden_by_style(declarations)
            if not how:
                continue
            rules += 1
            if rules > MAX_RULES:
                return found
            for selector in selectors.split(",")[:50]:
                for node in _selected(tree, selector.strip()):
                    found.setdefault(node.mem_id, f"{how} by a style sheet")
    return found


def _selected(tree: Any, selector: str) -> list[Any]:
    """No element for selectors with states (`:hover`), at-rules and the page as a whole."""
    if not selector or ":" in selector or "@" in selector or selector in ("*", "html", "body"):
        return []
    try:
        return list(tree.css(selector))
    except Exception:  # the parser raises bare errors for selectors that it does not know
        return []
