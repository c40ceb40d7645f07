"""OASF records of the AGNTCY directory: an agent with its skills, locators and modules.

Idea: a module may hold a whole document in base64; decoded it is evidence like any other, so it is set beside
the record in the entry. Invariant: only text is decoded, and only up to a limit.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from extractors.listing import Listing
from extractors.pages.snapshot import Fetched
from extractors.sources import Get, Walk, body_of, problem_of
from extractors.sources.agent_cards import card_listing, is_card
from extractors.sources.latest_version import Entry, latest
from extractors.sources.listing_entry import Link, is_repository, listing, web_address
from extractors.sources.mcp_registry import McpRegistry, json_of
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

MAX_DOCUMENT = 200_000
SEPARATOR = "=== listing entry: document in the record ==="


class OasfRecords:
    def __init__(self, name: str, locations: Sequence[str]) -> None:
        self.name = name
        self.locations = tuple(locations)

    def parse(self, body: bytes, url: str = "") -> tuple[Listing, ...]:
        """One record, a list of them, or `{"records": […]}`; cards and server files that stand among them too."""
        page = json_of(body, url or self.name)
        records = page.get("records", [page]) if isinstance(page, dict) else page
        if not isinstance(records, list):
            raise BadInput("this is no OASF record", subject=url or self.name, step="listings")
        found: list[Entry] = []
        for record in records:
            if not isinstance(record, dict) or not isinstance(record.get("name"), str) or not record["name"].strip():
                continue
            if "packages" in record and "modules" not in record:
                servers = McpRegistry(self.name, url).parse(json.dumps(record).encode(), url)
                found += [_version_of(record, server) for server in servers]
            elif (
                "modules" not in record
                and "locators" not in record
                and "schema_version" not in record
                and is_card(record)
            ):
                found.append(_version_of(record, card_listing(record, self.name, url)))
            else:
                found.append(_version_of(record, self._listing(record, url)))
        if not found:
            raise BadInput("no record has a name", subject=url or self.name, step="listings")
        return tuple(latest(found))

    async def walk(self, get: Get) -> Walk:
        found: list[Listing] = []
        asked: list[Fetched] = []
        problems: list[str] = []
        for url in self.locations:
            fetched = await get(url)
            asked.append(fetched)
            body = body_of(fetched)
            if body is None:
                problems.append(problem_of(fetched))
                continue
            try:
                found += self.parse(body, url)
            except BadInput as error:
                problems.append(str(error))
        return Walk(tuple(found), tuple(asked), tuple(problems))

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
            kind=AgentKind.AGENT,
            listing_url=web_address(url),
            entry="\n\n".join([entry, *(f"{SEPARATOR}\n{text}" for text in documents)]),
        )


def _version_of(record: dict[str, Any], found: Listing) -> Entry:
    """Of several versions of one record in one file the latest counts."""
    return Entry(record["name"].strip(), found, None, record.get("created_at"), record.get("version"))


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
