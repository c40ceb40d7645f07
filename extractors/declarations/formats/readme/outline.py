"""Where a line of a README stands: under which headings, and in what list.

Invariant: a heading or a list says what it holds; nothing here reads a name.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from extractors.declarations.formats.readme.words import ACTS, FEWEST, NO_TOOLS


class Line(NamedTuple):
    start: int
    text: str


class List:
    """What one list, one column or the headings below another hold, where nothing calls them tools."""

    def __init__(self, form: str, revoked: bool, whole: List | None) -> None:
        self.form, self.revoked, self.whole = form, revoked, whole
        """All lists of its form under the same heading."""
        self.items = self.names = self.acting = 0

    def count(self, names: list[str]) -> None:
        self.items += 1
        self.names += bool(names)
        self.acting += any(ACTS.search(name) for name in names)
        if self.whole:
            self.whole.count(names)

    @property
    def shows_itself(self) -> bool:
        """Most of its items are names with a verb, or both of two."""
        most = self.names >= FEWEST and 2 * self.acting > self.items
        return most or self.acting == self.items > 1 or (self.whole is not None and self.whole.shows_itself)


class Section:
    """Where the reader stands: under which headings, and what a list there means."""

    def __init__(self) -> None:
        self.stack: list[tuple[float, bool | None, bool]] = []  # (level, tools?, is itself a tool)
        self.items: list[tuple[int, str]] = []  # (indent, tool | label | other)
        self.label = False
        self.introduced = False
        self.titles: list[tuple[float, str, int]] = []  # (level, title, where)
        self.list = 0
        """Where the paragraph stands after which a list begins."""

    def heading(self, start: int, level: float, title: str, tools: bool | None, is_tool: bool) -> None:
        self.titles = [each for each in self.titles if each[0] < level] + [(level, title, start)]
        self.stack = [each for each in self.stack if each[0] < level] + [(level, tools, is_tool)]
        self.items, self.label, self.introduced = [], False, False

    def leave_items(self, indent: int) -> None:
        while self.items and self.items[-1][0] >= indent:
            self.items.pop()

    def leave_details(self) -> None:
        """A `<summary>` is a heading until its `<details>` ends."""
        while self.stack and self.stack[-1][0] % 1:
            self.stack.pop()
        while self.titles and self.titles[-1][0] % 1:
            self.titles.pop()

    @property
    def tools(self) -> bool:
        """True under a tools heading that nothing nearer revokes."""
        return self.tools_above(math.inf)

    def tools_above(self, level: float) -> bool:
        """The same of the headings above this level."""
        said = (tools for above, tools, _ in reversed(self.stack) if above < level and tools is not None)
        return next(said, False)

    @property
    def revoked(self) -> bool:
        return any(tools is False for _, tools, _ in self.stack)

    @property
    def never(self) -> bool:
        """True under a heading below which no item is a tool, whatever introduces it."""
        return bool(self.titles) and NO_TOOLS.search(self.titles[-1][1]) is not None

    @property
    def under_tool(self) -> bool:
        return (bool(self.stack) and self.stack[-1][2]) or (
            len(self.stack) > 1 and any(is_tool for *_, is_tool in self.stack)
        )
