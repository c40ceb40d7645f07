"""Colours as style sheets write them, in one spelling, so that text in the colour of its background shows.

Invariant: a colour that is not understood is equal to nothing but itself.
"""

from __future__ import annotations

import colorsys
import re

TRANSPARENT = "transparent"
_CLOSE = 12
"""Of 255, in each of red, green and blue: nobody tells them apart."""
_NAMES = dict(
    re.findall(
        r"([a-z]{1,30}) ([0-9a-f]{6})",
        """white ffffff black 000000 red ff0000 silver c0c0c0 gray 808080 grey 808080 maroon 800000 purple 800080
        fuchsia ff00ff magenta ff00ff green 008000 lime 00ff00 olive 808000 yellow ffff00 navy 000080 blue 0000ff
        teal 008080 aqua 00ffff cyan 00ffff orange ffa500 snow fffafa ivory fffff0 azure f0ffff honeydew f0fff0
        mintcream f5fffa ghostwhite f8f8ff whitesmoke f5f5f5 floralwhite fffaf0 aliceblue f0f8ff seashell fff5ee
        beige f5f5dc linen faf0e6 oldlace fdf5e6 lavenderblush fff0f5 lightyellow ffffe0 lightcyan e0ffff
        gainsboro dcdcdc lightgray d3d3d3 lightgrey d3d3d3 darkgray a9a9a9 darkgrey a9a9a9 dimgray 696969
        dimgrey 696969 midnightblue 191970 darkblue 00008b pink ffc0cb brown a52a2a indigo 4b0082 gold ffd700""",
    )
)
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]{1,80})\)")
_NUMBER = r"(\d++(?:\.\d++)?|\.\d++)"
_LIGHTNESS = re.compile(rf"(?:ok)?l(?:ab|ch)\(\s*{_NUMBER}(%?)")
_WHITENESS = re.compile(rf"hwb\(\s*[\d.]+(?:deg)?\s+{_NUMBER}%\s+{_NUMBER}%?")
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
_MIXED = re.compile(
    r"color-mix\((?:in [a-z0-9 -]{1,40},)?((?:[^(),]|\([^()]{0,80}\)){1,80}),((?:[^(),]|\([^()]{0,80}\)){1,80})\)"
)
_SHARE = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,9})?%")
_IN_GRADIENT = re.compile(r"(?:rgb|hsl)a?\([^()]{1,80}\)|#[0-9a-f]{3,8}|(?<![\w-])[a-z]{3,24}(?![\w(-])")
_PART = re.compile(r"(-?\d{0,6}\.?\d{1,9})(%?)")


def plain_color(value: str) -> str:
    """`#fff`, `white`, `rgb(255 255 255)` and `hsl(0, 0%, 100%)` are all `#ffffff`."""
    value = value.strip().lower()
    if match := _FUNCTION.match(value):
        return _computed(match.group(1), match.group(2)) or value
    if extreme := _black_or_white(value):
        return extreme
    if match := _MIXED.match(value):
        one, other = (plain_color(_SHARE.sub(" ", part)) for part in match.groups())
        return one if indistinguishable(one, other) else value
    first = value.split()[0] if value else ""
    if first in _SYSTEM:
        return _SYSTEM[first]
    if first in _NAMES:
        return f"#{_NAMES[first]}"
    if re.fullmatch(r"#[0-9a-f]{3,4}", first):
        first = "#" + "".join(char * 2 for char in first[1:])
    if re.fullmatch(r"#[0-9a-f]{8}", first):
        return TRANSPARENT if int(first[7:], 16) < 26 else first[:7]
    return first


def gradient_colors(value: str) -> frozenset[str]:
    """The colours that a gradient names, as far as they are known here."""
    return frozenset(color for word in _IN_GRADIENT.findall(value) if (color := plain_color(word))[:1] == "#")


def is_known(color: str) -> bool:
    """False for a colour that only a browser can compute."""
    return "(" not in color


def _black_or_white(value: str) -> str:
    """In the colour spaces in which only the ends are worth computing."""
    if match := _LIGHTNESS.match(value):
        most = 100 if match.group(2) or not value.startswith("ok") else 1
        part = float(match.group(1)) / most
        return "#ffffff" if part >= 0.97 else "#000000" if part <= 0.03 else ""
    if match := _WHITENESS.match(value):
        white, black = float(match.group(1)), float(match.group(2))
        return "#ffffff" if white >= 97 else "#000000" if black >= 97 else ""
    return ""


def _computed(kind: str, inside: str) -> str:
    parts = [(float(number), percent) for number, percent in _PART.findall(inside)]
    if len(parts) < 3:
        return ""
    if len(parts) > 3 and parts[3][0] / (100 if parts[3][1] else 1) < 0.1:
        return TRANSPARENT
    if kind == "rgb":
        channels = [number * 2.55 if percent else number for number, percent in parts[:3]]
    else:
        hue, saturation, light = (number for number, _ in parts[:3])
        clamped = (min(1.0, max(0.0, part / 100)) for part in (light, saturation))
        channels = [255 * part for part in colorsys.hls_to_rgb(hue / 360 % 1.0, *clamped)]
    return "#" + "".join(f"{min(255, max(0, round(channel))):02x}" for channel in channels)


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
