"""Where the next page of a registry is, in every way in which registries say it.

Idea: a cursor, an address, a page's number, an offset or a `Link` header all lead to one address; what a page says of
its total is compared with what was read. Invariants: a page that says that there is more, without a way that is known
here, is not the last one; nothing leads to another host.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from extractors.pages.charset import decode
from extractors.sources import Get, Walk
from extractors.sources.listing_entry import web_address
from extractors.sources.registries.record_kinds import KEYS
from scoring.errors import BadInput

Entry = TypeVar("Entry")
Places = list[Mapping[str, Any]]
"""The parts of a page that may say something of the others."""
MAX_PAGES = 2_000

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


async def read_pages(walk: Walk, get: Get, first: str, entries_of: Callable[[Any, str], list[Entry]]) -> list[Entry]:
    """The entries of all pages, to the end; why it could not go on is a problem, and so is an address that comes
    again. `entries_of` is given a page and where it is."""
    entries: list[Entry] = []
    visited: set[str] = set()
    url = first
    while url:
        if url in visited or len(visited) >= MAX_PAGES:
            reason = f"the page {url[:200]} is given again" if url in visited else f"more than {MAX_PAGES} pages"
            walk.problems.append(f"{first}: {reason}")
            break
        visited.add(url)
        if (answer := await walk.page(get, url)) is None:
            break
        body, fetched = answer
        try:
            page = json_of(body, url)
            page_entries = entries_of(page, fetched.final_url)
            entries += page_entries
            url = next_page(page, fetched.final_url, len(entries), len(page_entries), fetched.link)
        except BadInput as error:
            walk.problems.append(str(error))
            break
    return entries


def next_page(page: Any, url: str, read: int, here: int, link: str = "") -> str:
    """The address of the next page; empty on the last one. `read` entries so far, `here` of them on this page; `link`
    is the answer's `Link` header. Raises `BadInput` where there is a page that cannot be reached."""
    places = _places(page)
    if address := _stated_address(places, link):
        further = web_address(address, url)
        if urlsplit(further).netloc != urlsplit(url).netloc:
            raise BadInput(f"its next page is elsewhere, at {address[:200]}", subject=url)
        return further
    query = dict(_query(url))
    if (parameter := _parameter(places, query, url, read, here)) is None:
        total = _whole_number(places, "total")
        if total is not None and read < total:
            raise BadInput(f"it says {total} in all, and {read} were read", subject=url)
        return ""
    key, value = parameter
    try:
        changed = [(k, v) for k, v in _query(url) if k != key]
        return urlsplit(url)._replace(query=urlencode([*changed, (key, str(value))])).geturl()
    except ValueError as error:  # half a character, or a number that is too long to be written
        raise BadInput(f"its next page stands at no {key} that can be asked for", subject=url) from error


def _parameter(
    places: Places, query: Mapping[str, str], url: str, read: int, here: int
) -> tuple[str, str | int] | None:
    """Key and value that lead to the next page; None on the last one."""
    more, cursor = _first(places, "more"), _first(places, "cursor")
    if more is False or (not here and not cursor):
        return None
    if isinstance(cursor, str | int) and not isinstance(cursor, bool) and str(cursor):
        named = next(key for part in places for key in KEYS["cursor"] if part.get(key) is not None)
        usual = "after" if named.startswith("end") else "pageToken" if "Token" in named else "cursor"
        return next((k for k in query if k.lower() in ("cursor", "after", "pagetoken", "page_token")), usual), cursor
    if (number := _whole_number(places, "next_number")) is not None:
        return "page", number
    now, last = _whole_number(places, "this_number"), _whole_number(places, "last_number")
    if now is not None and last is not None:
        return ("page", now + 1) if now < last else None
    total = _whole_number(places, "total")
    if total is not None and read < total:
        if "offset" in query or _whole_number(places, "offset") is not None:
            return "offset", read
        if now is None and re.fullmatch(r"[0-9]{1,18}", query.get("page", "")):
            now = int(query["page"])
        if now is not None:
            return "page", now + 1
    if more is True:
        raise BadInput("it says that there are more, in a way that is not known", subject=url)
    return None


def _places(page: Any) -> Places:
    if not isinstance(page, dict):
        return []
    around = [page.get(key) for key in KEYS["places"]]
    inner = [part.get(key) for part in around if isinstance(part, dict) for key in KEYS["places"]]
    return [part for part in (page, *around, *inner) if isinstance(part, dict)]


def _first(places: Places, what: str) -> Any:
    return next((part[key] for part in places for key in KEYS[what] if part.get(key) is not None), None)


def _whole_number(places: Places, what: str) -> int | None:
    number = _first(places, what)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _stated_address(places: Places, link: str) -> str:
    for part in places:
        for key in KEYS["next_address"]:
            value = part.get(key)
            value = value.get("href", value.get("url")) if isinstance(value, dict) else value
            if isinstance(value, str) and re.match(r"https?://|[/?]", value):
                return value
    match = _LINK.search(link)
    return match[1] if match else ""


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)
