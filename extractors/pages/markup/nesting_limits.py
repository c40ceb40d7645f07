"""What no parser is given: markup over which it would spend minutes, or memory without end.

Idea: the costs are known (nesting and attributes by their square, formatting times blocks), so they are
counted before anything is built. Invariant: a page that is refused is a typed failure; a page that a person
could have written is never refused.
"""

import re

_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{20000,}")
_TAGS = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40})")
_FORMATTING = frozenset(re.findall(r"\S+", "b big code em font i nobr s small strike strong tt u"))
_REOPENED = re.compile(r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/]", re.IGNORECASE)
_NEVER_DEEP = frozenset(
    re.findall(
        r"\S+", "area base br col embed hr img input link meta p param source track wbr li option dt dd td th tr"
    )
)
MAX_NESTING = 10_000
MAX_ATTRIBUTES = 2_000
MAX_COPIES = 300_000


class TooMuchMarkup(ValueError):
    """Markup over which a parser would spend minutes, or memory without end."""


def bounded(html: str) -> None:
    """Raises before parsing: attributes and nesting cost the parser their square, and a formatting element
    that is never closed is opened again in every block after it."""
    longest = max(map(len, html.split("<")))
    for match in _LONG_TAG.finditer(html) if longest > 20_000 else ():
        if match.group().count("=") + len(match.group().split()) > MAX_ATTRIBUTES:
            raise TooMuchMarkup("an element with thousands of attributes")
    tags = html.count("<")
    if tags - 2 * html.count("</") < 1_000 and tags * len(_REOPENED.findall(html)) < MAX_COPIES:
        return
    depth = deepest = formatting = blocks = 0
    for closing, name in _TAGS.findall(html):
        name = name.lower()
        step = -1 if closing else 1
        if name in _FORMATTING:
            formatting = max(0, formatting + step)
        elif not closing:
            blocks += 1
        if name not in _NEVER_DEEP:
            depth = max(0, depth + step)
            deepest = max(deepest, depth)
        if deepest > MAX_NESTING or formatting * blocks > MAX_COPIES:
            raise TooMuchMarkup("elements nested without end")
