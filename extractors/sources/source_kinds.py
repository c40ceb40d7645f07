"""Which class reads which kind of source: the door through which a new kind comes in.

A kind is a class that implements `extractors.sources.Source`, in a file of its own, and an entry of `KINDS`; the
commands, the night and docs/sources.md ask the entry for everything else. Invariant: an unknown kind or option is an
error that names the known ones, before anything is asked for.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from extractors.sources import Source
from extractors.sources.directory_site import DirectorySite, selectors_of
from extractors.sources.folders.folder import Folder
from extractors.sources.folders.repository_folders import RepositoryFolders
from extractors.sources.git_forge import Forge
from extractors.sources.lists.markdown_list import MarkdownList
from extractors.sources.registries.agent_cards import AgentCards
from extractors.sources.registries.mcp_registry import McpRegistry
from extractors.sources.registries.oasf import OasfRecords
from extractors.sources.registries.plugin_marketplace import PluginMarketplace
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


def _yes(options: _Options, key: str) -> bool:
    value = str(options.get(key, False)).lower()
    if value not in ("true", "false"):
        raise ValueError(f"{key} is true or false, not {value}")
    return value == "true"


def _repositories(name: str, location: str, options: _Options) -> Source:
    locations = _words(options, "locations", location)
    if _yes(options, "each"):
        return RepositoryFolders(name, locations, kind=_kind(options), forge=options[FORGE])
    return Repository(name, locations, kind=_kind(options))


FORGE = "the forge"
"""Under this key `open` finds the `Forge` of the settings beside the options."""


class SourceKind(NamedTuple):
    """What is known of a kind beside its class."""

    open: Callable[[str, str, _Options], Source]
    """`open(name, location, options)`; raises `ValueError` or `BadInput` for an option that cannot be used."""
    options: frozenset[str] = frozenset()
    local: bool = False
    """True: its location is a folder of this machine, not an address."""
    may_be_empty: bool = False
    """True: no entry means none (a registry's empty list, a table's head alone); else a page or a list in which
    nothing was found may as well be a page that is not the list, and is a failure."""


KINDS: dict[str, SourceKind] = {
    "agent_cards": SourceKind(
        lambda name, location, o: AgentCards(name, _words(o, "locations", location)), frozenset({"locations"})
    ),
    "directory_site": SourceKind(
        lambda name, location, o: DirectorySite(name, location, selectors_of(str(o.get("selectors", name)))),
        frozenset({"selectors"}),
    ),
    "folder": SourceKind(
        lambda name, location, o: Folder(name, location, each=_yes(o, "each"), kind=_kind(o)),
        frozenset({"each", "kind"}),
        local=True,
        may_be_empty=True,
    ),
    "markdown_list": SourceKind(
        lambda name, location, o: MarkdownList(
            name, location, sections=_words(o, "sections"), kind=_kind(o), forge=o[FORGE]
        ),
        frozenset({"sections", "kind"}),
    ),
    "mcp_registry": SourceKind(lambda name, location, o: McpRegistry(name, location), may_be_empty=True),
    "oasf": SourceKind(
        lambda name, location, o: OasfRecords(name, _words(o, "locations", location)), frozenset({"locations"})
    ),
    "plugin_marketplace": SourceKind(
        lambda name, location, o: PluginMarketplace(name, location, forge=o[FORGE]), may_be_empty=True
    ),
    "repository": SourceKind(
        _repositories,
        frozenset({"locations", "kind", "each"}),
    ),
    "url_table": SourceKind(lambda name, location, o: UrlTable(name, location), may_be_empty=True),
}


def kind_named(kind: str, source: str = "") -> SourceKind:
    """The kind of this name; `BadInput` lists the ones there are."""
    if kind not in KINDS:
        raise BadInput(
            f"no kind of source is called {kind}",
            subject=source,
            step="sources",
            next_step=f"use one of {', '.join(KINDS)}",
        )
    return KINDS[kind]


def open_source(
    name: str, kind: str, location: str, options: _Options | None = None, forge: Forge | None = None
) -> Source:
    """The source that a row of settings or of the database describes; `forge` is where repositories are read."""
    options = options or {}
    known = kind_named(kind, name)
    if odd := sorted(set(options) - known.options):
        allowed = ", ".join(sorted(known.options)) or "none"
        raise BadInput(f"a {kind} source has no option {odd[0]} (it has: {allowed})", subject=name, step="sources")
    try:
        return known.open(name, location, {**options, FORGE: forge or Forge()})
    except ValueError as error:
        raise BadInput(f"an option cannot be used: {error}", subject=name, step="sources") from error
