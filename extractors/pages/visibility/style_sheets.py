"""The style sheets that a page carries itself: which elements their rules name, and what they declare of them.

Idea: what hides may be split over several rules, selectors and variables, so the declarations of every rule that
names an element are gathered before anything is decided. Invariants: only what the page itself carries is read,
`data:` addresses included; a rule for paper, a passing state or some windows says nothing about what a reader sees;
what hangs on something else, and what a limit leaves unread, is reported.
"""

import re
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import unquote

from extractors.pages.visibility.css_parser import Declared, Rule, declared, plain_style, rules, written
from extractors.pages.visibility.media_queries import ALWAYS, NEVER, SOMETIMES, shown_on_screen
from extractors.pages.visibility.selector_cost import A_MATCH, MOST, PageStatistics

MAX_SHEET = 400_000
"""Characters of all sheets of a page."""
MAX_STYLE = 20_000
MAX_VALUES = 12
"""Of one variable, that are tried."""
LONGEST_VALUE = 500
MAX_NESTED = 5_000
"""Values of variables that name variables."""
MAX_JUDGED = 20_000
MAX_UNREAD = 200
"""Of one page, that are reported."""
_PASSING = r"hover|focus[\w-]*|active|visited|target[\w-]*|checked|fullscreen"
_COMES_AND_GOES = re.compile(
    rf"::|(?<!\\):(?:{_PASSING}|disabled|invalid|valid|open|modal|popover-open|before|after|first-l\w+|selection"
    r"|placeholder[\w-]*|host[\w-]*|slotted|part|indeterminate|in-range|out-of-range|required|user-\w+|autofill"
    r"|picture-in-picture|playing|paused|read-write|default|-(?:webkit|moz|ms)-[\w-]+)(?![\w-])|(?:html|body)\S{0,99}:not\("
)
"""States that come and go (`:hover`), things that are no element, and `body:not(.loaded)`, which a script ends."""
_NOT_NOW = re.compile(rf"(?<!\\):not\((?:[\s,]{{0,9}}:{{1,2}}(?:{_PASSING})(?![\w-]))+\s{{0,9}}\)")
_ORDINARY = re.compile(r"(?<!\\):(?:(?:defined|read-only|optional|enabled)(?![\w-])|dir\(\s{0,9}(?:ltr|auto)\s{0,9}\))")
"""True of nearly every element."""
_UNKNOWN = re.compile(
    r"(?<!\\):(?!(?:not|is|where|has|nth-[\w-]+)\(|(?:root|empty|link|any-link|(?:first|last|only)-[\w-]+)(?![\w-]))"
    r"[a-z-]+(?:\([^()]{0,200}\))?",
    re.IGNORECASE,
)
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_DATA_SHEET = re.compile(r"data:text/css([^,\s\"')]{0,100}),([^\"')]*)", re.IGNORECASE)
_TELLS = re.compile(
    r"color|background|display|visib|opacity|font|clip|width|height|size|transform|scale|zoom|rotate|left|right|top"
    r"|bottom|inset|indent|margin|padding|translate|mask|filter|z-index|spacing|overflow|content|animation|blend|text-sec"
    r"|offset|--"
)
_VARIABLE = re.compile(r"(?<![\w-])(--[\w-]{1,100})\s{0,9}:\s{0,9}([^;}{\"']{1,200})")
_USE = re.compile(r"var\(\s{0,9}(--[\w-]{1,100})\s{0,9}(?:,([^()]{0,200}(?:\([^()]{0,200}\)[^()]{0,200})?))?\)")
_CAN_HIDE = re.compile(r"none|hidden|collapse|transparent|^-?[01]?\.?0*(?:\D|$)|-\d{3}|\d{4}")
_PAGE = ("html", "body", ":root")
_WHOLE = frozenset(("html", "body", "head"))

Variables = dict[str, tuple[str, ...]]
"""All values that a page declares of each, the last one last."""


class StyleRule(NamedTuple):
    """One rule's declarations, the elements that it names, and whether it holds always or under some condition."""

    declarations: Declared
    nodes: tuple[Any, ...]
    holds: int


class Sheet(NamedTuple):
    """What a page's own style sheets say."""

    rules: tuple[StyleRule, ...] = ()
    of_element: dict[int, Declared] = {}  # noqa: RUF012
    """All of an element's declarations, by node id; a later one counts, and an important one more."""
    of_page: Declared = {}  # noqa: RUF012
    """What is declared of the page as a whole."""
    variables: Variables = {}  # noqa: RUF012
    unread: tuple[str, ...] = ()
    """What a limit left out."""
    text: str = ""
    """Of the sheets that declare animations."""


