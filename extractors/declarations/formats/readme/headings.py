"""Headings of a README: those that announce tools, and those that are one."""

from __future__ import annotations

import re

from extractors.declarations.formats.readme.outline import FoundTools, Line
from extractors.declarations.formats.readme.words import (
    ACTS,
    CODE,
    EMOJI,
    LINK,
    NAME,
    NO_TOOLS,
    SELDOM,
    SPEAKS_OF,
    TAG,
    TOOLS,
    is_identifier,
    is_name,
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
