"""The MCP registry: a file of records, its API page by page, or one publisher's `server.json`.

Idea: of 471 records 79 have no description, but environment variables and arguments say what a server wants
from its host, so the whole record is the entry. Invariants: a record gives a listing even when it is thin; of several
versions of one server only the latest does, and none of a server that was withdrawn; a server is known by its name in
the registry, whatever repository it shares; what is no registry page is a problem.
"""

import json
from typing import Any

from extractors.listing import Listing
from extractors.sources import Get, Walk
from extractors.sources.listing_entry import Link, is_repository, listing, one_line, web_address
from extractors.sources.registries.paging import read_pages
from extractors.sources.registries.record_kinds import KEYS, is_server, list_in, not_of_this_kind, stated_kind
from extractors.sources.registries.registry_entries import Entry, latest, withdrawn
from extractors.stated_subjects import registry_entry
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind


class McpRegistry:
    def __init__(self, name: str, location: str) -> None:
        self.name = name
        self.location = location

    async def walk(self, get: Get) -> Walk:
        walk = Walk()
        walk.listings, walk.left_out = latest(await read_pages(walk, get, self.location, self.entries))
        return walk

    def entries(self, page: Any, url: str) -> list[Entry]:
        records = list_in(page, KEYS["servers"])
        if records is None and isinstance(page, dict) and is_server(page.get("server", page)):
            records = [page]
        if records is None:
            raise not_of_this_kind("registry page", page, url)
        found = []
        for record in records:
            server = record.get("server", record) if isinstance(record, dict) else None
            if isinstance(server, dict) and isinstance(server.get("name"), str) and server["name"].strip():
                found.append(server_entry(server, record, self.name))
        if len(found) * 2 < len(records):
            raise BadInput(
                f"{len(records) - len(found)} of {len(records)} records have no name", subject=url, step="listings"
            )
        return found


def server_entry(server: dict[str, Any], record: dict[str, Any], source: str) -> Entry:
    """What the registry says of the version: beside the server today, in other places earlier."""
    statements = [value for value in _about(record) + _about(server) if isinstance(value, dict)]
    marks = (about.get(key) for about in statements for key in ("isLatest", "is_latest"))
    is_latest = next((mark for mark in marks if isinstance(mark, bool)), None)
    published = next((about[key] for about in statements for key in KEYS["published"] if about.get(key)), None)
    version = server.get("version") or next((about["version"] for about in statements if about.get("version")), None)
    listing = _listing(server, source)
    name = server["name"].strip()
    stated_version = one_line(version)[:100] or None if isinstance(version, str) else None
    entry = registry_entry(listing, one_line(name)[:200], stated_version, is_latest)
    listing = listing.model_copy(update={"registry": entry})
    return Entry(name, listing, is_latest, published, version, withdrawn(statements))


def _listing(server: dict[str, Any], source: str) -> Listing:
    title = server.get("title") or server.get("displayName")
    homes = (web_address(server.get(key)) for key in KEYS["website"])
    home = next(filter(None, homes), "")
    return listing(
        title if isinstance(title, str) and title.strip() else server["name"],
        source,
        heading_url=_repository_of(server),
        links=[Link("website", home)],
        kind=stated_kind(server) or AgentKind.MCP_SERVER,
        aliases=[server["name"]],
        entry=json.dumps(server, ensure_ascii=False, indent=1),
        identity=server["name"],
    )


def _repository_of(server: dict[str, Any]) -> str:
    for key in KEYS["repository"]:
        repository = server.get(key)
        address = web_address(repository.get("url") if isinstance(repository, dict) else repository)
        folder = repository.get("subfolder") if isinstance(repository, dict) else None
        if address and isinstance(folder, str) and folder.strip("/"):
            return f"{address.removesuffix('.git').rstrip('/')}/tree/HEAD/{folder.strip('/')}"
        if address:
            return address
    address = web_address(server.get("url"))
    return address if is_repository(address) else ""


def _about(record: dict[str, Any]) -> list[Any]:
    """Where a record may say which version it is, most binding first."""
    meta = record.get("_meta")
    by_registry = list(meta.values()) if isinstance(meta, dict) else []
    own = [value for key, value in record.items() if isinstance(key, str) and key.startswith("x-")]
    return [*by_registry, *own, record.get("version_detail"), record]
