"""A plain table of agents: CSV, TOML or JSON lines with a URL each.

Idea: the smallest source that an operator can write by hand. Invariant: a row without a usable URL is a
problem that is named with its line, not a row that is silently gone.
"""

import csv
import io
import json
import tomllib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from extractors.listing import Listing
from extractors.pages.charset import decode
from extractors.sources import Get, Walk, walk_file
from extractors.sources.listing_entry import Link, kind_of, listing, web_address


class UrlTable:
    """Columns: `url`, and if wanted `name`, `kind`, `repository`, `homepage`, `documents`, `aliases`, `description`."""

    def __init__(self, name: str, location: str) -> None:
        self.name = name
        self.location = location

    async def walk(self, get: Get) -> Walk:
        return await walk_file(get, self.location, self._read)

    def _read(self, body: bytes, _: str) -> Walk:
        walk = Walk()
        try:
            for line, row in _rows(decode(body), urlsplit(self.location).path.lower()):
                if address := web_address(row.get("url") or row.get("repository") or row.get("homepage")):
                    walk.listings.append(self._listing(row, address))
                else:
                    walk.problems.append(f"{self.name}: line {line}: no usable http(s) address")
        except (ValueError, RecursionError, csv.Error, AttributeError) as error:
            walk.problems.append(f"{self.name}: cannot be read: {error}")
        return walk

    def _listing(self, row: dict[str, Any], address: str) -> Listing:
        links = [Link(label, web_address(row.get(label))) for label in ("repository", "homepage")]
        links += [Link("docs", web_address(place)) for place in _several(row.get("documents"))]
        parts = [part for part in urlsplit(address).path.split("/") if part]
        name = str(row.get("name") or "") or (parts[1] if len(parts) > 1 else urlsplit(address).hostname or address)
        return listing(
            name,
            self.name,
            heading_url=address,
            links=links,
            kind=kind_of(row.get("kind")),
            aliases=_several(row.get("aliases")),
            entry=str(row.get("description") or ""),
        )


def _several(value: Any) -> list[str]:
    """A list, or words separated by `;` or spaces."""
    if isinstance(value, list):
        return [str(item) for item in value]
    return [item.strip() for item in str(value or "").split(";") if item.strip()]


def _rows(text: str, path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    if path.endswith(".toml"):
        tables = [table for table in tomllib.loads(text).values() if isinstance(table, list)]
        yield from enumerate((row for table in tables for row in table if isinstance(row, dict)), start=1)
    elif path.endswith((".jsonl", ".ndjson")) or text.lstrip()[:1] in ("{", '"'):
        for line, words in enumerate(text.split("\n"), start=1):
            if words.strip():
                row = json.loads(words)
                yield line, {"url": row} if isinstance(row, str) else row
    else:
        reader = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")))
        rows = ((reader.line_num, [cell.strip() for cell in cells]) for cells in reader)
        named = ((line, cells) for line, cells in rows if any(cells) and not cells[0].startswith("#"))
        first = next(named, None)
        if first is None:
            return
        head = [cell.lower() for cell in first[1]]
        if "url" in head:
            yield from ((line, dict(zip(head, cells, strict=False))) for line, cells in named)
        else:
            yield from ((line, {"url": cells[0]}) for line, cells in (first, *named))
