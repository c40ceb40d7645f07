"""What it costs to find the elements of a selector, before anything looks for them.

Idea: a parser matches selectors from right to left and tries every ancestor or sibling again for each blank or `~`, so
a short selector can cost a power of the nesting; how often its names occur on the page bounds the work. Invariants:
the estimate is no less than the work, up to a constant; a selector that names what the page has not costs nothing.
"""

import re
from collections import Counter
from typing import Any, NamedTuple

MOST = 100_000_000
"""Steps of a parser over one page, each a few nanoseconds."""
_A_SELECTOR = 1_000
_AN_ELEMENT = 10
A_MATCH = 300
"""Steps that one found element costs later."""
_QUOTED = re.compile(r"\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|\[[^\]]*+(?:\]|\Z)")
_INNERMOST = re.compile(r"\([^()]*+\)")
_COMBINATORS = re.compile(r"\s*+([>+~])\s*+|\s++")
_NAMES = re.compile(r"(?:([.#])|(?<![\w\\:.#-]))(-?[A-Za-z_][\w-]*+)(?![\\(|])")
_BRANCHES = re.compile(r"(?<=[\w*\])])\s++(?=[\w*.#:\[])|~")


class SelectorCost(NamedTuple):
    steps: int
    """Of looking; at most."""
    found: int
    """Elements; at most. 0: there is none for sure."""


class PageStatistics:
    """The names on a page, how deep it is nested and how many elements are side by side."""

    def __init__(self, tree: Any) -> None:
        self.names: Counter[str] = Counter()
        depths: dict[int, int] = {}
        beside: Counter[int] = Counter()
        for node in tree.css("*"):
            attributes = node.attributes
            above = node.parent.mem_id if node.parent is not None else 0
            depths[node.mem_id] = depths.get(above, 0) + 1
            beside[above] += 1
            self.names[node.tag or ""] += 1
            if attributes:
                self.names.update({f".{name}" for name in (attributes.get("class") or "").lower().split()})
                self.names[f"#{(attributes.get('id') or '').lower()}"] += 1
        self.elements = max(1, len(depths))
        self.deepest = max(depths.values(), default=1)
        self.widest = max(beside.values(), default=1)

    def cost(self, selector: str) -> SelectorCost:
        """Of one selector, no list of them."""
        plain = _QUOTED.sub("[]", selector)
        inside = 1
        steps = self.elements * _AN_ELEMENT
        while (shorter := _INNERMOST.sub(" ", plain)) != plain:
            inside *= self._inside(_INNERMOST.findall(plain))
            plain = shorter
        parts = _COMBINATORS.split(plain.strip())
        if len(parts) > 64:
            return SelectorCost(MOST + 1, self.elements)
        found = self._count(parts[-1])
        if not all(map(self._count, parts[::2])):
            return SelectorCost(_A_SELECTOR, 0)
        tries = found
        for sign, part in zip(parts[1::2], parts[::2], strict=False):
            if sign in (None, "~"):
                tries *= min(self._count(part), self.widest if sign == "~" else self.deepest)
        if ":nth-" in selector or "-of-type" in selector:
            tries *= self.widest
        if ":has(" in selector:
            tries *= self.elements
        return SelectorCost(_A_SELECTOR + steps + tries * inside, found)

    def _inside(self, brackets: list[str]) -> int:
        """How often what is in brackets is tried again."""
        branches = sum(len(_BRANCHES.findall(each)) for each in brackets)
        return int(max(self.deepest, self.widest)) ** branches if branches < 20 else MOST

    def _count(self, compound: str) -> int:
        """Elements that these names can mean; all where no name tells."""
        counts = [self.names[sign + name.lower()] for sign, name in _NAMES.findall(compound)]
        return min(counts) if counts and "\\" not in compound else self.elements
