"""Plain text, cut at blank lines and bullets, and files of listing entries.

Invariant: the plain reader takes any text and never fails.
"""

import re

from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.json_yaml_toml import read_json
from extractors.pages.markup.markdown import read_markdown
from extractors.pages.page_text import BlockKind

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
