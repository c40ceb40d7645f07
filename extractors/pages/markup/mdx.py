"""MDX brought to Markdown: imports and comments go, components become elements of their own.

Idea: documentation sites put their warnings into components (`<Warning>`, `:::danger`), so a component's
body must reach the renderer as Markdown. Invariant: lines inside code fences are never touched.
"""

import re
from collections.abc import Iterator

from extractors.pages.markup.badges import without_tags
from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.nesting_limits import MAX_NESTING, TooMuchMarkup
from extractors.pages.visibility.css_parser import parts

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")
_COLON_NOTE = re.compile(r"^[ \t]*:::+[ \t]*(?:\{\.)?([A-Za-z]+)[^\n\[]*(?:\[([^\]\n]*)\])?[ \t]*(.*)$")
_COLON_END = re.compile(r"^[ \t]*:::+[ \t]*$")
_IMPORT = re.compile(r"^(?:import\s.+?from\s+['\"].+|import\s+['\"].+|export\s+(?:const|default|function)\b.*)$")
_COMMENT = re.compile(r"\{/\*((?:(?!\{/\*).)*?)\*/\}", re.DOTALL)
_NEVER = re.compile(r"\{\s*(?:false|null|undefined|0)\s*&&((?:[^{}]|\{[^{}]*\}){0,20000})\}")
_UNSEEN = (("*/}", _COMMENT, "HTML comment"), ("&&", _NEVER, "a condition that is never true"))
_STYLE = re.compile(r"style=\{\{([^{}]{0,2000})\}\}")
_WITHOUT_UNIT = re.compile(r"opacity|index|weight|zoom|scale|lineHeight|flex|order")
_TAG = re.compile(r"^([ \t]*)<(/?)([A-Z][\w.]*+)((?:[^<>\"'{}]|\"[^\"\n]*\"|'[^'\n]*'|\{[^{}\n]*\})*?)(/?)>[ \t]*$")
_ONE_LINE = re.compile(r"^([ \t]*<([A-Z][\w.]*+)[^<>]*>)(.+)(</\2>)[ \t]*$")
_OPEN_END = re.compile(r"^[ \t]*<[A-Z][\w.]*(?:\s[^<>]*)?$")


def _outside_fences(text: str) -> Iterator[tuple[str, bool]]:
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        edge = match is not None and match.group(1).startswith(fence)
        yield line, not fence and not edge
        if match and edge:
            fence = "" if fence else match.group(1)


def without_mdx(text: str, writer: Writer) -> str:
    """Markdown with elements in lower case, each on a line of its own."""
    output: list[str] = []
    indents: list[int] = []
    pending = ""
    for sign, pattern, how in _UNSEEN:
        if sign in text:
            for words in pattern.findall(text):
                writer.hide(how, words if pattern is _COMMENT else without_tags(words))
            text = pattern.sub("", text)
    if "{{" in text:
        text = _STYLE.sub(_as_style, text)
    for line, prose in _outside_fences(text):
        if prose and pending:
            line, pending = f"{pending} {line.strip()}", ""
        if prose and _OPEN_END.match(line) and len(line) < 5_000:
            pending = line
            continue
        if prose and _IMPORT.match(line):
            writer.drop("import")
            continue
        parts = [line]
        if prose and (match := _ONE_LINE.match(line)):
            parts = [match.group(1), match.group(3), match.group(4)]
        for part in parts:
            if prose and (match := _TAG.match(part)):
                _component(match, indents, output)
            else:
                output.append(_dedented(part, indents[-1] + 2) if indents else part)
    return "\n".join([*output, pending] if pending else output)


def _as_style(match: re.Match[str]) -> str:
    """`style={{fontSize: 0, display: 'none'}}` as HTML writes it."""
    declarations = []
    for part in parts(match.group(1)):
        name, _, value = part.partition(":")
        value = value.strip().strip("'\"`")
        unit = "px" if re.fullmatch(r"-?[\d.]+", value) and not _WITHOUT_UNIT.search(name) else ""
        declarations.append(
            re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", name.strip().strip("'\"")) + f":{value}{unit}"
        )
    return 'style="{}"'.format("; ".join(declarations).replace('"', ""))


def _component(match: re.Match[str], indents: list[int], output: list[str]) -> None:
    indent, closing, name, attributes, empty = match.groups()
    element = name.lower().replace(".", "-")
    if closing:
        if indents:
            indents.pop()
        output.extend(["", f"</{element}>", ""])
        return
    output.extend(["", f"<{element}{attributes}>", ""])
    if empty:
        output.extend([f"</{element}>", ""])
    else:
        indents.append(len(indent.expandtabs(4)))


def _dedented(line: str, columns: int) -> str:
    line = line.expandtabs(4)
    return line[min(columns, len(line) - len(line.lstrip())) :]


def colon_notes(text: str) -> str:
    """`:::warning Title` … `:::` becomes an element, so that the renderer leaves its body to Markdown."""
    lines: list[str] = []
    opened = 0
    for line, prose in _outside_fences(text):
        if prose and _COLON_END.match(line):
            opened = max(0, opened - 1)
            lines += ["", "</div>", ""]
        elif prose and (match := _COLON_NOTE.match(line)):
            opened += 1
            if opened > MAX_NESTING:
                raise TooMuchMarkup("notes nested without end")
            title = match.group(2) or match.group(3) or match.group(1).capitalize()
            lines += ["", '<div class="admonition">', "", title, ""]
        else:
            lines.append(line)
    return "\n".join(lines)
