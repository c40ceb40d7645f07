"""Plain text, reStructuredText, notebooks and files of listing entries.

Idea: what has no markup of its own is cut at blank lines and bullets; what has one is brought to the reader
that knows it. Invariant: the plain reader takes any text and never fails.
"""

from __future__ import annotations

import json
import re

from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.html import read_html
from extractors.pages.markup.manifests import read_json
from extractors.pages.markup.markdown import read_markdown
from extractors.pages.markup.nesting_limits import TooMuchMarkup
from extractors.pages.page_text import BlockKind

MAX_RST = 400_000
"""Characters: docutils takes seconds for them."""
_NESTED_SUBSTITUTION = re.compile(
    r"^[ \t]*\.\.[ \t]+\|[^|\n]+\|[ \t]+replace::[^|\n]*\|[^|\n]+\|[^|\n]*\|", re.MULTILINE
)
"""A definition that names others twice or more: thirteen of them stand for more text than any machine holds."""
_BULLET = re.compile(r"^(\s*)(?:[-*+•‣◦–]|\d{1,3}[.)])\s+(?=\S)")
_ENTRY_LINE = re.compile(r"^=== listing entry: .*? ===[ \t]*$", re.MULTILINE)


def read_plain(text: str, writer: Writer) -> None:
    """Paragraphs between blank lines; each bullet is a block."""
    for paragraph in re.split(r"\n[ \t]*\n", text):
        words: list[str] = []
        kind, level = BlockKind.PARAGRAPH, 0
        for line in paragraph.split("\n"):
            if match := _BULLET.match(line):
                writer.add("\n".join(words), kind, level)
                words, kind, level = [], BlockKind.LIST_ITEM, 1 + len(match.group(1)) // 2
                line = line[match.end() :]
            words.append(line)
        writer.add(" ".join(words), kind, level)


def read_listing(text: str, writer: Writer) -> None:
    """Entries of several sources; the line that names the source is a separator and no evidence."""
    writer.drop("separator", len(_ENTRY_LINE.findall(text)))
    for entry in _ENTRY_LINE.split(text):
        entry = entry.strip()
        if entry.startswith(("{", "[{")):
            read_json(entry, writer)
        elif entry:
            read_markdown(entry, writer)


def read_notebook(text: str, writer: Writer) -> None:
    """Prose and code of the cells; outputs are results of a run, not statements."""
    for cell in json.loads(text)["cells"]:
        source = cell.get("source", "")
        source = source if isinstance(source, str) else "".join(source)
        if cell.get("cell_type") == "markdown":
            read_markdown(source, writer)
        elif cell.get("cell_type") == "code":
            writer.add(source, BlockKind.CODE)
            writer.drop("notebook output", len(cell.get("outputs", ())))


def read_rst(text: str, writer: Writer) -> None:
    """Rendered by docutils with files, raw parts and messages switched off."""
    if len(text) > MAX_RST or len(_NESTED_SUBSTITUTION.findall(text)) > 8:
        raise TooMuchMarkup("more reStructuredText than can be rendered")
    from docutils.core import publish_parts

    settings = {
        "file_insertion_enabled": False,
        "raw_enabled": False,
        "report_level": 5,
        "halt_level": 6,
        "input_encoding": "unicode",
        "doctitle_xform": False,
        "smart_quotes": False,
        "syntax_highlight": "none",
        "math_output": "LaTeX",
        "_disable_config": True,
    }
    read_html(publish_parts(text, writer="html5", settings_overrides=settings)["body"], writer)
