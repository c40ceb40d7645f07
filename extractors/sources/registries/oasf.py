"""OASF records of the AGNTCY directory: an agent with its skills, locators and modules.

Idea: a module may hold a whole document in base64; decoded it is evidence like any other, so it is set beside
the record in the entry. Invariants: only text is decoded, and only up to a limit; a file is a record's own page only
when it holds one; the record says what kind of thing it is.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from extractors.listing import Listing
from extractors.sources import Get, Walk
from extractors.sources.listing_entry import Link, is_repository, listing, web_address
from extractors.sources.registries.agent_cards import card_listing, is_card
from extractors.sources.registries.mcp_registry import server_entry
from extractors.sources.registries.paging import read_pages
from extractors.sources.registries.record_kinds import KEYS, is_server, list_in, not_of_this_kind, stated_kind
from extractors.sources.registries.registry_entries import Entry, latest, withdrawn
from scoring.vocabulary import AgentKind

MAX_DOCUMENT = 200_000
SEPARATOR = "=== listing entry: document in the record ==="


class OasfRecords:
    def __init__(self, name: str, locations: Sequence[str]) -> None:
        self.name = name
        self.locations = tuple(locations)

    async def walk(self, get: Get) -> Walk:
        walk = Walk()
        for location in self.locations:
            listings, left_out = latest(await read_pages(walk, get, location, self._entries))
            walk.listings += listings
            walk.left_out += left_out
        return walk

    def _entries(self, page: Any, url: str) -> list[Entry]:
        """Of one record, a list of them, or `{"records": […]}`; cards and server files among them too."""
        records = list_in(page, KEYS["records"])
        if records is None:
            records = [page]
        found = [entry for record in records if (entry := self._entry(_inner(record), url, len(records)))]
        if not found or len(found) * 2 < len(records):
            raise not_of_this_kind("OASF record", page, url or self.name)
        return found

    def _entry(self, record: Any, url: str, of: int) -> Entry | None:
        """Of several versions of one record in one file the latest counts; None for what is no record."""
        if not isinstance(record, dict) or not isinstance(record.get("name"), str) or not record["name"].strip():
            return None
        own = url if of == 1 else ""
        if any(key in record for key in ("schema_version", "modules", "locators", "extensions")):
            found = self._listing(record, own)
        elif is_server(record):
            return server_entry(record, record, self.name)
        elif is_card(record):
            found = card_listing(record, self.name, own, shared=not own)
        else:
            return None
        identity, status = found.identity or record["name"].strip(), withdrawn([record, record.get("annotations")])
        return Entry(identity, found, None, record.get("created_at"), record.get("version"), status)

    def _listing(self, record: dict[str, Any], url: str) -> Listing:
        documents: list[str] = []
        shown = _decoded(record, documents)
        places = [address for address in map(web_address, _addresses(record.get("locators"))) if address]
        code = next((place for place in places if is_repository(place)), "")
        entry = json.dumps(shown, ensure_ascii=False, indent=1)
        return listing(
            record["name"],
            self.name,
            heading_url=code,
            links=[Link("website", place) for place in _addresses(record.get("annotations")) if web_address(place)],
            kind=stated_kind(record) or AgentKind.AGENT,
            listing_url=web_address(url),
            identity="" if url else record["name"],
            entry="\n\n".join([entry, *(f"{SEPARATOR}\n{text}" for text in documents)]),
        )


def _inner(record: Any) -> Any:
    """A record may have an envelope: `{"record": {…}}`, `{"data": {…}}`."""
    envelope = record if isinstance(record, dict) else {}
    inner = next((envelope[key] for key in ("record", "data") if isinstance(envelope.get(key), dict)), record)
    return inner if isinstance(inner, dict) and "name" in inner else record


def _addresses(value: Any) -> list[str]:
    """`urls` and `url` of OASF locators, in either version of the schema."""
    found: list[str] = []
    for locator in value if isinstance(value, list) else ():
        if isinstance(locator, dict):
            many = locator.get("urls")
            found += [u for u in (many if isinstance(many, list) else [locator.get("url")]) if isinstance(u, str)]
    return found


def _decoded(value: Any, documents: list[str], depth: int = 0) -> Any:
    """The record without its embedded documents, which are collected."""
    if depth > 30:
        return value
    if isinstance(value, dict):
        return {key: _decoded(inner, documents, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_decoded(inner, documents, depth + 1) for inner in value]
    if isinstance(value, str) and len(value) >= 160 and " " not in value:
        try:
            text = base64.b64decode("".join(value.split()), validate=True)[:MAX_DOCUMENT].decode("utf-8")
        except (binascii.Error, ValueError):
            return value
        if text.isprintable() or "\n" in text:
            documents.append(text)
            return ""
    return value
