"""`SKILL.md`, agent and command files: a name, a description, and what they may use of their host."""

import re

from extractors.declarations.facts import Declarations, DeclaredTool, Origin, Place, first_line, place
from extractors.declarations.located import NOTHING, Document, Located, read_yaml

_FOLDER = re.compile(
    r"\A(?:(?!(?:commands|agents)/)[^/]*+/)*+(commands|agents)/(?:[\w.-]++/)*+[^/]++(?<=[^/]\.md)\Z"
    r"|\A(?:[^/]*+/)*+[^/]++(?:(?<=[^/]\.agent\.md)|(?<=[^/]\.prompt\.md)|(?<=[^/]\.chatmode\.md))\Z",
    re.IGNORECASE,
)
_ALLOWED = frozenset({"allowed-tools", "allowed_tools", "tools", "allowedTools"})
_FENCE = re.compile(r"\A---[ \t]*\r?\n(.*?\n|)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)


def applies(document: Document) -> bool:
    return document.name == "skill.md" or (
        bool(_FOLDER.search(document.path)) and document.name not in ("readme.md", "claude.md", "agents.md")
    )


def read(document: Document) -> Declarations:
    matter = _front_matter(document)
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
        return _split_tools(entry.value.strip().removeprefix("[").removesuffix("]"))
    listed = (member.value for member in entry.members() if isinstance(member.value, str))
    return tuple(tool for text in listed for tool in _split_tools(text)) or tuple(key for key, _ in entry.items())


def _split_tools(text: str) -> tuple[str, ...]:
    """Parts between commas or blanks that stand in no parentheses: `Bash(git add:*) Read` is two tools."""
    parts, depth, start = [], 0, 0
    for position, sign in enumerate(text):
        depth = max(depth + (sign == "(") - (sign == ")"), 0)
        if depth == 0 and (sign == "," or sign.isspace()):
            parts.append(text[start:position])
            start = position + 1
    return tuple(filter(None, (part.strip().strip("\"'") for part in (*parts, text[start:]))))


def _first_span(text: str) -> tuple[int, int]:
    found = re.search(r"\S[^\n]*", text)
    return (found.start(), found.end()) if found else (0, 1)


def _first_paragraph(text: str) -> str:
    found = re.search(r"^[^\s#<`\-|!*][^\n]*", text, re.MULTILINE)
    return found.group(0) if found else ""


def _front_matter(document: Document) -> Located | None:
    """The mapping between the first two `---` lines; read line by line where it is no YAML."""
    text = document.text.lstrip("\ufeff \t\r\n")
    found = _FENCE.match(text)
    if not found:
        return None
    offset = len(document.text) - len(text) + found.start(1)
    value = next(iter(read_yaml(found.group(1), offset)), None)
    if value is not None and isinstance(value.value, dict):
        return value
    return _line_by_line(found.group(1), offset)


def _line_by_line(text: str, offset: int) -> Located | None:
    """Front matter that is no YAML (a colon in a description): keys at the margin, lists and lines below them."""
    members: dict[str, Located] = {}
    key = ""
    for line in re.finditer(r"^([ \t]*)(?:([\w-]+):[ \t]*|-[ \t]+)?([^\n]*)$", text, re.MULTILINE):
        start, end, value = offset + line.start(), offset + line.end(), line.group(3).strip().strip("\"'")
        if line.group(2) and not line.group(1):
            key = line.group(2)
            members[key] = Located("" if value in (">", "|", ">-", "|-") else value, start, max(end, start + 1))
        elif key and value:
            known = members[key]
            if line.group(0).lstrip().startswith("- "):
                listed = known.value if isinstance(known.value, list) else []
                members[key] = Located([*listed, Located(value, start, end)], known.start, end)
            elif isinstance(known.value, str):
                members[key] = Located(f"{known.value}\n{value}".strip(), known.start, end)
    return Located(members, offset, offset + max(len(text), 1)) if members else None
