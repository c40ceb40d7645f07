"""Which elements of a page a person does not see.

Idea: inline styles, in-page style sheets and attributes hide text in a known set of ways; each is named, so
that a finding can say by which carrier. Invariant: an element is hidden by what the page itself says; what
only an unread style sheet could say is left visible.
"""

from __future__ import annotations

import re

from extractors.pages.visibility.colors import TRANSPARENT, indistinguishable, plain_color
from extractors.pages.visibility.css_parser import Declared, declared, plain_style, written
from extractors.pages.visibility.media_queries import ALWAYS
from extractors.pages.visibility.style_sheets import (
    MAX_JUDGED,
    MAX_STYLE,
    Sheet,
    Variables,
    other_readings,
    with_variables,
)

_END = r"\s*(?:!|;|$)"
_NIL = r"(?:0+(?:\.0\d*)?|\.0\d*)"
"""Less than a tenth."""
_WAYS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (how, re.compile(pattern))
    for how, pattern in (
        ("display:none", r"(?<![\w-])display\s*:\s*none"),
        ("visibility:hidden", r"(?<![\w-])visibility\s*:\s*(?:hidden|collapse)"),
        (
            "opacity:0",
            rf"(?<![\w-])opacity\s*:\s*(?:calc\(\s*)?(?:{_NIL}(?:px|%)?|\d(?:\.\d*)?%|(?:\d++(?:\.\d++)?|\.\d++)e-\d++)\)?{_END}",
        ),
        ("opacity:0", rf"(?<![\w-])filter\s*:[^;]{{0,80}}?opacity\(\s*(?:{_NIL}|\d%)\s*\)"),
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
        (
            "clipped",
            r"clip-path\s*:\s*(?:ellipse\(\s*0|path\(\s*+(?:(?:''|\"\")\s*+)?\)|circle\(\s*[01]px|rect\(\s*0\w*\s+0\w*\s+0)",
        ),
        ("clipped", r"clip-path\s*:\s*xywh\([^)]{0,200}\s0(?:px|%)?\s+0(?:px|%)?\s*\)"),
        ("clipped", r"clip-path\s*:\s*inset\([^)]{0,200}(?<!\d)100%"),
        (
            "masked",
            r"(?:^|;)[^;:]*mask(?:-image)?\s*:(?=[^;]*gradient\()(?=[^;]*(?:transparent|#0000))"
            r"(?![^;]*(?:black|white|#[0-9a-f]*[1-9a-f]|rgb))",
        ),
        ("blurred", r"(?<![\w-])filter\s*:[^;]{0,80}?blur\(\s*(?:[5-9]|\d{2,})(?:\.\d*)?px"),
        ("no size", r"(?:^|;)\s*line-height\s*:\s*0(?:px|em|%)?" + _END),
        ("off-screen", r"\A(?>.*?position\s*:\s*fixed)(?:.*;)?\s*(?:top|left)\s*:\s*[1-9]\d\dv[hw]"),
        ("off-screen", r"(?<![\w-])rotate\s*:\s*[xy]\s+-?(?:90|270)deg"),
    )
)
_PLACED = re.compile(
    r"(?:(?<![\w-])(?:left|right|top|bottom|text-indent|letter-spacing|word-spacing|(?:margin|inset)(?:-\w+)?|translate)\s*:"
    r"|translate[xy3d]{0,2}\()([^;]{0,200})"
)
_NUMBER = r"(\d{1,99}+(?:\.\d{1,99}+)?+|\.\d{1,99}+)"
_MOVED = re.compile(rf"-\s{{0,9}}{_NUMBER}(px|pt|pc|em|rem|ch|ex|in|cm|mm|vw|vh|vmin|vmax|%)")
_FAR = {"px": 500, "pt": 400, "pc": 32, "em": 50, "rem": 50, "ch": 60, "ex": 60, "in": 5.2, "cm": 13.2, "mm": 132}
_FAR |= {"vw": 100, "vh": 100, "vmin": 100, "vmax": 100, "%": 200}
_PARTLY = re.compile(rf"(-?)\s{{0,9}}{_NUMBER}%")
_FAR_AWAY = re.compile(
    r"(?:(?<![\w-])(?:left|right|(?:padding|margin)-left|text-indent|translate)\s*:|translate[x3d]{0,2}\()"
    r"\s*(?:[1-9]\d\d+vw|[2-9]\d\d+%|\d{4,}%)"
)
_FAR_RIGHT = re.compile(
    r"(?<![\w-])(?:left|text-indent|(?:padding|margin)-left)\s*:\s*\+?(?:[3-9]\d{3}|\d{5,99})(?:\.\d{0,99})?px"
)
TEXT_FILL = re.compile(r"text-fill-color\s*:\s*([^;!]+)")
TEXT_COLOR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)")
_PICTURED = re.compile(r"(?:^|;)\s*background-image\s*:[^;]{0,99}(?:url|gradient|image)[\w-]{0,9}\(")
_SEEN_THROUGH = frozenset(("none", "transparent", "inherit", "initial", "unset", "revert"))
_SCREEN_READER_ONLY = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "a11y-hidden"})


