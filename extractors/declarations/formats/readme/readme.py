"""Tools that a README lists, told apart from parameters, settings and features.

Idea: what counts is where an item stands (under a tools heading, in a tool column, not under a tool or a label such as
"Parameters:"), what its name looks like, and what follows it (a type, "required"). A list whose names hold verbs is one
of tools under whatever heading: who renames a heading hides none that acts. Invariants: one pass over the lines; a
list of a document is never taken for complete; a name is an identifier, never a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, DeclaredTool, Origin
from extractors.declarations.formats.front_matter import applies as is_front_matter
from extractors.declarations.formats.readme.names import cells_of, is_identifier, is_name, plain_text
from extractors.declarations.formats.readme.outline import Line, List, Section
from extractors.declarations.formats.readme.words import (
    ACTS,
    BEHIND,
    CODE,
    CUT_OFF,
    EMOJI,
    FENCE,
    FEWEST,
    HEADING,
    HTML_HEADING,
    IDENTIFIER,
    INTRODUCES,
    ITEM,
    LABEL,
    LEAD,
    LINK,
    NAME,
    NAME_COLUMN,
    NO_COLUMN,
    NO_README,
    NO_TOOLS,
    OTHER_KIND,
    OWNER,
    PROSE,
    ROW,
    SELDOM,
    SEPARATOR,
    SPEAKS,
    SPEAKS_OF,
    TAG,
    TAKES,
    TEXT_COLUMN,
    TITLED,
    TOOL_COLUMN,
    TOOLS,
    TYPED,
)
from extractors.declarations.place import first_line, place

MAX_TOOLS = 1_000
AROUND = 200
"""Characters around a word of `SPEAKS` within which a tool is named."""
OPENING = 600
"""Characters at the beginning of a document that name its product."""


def applies(document: Document) -> bool:
    return (
        document.name.endswith((".md", ".mdx", ".markdown"))
        and not NO_README.search(document.name)
        and not is_front_matter(document)
    )


def read(document: Document) -> Declarations:
    return Declarations(tools=tuple(_Reader(document).tools[:MAX_TOOLS]))


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.tools: list[DeclaredTool] = []
        self.section = Section()
        self.wanting: int | None = None
        """The index of a tool whose description has not come yet."""
        self.lists: dict[tuple[str, int, int], List] = {}
        self.doubtful: dict[int, List] = {}
        """Tools by their index that are some only if their list shows it."""
        self._read()
        self._settle()
        self._prose()

    def _read(self) -> None:
        lines, at, fence = [], 0, ""
        for text in self.document.text.split("\n"):
            lines.append(Line(at, text))
            at += len(text) + 1
        position = 0
        while position < len(lines):
            line = lines[position]
            opening = FENCE.match(line.text)
            if not line.text or line.text.isspace():
                pass
            elif opening:
                if opening.group(1).startswith(fence):
                    fence = "" if fence else opening.group(1)
            elif not fence:
                if "|" in line.text and position + 1 < len(lines) and SEPARATOR.match(lines[position + 1].text):
                    position = self._table(lines, position)
                    continue
                self._line(line)
            position += 1

    def _line(self, line: Line) -> None:
        heading = HEADING.match(line.text) if "#" in line.text[:10] else None
        if heading:
            self._heading(line, len(heading.group(1)), heading.group(2).rstrip(" \t#"))
            return
        html = None
        if "<" in line.text:
            if "</details>" in line.text.lower():
                self.section.leave_details()
            html = HTML_HEADING.search(line.text)
        if html:
            level = float(html.group(1)) if html.group(1) else 0.0
            if not html.group(1):
                self.section.leave_details()
                level = (self.section.stack[-1][0] if self.section.stack else 1) + 0.5
            self._heading(line, level, html.group(2))
            return
        item = ITEM.match(line.text)
        if item:
            self._item(
                line, len(item.group(1).expandtabs(4).replace(">", "")), item.group(2), line.start + item.start(2)
            )
            return
        text = plain_text(line.text)
        if not text:
            return
        if not LABEL.match(text):
            self._describe(text)
        if not self.section.label:
            self._row(line.text, line.start)
        if not line.text.startswith((" ", "\t")):
            self.section.label = bool(LABEL.match(text) or (text.endswith(":") and TAKES.search(text)))
            said = text.rpartition(". ")[2]
            self.section.introduced = (
                "tools" in said.lower()
                and bool(INTRODUCES.search(said))
                and not NO_TOOLS.search(said)
                and not self.section.never
            )
            self.section.items, self.section.list = [], line.start
        elif LABEL.match(text):
            indent = len(line.text.expandtabs(4)) - len(line.text.expandtabs(4).lstrip())
            self.section.leave_items(indent)
            self.section.items.append((indent, "label"))

    def _heading(self, line: Line, level: float, written: str) -> None:
        title = LINK.sub(r"\1", TAG.sub("", written)).strip()
        plain = re.sub(r"^[\W\d_]*(?:\d+[.)]\s*)?", "", EMOJI.sub(" ", title).replace("*", "")).strip("` ").strip()
        codes = CODE.findall(title)
        about = bool(codes) and SPEAKS_OF.search(title) is not None
        name = ""
        in_tools = self.section.tools_above(level)
        alone = re.fullmatch(r"\A`?((?=\w+_\w)\w++|[a-z]++(?:-[a-z]++)+)`?", title)
        named = alone is not None and ("_" in title or ACTS.search(alone.group(1)) is not None)
        doubt = None if in_tools or self._tool_above(level) else self._doubt(f"heading {level}", level)
        if (in_tools or (doubt and named)) and not self._tool_above(level):
            bare = re.fullmatch(
                rf"`?({NAME})`?(?:\([^)]*\))?(?:\s*[-–:(].*)?",
                re.sub(r"^[\W\d]*?(?=[`A-Za-z])", "", title.replace("*", "")).strip(),
            )
            marked = title.replace("*", "").strip().startswith("`")
            if bare and is_name(bare.group(1), marked or is_identifier(bare.group(1))):
                name = bare.group(1)
            elif codes and len(codes) <= 2 and is_name(codes[-1], True) and not about:
                name = codes[-1]
        other = about or NO_TOOLS.search(plain) or (not in_tools and SELDOM.search(plain))
        tools = False if other else True if TOOLS.search(plain) else None
        is_tool = bool(name) and (in_tools or ACTS.search(name) is not None)
        self.section.heading(line.start, level, plain, None if name else tools, is_tool)
        if name:
            if doubt:
                doubt.count([name])
            rest = title.rpartition(name)[2].strip("`*)( :–-")
            rest = rest if " " in rest else ""
            self._add(line.start, line.start + len(line.text), name, rest, "heading", line.text, doubt)

    def _tool_above(self, level: float) -> bool:
        return any(above < level and is_tool for above, _, is_tool in self.section.stack)

    def _doubt(self, form: str, level: float = 7, at: int = 0) -> List | None:
        """The list to which a name belongs that nothing calls a tool: of its form, under the nearest heading above its
        level, beginning after `at`. In a README only."""
        if not self.document.name.startswith("readme"):
            return None
        under = next((start for above, _, start in reversed(self.section.titles) if above < level), -1)
        whole = self.lists.setdefault((form, under, -1), List(form, self.section.revoked, None))
        return self.lists.setdefault((form, under, at), List(form, self.section.revoked, whole))

    def _settle(self) -> None:
        """Drops the names of lists that do not show that they are of tools: by themselves, by another list of their
        form, or as names with a verb alone where no heading speaks against it."""
        forms = {each.form for each in self.lists.values() if each.shows_itself}
        for index in sorted(self.doubtful, reverse=True):
            of = self.doubtful[index]
            like = of.form in forms and of.acting and of.names == of.items
            if not (of.shows_itself or like or (of.acting == of.items and not of.revoked)):
                del self.tools[index]

    def _describe(self, text: str) -> None:
        """Gives the tool above its description, if it has none yet."""
        if self.wanting is not None:
            tool = self.tools[self.wanting]
            self.tools[self.wanting] = tool.model_copy(update={"description": first_line(text)})
            self.wanting = None

    def _item(self, line: Line, indent: int, text: str, start: int) -> None:
        section = self.section
        linked = LINK.match(text)
        if linked and text.startswith("["):
            text = linked.group(1) + text[linked.end() :]
        section.leave_items(indent)
        inside = [kind for _, kind in section.items]
        if section.under_tool and not section.items and self._names_a_group(text, linked is not None):
            self.tools.pop()
            self.doubtful.pop(len(self.tools), None)
            section.stack[-1] = (section.stack[-1][0], None, False)
            self.wanting = None
        blocked = section.label or "tool" in inside or "label" in inside or section.under_tool
        bare = plain_text(text)
        another = linked is not None and text[:1].isupper() and "_" not in linked.group(1)  # a product with its page
        row = not blocked and self._row(text, start)
        sure = section.tools or section.introduced
        doubt = None if blocked or row or sure else self._doubt(f"item {indent}", at=section.list)
        names = [] if blocked or another or row or not (sure or doubt) else self._names(text, sure)
        if doubt:
            doubt.count([name for name, _ in names])
        if names:
            rest = text[names[-1][1] :]
            for name, _ in names:
                self._add(
                    start,
                    start + len(text),
                    name,
                    plain_text(re.sub(r"^(?: *->[^:`\n]{0,60})?[\s:–—\-|`*)]+", "", rest)),
                    "list",
                    text,
                    doubt,
                )
            section.items.append((indent, "tool" if sure or any(ACTS.search(name) for name, _ in names) else "other"))
        else:
            head = bare.partition(":")[0]
            labelled = (len(head) < 50 and LABEL.match(head + ":")) or (
                bare.endswith(":") and NO_TOOLS.search(bare[:60])
            )
            kind = "label" if labelled else "other"
            if kind == "other" and inside[-1:] == ["tool"] and " " in bare:
                self._describe(bare)
            section.items.append((indent, kind))

    def _row(self, text: str, start: int) -> bool:
        """Takes the names of a line that holds nothing else, but for what the group is called."""
        section, names = self.section, CODE.findall(text)
        sure = section.tools or section.introduced
        if len(names) < (2 if sure else FEWEST) or section.under_tool:
            return False
        beside, acting = ROW.match(CODE.sub("", text)), sum(ACTS.search(name) is not None for name in names)
        if not beside or LABEL.match(beside.group("label") or "") or 2 * acting <= len(names):
            return False
        for name in filter(IDENTIFIER.fullmatch, names):
            self._add(start, start + len(text), name, "", "list", text)
        self.wanting = None
        return True

    def _names_a_group(self, text: str, linked: bool) -> bool:
        """Whether the heading right above, taken for the name of a tool, is that of a group: the first item below it
        is a name of another style, or one with a page of its own, and says what it does."""
        tool, found = self.tools[-1], LEAD.match(text)
        if not found or not self.section.stack[-1][2] or tool.idiom != "document's heading" or "`" in tool.place.quote:
            return False
        name, rest = found.group("name"), text[found.end() :]
        other = linked or ("_" in name and "_" not in tool.name)
        says = re.match(r"\s{0,9}[:–—-]\s{1,9}\w", rest) is not None and not TYPED.match(rest)
        return other and says and ACTS.search(name) is not None and (linked or is_identifier(name))

    def _names(self, text: str, sure: bool) -> list[tuple[str, int]]:
        """The names at the beginning of an item, each with the end of it; several if joined by commas or slashes."""
        titled = TITLED.match(text)
        if titled and is_name(titled.group(1), True) and not LABEL.match(text[: titled.start(1)]):
            return [(titled.group(1), titled.end())]
        found = LEAD.match(text)
        if not found:
            return []
        cut = found.group().count("`") == 1 and CUT_OFF.match(text, found.end())
        name, marked = found.group("name"), bool(found.group("code") or found.group("code2"))
        bold = bool(found.group("strong") or found.group("strong2"))
        rest = text[found.end() :]
        if (
            cut
            or TYPED.match(rest)
            or OTHER_KIND.match(rest)
            or rest[:1] in ("=", "/", "@", "[")
            or text.startswith("--")
        ):
            return []
        identifier = IDENTIFIER.fullmatch(name) is not None
        if not marked and re.match(rf"\W{{1,6}}{re.escape(name)}\b", rest):
            return []  # a thing that is explained: `**HumanLayer**: HumanLayer is …`
        followed = re.match(r"\A\s*(?:[:–—-]|\([^)]{0,80}\)\s*(?:[:–—-]|$)|$|\.|→|,|/)", rest) is not None
        if not sure and not (identifier and followed and (marked or "_" in name)):
            return []
        if not is_name(name, marked or identifier):
            return []
        if not marked and not (identifier and (followed or bold)):
            return [] if not (bold and followed and name.islower() and len(name) > 2) else [(name, found.end())]
        if marked and not identifier and not followed and not bold:
            return []
        names = [(name, found.end())]
        cursor = found.end()
        while more := re.compile(rf"\s*(?:,|/|&|and|or)\s*(?:\*\*)?`({NAME})(?:\([^`]*\))?`(?:\*\*)?").match(
            text, cursor
        ):
            if not is_name(more.group(1), True):
                break
            names.append((more.group(1), more.end()))
            cursor = more.end()
        return names

    # -- tables

    def _table(self, lines: list[Line], position: int) -> int:
        header = [plain_text(cell) for cell in cells_of(lines[position].text)]
        rows = position + 2
        end = rows
        while end < len(lines) and "|" in lines[end].text and lines[end].text.strip():
            end += 1
        columns = self._columns(header)
        doubts = {} if columns else self._doubted(header, lines[position].start)
        texts = next((n for n, cell in enumerate(header) if n not in columns and TEXT_COLUMN.search(cell)), None)
        category = ""
        for line in lines[rows:end]:
            cells = cells_of(line.text)
            category = plain_text(cells[0]) if cells and plain_text(cells[0]) else category
            chosen = columns
            if not chosen and re.fullmatch(r"(?i)\A\W*(?:mcp )?tools?\W*", category) and len(cells) > 1:
                chosen = [1]
            for column in chosen or doubts:
                if column < len(cells):
                    plain = TOOL_COLUMN.match(header[column]) is not None
                    self._cell(line, cells, column, texts, plain, None if chosen else doubts[column])
        return end

    def _cell(
        self, line: Line, cells: list[str], column: int, texts: int | None, plain: bool, doubt: List | None
    ) -> None:
        bare = plain_text(cells[column])
        names = [name for name in CODE.findall(cells[column]) if is_name(name, True)]
        if doubt:
            names = names if ROW.match(CODE.sub("", cells[column])) else [bare] if is_name(bare, True) else []
            names = [name for name in names if IDENTIFIER.fullmatch(name)]
            doubt.count(names)
        elif not names and re.fullmatch(NAME, bare):
            identifier = IDENTIFIER.fullmatch(bare) is not None
            names = [bare] if is_name(bare, identifier or (plain and bare.islower())) else []
        described = texts if texts is not None else column + 1
        if described < len(cells) and LINK.fullmatch(cells[described]):
            return  # a product with its page
        text = plain_text(cells[described]) if described < len(cells) and described != column else ""
        text = "" if CODE.fullmatch(cells[described] if described < len(cells) else "") else text
        for name in names:
            self._add(line.start, line.start + len(line.text), name, text, "table", line.text, doubt)

    def _doubted(self, header: list[str], start: int) -> dict[int, List]:
        """The columns that may turn out to hold names of tools."""
        if self.section.label or self.section.under_tool:
            return {}
        columns = (column for column, cell in enumerate(header) if not NO_COLUMN.search(cell))
        found = {column: self._doubt("column", at=start + column) for column in columns}
        return {column: doubt for column, doubt in found.items() if doubt}

    def _columns(self, header: list[str]) -> list[int]:
        """The columns that hold names of tools."""
        section = self.section
        revoked = bool(section.stack) and section.stack[-1][1] is False
        found = [number for number, cell in enumerate(header) if TOOL_COLUMN.match(cell) and not NO_COLUMN.search(cell)]
        said = [number for number in found if re.search(r"(?i)\btools?\b", header[number])]
        if section.under_tool or (section.label and not said):
            return []
        if said:
            return [] if revoked and section.never and not re.search(r"(?i)tool", section.titles[-1][1]) else said
        if not (section.tools or section.introduced) or any(NO_COLUMN.search(cell) for cell in header):
            return []
        if found:
            return found[:1]
        return [number for number, cell in enumerate(header) if NAME_COLUMN.match(cell)][:1]

    # -- prose and examples

    def _prose(self) -> None:
        known = {tool.name for tool in self.tools}
        for match in (match for span in self._spoken() for match in PROSE.finditer(self.document.text, *span)):
            group = match.lastgroup or ""
            name = match.group(group) if group else ""
            identifier = IDENTIFIER.fullmatch(name) is not None
            if name in known or not is_name(name, True) or not (identifier or group in ("call", "served")):
                continue
            owner = OWNER.search(self.document.text, max(0, match.start() - AROUND), match.start())
            if owner and owner.group(1) not in self.document.text[: min(OPENING, owner.start())]:
                continue
            known.add(name)
            start = match.start(group)
            self.tools.append(
                self._tool(
                    name,
                    "",
                    "example" if group in ("call", "json", "json2", "json3", "served") else "prose",
                    start,
                    start + len(name),
                    "",
                )
            )

    def _spoken(self) -> Iterator[tuple[int, int]]:
        """The lines around words without which nothing of `PROSE` stands there."""
        text, spans = self.document.text, [(0, 0)]
        for match in SPEAKS.finditer(text):
            start = text.rfind("\n", 0, max(0, match.start() - AROUND)) + 1
            end = text.find("\n", match.end() + AROUND)
            first = spans.pop()[0] if start <= spans[-1][1] else start
            spans.append((first, len(text) if end < 0 else end))
        yield from spans

    # -- shared

    def _add(
        self, start: int, end: int, name: str, text: str, idiom: str, written: str, doubt: List | None = None
    ) -> None:
        if doubt:
            self.doubtful[len(self.tools)] = doubt
        headings = " ".join(title for _, title, _ in self.section.titles)
        self.tools.append(self._tool(name, text, idiom, start, end, f"{written}\n{headings}"))
        self.wanting = len(self.tools) - 1 if not text else None

    def _tool(self, name: str, text: str, idiom: str, start: int, end: int, written: str) -> DeclaredTool:
        behind = BEHIND.search(written[:1_000])
        return DeclaredTool(
            name=name,
            description=first_line(text),
            origin=Origin.DOCUMENT,
            idiom=f"document's {idiom}",
            behind=behind.group(1).strip("`") if behind else "",
            place=place(self.document.file, start, max(end, start + 1)),
        )
