"""All that the files of one product declare, made of its pages: the tools, and claims by rule with their evidence.

Idea: a pure function of files and of what the list of all files shows to be missing, so that a record can be made again
from a bundle. Invariants: the same files give the same bytes; without tools and facts there is nothing, and an agent
without such files is asked about as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from extractors.declarations import Place, SourceFile, read_declarations
from extractors.inventory.exposure_rules import Find, claims_of
from extractors.inventory.inventory import ToolInventory, inventory
from extractors.inventory.page_places import PagePlaces
from extractors.model.declared import Declared, DeclaringFile, ReadFrom
from extractors.pages.page_text import PageText
from scoring.claims import Evidence, SourceRead
from scoring.inventory import Inventory, ListedTool

MOST_TOOLS = 1_000
"""Of one record."""
_LISTED = tuple(name for name in ListedTool.model_fields if name != "evidence")


def declared_in(
    files: Sequence[DeclaringFile],
    texts: Mapping[str, PageText],
    documents: frozenset[str],
    repository: str = "",
    unread: Sequence[str] | None = None,
    missing: Sequence[str] = (),
) -> Declared | None:
    """`texts`: page texts by address; `documents`: addresses that the request shows anyway; `unread`: reasons from the
    list of all files; `missing`: manifests that there are and that were not read. None where nothing is declared."""
    sources = [SourceFile(file.url, file.path, file.text, file.cut) for file in files]
    facts = read_declarations(sources, repository)
    tools = inventory(facts, sources, unread)
    places: dict[str, PagePlaces] = {}
    lengths = {file.url: len(file.text) for file in files}

    @cache
    def find(place: Place, words: str) -> Evidence | None:
        if place.url not in texts:
            return None
        if place.url not in places:
            places[place.url] = PagePlaces(texts[place.url], lengths[place.url])
        return places[place.url].find(place, words)

    claims = claims_of(facts, tools, find, bool(missing))
    listed = _listed(tools, find) if tools.tools else None
    if listed is None and not claims:
        return None
    rows = listed.tools if listed else ()
    cited = {one.url for claim in claims for one in claim.evidence} | {t.evidence.url for t in rows if t.evidence}
    read = tuple(
        SourceRead(url=file.url, text_digest=texts[file.url].digest, page_digest=texts[file.url].page_digest)
        for file in files
        if file.url in cited - documents
    )
    made_from = ReadFrom(
        repository=repository,
        files=tuple((file.url, file.path, file.page_digest) for file in files),
        cut=tuple(file.path for file in files if file.cut),
        unread=None if unread is None else tuple(unread),
        missing=tuple(missing),
    )
    return Declared(inventory=listed, claims=claims, read=read, made_from=made_from)


def _listed(tools: ToolInventory, find: Find) -> Inventory:
    """As a record prints it."""
    rows = [
        ListedTool(**{name: getattr(tool, name) for name in _LISTED}, evidence=find(tool.place, tool.name))
        for tool in tools.tools[:MOST_TOOLS]
    ]
    over = len(tools.tools) - len(rows)
    return Inventory(
        tools=tuple(rows),
        counts=tools.counts(),
        complete=tools.complete and not over,
        why=tools.why,
        open_ends=tools.open_ends,
        digest=tools.digest,
    )