def hidden_by_style(style: str, background: str = "", text_color: str = "") -> str:
    """The carrier by which an inline style hides its element, or nothing.

    `style` is plain; `background` and `text_color` are the colours of what is around it, where the page says them.
    """
    style = style[:MAX_STYLE].strip()
    if (size := _FONT_SIZE.search(style)) and _is_tiny(size.group(1)):
        return "font-size:0"
    if (shape := _POLYGON.search(style)) and _has_no_area(shape.group(1)):
        return "clipped"
    if _FAR_RIGHT.search(style) or _FAR_AWAY.search(style) or any(map(_is_far, _PLACED.findall(style))):
        return "off-screen"
    for how, pattern in _WAYS:
        if pattern.search(style) and (how != "no size" or "overflow" in style):
            return how
    own_text_color, own_background = color_of(TEXT_FILL, style) or color_of(TEXT_COLOR, style), background_of(style)
    if own_text_color == TRANSPARENT and "gradient(" in style and "background-clip" in style:
        return ""  # words filled with a gradient
    if own_text_color == TRANSPARENT:
        return "transparent text"
    if own_background == "currentcolor":
        return "text in the colour of its background"
    if (own_text_color or own_background) and indistinguishable(
        own_text_color or text_color, own_background or background
    ):
        return "text in the colour of its background"
    return ""


_FONT_SIZE = re.compile(r"(?<![\w-])font-size\s*:\s*([^;!]+)")
_SIZE = re.compile(r"(\d*\.?\d+(?:e-?\d+)?)\s*(px|pt|em|rem|ch|ex|%|vw|vh)?")
_TINY = {"px": 3, "pt": 2.5, "em": 0.15, "rem": 0.15, "ch": 0.3, "ex": 0.3, "%": 15, "vw": 0.2, "vh": 0.3, "": 3}


def _is_tiny(value: str) -> bool:
    """True for a size at which nobody reads."""
    sizes = [float(number) < _TINY[unit] for number, unit in _SIZE.findall(value)]
    if not sizes:
        return False
    if value.startswith(("min(", "clamp(")):
        return any(sizes) if value.startswith("min(") else sizes[-1] or all(sizes[:2])
    if "*" in value:
        return any(float(number) == 0 for number, _ in _SIZE.findall(value))
    return all(sizes)


_WIDE = 26
"""Percent of a window of 1920 pixels that are as much as what is far (500 pixels)."""
_POLYGON = re.compile(r"clip-path\s*:\s*polygon\(([^()]*)\)")


def _has_no_area(points: str) -> bool:
    """True for a polygon all of whose corners are on one upright or level line."""
    corners = [point.split() for point in points.split(",")]
    return any(len({corner[axis] for corner in corners if len(corner) > axis}) < 2 for axis in (0, 1))


def _is_far(value: str) -> bool:
    """False for `calc(50% - 600px)`, which centres what is wide: so much as the part of a wide window allows for."""
    room = 0.0
    if "calc" in value and "%" in value:
        room = sum(float(part) / _WIDE for minus, part in _PARTLY.findall(value) if not minus)
    return any(float(number) / _FAR[unit] >= 1 + room for number, unit in _MOVED.findall(value))


