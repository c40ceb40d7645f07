"""What the assessor was shown, made again from the parts of its reply's key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from extractors.inventory.from_pages import declared_in
from extractors.model.declared import Declared, DeclaringFile, ReadFrom, not_read
from extractors.pages.page_text import PageText


def declared_by(
    parts: Mapping[str, Any], texts: Mapping[tuple[str, str], PageText], bodies: Mapping[str, str]
) -> Declared | None:
    """What the files declared, made again as the parts of the reply's key say. `bodies`: decoded, by their digest."""
    if "made_from" not in parts:
        return None
    made_from = ReadFrom.model_validate(parts["made_from"])
    if not made_from.files:
        return not_read("; ".join(made_from.unread or ()))
    files = [DeclaringFile(path, bodies[raw], texts[url, text]) for url, path, text, raw in made_from.files]
    return declared_in(files, made_from.repository, made_from.unread, made_from.missing)


def shown_documents(documents: Sequence[PageText], parts: Mapping[str, Any]) -> tuple[PageText, ...]:
    """The documents with the blocks that the assessor was shown, as the parts of its reply's key name them."""
    shown = iter(parts.get("shown", ()))
    cut: list[PageText] = []
    for page in documents:
        if page.url in parts.get("truncated", ()):
            spans = {tuple(span) for span in next(shown)}
            page = page.model_copy(
                update={"blocks": tuple(block for block in page.blocks if (block.start, block.end) in spans)}
            )
        cut.append(page)
    return tuple(cut)
