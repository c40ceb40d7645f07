"""The style sheets that a page carries itself: which elements their rules name, and what they declare of them.

Idea: what hides may be split over several rules, selectors and variables, so the declarations of every rule that
names an element are gathered before anything is decided. Invariant: only what the page itself carries is read,
`data:` addresses included; a rule for paper, a state or a small window says nothing about what a reader sees.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

MAX_RULES = 3_000
MAX_LOOKS = 100_000_000
"""Characters of the page times selectors: each selector looks at every element."""
MAX_SHEET = 200_000
MAX_STYLE = 20_000
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_RULE = re.compile(r"(?<![^{}])([^{}]+)\{([^{}]*)\}")
_AT = re.compile(r"@(media|supports|layer|container|scope)\b([^{};]*)\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
_FRAMES = re.compile(r"@(?:-webkit-)?(?:keyframes|font-face|page|property)\b[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_OFF = re.compile(r"\bprint\b|\bspeech\b|max-(?:device-)?(?:width|height)|dark\b|hover|pointer|min-resolution|reduce")
_MIN = re.compile(r"(?:min-width\s*:|width\s*>=?)\s*(\d+)(?:\.\d+)?(px|em|rem)")
_STATE = re.compile(
    r"::|:(?!not\(|is\(|where\(|has\(|lang\(|root\b|nth-(?:last-)?(?:child|of-type)\(|(?:first|last|only)-(?:child|of-type)\b"
    r"|empty\b)|(?:html|body)\S*:not\("
)
"""States that come and go (`:hover`), things that are no element, and `body:not(.loaded)`, which a script ends."""
_DATA_SHEET = re.compile(r"data:text/css([^,\s\"')]*),([^\"')]*)", re.IGNORECASE)
_TELLS = re.compile(
    r"color|background|display|visib|opacity|font|clip|width|height|size|transform|scale|zoom|rotate|left|right|top"
    r"|bottom|inset|indent|margin|padding|translate|mask|filter|z-index|spacing|overflow|content-v|--"
)
_VARIABLE = re.compile(r"(?<![\w-])(--[\w-]{1,100})\s*:\s*([^;}{\"']{1,200})")
_USE = re.compile(r"var\(\s{0,9}(--[\w-]{1,100})\s{0,9}(?:,([^()]{0,200}(?:\([^()]{0,200}\)[^()]{0,200})?))?\)")
_PAGE = ("html", "body", ":root")

Declared = dict[str, str]


class Sheet(NamedTuple):
    """What a page's own style sheets say."""

    rules: tuple[tuple[Declared, tuple[Any, ...]], ...] = ()
    """Each rule's declarations with the elements that it names."""
    of_element: dict[int, Declared] = {}  # noqa: RUF012
    """All of an element's declarations, by node id; a later one counts, and an important one more."""
    of_page: Declared = {}  # noqa: RUF012
    """What is declared of the page as a whole."""
    variables: dict[str, str] = {}  # noqa: RUF012


def declared(style: str) -> Declared:
    """Property to value, in lower case; `!important` counts before what is not."""
    found: Declared = {}
    important: set[str] = set()
    for part in style.split(";"):
        name, colon, value = part.partition(":")
        name, value = name.strip(), value.strip()
        if not colon or not name:
            continue
        strong = "!important" in value.replace(" ", "")
        if strong or name not in important:
            found[name] = value.partition("!")[0].strip()
        if strong:
            important.add(name)
    return found


def with_variables(style: str, variables: dict[str, str]) -> str:
    """`var(--x, fallback)` replaced by what the page says that it is."""
    for _ in range(5):
        if "var(" not in style or len(style) > MAX_STYLE:
            break
        style = _USE.sub(lambda use: variables.get(use.group(1), use.group(2) or "").strip(), style)
    return style