def color_of(pattern: re.Pattern[str], style: str) -> str:
    match = pattern.search(style)
    return plain_color(match.group(1)) if match else ""


def background_of(style: str) -> str:
    """The background that a style says; what is seen through says none, and a picture is no colour."""
    if "background" not in style:
        return ""
    page_color = "picture" if _PICTURED.search(style) else color_of(_BACKGROUND, style)
    return "" if page_color in _SEEN_THROUGH else page_color


def colors_of(attributes: dict[str, str | None]) -> tuple[str, str]:
    """(background, text) as an element's own attributes say them; empty where they do not."""
    style = attributes.get("style") or ""
    page_color = background_of(style) or plain_color(attributes.get("bgcolor") or "")
    if attributes.get("background"):
        page_color = "picture"
    return page_color, color_of(TEXT_COLOR, style) or plain_color(attributes.get("text") or "")


def hidden_by_attributes(
    tag: str,
    attributes: dict[str, str | None],
    background: str,
    text_color: str = "",
    variables: Variables | None = None,
) -> str:
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
        return hidden_by_style(with_variables(plain_style(style), variables or {}), background, text_color)
    if tag == "font" and indistinguishable(plain_color(attributes.get("color") or ""), background):
        return "text in the colour of its background"
    return ""


def hidden_by_sheet(sheet: Sheet, judge: HidingStyles) -> tuple[dict[int, str], dict[int, str]]:
    """Elements (by node id) that the page's own style sheets hide, by one rule or by several together; and those
    that they may hide, under a condition or with another of a variable's values."""
    found: dict[int, str] = {}
    perhaps: dict[int, str] = {}
    for declarations, nodes, holds in sheet.rules:
        surely, maybe = judge.of(declarations)
        for node in nodes:
            if holds == ALWAYS and surely:
                found.setdefault(node.mem_id, f"{surely} by a style sheet")
            elif how := surely or maybe:
                perhaps.setdefault(node.mem_id, f"{how} by a style sheet, for some readers")
            elif holds != ALWAYS:
                together = judge.of({**sheet.of_element.get(node.mem_id, {}), **declarations})
                if how := together[0] or together[1]:
                    perhaps.setdefault(node.mem_id, f"{how} by style sheets, for some readers")
    for node_id, declarations in sheet.of_element.items():
        if node_id not in found:
            surely, maybe = judge.of(declarations)
            if surely:
                found[node_id] = f"{surely} by style sheets"
            elif maybe:
                perhaps.setdefault(node_id, f"{maybe} by style sheets, for some readers")
    return found, perhaps


class HidingStyles:
    """Looks at each different set of declarations once."""

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.known: dict[str, tuple[str, str]] = {}
        self.left = MAX_JUDGED

    def of(self, declarations: Declared) -> tuple[str, str]:
        """(the carrier that hides, the carrier that hides with another value of a variable)."""
        style = written(declarations)
        if style not in self.known and len(self.known) >= MAX_JUDGED:
            return "", "more than is read"
        if style not in self.known:
            own = {name: (value,) for name, value in declarations.items() if name[:2] == "--" and "var(" in style}
            self.known[style] = self._judged(style, {**self.variables, **own} if own else self.variables)
        return self.known[style]

    def of_style(self, style: str) -> str:
        """The carrier that hides with another value of a variable."""
        return self.of(declared(style))[1] if "var(" in style else ""

    def _judged(self, style: str, variables: Variables) -> tuple[str, str]:
        if how := hidden_by_style(with_variables(style, variables)):
            return how, ""
        for other in other_readings(style, variables):
            self.left -= 1
            if how := hidden_by_style(other) if self.left > 0 else "more than is read":
                return "", how
        return "", ""


def hidden_together(by_sheet: Declared, own: str, variables: Variables) -> str:
    """The carrier by which a style sheet and an element's own plain style hide it, each with a part of it."""
    return hidden_by_style(with_variables(written({**by_sheet, **declared(own)}), variables))
