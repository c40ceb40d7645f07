"""The headings above a line of a README, the list that it is in, and the tools that were found there so far.

Invariants: a heading or a list says what it holds; a list of a document is never taken for complete.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from extractors.declarations.facts import DeclaredTool, Origin, first_line, place
from extractors.declarations.formats.readme.words import (
    ACTS,
    BEHIND,
    FEWEST,
    NO_TOOLS,
)
from extractors.declarations.located import Document


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
    """The headings above the current line, and what a list there means."""

    def __init__(self) -> None:
        self.stack: list[tuple[float, bool | None, bool]] = []  # (level, tools?, is itself a tool)
        self.items: list[tuple[int, str]] = []  # (indent, tool | label | other)
        self.label = False
        self.introduced = False
        self.titles: list[tuple[float, str, int]] = []  # (level, title, where)
        self.list = 0
        """The offset of the paragraph after which a list begins."""

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
        verdicts = (tools for above, tools, _ in reversed(self.stack) if above < level and tools is not None)
        return next(verdicts, False)

    @property
    def revoked(self) -> bool:
        return any(tools is False for _, tools, _ in self.stack)

    @property
    def never(self) -> bool:
        """True under a heading below which no item is a tool, whatever introduces it."""
        return bool(self.titles) and NO_TOOLS.search(self.titles[-1][1]) is not None

    @property
    def under_tool(self) -> bool:
        return any(is_tool for *_, is_tool in self.stack)


class FoundTools:
    """Filled in one pass over the lines; `section` is that of the current line."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.tools: list[DeclaredTool] = []
        self.section = Section()
        self.wanting: int | None = None
        """The index of a tool whose description has not come yet."""
        self.lists: dict[tuple[str, int, int], List] = {}
        self.doubtful: dict[int, List] = {}
        """Tools by their index that are some only if their list shows it."""

    def tool_above(self, level: float) -> bool:
        return any(above < level and is_tool for above, _, is_tool in self.section.stack)

    def doubt(self, form: str, level: float = 7, at: int = 0) -> List | None:
        """The list to which a name belongs that nothing calls a tool: of its form, under the nearest heading above its
        level, beginning after `at`. In a README only."""
        if not self.document.name.startswith("readme"):
            return None
        under = next((start for above, _, start in reversed(self.section.titles) if above < level), -1)
        whole = self.lists.setdefault((form, under, -1), List(form, self.section.revoked, None))
        return self.lists.setdefault((form, under, at), List(form, self.section.revoked, whole))

    def settle(self) -> None:
        """Drops the names of lists that do not show that they are of tools: by themselves, by another list of their
        form, or as names with a verb alone where no heading speaks against it."""
        forms = {each.form for each in self.lists.values() if each.shows_itself}
        for index in sorted(self.doubtful, reverse=True):
            of = self.doubtful[index]
            like = of.form in forms and of.acting and of.names == of.items
            if not (of.shows_itself or like or (of.acting == of.items and not of.revoked)):
                del self.tools[index]

    def describe(self, text: str) -> None:
        """Gives the tool above its description, if it has none yet."""
        if self.wanting is not None:
            tool = self.tools[self.wanting]
            self.tools[self.wanting] = tool.model_copy(update={"description": first_line(text)})
            self.wanting = None

    def add(
        self, start: int, end: int, name: str, text: str, idiom: str, written: str, doubt: List | None = None
    ) -> None:
        if doubt:
            self.doubtful[len(self.tools)] = doubt
        headings = " ".join(title for _, title, _ in self.section.titles)
        self.tools.append(self.tool(name, text, idiom, start, end, f"{written}\n{headings}"))
        self.wanting = len(self.tools) - 1 if not text else None

    def tool(self, name: str, text: str, idiom: str, start: int, end: int, written: str) -> DeclaredTool:
        behind = BEHIND.search(written[:1_000])
        return DeclaredTool(
            name=name,
            description=first_line(text),
            origin=Origin.DOCUMENT,
            idiom=f"document's {idiom}",
            behind=behind.group(1).strip("`") if behind else "",
            place=place(self.document.file, start, max(end, start + 1)),
        )