def sheet_of(tree: Any, html: str, hides: Callable[[str], str]) -> Sheet:
    """Read once a page; cheap for the many pages that carry none.

    Where there are more rules than can be looked at, those that hide on their own go first.
    """
    variables = {name: value.strip().lower() for name, value in _VARIABLE.findall(html)} if "var(" in html else {}
    texts = list(_texts(tree)) if "<style" in html.lower() or "text/css" in html.lower() else []
    rules: list[tuple[Declared, tuple[Any, ...]]] = []
    of_element: defaultdict[int, Declared] = defaultdict(dict)
    of_page: Declared = {}
    told = [
        (s, declared(with_variables(style, variables))) for s, style in _rules(" ".join(texts)) if _TELLS.search(style)
    ]
    left = min(MAX_RULES, max(50, MAX_LOOKS // max(1, len(html))))
    if sum(len(selectors) for selectors, _ in told) > left:
        order = sorted(range(len(told)), key=lambda n: not hides(written(told[n][1])))
        told = [told[n] for n in sorted(order[:left])]
    for selectors, declarations in told:
        for selector in selectors:
            left -= 1
            if selector in _PAGE:
                of_page.update(declarations)
                continue
            nodes = tuple(_selected(tree, selector)) if left >= 0 else ()
            if nodes:
                rules.append((declarations, nodes))
            for node in nodes:
                of_element[node.mem_id].update(declarations)
    return Sheet(tuple(rules), dict(of_element), of_page, variables)


def written(told: Declared) -> str:
    """Declarations as a style attribute would write them."""
    return ";".join(f"{name}:{value}" for name, value in told.items())


def _texts(tree: Any) -> Iterator[str]:
    for node in tree.css("style, link[href]"):
        if not _shown_on_screen(node.attributes.get("media") or ""):
            continue
        text = node.text() if node.tag == "style" else node.attributes.get("href") or ""
        for kind, data in _DATA_SHEET.findall(text[:MAX_SHEET]):
            yield _unpacked(kind, data)
        if node.tag == "style":
            yield text[:MAX_SHEET]


def _unpacked(kind: str, data: str) -> str:
    if ";base64" not in kind.lower():
        return unquote(data)
    try:
        return b64decode(unquote(data) + "==").decode("utf-8", "replace")
    except ValueError:
        return ""


def _rules(text: str) -> Iterator[tuple[list[str], str]]:
    """(selectors, declarations) of every rule that holds for a reader at a screen; at-rules are opened from inside."""
    text = _FRAMES.sub(" ", _STRING.sub("", _COMMENT.sub("", text)))
    for _ in range(4):
        opened = _AT.sub(lambda at: at.group(3) if _holds(at.group(1), at.group(2)) else " ", text)
        if opened == text:
            break
        text = opened
    for selectors, style in _RULE.findall(text):
        last = selectors.rpartition(";")[2]  # after an @import, or the declarations of a rule around it
        named = [part.replace("&", " ").strip() for part in re.split(r",(?![^()]*\))", last)[:50]]
        yield [selector for selector in named if selector], style.lower()


def _holds(kind: str, condition: str) -> bool:
    return kind.lower() != "media" or _shown_on_screen(condition)


def _shown_on_screen(media: str) -> bool:
    """False for print, dark rooms, small windows, and windows that are wider than a telephone's."""
    media = media.lower()
    if "not" in media.split():
        return "print" in media or "speech" in media
    wide = any(int(size) * (1 if unit == "px" else 16) > 320 for size, unit in _MIN.findall(media))
    return not wide and not _OFF.search(media)


def _selected(tree: Any, selector: str) -> list[Any]:
    """No element for selectors with states (`:hover`), at-rules and the page as a whole."""
    if selector == "*" or "@" in selector or _STATE.search(selector):
        return []
    try:
        return [node for node in tree.css(selector) if node.tag not in ("html", "body", "head")]
    except Exception:  # the parser raises bare errors for selectors that it does not know
        return []
