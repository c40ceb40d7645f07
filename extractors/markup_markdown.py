"""Markdown is rendered by a library and then takes the way of HTML.

Idea: only a real renderer agrees with what readers see; what renderers differ in (front matter, MDX parts,
`!!!` and `:::` notes) is brought to one form before. Invariant: no link target and no markup reaches the text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin

from extractors.markup_blocks import Writer
from extractors.markup_html import read_html
from extractors.markup_manifest import read_front_matter

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")
_COLON_NOTE = re.compile(r"^[ \t]*:::+[ \t]*(?:\{\.)?([A-Za-z]+)[^\n\[]*(?:\[([^\]\n]*)\])?[ \t]*(.*)$")
_COLON_END = re.compile(r"^[ \t]*:::+[ \t]*$")
_MDX_IMPORT = re.compile(r"^(?:import\s.+?from\s+['\"].+|import\s+['\"].+|export\s+(?:const|default|function)\b.*)$")
_MDX_COMMENT = re.compile(r"\{/\*(.*?)\*/\}", re.DOTALL)


@cache
def _renderer() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True, "maxNesting": 40})
    return markdown.enable(["table", "strikethrough"]).use(deflist_plugin).use(admon_plugin)


def read_markdown(text: str, writer: Writer, *, mdx: bool = False) -> None:
    if (match := _FRONT_MATTER.match(text)) and read_front_matter(match.group(1), writer):
        text = text[match.end() :]
    if mdx:
        text = _without_mdx(text, writer)
    if ":::" in text:
        text = _colon_notes(text)
    env: dict[str, Any] = {}
    html = _renderer().render(text, env)
    for reference in env.get("references", {}).values():
        if len((title := reference.get("title") or "").split()) >= 3:
            writer.hide("link definition", title)
    read_html(html, writer, paper="#ffffff")


def _without_mdx(text: str, writer: Writer) -> str:
    def commented(match: re.Match[str]) -> str:
        writer.hide("HTML comment", match.group(1))
        return ""

    kept: list[str] = []
    fence = ""
    for line in _MDX_COMMENT.sub(commented, text).split("\n"):
        if (match := _FENCE.match(line)) and (not fence or match.group(1).startswith(fence)):
            fence = "" if fence else match.group(1)
        if not fence and _MDX_IMPORT.match(line):
            writer.drop("import")
            continue
        kept.append(line)
    return "\n".join(kept)


def _colon_notes(text: str) -> str:
    """`:::warning Title` … `:::` becomes an element, so that the renderer leaves its body to Markdown."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if (match := _FENCE.match(line)) and (not fence or match.group(1).startswith(fence)):
            fence = "" if fence else match.group(1)
        if fence:
            lines.append(line)
        elif _COLON_END.match(line):
            lines += ["", "</div>", ""]
        elif match := _COLON_NOTE.match(line):
            title = match.group(2) or match.group(3) or match.group(1).capitalize()
            lines += ["", '<div class="admonition">', "", title, ""]
        else:
            lines.append(line)
    return "\n".join(lines)
