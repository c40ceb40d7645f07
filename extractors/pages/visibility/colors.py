"""Colours as style sheets write them, in one spelling, so that text in the colour of its background shows.

Invariant: a colour that is not understood is equal to nothing but itself.
"""

import re
from contextlib import suppress
from functools import lru_cache
from itertools import groupby
from math import isfinite

from tinycss2 import parse_component_value_list, serialize
from tinycss2.ast import Node
from tinycss2.color4 import Color, parse_color

TRANSPARENT = "transparent"
LONGEST = 300
"""Characters of a value that are parsed."""
_CLOSE = 12
"""Of 255, in each of red, green and blue: nobody tells them apart."""
_SYSTEM = {
    name: color
    for color, names in {
        "#ffffff": "canvas field window background infobackground menu appworkspace scrollbar activecaption"
        " inactivecaption highlighttext selecteditemtext",
        "#000000": "canvastext fieldtext windowtext buttontext marktext infotext menutext captiontext",
        "#efefef": "buttonface threedface buttonhighlight threedhighlight threedlightshadow",
    }.items()
    for name in names.split()
}
_LIGHTEST = {"lab": 100, "lch": 100, "oklab": 1, "oklch": 1}
"""Colour spaces in which only black and white are recognised, by their lightness."""
_IN_GRADIENT = re.compile(r"(?:rgb|hsl)a?\([^()]{1,80}\)|#[0-9a-f]{3,8}|(?<![\w-])[a-z]{3,24}(?![\w(-])")


@lru_cache(maxsize=2_000)
def plain_color(value: str) -> str:
    """`#fff`, `white`, `rgb(255 255 255)` and `hsl(0, 0%, 100%)` are all `#ffffff`."""
    value = value[:LONGEST].strip().lower()
    words = value.split()
    tokens = parse_component_value_list(value, skip_comments=True)
    color = _color_of(tokens[0]) if tokens else None
    if color is None:
        first = words[0] if words else ""
        return _SYSTEM.get(first) or _mixed(tokens) or (value if "(" in first else first)
    if color.alpha < 0.1:
        return TRANSPARENT
    if color.space in _LIGHTEST:
        lightness = (color.coordinates[0] or 0) / _LIGHTEST[color.space]
        return "#ffffff" if lightness >= 0.97 else "#000000" if lightness <= 0.03 else value
    if color.space != "srgb":
        return value
    channels = (round(255 * min(1, max(0, channel or 0))) for channel in color.coordinates)
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _color_of(token: Node) -> Color | None:
    """As the library reads it, in sRGB where it can be; None for what is no colour, and for numbers beyond counting."""
    with suppress(ValueError, OverflowError):  # `color()`
        color = parse_color(token)
        if isinstance(color, Color) and all(isfinite(number or 0) for number in color.coordinates):
            color = color.to("srgb") if color.space in ("hsl", "hwb") else color
            return color if all(isfinite(number or 0) for number in color.coordinates) else None
    return None


def _mixed(tokens: list[Node]) -> str:
    """What `color-mix()` makes of colours that nobody tells apart; empty for any other mix, and for what is none."""
    if not tokens or tokens[0].type != "function" or tokens[0].lower_name != "color-mix":
        return ""
    parts = [list(part) for is_comma, part in groupby(tokens[0].arguments, lambda token: token == ",") if not is_comma]
    values = [serialize([token for token in part if token.type != "percentage"]).strip() for part in parts]
    colors = [plain_color(value) for value in values if not value.startswith("in ")]
    alike = len(colors) > 1 and all(indistinguishable(colors[0], color) for color in colors[1:])
    return colors[0] if alike else ""


def gradient_colors(value: str) -> frozenset[str]:
    """The colours that a gradient names, as far as they are known here."""
    return frozenset(color for word in _IN_GRADIENT.findall(value) if (color := plain_color(word))[:1] == "#")


def is_known(color: str) -> bool:
    """False for a colour that only a browser can compute."""
    return "(" not in color


def indistinguishable(color: str, other: str) -> bool:
    """True when text of one colour cannot be read on the other."""
    if not color or not other:
        return False
    if color[0] != "#" or other[0] != "#" or len(color) != 7 or len(other) != 7:
        return color == other
    try:
        return all(abs(int(color[at : at + 2], 16) - int(other[at : at + 2], 16)) <= _CLOSE for at in (1, 3, 5))
    except ValueError:
        return color == other
