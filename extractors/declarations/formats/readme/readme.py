"""Tools that a README lists, as distinct from parameters, settings and features.

Idea: what counts is where an item stands (under a tools heading, in a tool column, not under a tool or a label such as
"Parameters:"), what its name looks like, and what follows it (a type, "required"). A list whose names hold verbs is one
of tools under whatever heading: who renames a heading hides none that acts. Invariants: one pass over the lines; a
list of a document is never taken for complete; a name is an identifier, never a sentence.
"""

from collections.abc import Iterator

from extractors.declarations.facts import Declarations
from extractors.declarations.formats.front_matter import applies as is_front_matter
from extractors.declarations.formats.readme.named_tools import read_heading, read_item, read_row, read_table
from extractors.declarations.formats.readme.outline import FoundTools, Line
from extractors.declarations.formats.readme.words import (
    FENCE,
    HEADING,
    HTML_HEADING,
    IDENTIFIER,
    INTRODUCES,
    ITEM,
    LABEL,
    NO_README,
    NO_TOOLS,
    OWNER,
    PROSE,
    SEPARATOR,
    SPEAKS,
    TAKES,
    is_name,
    plain_text,
)
from extractors.declarations.located import Document

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
    found = FoundTools(document)
    _read_lines(found)
    found.settle()
    _read_prose(found)
    return Declarations(tools=tuple(found.tools[:MAX_TOOLS]))


def _read_lines(found: FoundTools) -> None:
    lines, at, fence = [], 0, ""
    for text in found.document.text.split("\n"):
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
                position = read_table(found, lines, position)
                continue
            _read_line(found, line)
        position += 1


def _read_line(found: FoundTools, line: Line) -> None:
    heading = HEADING.match(line.text) if "#" in line.text[:10] else None
    if heading:
        read_heading(found, line, len(heading.group(1)), heading.group(2).rstrip(" \t#"))
        return
    html = None
    if "<" in line.text:
        if "</details>" in line.text.lower():
            found.section.leave_details()
        html = HTML_HEADING.search(line.text)
    if html:
        level = float(html.group(1)) if html.group(1) else 0.0
        if not html.group(1):
            found.section.leave_details()
            level = (found.section.stack[-1][0] if found.section.stack else 1) + 0.5
        read_heading(found, line, level, html.group(2))
        return
    item = ITEM.match(line.text)
    if item:
        read_item(
            found, line, len(item.group(1).expandtabs(4).replace(">", "")), item.group(2), line.start + item.start(2)
        )
        return
    text = plain_text(line.text)
    if not text:
        return
    if not LABEL.match(text):
        found.describe(text)
    if not found.section.label:
        read_row(found, line.text, line.start)
    if not line.text.startswith((" ", "\t")):
        found.section.label = bool(LABEL.match(text) or (text.endswith(":") and TAKES.search(text)))
        sentence = text.rpartition(". ")[2]
        found.section.introduced = (
            "tools" in sentence.lower()
            and bool(INTRODUCES.search(sentence))
            and not NO_TOOLS.search(sentence)
            and not found.section.never
        )
        found.section.items, found.section.list = [], line.start
    elif LABEL.match(text):
        indent = len(line.text.expandtabs(4)) - len(line.text.expandtabs(4).lstrip())
        found.section.leave_items(indent)
        found.section.items.append((indent, "label"))


def _read_prose(found: FoundTools) -> None:
    known = {tool.name for tool in found.tools}
    for match in (
        match for span in _spoken(found.document.text) for match in PROSE.finditer(found.document.text, *span)
    ):
        group = match.lastgroup or ""
        name = match.group(group) if group else ""
        identifier = IDENTIFIER.fullmatch(name) is not None
        if name in known or not is_name(name, True) or not (identifier or group in ("call", "served")):
            continue
        owner = OWNER.search(found.document.text, max(0, match.start() - AROUND), match.start())
        if owner and owner.group(1) not in found.document.text[: min(OPENING, owner.start())]:
            continue
        known.add(name)
        start = match.start(group)
        found.tools.append(
            found.tool(
                name,
                "",
                "example" if group in ("call", "json", "json2", "json3", "served") else "prose",
                start,
                start + len(name),
                "",
            )
        )


def _spoken(text: str) -> Iterator[tuple[int, int]]:
    """The lines around words without which `PROSE` finds nothing there."""
    spans = [(0, 0)]
    for match in SPEAKS.finditer(text):
        start = text.rfind("\n", 0, max(0, match.start() - AROUND)) + 1
        end = text.find("\n", match.end() + AROUND)
        first = spans.pop()[0] if start <= spans[-1][1] else start
        spans.append((first, len(text) if end < 0 else end))
    yield from spans
