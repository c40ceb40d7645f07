"""Tables of a README: which columns hold names of tools, and which holds what they do."""

from __future__ import annotations

import re

from extractors.declarations.formats.readme.outline import FoundTools, Line, List
from extractors.declarations.formats.readme.words import (
    CODE,
    IDENTIFIER,
    LINK,
    NAME,
    NAME_COLUMN,
    NO_COLUMN,
    ROW,
    TEXT_COLUMN,
    TOOL_COLUMN,
    cells_of,
    is_name,
    plain_text,
)


def read_table(found: FoundTools, lines: list[Line], position: int) -> int:
    header = [plain_text(cell) for cell in cells_of(lines[position].text)]
    rows = position + 2
    end = rows
    while end < len(lines) and "|" in lines[end].text and lines[end].text.strip():
        end += 1
    columns = _tool_columns(found, header)
    doubts = {} if columns else _doubted_columns(found, header, lines[position].start)
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
                _read_cell(found, line, cells, column, texts, plain, None if chosen else doubts[column])
    return end


def _read_cell(
    found: FoundTools, line: Line, cells: list[str], column: int, texts: int | None, plain: bool, doubt: List | None
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
        found.add(line.start, line.start + len(line.text), name, text, "table", line.text, doubt)


def _doubted_columns(found: FoundTools, header: list[str], start: int) -> dict[int, List]:
    """The columns that may turn out to hold names of tools."""
    if found.section.label or found.section.under_tool:
        return {}
    columns = (column for column, cell in enumerate(header) if not NO_COLUMN.search(cell))
    doubts = {column: found.doubt("column", at=start + column) for column in columns}
    return {column: doubt for column, doubt in doubts.items() if doubt}


def _tool_columns(found: FoundTools, header: list[str]) -> list[int]:
    """The columns that hold names of tools."""
    section = found.section
    revoked = bool(section.stack) and section.stack[-1][1] is False
    marked = [number for number, cell in enumerate(header) if TOOL_COLUMN.match(cell) and not NO_COLUMN.search(cell)]
    said = [number for number in marked if re.search(r"(?i)\btools?\b", header[number])]
    if section.under_tool or (section.label and not said):
        return []
    if said:
        return [] if revoked and section.never and not re.search(r"(?i)tool", section.titles[-1][1]) else said
    if not (section.tools or section.introduced) or any(NO_COLUMN.search(cell) for cell in header):
        return []
    if marked:
        return marked[:1]
    return [number for number, cell in enumerate(header) if NAME_COLUMN.match(cell)][:1]
