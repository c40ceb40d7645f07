"""`SKILL.md`, agent and command files: a name, a description, and what they may use of their host."""

from __future__ import annotations

import re

from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, DeclaredTool, Origin, Place, first_line, place
from extractors.declarations.located import NOTHING, Located

_FOLDER = re.compile(
    r"\A(?:(?!(?:commands|agents)/)[^/]*+/)*+(commands|agents)/(?:[\w.-]++/)*+[^/]++(?<=[^/]\.md)\Z"
    r"|\A(?:[^/]*+/)*+[^/]++(?:(?<=[^/]\.agent\.md)|(?<=[^/]\.prompt\.md)|(?<=[^/]\.chatmode\.md))\Z",
    re.IGNORECASE,
)
_ALLOWED = frozenset({"allowed-tools", "allowed_tools", "tools", "allowedTools"})


def applies(document: Document) -> bool:
    return document.name == "skill.md" or (
        bool(_FOLDER.search(document.path)) and document.name not in ("readme.md", "claude.md", "agents.md")
    )


def read(document: Document) -> Declarations:
    matter = document.front_matter
    folder, path = _FOLDER.search(document.path), document.path.split("/")
    origin, stem = Origin.COMMAND, path[-1].rsplit(".", 1)[0]
    if document.name == "skill.md":
        origin, stem = Origin.SKILL, "skill" if len(path) == 1 else path[-2]
    elif (folder and (folder.group(1) or "").lower() == "agents") or ".agent." in document.name:
        origin = Origin.AGENT
    if matter is None and origin is not Origin.COMMAND:
        return Declarations()
    matter = matter or NOTHING
    name = (matter.text("name") if origin is not Origin.COMMAND else "") or stem
    allowed: tuple[str, ...] = ()
    allowed_at: Place | None = None
    for key, entry in matter.items():
        if key in _ALLOWED and (values := _values(entry)):
            allowed, allowed_at = values, document.place(entry)
    described = matter.get("description")
    named = matter.get("name") or described
    body = matter.text("description") or _first_paragraph(document.text[matter.end :])
    tool = DeclaredTool(
        name=name,
        description=first_line(body),
        allowed_tools=allowed,
        allowed_at=allowed_at,
        origin=origin,
        idiom="front matter",
        place=document.place(named) if named else place(document.file, *_first_span(document.text)),
    )
    return Declarations(tools=(tool,))


def _values(entry: Located) -> tuple[str, ...]:
    if isinstance(entry.value, bool):
        return ("true" if entry.value else "false",)
    if isinstance(entry.value, str):
        text = entry.value.strip().removeprefix("[").removesuffix("]")
        return split_tools(text)
    listed = (member.value for member in entry.members() if isinstance(member.value, str))
    return tuple(tool for text in listed for tool in split_tools(text)) or tuple(key for key, _ in entry.items())


def split_tools(text: str) -> tuple[str, ...]:
    """Parts between commas or blanks that stand in no parentheses: `Bash(git add:*) Read` is two tools."""
    parts, depth, start = [], 0, 0
    for position, sign in enumerate(text + ","):
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(depth - 1, 0)
        elif (depth == 0 and (sign == "," or sign.isspace())) or position == len(text):
            parts.append(text[start:position].strip().strip("\"'"))
            start = position + 1
    return tuple(part for part in parts if part)


def _first_span(text: str) -> tuple[int, int]:
    found = re.search(r"\S[^\n]*", text)
    return (found.start(), found.end()) if found else (0, 1)


def _first_paragraph(text: str) -> str:
    found = re.search(r"^[^\s#<`\-|!*][^\n]*", text, re.MULTILINE)
    return found.group(0) if found else ""
