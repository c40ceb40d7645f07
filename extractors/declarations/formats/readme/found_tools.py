"""The tools that were found in a README so far, and those that are some only if their list shows it.

Invariant: a list of a document is never taken for complete.
"""

from __future__ import annotations

from extractors.declarations.document import Document
from extractors.declarations.facts import DeclaredTool, Origin
from extractors.declarations.formats.readme.outline import List, Section
from extractors.declarations.formats.readme.words import (
    BEHIND,
)
from extractors.declarations.place import first_line, place


class FoundTools:
    """Filled in one pass over the lines; `section` is where the reader stands."""

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
