"""Markdown is rendered by a library and then takes the way of HTML.

Idea: only a real renderer agrees with what readers see; what renderers differ in (front matter, MDX parts,
`!!!` and `:::` notes) is brought to one form before. Invariant: no link target and no markup reaches the
text, and what only the source shows (link definitions) is hidden text.
"""

import re
from bisect import bisect_right
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin

from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.front_matter import read_front_matter
from extractors.pages.markup.html import read_html
from extractors.pages.markup.mdx import colon_notes, without_mdx
from extractors.pages.markup.nesting_limits import TooMuchMarkup

MAX_BRACKETS = 20_000
"""In one paragraph: the renderer looks for the end of each, and would take minutes over some."""
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)

_FOOTNOTE = re.compile(
    r"^ {0,3}\[\^([^\]\s]{1,100})\]:[ \t]*([^\n]*(?:\n(?![ \t]*(?:\n|\[\^|#|```|~~~))[^\n]+)*)(?:\n|\Z)", re.MULTILINE
)
_FENCED = re.compile(r"^ {0,3}(`{3,}+|~{3,}+)[^\n]*\n.*?(?:^ {0,3}\1|\Z)", re.DOTALL | re.MULTILINE)
_REFERENCE = re.compile(r"\[\^([^\]\s]{1,100})\](?!:)")
_UNSEEN_MATH = re.compile(
    r"\\(?:[hv]?phantom|(?:text)?color\s*\{\s*(?:white|transparent|#fff(?:fff)?)\s*\})\s*\{((?:[^{}]|\{[^{}]*\}){1,300})\}"
)


@cache
def _renderer() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True, "maxNesting": 40})
    return with_bounds(markdown).enable(["table", "strikethrough"]).use(deflist_plugin).use(admon_plugin)


def with_bounds(markdown: MarkdownIt) -> MarkdownIt:
    """A parser that raises `TooMuchMarkup` before it would spend minutes."""
    markdown.core.ruler.before("inline", "bounded", _bounded)
    return markdown


def _bounded(state: StateCore) -> None:
    if any(token.type == "inline" and token.content.count("[") > MAX_BRACKETS for token in state.tokens):
        raise TooMuchMarkup("thousands of brackets in one paragraph")


def _without_unused_footnotes(text: str, writer: Writer) -> str:
    """A footnote that nothing refers to is not shown where READMEs are read."""
    used = set(_REFERENCE.findall(text))
    edges = [edge for match in _FENCED.finditer(text) for edge in match.span()]

    def left_out(match: re.Match[str]) -> str:
        inside_code = bisect_right(edges, match.start()) % 2 == 1
        if inside_code or match.group(1) in used:
            return match.group()
        writer.hide("a footnote that nothing refers to", match.group(2))
        return "\n"

    return _FOOTNOTE.sub(left_out, text)


def read_markdown(text: str, writer: Writer, *, mdx: bool = False) -> None:
    if (match := _FRONT_MATTER.match(text)) and read_front_matter(match.group(1), writer):
        text = text[match.end() :]
    if mdx:
        text = without_mdx(text, writer)
    if ":::" in text:
        text = colon_notes(text)
    if "[^" in text:
        text = _without_unused_footnotes(text, writer)
    if "\\" in text:
        for words in _UNSEEN_MATH.findall(text):
            writer.report("words that a formula does not show", words)
    env: dict[str, Any] = {}
    html = _renderer().render(text, env)
    for reference in env.get("references", {}).values():
        if len((title := reference.get("title") or "").split()) >= 3:
            writer.hide("link definition", title)
    read_html(html, writer, page_color="#ffffff")
