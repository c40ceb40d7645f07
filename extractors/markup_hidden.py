"""Which elements of a page a person does not see.

Idea: inline styles, in-page style sheets and attributes hide text in a known set of ways; each is named, so
that a finding can say by which carrier. Invariant: an element is hidden by what the page itself says; what
only an unread style sheet could say is left visible.
"""

from __future__ import annotations

import re
from typing import Any

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_MEDIA = re.compile(r"@[^{};]+\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
_ALWAYS_MEDIA = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*\{|@layer[^{]*\{|@supports[^{]*\{")
_ZERO = r"\s*0*\.?0+(?:px|r?em|pt|%|vh|vw)?\s*(?:!|;|$)"
_FAR = r"\s*-\s*\d*(?:\d{3,}(?:\.\d+)?(?:px|pt)|[5-9]\d(?:\.\d+)?(?:r?em|vw|vh)|\d{3,}(?:\.\d+)?(?:r?em|%|vw|vh))"
_WAYS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (how, re.compile(pattern))
    for how, pattern in (
        ("display:none", r"(?<![\w-])display\s*:\s*none"),
        ("visibility:hidden", r"(?<![\w-])visibility\s*:\s*(?:hidden|collapse)"),
        ("opacity:0", r"(?<![\w-])opacity\s*:" + _ZERO),
        ("font-size:0", r"(?<![\w-])font(?:-size)?\s*:\s*(?:0*\.\d+|0|1)(?:px|pt|r?em(?<!1em)|%|vw)?(?=[\s;!/]|$)"),
        ("off-screen", r"(?<![\w-])(?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*:" + _FAR),
        ("off-screen", r"transform\s*:[^;]*(?:translate[xy3d]*\(" + _FAR + r"|scale[xy]?\(\s*0?\.?0+\s*[,)])"),
        ("clipped", r"clip(?:-path)?\s*:\s*(?:rect\(\s*[01](?:px)?[\s,]+[01]|inset\(\s*(?:50|100)%|circle\(\s*0)"),
        ("no size", r"(?:^|;)\s*(?:max-)?(?:width|height)\s*:\s*[01](?:px|em|rem|%)?\s*(?:!|;|$)(?=.*overflow|)"),
        ("content-visibility:hidden", r"content-visibility\s*:\s*hidden"),
        ("transparent text", r"(?:^|;)\s*color\s*:\s*(?:transparent|rgba\([^)]*,\s*0*\.?0+\s*\)|#\w{6}00\b|#\w{3}0\b)"),
    )
)
_COLOR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)")
_NAMES = {"white": "#ffffff", "black": "#000000", "red": "#ff0000", "silver": "#c0c0c0", "gray": "#808080"}
_SCREEN_READER_ONLY = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "a11y-hidden"})


def hidden_by_style(style: str, background: str = "") -> str:
    """The carrier by which an inline style hides its element, or nothing."""
    style = _COMMENT.sub("", style).lower().strip()
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
    for sheet in tree.css("style"):
        text = _COMMENT.sub("", sheet.text())[:200_000]
        always = " ".join(m.group(1) for m in _MEDIA.finditer(text) if _ALWAYS_MEDIA.match(m.group()))
        for selectors, declarations in _RULE.findall(_MEDIA.sub(" ", text) + " " + always):
            how = hidden_by_style(declarations)
            if not how:
                continue
            for selector in selectors.split(","):
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
