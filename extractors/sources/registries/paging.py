"""Where the next page of a registry is, in every way in which registries say it.

Idea: a cursor, an address, a page's number, an offset or a `Link` header all lead to one address; what a page says of
its total is held against what was read. Invariants: pure; a page that says that there is more, without a way that is
known here, is not the last one; nothing leads to another host.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from extractors.pages.charset import decode
from extractors.sources import Asking
from extractors.sources.listing_entry import web_address
from scoring.errors import BadInput

Entry = TypeVar("Entry")
MAX_PAGES = 2_000

_AROUND = ("metadata", "pagination", "paging", "pageInfo", "page_info", "meta", "links", "_links", "page")
_CURSORS = ("nextCursor", "next_cursor", "endCursor", "end_cursor", "nextPageToken", "next_page_token", "next_token")
_ADDRESSES = ("next", "nextLink", "next_link", "nextUrl", "next_url", "nextPageUrl", "next_page_url", "@odata.nextLink")
_TOTALS = ("total", "total_count", "totalCount", "totalItems", "total_items", "total_results")
_MORE = ("hasMore", "has_more", "hasNext", "has_next", "hasNextPage", "has_next_page")
_LAST = ("totalPages", "total_pages", "pageCount", "page_count", "lastPage", "last_page", "pages")
_LINK = re.compile(r'<([^<>]{1,2000})>[^,<]{0,200}?;\s*rel="?[\w ]{0,40}?\bnext\b', re.IGNORECASE)


def json_of(body: bytes, subject: str) -> Any:
    """The JSON of a registry's answer. Raises `BadInput` where it is none."""
    text = decode(body)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = "this is a web page, no JSON" if text.lstrip()[:1] == "<" else "this is no JSON"
        hint = "give the address of the file itself, or of the API"
        raise BadInput(problem, subject=subject, step="listings", next_step=hint) from error


async def read_pages(asking: Asking, first: str, entries_of: Callable[[Any, str], list[Entry]]) -> list[Entry]:
    """The entries of all pages, to the end; why it could not go on is a problem, and so is an address that comes
    again. `entries_of` is given a page and where it is."""
    entries: list[Entry] = []
    seen: set[str] = set()
    url = first
    while url:
        if url in seen or len(seen) >= MAX_PAGES:
            reason = f"the page {url[:200]} is given again" if url in seen else f"more than {MAX_PAGES} pages"
            asking.problems.append(f"{first}: {reason}")
            break
        seen.add(url)
        if (answer := await asking.page(url)) is None:
            break
        body, fetched = answer
        try:
            page = json_of(body, url)
            here = entries_of(page, fetched.final_url)
            entries += here
            further = next_page(page, fetched.final_url, len(entries), len(here), fetched.link)
        except BadInput as error:
            asking.problems.append(str(error))
            break
        if further.problem:
            asking.problems.append(f"{url}: {further.problem}")
        url = further.url
    return entries


class NextPage(NamedTuple):
    """The address of the next page, or why there is one that cannot be reached; neither on the last page."""

    url: str = ""
    problem: str = ""


def next_page(page: Any, url: str, read: int, here: int, link: str = "") -> NextPage:
    """`read` entries so far, `here` of them on this page; `link` is the answer's `Link` header."""
    said = _said(page)
    address = _by_address(said, link)
    if address:
        further = web_address(address, url)
        if urlsplit(further).netloc != urlsplit(url).netloc:
            return NextPage(problem=f"its next page is elsewhere, at {address[:200]}")
        return NextPage(further)
    more = _first(said, _MORE)
    cursor = _first(said, _CURSORS)
    if more is False or (not here and not cursor):
        return _end(said, read)
    if isinstance(cursor, str | int) and not isinstance(cursor, bool) and str(cursor):
        key = next((k for k, _ in _query(url) if k.lower() in ("cursor", "after", "pagetoken", "page_token")), None)
        told = next(key for part in said for key in _CURSORS if part.get(key) is not None)
        by = "after" if told.startswith("end") else "pageToken" if "Token" in told else "cursor"
        return _with(url, key or by, cursor)
    number = _first(said, ("nextPage", "next_page"))
    if isinstance(number, int) and not isinstance(number, bool):
        return _with(url, "page", number)
    last, now = _first(said, _LAST), _first(said, ("currentPage", "current_page", "page", "pageNumber", "page_number"))
    if isinstance(last, int) and isinstance(now, int):
        return _with(url, "page", now + 1) if now < last else _end(said, read)
    total = _total(said)
    if total is not None and read < total:
        offset = _first(said, ("offset", "skip"))
        query = dict(_query(url))
        if isinstance(offset, int) or "offset" in query:
            return _with(url, "offset", read)
        if isinstance(now, int) or re.fullmatch(r"[0-9]{1,18}", query.get("page", "")):
            return _with(url, "page", (now if isinstance(now, int) else int(query["page"])) + 1)
    return (
        NextPage(problem="it says that there are more, in a way that is not known")
        if more is True
        else _end(said, read)
    )


def _end(said: list[Mapping[str, Any]], read: int) -> NextPage:
    total = _total(said)
    return (
        NextPage(problem=f"it says {total} in all, and {read} were read")
        if total is not None and read < total
        else NextPage()
    )


def _said(page: Any) -> list[Mapping[str, Any]]:
    """The places of a page that may say something of the others."""
    if not isinstance(page, dict):
        return []
    around = [page.get(key) for key in _AROUND]
    inner = [part.get(key) for part in around if isinstance(part, dict) for key in _AROUND]
    return [part for part in (page, *around, *inner) if isinstance(part, dict)]


def _first(said: list[Mapping[str, Any]], keys: tuple[str, ...]) -> Any:
    return next((part[key] for part in said for key in keys if part.get(key) is not None), None)


def _total(said: list[Mapping[str, Any]]) -> int | None:
    total = _first(said, _TOTALS)
    return total if isinstance(total, int) and not isinstance(total, bool) else None


def _by_address(said: list[Mapping[str, Any]], link: str) -> str:
    for part in said:
        for key in _ADDRESSES:
            value = part.get(key)
            value = value.get("href", value.get("url")) if isinstance(value, dict) else value
            if isinstance(value, str) and re.match(r"https?://|[/?]", value):
                return value
    match = _LINK.search(link)
    return match[1] if match else ""


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def _with(url: str, key: str, value: str | int) -> NextPage:
    """Raises `BadInput` for half a character, or a number that is too long to be written."""
    query = [(k, v) for k, v in _query(url) if k != key]
    try:
        return NextPage(urlsplit(url)._replace(query=urlencode([*query, (key, str(value))])).geturl())
    except ValueError as error:
        raise BadInput(f"its next page stands at no {key} that can be asked for", subject=url) from error
