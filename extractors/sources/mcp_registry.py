"""The MCP registry: a file of records, its API page by page, or one publisher's `server.json`.

Idea: of 471 records 79 have no description, but environment variables and arguments say what a server wants
from its host, so the whole record is the entry. Invariants: a record gives a listing even when it is thin; of several
versions of one server only the latest does.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from extractors.listing import Listing
from extractors.pages.markup.charset import decode
from extractors.pages.snapshot import Fetched
from extractors.sources import Get, Walk, body_of, problem_of
from extractors.sources.latest_version import Entry, latest
from extractors.sources.listing_entry import Link, listing, sound, web_address
from extractors.stated_subjects import registry_entry
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

MAX_PAGES = 2_000


def json_of(body: bytes, subject: str) -> Any:
    try:
        return json.loads(decode(body))
    except (ValueError, RecursionError) as error:
        raise BadInput("this is no JSON", subject=subject, step="listings") from error


class McpRegistry:
    def __init__(self, name: str, location: str) -> None:
        self.name = name
        self.location = location

    def parse(self, body: bytes, url: str = "") -> tuple[Listing, ...]:
        return tuple(latest(self._entries(json_of(body, url or self.location))))

    async def walk(self, get: Get) -> Walk:
        """Follows `nextCursor` until there is none; a cursor that comes again ends the walk as a problem."""
        asked: list[Fetched] = []
        entries: list[Entry] = []
        problem = await self._pages(get, asked, entries)
        return Walk(tuple(latest(entries)), tuple(asked), (problem,) if problem else ())

    async def _pages(self, get: Get, asked: list[Fetched], entries: list[Entry]) -> str:
        """Page by page; gives why it could not go on to the end."""
        cursors: set[str] = set()
        url = self.location
        while len(asked) < MAX_PAGES:
            fetched = await get(url)
            asked.append(fetched)
            body = body_of(fetched)
            if body is None:
                return problem_of(fetched)
            try:
                page = json_of(body, url)
                entries += self._entries(page)
            except BadInput as error:
                return str(error)
            cursor = _cursor(page)
            if not cursor:
                return ""
            if cursor in cursors:
                return f"{self.name}: the registry gives cursor {cursor[:80]} again"
            cursors.add(cursor)
            parts = urlsplit(self.location)
            query = [(key, value) for key, value in parse_qsl(parts.query) if key != "cursor"]
            url = parts._replace(query=urlencode([*query, ("cursor", cursor)])).geturl()
        return f"{self.name}: more than {MAX_PAGES} pages"

    def _entries(self, page: Any) -> list[Entry]:
        records = page.get("servers", [page]) if isinstance(page, dict) else page
        if not isinstance(records, list):
            raise BadInput("this is no registry page", subject=self.name, step="listings")
        found = []
        for record in records:
            server = record.get("server", record) if isinstance(record, dict) else None
            if isinstance(server, dict) and isinstance(server.get("name"), str) and server["name"].strip():
                found.append(self._entry(server, record))
        if records and not found:
            raise BadInput("no record has a name", subject=self.name, step="listings")
        return found

    def _entry(self, server: dict[str, Any], record: dict[str, Any]) -> Entry:
        """What the registry says of the version: beside the server today, in other places earlier."""
        said = [value for value in _about(record) + _about(server) if isinstance(value, dict)]
        marks = [
            mark for about in said for key in ("isLatest", "is_latest") if isinstance(mark := about.get(key), bool)
        ]
        dates = [about.get(key) for about in said for key in _PUBLISHED if about.get(key)]
        version = server.get("version") or next((about["version"] for about in said if about.get("version")), None)
        name, is_latest = server["name"].strip(), next(iter(marks), None)
        said_version = sound(version)[:100] or None if isinstance(version, str) else None
        told = self._listing(server)
        entry = registry_entry(told, sound(name)[:200], said_version, is_latest)
        told = told.model_copy(update={"registry": entry})
        return Entry(name, told, is_latest, next(iter(dates), None), version)

    def _listing(self, server: dict[str, Any]) -> Listing:
        repository = server.get("repository")
        place = repository.get("url") if isinstance(repository, dict) else repository
        address = web_address(place)
        if (
            address
            and isinstance(repository, dict)
            and isinstance(folder := repository.get("subfolder"), str)
            and folder
        ):
            address = f"{address.removesuffix('.git').rstrip('/')}/tree/HEAD/{folder.strip('/')}"
        title = server.get("title")
        return listing(
            title if isinstance(title, str) and title.strip() else server["name"],
            self.name,
            heading_url=address,
            links=[Link("website", home)] if (home := web_address(server.get("websiteUrl"))) else [],
            kind=AgentKind.MCP_SERVER,
            aliases=[server["name"]],
            entry=json.dumps(server, ensure_ascii=False, indent=1),
        )


_PUBLISHED = ("publishedAt", "published_at", "release_date", "updatedAt", "updated_at")


def _about(record: dict[str, Any]) -> list[Any]:
    """Where a record may say which version it is, most binding first."""
    meta = record.get("_meta")
    by_registry = list(meta.values()) if isinstance(meta, dict) else []
    own = [value for key, value in record.items() if isinstance(key, str) and key.startswith("x-")]
    return [*by_registry, *own, record.get("version_detail"), record]


def _cursor(page: Any) -> str:
    about = page.get("metadata") if isinstance(page, dict) else None
    if not isinstance(about, dict):
        return ""
    cursor = about.get("nextCursor") or about.get("next_cursor")
    return str(cursor) if isinstance(cursor, str | int) else ""
