"""Tools that a README names in its sentences and examples."""

from __future__ import annotations

from collections.abc import Iterator

from extractors.declarations.formats.readme.found_tools import FoundTools
from extractors.declarations.formats.readme.names import is_name
from extractors.declarations.formats.readme.words import (
    IDENTIFIER,
    OWNER,
    PROSE,
    SPEAKS,
)

AROUND = 200
"""Characters around a word of `SPEAKS` within which a tool is named."""
OPENING = 600
"""Characters at the beginning of a document that name its product."""


def read_prose(found: FoundTools) -> None:
    known = {tool.name for tool in found.tools}
    for match in (
        match for span in _spoken(found.document.text) for match in PROSE.finditer(found.document.text, *span)
    ):
        group = match.lastgroup or ""
        name = match.group(group) if group else ""
        identifier = IDENTIFIER.fullmatch(name) is not None
        if name in known or not is_name(name, True) or not (identifier or group in ("call", "served")):
            continue
        owner = OWNER.search(found.document.text, max(0, match.start() - AROUND), match.start())
        if owner and owner.group(1) not in found.document.text[: min(OPENING, owner.start())]:
            continue
        known.add(name)
        start = match.start(group)
        found.tools.append(
            found.tool(
                name,
                "",
                "example" if group in ("call", "json", "json2", "json3", "served") else "prose",
                start,
                start + len(name),
                "",
            )
        )


def _spoken(text: str) -> Iterator[tuple[int, int]]:
    """The lines around words without which nothing of `PROSE` stands there."""
    spans = [(0, 0)]
    for match in SPEAKS.finditer(text):
        start = text.rfind("\n", 0, max(0, match.start() - AROUND)) + 1
        end = text.find("\n", match.end() + AROUND)
        first = spans.pop()[0] if start <= spans[-1][1] else start
        spans.append((first, len(text) if end < 0 else end))
    yield from spans
