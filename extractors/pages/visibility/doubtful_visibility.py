"""What a person may see and may not: out of sight in some browsers, behind something, in a colour that cannot be told.

Invariant: what is doubtful stays in the text, is reported, and is no evidence.
"""

import re

from extractors.pages.visibility.colors import gradient_colors, indistinguishable, is_known, plain_color
from extractors.pages.visibility.css_parser import plain_style
from extractors.pages.visibility.hidden_elements import TEXT_COLOR, TEXT_FILL, background_of, hidden_by_style


def hard_to_see(style: str, page_color: str = "", hiding: frozenset[str] = frozenset()) -> str:
    """What may be hidden, and may be not: kept, reported and no evidence. `page_color` is the background, `hiding`
    are the names of the animations that end out of sight."""
    if _BEHIND.search(style):
        return "behind the page"
    if hiding and any(not hiding.isdisjoint(_NAME.findall(value)) for value in _ANIMATION.findall(style)):
        return "hidden by an animation"
    if "background-clip" in style and _CLIPPED_TO_TEXT.search(style) and "gradient(" in style:
        colors = gradient_colors(style[style.index("gradient(") :])
        if colors and page_color and all(indistinguishable(color, page_color) for color in colors):
            return "text in the colour of its background"
    if _MASK.search(style):
        return "masked"
    if _ALTERED.search(style):
        return "altered beyond what can be told here"
    if any(not is_known(plain_color(value)) for pattern in (TEXT_FILL, TEXT_COLOR) for value in pattern.findall(style)):
        return "a colour that cannot be told here"
    return ""


def hiding_animations(sheets: str) -> frozenset[str]:
    """Names of the keyframes that end out of sight."""
    found = set()
    for match in _KEYFRAMES.finditer(sheets):
        frames = _FRAME.findall(sheets, match.end(), match.end() + _LONGEST_KEYFRAMES)
        last: dict[str, str] = {}
        for places, style in frames:
            last |= dict.fromkeys((place.strip().lower().replace("100%", "to") for place in places.split(",")), style)
        if hidden_by_style(plain_style(last.get("to", ""))):
            found.add(match.group(1).lower())
    return frozenset(found)


_KEYFRAMES = re.compile(r"@(?:-\w{1,9}-)?keyframes\s{1,9}[\"']?([\w-]{1,100})[\"']?\s{0,9}\{", re.IGNORECASE)
_FRAME = re.compile(
    r"((?:from|to|\d{1,3}%)(?:\s{0,9},\s{0,9}(?:from|to|\d{1,3}%)){0,9})\s{0,9}\{([^{}]{0,2000})\}", re.IGNORECASE
)
_LONGEST_KEYFRAMES = 2_000
_ANIMATION = re.compile(r"(?<![\w-])(?:-\w{1,9}-)?animation(?:-name)?\s{0,9}:([^;]{0,400})")
_NAME = re.compile(r"[\w-]+")
_CLIPPED_TO_TEXT = re.compile(r"background-clip\s{0,9}:\s{0,9}text")
_MASK = re.compile(
    r"(?:^|;)\s{0,9}(?:-webkit-)?mask(?:-image|-box-image|-size)?\s{0,9}:(?:[^;]{0,400}?(?:url|element|image)\("
    r"|[^;]{0,400}?/\s{0,9}0|(?<=size:)\s{0,9}0)"
)
_ALTERED = re.compile(
    r"(?<![\w-])(?:mix-blend-mode\s{0,9}:\s{0,9}(?!normal|initial|unset|inherit)[a-z]"
    r"|-webkit-text-security\s{0,9}:\s{0,9}(?!none)[a-z]|content\s{0,9}:\s{0,9}(?:url|element)\("
    r"|filter\s{0,9}:[^;]{0,80}(?:brightness|contrast|invert|url)\(|offset-path\s{0,9}:\s{0,9}(?!none)[a-z])"
)


def covers(style: str) -> bool:
    """True for an element that lies over all of its parent."""
    placed = _OVER.search(style) and (_ALL_AROUND.search(style) or len(_FULL.findall(style)) == 2)
    page_color = background_of(style)
    return bool(placed) and page_color[:1] == "#" and "pointer-events" not in style


_BEHIND = re.compile(r"(?<![\w-])z-index\s*:\s*-\d")
_OVER = re.compile(r"position\s*:\s*(?:absolute|fixed)")
_ALL_AROUND = re.compile(r"(?<![\w-])inset\s*:\s*0(?:px)?\s*(?:;|$)")
_FULL = re.compile(r"(?<![\w-])(?:width|height)\s*:\s*100(?:%|vw|vh)")