def with_variables(style: str, variables: Variables, back: int = 1) -> str:
    """`var(--x, fallback)` replaced by what the page says last that it is, or by what it says before that."""
    if "var(" not in style:
        return style

    replaced = _replaced(style[:MAX_STYLE], variables, back)[:MAX_STYLE]
    return _replaced(replaced, variables, back)[:MAX_STYLE]  # a fallback may be a variable


def _replaced(style: str, variables: Variables, back: int) -> str:
    def value(use: re.Match[str]) -> str:
        values = variables.get(use.group(1), ())
        return (values[-((back - 1) % len(values)) - 1] if values else use.group(2) or "").strip()

    return _USE.sub(value, style) if "var(" in style else style


def other_readings(style: str, variables: Variables) -> Iterator[str]:
    """The style with each other value of the variables that it uses: which one an element gets is not known here."""
    known_readings = {with_variables(style, variables)}
    for back in range(2, _readings(style, variables) + 1):
        reading = with_variables(style, variables, back)
        if reading not in known_readings:
            known_readings.add(reading)
            yield reading


def _readings(style: str, variables: Variables) -> int:
    names = (use[0] for use in _USE.findall(style[:MAX_STYLE])) if "var(" in style else ()
    return max((len(variables.get(name, ())) for name in names), default=0)


def sheet_of(tree: Any, html: str, hides: Callable[[str], str]) -> Sheet:
    """Read once a page; cheap for the many pages that carry none.

    Where there are more rules than can be looked at, those that hide on their own go first.
    """
    unread: list[str] = []
    lower = html.lower()
    found = list(_read(tree, unread)) if "<style" in lower or "text/css" in lower else []
    found = [rule for rule in found if _TELLS.search(rule.style)]
    used = "var(" in lower or any("var(" in rule.style for rule in found) or ("\\" in lower and "style=" in lower)
    variables = _variables(html, found, unread) if used and "--" in lower else {}
    gathered: list[StyleRule] = []
    of_element: defaultdict[int, Declared] = defaultdict(dict)
    of_page: Declared = {}
    for selector, rule_holds, declarations in (
        _affordable(found, PageStatistics(tree), variables, hides, unread) if found else ()
    ):
        nodes, holds = _selected(tree, selector) if selector not in _PAGE else ([], ALWAYS)
        holds = min(holds, rule_holds)
        inside = [node for node in nodes if node.tag not in _WHOLE]
        if holds == ALWAYS and (selector in _PAGE or len(inside) < len(nodes)):
            of_page.update(declarations)
        if inside:
            gathered.append(StyleRule(declarations, tuple(inside), holds))
        for node in inside if holds == ALWAYS else ():
            of_element[node.mem_id].update(declarations)
    moving = "\n".join(text for text, _ in _texts(tree))[:MAX_SHEET] if "keyframes" in lower else ""
    return Sheet(tuple(gathered), dict(of_element), of_page, variables, tuple(unread[:MAX_UNREAD]), moving)


def _affordable(
    found: list[Rule], statistics: PageStatistics, variables: Variables, hides: Callable[[str], str], unread: list[str]
) -> list[tuple[str, int, Declared]]:
    """(selector, when it holds, declarations) of what there is room for, in its order; a selector that hides and finds
    no room is reported."""
    costs = []
    for number, rule in enumerate(found):
        for selector in rule.selectors:
            cost = statistics.cost(selector)
            if cost.found or selector in _PAGE:
                costs.append((number, selector, cost.steps + A_MATCH * cost.found))
    declarations = [declared(rule.style) for rule in found]
    left = MOST
    if sum(steps for _, _, steps in costs) > left:
        hiding = _hiding(declarations, variables, hides, unread)
        affordable = []
        for place, (number, selector, steps) in sorted(enumerate(costs), key=lambda each: not hiding[each[1][0]]):
            if steps <= left:
                left -= steps
                affordable.append((place, (number, selector, steps)))
            elif hiding[number]:
                unread.append(f"{selector[:100]} {{ {found[number].style[:150]} }}")
        costs = [cost for _, cost in sorted(affordable)]
    return [(selector, found[number].holds, declarations[number]) for number, selector, _ in costs]


