"""Headings, items of lists, rows of names and tables of a README: which announce tools, and which name one."""

import re

from extractors.declarations.formats.readme.outline import FoundTools, Line, List
from extractors.declarations.formats.readme.words import (
    ACTS,
    CODE,
    CUT_OFF,
    EMOJI,
    FEWEST,
    IDENTIFIER,
    LABEL,
    LEAD,
    LINK,
    NAME,
    NAME_COLUMN,
    NO_COLUMN,
    NO_TOOLS,
    OTHER_KIND,
    ROW,
    SELDOM,
    SPEAKS_OF,
    TAG,
    TEXT_COLUMN,
    TITLED,
    TOOL_COLUMN,
    TOOLS,
    TYPED,
    cells_of,
    is_identifier,
    is_name,
    plain_text,
)


def read_heading(found: FoundTools, line: Line, level: float, written: str) -> None:
    title = LINK.sub(r"\1", TAG.sub("", written)).strip()
    plain = re.sub(r"^[\W\d_]*(?:\d+[.)]\s*)?", "", EMOJI.sub(" ", title).replace("*", "")).strip("` ").strip()
    codes = CODE.findall(title)
    about = bool(codes) and SPEAKS_OF.search(title) is not None
    name = ""
    in_tools = found.section.tools_above(level)
    alone = re.fullmatch(r"\A`?((?=\w+_\w)\w++|[a-z]++(?:-[a-z]++)+)`?", title)
    named = alone is not None and ("_" in title or ACTS.search(alone.group(1)) is not None)
    doubt = None if in_tools or found.tool_above(level) else found.doubt(f"heading {level}", level)
    if (in_tools or (doubt and named)) and not found.tool_above(level):
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
    found.section.heading(line.start, level, plain, None if name else tools, is_tool)
    if name:
        if doubt:
            doubt.count([name])
        rest = title.rpartition(name)[2].strip("`*)( :–-")
        rest = rest if " " in rest else ""
        found.add(line.start, line.start + len(line.text), name, rest, "heading", line.text, doubt)


def read_item(found: FoundTools, line: Line, indent: int, text: str, start: int) -> None:
    section = found.section
    linked = LINK.match(text)
    if linked and text.startswith("["):
        text = linked.group(1) + text[linked.end() :]
    section.leave_items(indent)
    inside = [kind for _, kind in section.items]
    if section.under_tool and not section.items and _names_a_group(found, text, linked is not None):
        found.tools.pop()
        found.doubtful.pop(len(found.tools), None)
        section.stack[-1] = (section.stack[-1][0], None, False)
        found.wanting = None
    blocked = section.label or "tool" in inside or "label" in inside or section.under_tool
    bare = plain_text(text)
    another = linked is not None and text[:1].isupper() and "_" not in linked.group(1)  # a product with its page
    row = not blocked and read_row(found, text, start)
    sure = section.tools or section.introduced
    doubt = None if blocked or row or sure else found.doubt(f"item {indent}", at=section.list)
    names = [] if blocked or another or row or not (sure or doubt) else _names(text, sure)
    if doubt:
        doubt.count([name for name, _ in names])
    if names:
        rest = text[names[-1][1] :]
        for name, _ in names:
            found.add(
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
        labelled = (len(head) < 50 and LABEL.match(head + ":")) or (bare.endswith(":") and NO_TOOLS.search(bare[:60]))
        kind = "label" if labelled else "other"
        if kind == "other" and inside[-1:] == ["tool"] and " " in bare:
            found.describe(bare)
        section.items.append((indent, kind))


def read_row(found: FoundTools, text: str, start: int) -> bool:
    """Takes the names of a line that holds nothing else, but for what the group is called."""
    section, names = found.section, CODE.findall(text)
    sure = section.tools or section.introduced
    if len(names) < (2 if sure else FEWEST) or section.under_tool:
        return False
    beside, acting = ROW.match(CODE.sub("", text)), sum(ACTS.search(name) is not None for name in names)
    if not beside or LABEL.match(beside.group("label") or "") or 2 * acting <= len(names):
        return False
    for name in filter(IDENTIFIER.fullmatch, names):
        found.add(start, start + len(text), name, "", "list", text)
    found.wanting = None
    return True


def _names_a_group(found: FoundTools, text: str, linked: bool) -> bool:
    """Whether the heading right above, taken for the name of a tool, is that of a group: the first item below it
    is a name of another style, or one with a page of its own, and says what it does."""
    tool, lead = found.tools[-1], LEAD.match(text)
    if not lead or not found.section.stack[-1][2] or tool.idiom != "document's heading" or "`" in tool.place.quote:
        return False
    name, rest = lead.group("name"), text[lead.end() :]
    other = linked or ("_" in name and "_" not in tool.name)
    says = re.match(r"\s{0,9}[:–—-]\s{1,9}\w", rest) is not None and not TYPED.match(rest)
    return other and says and ACTS.search(name) is not None and (linked or is_identifier(name))


def _names(text: str, sure: bool) -> list[tuple[str, int]]:
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
    if cut or TYPED.match(rest) or OTHER_KIND.match(rest) or rest[:1] in ("=", "/", "@", "[") or text.startswith("--"):
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
    while more := re.compile(rf"\s*(?:,|/|&|and|or)\s*(?:\*\*)?`({NAME})(?:\([^`]*\))?`(?:\*\*)?").match(text, cursor):
        if not is_name(more.group(1), True):
            break
        names.append((more.group(1), more.end()))
        cursor = more.end()
    return names


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
    tool_columns = [number for number in marked if re.search(r"(?i)\btools?\b", header[number])]
    if section.under_tool or (section.label and not tool_columns):
        return []
    if tool_columns:
        return [] if revoked and section.never and not re.search(r"(?i)tool", section.titles[-1][1]) else tool_columns
    if not (section.tools or section.introduced) or any(NO_COLUMN.search(cell) for cell in header):
        return []
    if marked:
        return marked[:1]
    return [number for number, cell in enumerate(header) if NAME_COLUMN.match(cell)][:1]
