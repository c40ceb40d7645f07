"""Which class reads which kind of source: the one place that settings and the database refer to.

Invariant: an unknown kind or option is an error that names the known ones, before anything is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from extractors.sources import Source
from extractors.sources.agent_cards import AgentCards
from extractors.sources.directory_site import DirectorySite, selectors_of
from extractors.sources.folder import Folder
from extractors.sources.markdown_list import MarkdownList
from extractors.sources.mcp_registry import McpRegistry
from extractors.sources.oasf import OasfRecords
from extractors.sources.repository import Repository
from extractors.sources.url_table import UrlTable
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

_Options = Mapping[str, Any]


def _kind(options: _Options) -> AgentKind | None:
    return AgentKind(options["kind"]) if options.get("kind") else None


def _words(options: _Options, key: str, *first: str) -> tuple[str, ...]:
    value = options.get(key, ())
    return (*first, *((value,) if isinstance(value, str) else tuple(map(str, value))))


_OPENERS: dict[str, tuple[Callable[[str, str, _Options], Source], frozenset[str]]] = {
    "directory_site": (
        lambda name, location, o: DirectorySite(name, location, selectors_of(str(o.get("selectors", name)))),
        frozenset({"selectors"}),
    ),
    "markdown_list": (
        lambda name, location, o: MarkdownList(name, location, sections=_words(o, "sections"), kind=_kind(o)),
        frozenset({"sections", "kind"}),
    ),
    "mcp_registry": (lambda name, location, o: McpRegistry(name, location), frozenset()),
    "agent_cards": (
        lambda name, location, o: AgentCards(name, _words(o, "locations", location)),
        frozenset({"locations"}),
    ),
    "oasf": (lambda name, location, o: OasfRecords(name, _words(o, "locations", location)), frozenset({"locations"})),
    "url_table": (lambda name, location, o: UrlTable(name, location), frozenset()),
    "repository": (
        lambda name, location, o: Repository(name, _words(o, "locations", location), kind=_kind(o)),
        frozenset({"locations", "kind"}),
    ),
    "folder": (
        lambda name, location, o: Folder(name, location, each=bool(o.get("each", False))),
        frozenset({"each"}),
    ),
}
KINDS = tuple(sorted(_OPENERS))


def open_source(name: str, kind: str, location: str, options: _Options | None = None) -> Source:
    """The source that a row of settings or of the database describes."""
    options = options or {}
    if kind not in _OPENERS:
        raise BadInput(
            f"no kind of source is called {kind}",
            subject=name,
            step="sources",
            next_step=f"use one of {', '.join(KINDS)}",
        )
    opener, known = _OPENERS[kind]
    if odd := sorted(set(options) - known):
        told = ", ".join(sorted(known)) or "none"
        raise BadInput(f"a {kind} source has no option {odd[0]} (it has: {told})", subject=name, step="sources")
    try:
        return opener(name, location, options)
    except ValueError as error:
        raise BadInput(f"an option cannot be used: {error}", subject=name, step="sources") from error