def _hiding(
    declarations: list[Declared], variables: Variables, hides: Callable[[str], str], unread: list[str]
) -> list[bool]:
    """Which of these hide on their own; what is beyond the limit counts as not hiding."""
    styles = [f"{written(each)};overflow:hidden" for each in declarations]
    different = dict.fromkeys(styles)
    if len(different) > MAX_JUDGED:
        unread.append("more different rules than are read")
    judged = {style for style in islice(different, MAX_JUDGED) if hides(with_variables(style, variables))}
    return [style in judged for style in styles]


def _variables(html: str, found: list[Rule], unread: list[str]) -> Variables:
    values: defaultdict[str, dict[str, None]] = defaultdict(dict)
    of_rules = ((name, value) for rule in found for name, value in declared(rule.style).items() if name[:2] == "--")
    for name, value in (*_VARIABLE.findall(html), *of_rules):
        value = plain_style(value).partition("!")[0].strip()
        values[name.lower()].pop(value, None)
        values[name.lower()][value] = None
    variables = {name: _most(name, list(each), unread) for name, each in values.items()}
    left = MAX_NESTED
    for _ in range(5):
        for name in [name for name, each in variables.items() if any("var(" in value for value in each)]:
            each: dict[str, None] = {}
            for value in variables[name] if left > 0 else ():
                backs = range(max(1, _readings(value, variables)), 0, -1)
                each |= dict.fromkeys(_replaced(value, variables, back) for back in backs)
                left -= len(backs)
            variables[name] = _most(name, [value for value in each if len(value) <= LONGEST_VALUE], unread)
    if left <= 0:
        unread.append("more variables of variables than are read")
    return {name: tuple("" if "var(" in value else value for value in each) for name, each in variables.items()}


def _most(name: str, each: list[str], unread: list[str]) -> tuple[str, ...]:
    """Where there are too many values, those that can hide and the last one."""
    if len(each) <= MAX_VALUES:
        return tuple(each)
    can = [value for value in each[:-1] if _CAN_HIDE.search(value)]
    if len(can) >= MAX_VALUES:
        unread.append(f"more values of {name} than are read: {', '.join(can)[:150]}")
    return (*can[: MAX_VALUES - 1], each[-1])


def _read(tree: Any, unread: list[str]) -> Iterator[Rule]:
    left = MAX_SHEET
    for text, holds in _texts(tree):
        if len(text) > left:
            unread.append(f"a style sheet longer than is read: {text[left : left + 150]}")
        for rule in rules(text[: max(0, left)]):
            yield rule._replace(holds=min(holds, rule.holds))
        left = max(0, left - len(text))


def _texts(tree: Any) -> Iterator[tuple[str, int]]:
    for node in tree.css("style, link[href]"):
        holds = shown_on_screen(node.attributes.get("media") or "")
        if holds == NEVER:
            continue
        text = node.text() if node.tag == "style" else node.attributes.get("href") or ""
        if node.tag == "link":
            kind, comma, data = text.strip().partition(",")
            if comma and kind.lower().startswith("data:text/css"):
                yield _unpacked(kind, data), holds
            continue
        for kind, data in _DATA_SHEET.findall(text):
            yield _unpacked(kind, data), holds
        yield text, holds


def has_only_own_styles(tree: Any) -> bool:
    """True for a page that names no style sheet and no script that is not read here."""
    links = (node.attributes for node in tree.css("link[rel][href]"))
    foreign = any(
        "stylesheet" in (a["rel"] or "").lower() and "data:" not in (a["href"] or "")[:9].lower() for a in links
    )
    return not foreign and tree.css_first("script[src]") is None


def _unpacked(kind: str, data: str) -> str:
    if ";base64" not in kind.lower():
        return unquote(data)
    try:
        return b64decode(unquote(data) + "==").decode("utf-8", "replace")
    except ValueError:
        return ""


def _selected(tree: Any, selector: str) -> tuple[list[Any], int]:
    """No element for selectors with passing states (`:hover`) and the page as a whole; a test that nobody here knows
    is taken as met, under a condition."""
    selector = _ORDINARY.sub("", _NOT_NOW.sub("", selector.replace(":scope", ":root")))
    if selector in ("", "*") or _COMES_AND_GOES.search(_STRING.sub("", selector)):
        return [], NEVER
    nodes = _named(tree, selector)
    if nodes is not None:
        return nodes, ALWAYS
    without = _UNKNOWN.sub("", selector)
    return ((_named(tree, without) or []), SOMETIMES) if without not in ("", "*", selector) else ([], NEVER)


def _named(tree: Any, selector: str) -> list[Any] | None:
    try:
        return list(tree.css(selector))
    except Exception:  # the parser raises bare errors for selectors that it does not know
        return None
