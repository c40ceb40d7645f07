"""What waits for a click: tab panels, accordions, and whatever a visible control brings up.

Idea: such text is read by whoever wants to, so it is text like any other. Invariant: only what the page itself gives
a control for counts; text that nothing brings up, and text that stays unseen once it is brought up, stays hidden.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

_CLOSED = re.compile(
    r"(?:hidden attribute|popover|aria-hidden|display:none|visibility:hidden|opacity:0|no size|"
    r"content-visibility:hidden)(?: by (?:a )?style sheets?)?"
)
"""Ways in which a script closes what it will open."""
CLOSES = frozenset(("display", "visibility", "opacity", "height", "max-height", "content-visibility", "overflow"))
"""Declarations that opening undoes."""
_ATTRIBUTES = frozenset(("hidden", "popover", "aria-hidden"))
_NAMED_BY = (
    "aria-controls",
    "data-target",
    "data-bs-target",
    "data-tab",
    "data-tab-target",
    "popovertarget",
    "commandfor",
)
_CONTROLS = ",".join(f"[{name}]" for name in _NAMED_BY) + ",a[href^='#'],label[for]"
_OPENS = re.compile(r"tab|accordion|collaps|toggle|disclos|expand", re.IGNORECASE)
_PANEL = re.compile(r"(?:^|[-_ ])(?:tab|tabs|accordion|collapse|collapsible|panel|pane|disclosure|faq)", re.IGNORECASE)
_LEVELS = 10
"""So far up is looked for the list of tabs that a panel belongs to."""
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary", "button"))


def may_open(how: str) -> bool:
    """True for a way of hiding that a click may end."""
    return _CLOSED.fullmatch(how) is not None


def opened(attributes: dict[str, str | None]) -> dict[str, str | None]:
    """An element's attributes once it is brought up."""
    remaining = {name: value for name, value in attributes.items() if name not in _ATTRIBUTES}
    if style := remaining.get("style"):
        left = [part for part in style.split(";") if part.partition(":")[0].strip().lower() not in CLOSES]
        remaining["style"] = ";".join(left)
    return remaining


class Controls:
    """The controls of one page, looked up once."""

    def __init__(self, root: Any) -> None:
        usable = [control for control in root.css(_CONTROLS) if _can_be_used(control)]
        tabs = [tab for tab in root.css("[role=tab]") if _can_be_used(tab)]
        self._targets = {name for control in usable for name in _named_by(control)}
        self._tab_ids = {tab.attributes["id"] for tab in tabs if "id" in tab.attributes}
        self._tabs = Counter(above.mem_id for tab in tabs for above in _ancestors(tab))
        self._panels = Counter(above.mem_id for panel in root.css("[role=tabpanel]") for above in _ancestors(panel))

    def is_revealed(self, node: Any, attributes: dict[str, str | None]) -> bool:
        """True when something on the page shows this element to whoever clicks on it."""
        if attributes.get("id") in self._targets:
            return True
        role = (attributes.get("role") or "").strip().lower()
        if role == "tabpanel":
            return attributes.get("aria-labelledby") in self._tab_ids or self._has_a_tab(node)
        until_found = (attributes.get("hidden") or "").strip().lower() == "until-found"
        closed = attributes.get("data-state") in ("closed", "inactive") or role == "region"
        return _follows_a_control(node, any_heading=until_found, closed=closed or until_found)

    def _has_a_tab(self, panel: Any) -> bool:
        """True when there are as many tabs as panels in the nearest element that holds both."""
        around = next((above.mem_id for above in _ancestors(panel) if self._tabs[above.mem_id]), None)
        return around is not None and self._tabs[around] >= self._panels[around]


def _ancestors(node: Any) -> Iterator[Any]:
    """What an element is in, up to some levels."""
    for _ in range(_LEVELS):
        node = node.parent
        if node is None:
            return
        yield node


def _named_by(control: Any) -> list[str]:
    """The names of the elements that a control brings up."""
    attributes = control.attributes
    names = [part.lstrip("#") for name in _NAMED_BY for part in (attributes.get(name) or "").split()[:20]]
    href = attributes.get("href") or ""
    if href[:1] == "#" and (_opens(attributes) or _opens(control.parent.attributes if control.parent else {})):
        names.append(href[1:])
    return [name for name in names if name]


def _opens(attributes: dict[str, str | None]) -> bool:
    """True for a link or a button that says that it opens something."""
    if "aria-expanded" in attributes or attributes.get("role") in ("tab", "button"):
        return True
    words = " ".join(attributes.get(name) or "" for name in ("class", "data-toggle", "data-bs-toggle"))
    return bool(_OPENS.search(words[:500]))


def _can_be_used(control: Any) -> bool:
    """False for a control that is not there for a reader: closed itself, or without a word to click on."""
    attributes = control.attributes
    if not _ATTRIBUTES.isdisjoint(attributes) or "disabled" in attributes:
        return False
    style = (attributes.get("style") or "").lower()
    if "none" in style or "hidden" in style:
        return False
    return bool(attributes.get("aria-label")) or _has_words(control)


_NEAR = 100
"""Nodes of an element that are looked at: a control is small."""


def _inside(node: Any) -> Iterator[Any]:
    """An element and the first nodes in it, in order."""
    return islice(node.traverse(include_text=True), _NEAR)


def _has_words(node: Any) -> bool:
    return any(
        inner.tag in ("img", "svg") or (inner.tag == "-text" and (inner.text_content or "").strip())
        for inner in _inside(node)
    )


def _follows_a_control(node: Any, *, any_heading: bool, closed: bool) -> bool:
    """True for a panel right after the button or heading that opens it."""
    before = node.prev
    while before is not None and (before.tag or "-")[0] == "-":  # text, a comment, a processing instruction
        before = before.prev
    if before is None or not _has_words(before):
        return False
    if before.tag in _HEADINGS and any_heading:
        return True
    button = next(filter(_is_button, _inside(before)), None)
    if button is None or not _can_be_used(button):
        return False
    if closed or "aria-expanded" in button.attributes or "data-state" in button.attributes:
        return True
    return bool(_PANEL.search((node.attributes.get("class") or "")[:500]) and _opens(button.attributes))


def _is_button(node: Any) -> bool:
    attributes = node.attributes or {}
    return node.tag in ("button", "summary") or attributes.get("role") == "button" or "aria-expanded" in attributes
